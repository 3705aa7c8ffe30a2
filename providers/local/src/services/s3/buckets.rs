//! Buckets: create, look, list, delete.

use std::collections::BTreeMap;

use super::NAMESPACE;
use super::access::{Ownership, PublicAccess};
use super::bodies::document;
use super::inspect::{inspect, inspect_all};
use super::names::check_bucket;
use super::store::{Bucket, bucket, buckets, configure, open, put_bucket, remove_bucket};
use super::tags::{self, arn};
use super::versions::is_empty;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::page::{Cut, page};
use crate::services::tagging::{forget, note};
use crate::store::Tx;
use crate::wire::{Element, Refusal, Reply, Request, Xml};

/// The region whose buckets name no location.
const FIRST_REGION: &str = "us-east-1";

/// A body that is not the document wanted.
pub(super) fn malformed() -> Refusal {
    let message = "The XML you provided was not well-formed or did not validate against our \
                   published schema";
    Refusal::new(400, "MalformedXML", message)
}

/// `CreateBucket`.
pub(super) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    inspect_all(request, &[], &["x-amz-object-ownership"])?;
    let name = request.label("Bucket");
    check_bucket(name)?;
    let ownership = Ownership::read(request.header("x-amz-object-ownership"));
    let invalid = || Refusal::new(400, "InvalidArgument", "Invalid x-amz-object-ownership header");
    let ownership = ownership.ok_or_else(invalid)?;
    let tags = configuration(request)?;
    if let Some(there) = bucket(tx, name)? {
        return taken(request, &there);
    }
    let made = Bucket {
        name: name.to_owned(),
        account: request.account.clone(),
        region: request.region.clone(),
        created: context.now,
        tags: tags.clone(),
    };
    put_bucket(tx, &made)?;
    configure(tx, name, &PublicAccess::NEW)?;
    configure(tx, name, &ownership)?;
    note(tx, context, made.home(), (&arn(name), &tags.unwrap_or_default()))?;
    Ok(Reply::empty(200)
        .header("location", format!("/{name}"))
        .header("x-amz-bucket-arn", arn(name))
        .did(Effect::Create, format!("bucket/{name}")))
}

fn taken(request: &Request, there: &Bucket) -> Result<Reply, Refusal> {
    if there.account != request.account {
        let message = "The requested bucket name is not available. The bucket namespace is shared \
                       by all users of the system. Please select a different name and try again.";
        return Err(Refusal::new(409, "BucketAlreadyExists", message)
            .with("BucketName", there.name.as_str()));
    }
    // In the first region creating one's own bucket again succeeds (API reference, `CreateBucket`).
    if there.region == FIRST_REGION && request.region == FIRST_REGION {
        return Ok(Reply::empty(200).header("location", format!("/{}", there.name)));
    }
    let message =
        "Your previous request to create the named bucket succeeded and you already own it.";
    Err(Refusal::new(409, "BucketAlreadyOwnedByYou", message)
        .with("BucketName", there.name.as_str()))
}

/// Checks the location asked for and returns the tags.
fn configuration(request: &Request) -> Result<Option<BTreeMap<String, String>>, Refusal> {
    let document = if request.body.is_empty() {
        Element::default()
    } else {
        document(request, "CreateBucketConfiguration")?
    };
    let known = ["LocationConstraint", "Tags"];
    if let Some(extra) = document.children.iter().find(|one| !known.contains(&one.name.as_str())) {
        return Err(Refusal::not_modelled(&format!("CreateBucketConfiguration.{}", extra.name)));
    }
    let location = document.text_of("LocationConstraint");
    let wanted = location.unwrap_or(FIRST_REGION);
    if wanted != request.region || location == Some(FIRST_REGION) {
        let constraint = location.unwrap_or("unspecified");
        let message = format!(
            "The {constraint} location constraint is incompatible for the region specific endpoint \
             this request was sent to."
        );
        let code = if location == Some(FIRST_REGION) {
            "InvalidLocationConstraint"
        } else {
            "IllegalLocationConstraintException"
        };
        return Err(Refusal::new(400, code, message));
    }
    document.child("Tags").map(tags::read).transpose()
}

/// `HeadBucket`.
pub(super) fn head(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    inspect(request, &[])?;
    let bucket = open(tx, request)?;
    Ok(Reply::empty(200)
        .header("x-amz-bucket-region", bucket.region)
        .header("x-amz-access-point-alias", "false"))
}

/// `GetBucketLocation`.
pub(super) fn location(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    inspect(request, &["location"])?;
    let bucket = open(tx, request)?;
    let text = if bucket.region == FIRST_REGION { String::new() } else { bucket.region };
    Ok(Reply::xml(Xml::text("LocationConstraint", text).attribute("xmlns", NAMESPACE)))
}

/// `DeleteBucket`. It must be empty.
pub(super) fn delete(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    inspect(request, &[])?;
    let bucket = open(tx, request)?;
    if !is_empty(tx, &bucket.name)? {
        let message = "The bucket you tried to delete is not empty";
        return Err(
            Refusal::new(409, "BucketNotEmpty", message).with("BucketName", bucket.name.as_str())
        );
    }
    remove_bucket(tx, &bucket.name)?;
    forget(tx, context, bucket.home(), &arn(&bucket.name))?;
    Ok(Reply::empty(204).did(Effect::Delete, format!("bucket/{}", bucket.name)))
}

/// `ListBuckets`, of every region.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    inspect(request, &["max-buckets", "continuation-token", "prefix", "bucket-region"])?;
    let prefix = request.query("prefix").unwrap_or_default();
    let region = request.query("bucket-region");
    let wanted = |bucket: &Bucket| {
        bucket.name.starts_with(prefix) && region.is_none_or(|region| region == bucket.region)
    };
    let found: Vec<Bucket> = buckets(tx, &request.account)?.into_iter().filter(wanted).collect();
    let asked = request.query("max-buckets").and_then(|size| size.parse().ok());
    let limit = context.page_limit(asked, 10_000);
    let cut = Cut { limit, token: request.query("continuation-token") };
    let page = page(found, cut, |bucket| bucket.name.clone()).ok_or_else(|| {
        Refusal::new(400, "InvalidArgument", "The continuation token provided is incorrect")
    })?;
    let listed = page.items.iter().map(|bucket| {
        Xml::new("Bucket")
            .and("Name", bucket.name.as_str())
            .and("CreationDate", bucket.created.iso_millis())
            .and("BucketRegion", bucket.region.as_str())
            .and("BucketArn", arn(&bucket.name))
    });
    let owner = Xml::new("Owner").and("ID", request.account.as_str());
    let answer = Xml::new("ListAllMyBucketsResult")
        .attribute("xmlns", NAMESPACE)
        .with(owner)
        .with(Xml::new("Buckets").with_all(listed))
        .and_some("ContinuationToken", page.next);
    Ok(Reply::xml(answer))
}
