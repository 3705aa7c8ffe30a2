//! S3. Heads ask what reads ask; copies ask for both ends; versions have actions of their own.

use percent_encoding::percent_decode_str;

use super::table::{Row, Seen, anything};
use crate::policy::Keys;
use crate::store::StoreError;
use crate::wire::Element;

/// What its operations ask.
pub(super) const ROWS: &[Row] = &[
    Row::new(&["ListBuckets"], "s3:ListAllMyBuckets", anything),
    Row::new(&["PutBucketTagging", "DeleteBucketTagging"], "s3:PutBucketTagging", bucket),
    Row::new(&["GetBucketTagging"], "s3:GetBucketTagging", bucket),
    Row::new(
        &["PutPublicAccessBlock", "DeletePublicAccessBlock"],
        "s3:PutBucketPublicAccessBlock",
        bucket,
    ),
    Row::new(&["GetPublicAccessBlock"], "s3:GetBucketPublicAccessBlock", bucket),
    Row::new(
        &["PutBucketOwnershipControls", "DeleteBucketOwnershipControls"],
        "s3:PutBucketOwnershipControls",
        bucket,
    ),
    Row::new(&["GetBucketOwnershipControls"], "s3:GetBucketOwnershipControls", bucket),
    Row::new(
        &["PutBucketEncryption", "DeleteBucketEncryption"],
        "s3:PutEncryptionConfiguration",
        bucket,
    ),
    Row::new(&["GetBucketEncryption"], "s3:GetEncryptionConfiguration", bucket),
    Row::new(&["PutBucketPolicy"], "s3:PutBucketPolicy", bucket),
    Row::new(&["GetBucketPolicy"], "s3:GetBucketPolicy", bucket),
    Row::new(&["DeleteBucketPolicy"], "s3:DeleteBucketPolicy", bucket),
    Row::new(&["GetBucketPolicyStatus"], "s3:GetBucketPolicyStatus", bucket),
    Row::new(&["PutBucketVersioning"], "s3:PutBucketVersioning", bucket),
    Row::new(&["GetBucketVersioning"], "s3:GetBucketVersioning", bucket),
    Row::new(&["PutBucketNotificationConfiguration"], "s3:PutBucketNotification", bucket),
    Row::new(&["GetBucketNotificationConfiguration"], "s3:GetBucketNotification", bucket),
    Row::new(&["GetBucketLocation"], "s3:GetBucketLocation", bucket),
    Row::new(&["ListObjectVersions"], "s3:ListBucketVersions", bucket).with(listing),
    Row::new(&["ListObjectsV2", "ListObjects", "HeadBucket"], "s3:ListBucket", bucket)
        .with(listing),
    Row::new(&["CreateBucket"], "s3:CreateBucket", bucket),
    Row::new(&["CreateBucket"], "s3:PutBucketOwnershipControls", owned),
    Row::new(&["CreateBucket"], "s3:TagResource", tagged),
    Row::new(&["DeleteBucket"], "s3:DeleteBucket", bucket),
    Row::new(&["PutObject"], "s3:PutObject", object).with(writing),
    Row::new(&["PutObject"], "s3:PutObjectTagging", object_tagged),
    Row::new(&["PutObject"], "s3:GetObject", copied),
    Row::new(&["PutObject"], "s3:GetObjectVersion", copied_version),
    Row::new(&["GetObject", "HeadObject"], "s3:GetObject", latest),
    Row::new(&["GetObject", "HeadObject"], "s3:GetObjectVersion", version).with(versioned),
    Row::new(&["DeleteObject"], "s3:DeleteObject", latest),
    Row::new(&["DeleteObject"], "s3:DeleteObjectVersion", version).with(versioned),
    // Of each key; AWS would delete those that may be and list the others, here all are refused together.
    Row::new(&["DeleteObjects"], "s3:DeleteObject", listed),
    Row::new(&["DeleteObjects"], "s3:DeleteObjectVersion", listed_versions),
];

/// The ARN of a bucket or, with a slash, of an object.
pub(super) fn arn(rest: &str) -> String {
    format!("arn:aws:s3:::{rest}")
}

fn bucket(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    Ok(vec![arn(seen.request.label("Bucket"))])
}

fn object(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    let (bucket, key) = (seen.request.label("Bucket"), seen.request.label("Key"));
    Ok(vec![arn(&format!("{bucket}/{key}"))])
}

fn when(asked: bool, on: Result<Vec<String>, StoreError>) -> Result<Vec<String>, StoreError> {
    if asked { on } else { Ok(Vec::new()) }
}

fn latest(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    when(seen.request.query("versionId").is_none(), object(seen))
}

fn version(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    when(seen.request.query("versionId").is_some(), object(seen))
}

fn owned(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    when(seen.request.header("x-amz-object-ownership").is_some(), bucket(seen))
}

fn tagged(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    let body = Element::parse(&seen.request.body);
    let tags = body.is_some_and(|body| body.children.iter().any(|child| child.name == "Tags"));
    when(tags, bucket(seen))
}

fn object_tagged(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    when(seen.request.header("x-amz-tagging").is_some(), object(seen))
}

/// What a copy is of, and whether it is of a version.
fn source(seen: &Seen<'_>) -> Option<(String, bool)> {
    let source = seen.request.header("x-amz-copy-source")?;
    let (path, version) =
        source.split_once("?versionId=").map_or((source, false), |(path, _)| (path, true));
    let path = percent_decode_str(path.trim_start_matches('/')).decode_utf8_lossy().into_owned();
    Some((arn(&path), version))
}

fn copied(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    Ok(source(seen).filter(|(_, version)| !version).map(|(arn, _)| arn).into_iter().collect())
}

fn copied_version(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    Ok(source(seen).filter(|(_, version)| *version).map(|(arn, _)| arn).into_iter().collect())
}

/// The objects of a request to delete many, with or without a version.
fn many(seen: &Seen<'_>, versions: bool) -> Vec<String> {
    let body = Element::parse(&seen.request.body);
    let objects = body.iter().flat_map(|body| &body.children).filter(|one| one.name == "Object");
    let fits = |one: &&Element| one.text_of("VersionId").is_some() == versions;
    let bucket = seen.request.label("Bucket");
    let name = |one: &Element| arn(&format!("{bucket}/{}", one.text_of("Key").unwrap_or_default()));
    objects.filter(fits).map(name).collect()
}

fn listed(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    Ok(many(seen, false))
}

fn listed_versions(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    Ok(many(seen, true))
}

fn listing(seen: &Seen<'_>) -> Keys {
    let mut keys = Keys::default();
    for (key, name) in
        [("s3:prefix", "prefix"), ("s3:delimiter", "delimiter"), ("s3:max-keys", "max-keys")]
    {
        keys.add_all(key, seen.request.query(name).map(str::to_owned));
    }
    keys
}

fn versioned(seen: &Seen<'_>) -> Keys {
    let mut keys = Keys::default();
    keys.add_all("s3:VersionId", seen.request.query("versionId").map(str::to_owned));
    keys
}

fn writing(seen: &Seen<'_>) -> Keys {
    let mut keys = Keys::default();
    for header in ["x-amz-acl", "x-amz-server-side-encryption", "x-amz-storage-class"] {
        keys.add_all(&format!("s3:{header}"), seen.request.header(header).map(str::to_owned));
    }
    keys
}
