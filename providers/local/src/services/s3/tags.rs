//! Tags of buckets.

use std::collections::BTreeMap;

use super::NAMESPACE;
use super::bodies::document;
use super::buckets::malformed;
use super::inspect::inspect;
use super::store::{Bucket, open, put_bucket};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::services::tagging::note;
use crate::store::Tx;
use crate::wire::{Element, Refusal, Reply, Request, Xml};

/// A bucket's ARN.
pub(super) fn arn(bucket: &str) -> String {
    format!("arn:aws:s3:::{bucket}")
}

/// Reads a list of `<Tag>`.
pub(super) fn read(set: &Element) -> Result<BTreeMap<String, String>, Refusal> {
    let mut tags = BTreeMap::new();
    for tag in &set.children {
        let (Some(key), Some(value)) = (tag.text_of("Key"), tag.text_of("Value")) else {
            return Err(malformed());
        };
        if key.is_empty() || key.chars().count() > 128 {
            return Err(Refusal::new(400, "InvalidTag", "The TagKey you have provided is invalid"));
        }
        if value.chars().count() > 256 {
            let message = "The TagValue you have provided is invalid";
            return Err(Refusal::new(400, "InvalidTag", message));
        }
        if key.starts_with("aws:") {
            let message = "System tags cannot be added/updated by requester";
            return Err(Refusal::new(400, "InvalidTag", message));
        }
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            let message = "Cannot provide multiple Tags with the same key";
            return Err(Refusal::new(400, "InvalidTag", message));
        }
    }
    if tags.len() > 50 {
        return Err(Refusal::new(400, "BadRequest", "Bucket tag count cannot be greater than 50"));
    }
    Ok(tags)
}

/// `PutBucketTagging`: replaces all tags.
pub(super) fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    inspect(request, &["tagging"])?;
    let bucket = open(tx, request)?;
    let document = document(request, "Tagging")?;
    let tags = read(document.child("TagSet").ok_or_else(malformed)?)?;
    change(tx, context, bucket, Some(tags))
}

fn change(
    tx: &mut Tx,
    context: &Context<'_>,
    mut bucket: Bucket,
    tags: Option<BTreeMap<String, String>>,
) -> Result<Reply, Refusal> {
    bucket.tags = tags;
    put_bucket(tx, &bucket)?;
    let tags = bucket.tags.clone().unwrap_or_default();
    note(tx, context, bucket.home(), (&arn(&bucket.name), &tags))?;
    Ok(Reply::empty(204).did(Effect::Update, format!("bucket/{}", bucket.name)))
}

/// `GetBucketTagging`.
pub(super) fn get(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    inspect(request, &["tagging"])?;
    let bucket = open(tx, request)?;
    let tags = bucket.tags.ok_or_else(|| {
        Refusal::new(404, "NoSuchTagSet", "The TagSet does not exist")
            .with("BucketName", bucket.name.as_str())
    })?;
    let tags = tags
        .iter()
        .map(|(key, value)| Xml::new("Tag").and("Key", key.as_str()).and("Value", value.as_str()));
    let set = Xml::new("TagSet").with_all(tags);
    Ok(Reply::xml(Xml::new("Tagging").attribute("xmlns", NAMESPACE).with(set)))
}

/// `DeleteBucketTagging`.
pub(super) fn delete(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    inspect(request, &["tagging"])?;
    let bucket = open(tx, request)?;
    change(tx, context, bucket, None)
}
