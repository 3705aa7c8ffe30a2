//! Buckets and objects as they are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::store::{Place, StoreError, Tx};
use crate::wire::{Refusal, Request};

/// A bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bucket {
    /// Its name, one for all accounts.
    pub(super) name: String,
    /// Its owner.
    pub(super) account: String,
    /// Its region.
    pub(super) region: String,
    /// When it was made.
    pub(super) created: Moment,
    /// Its tags; `None` if it has no tag set.
    pub(super) tags: Option<BTreeMap<String, String>>,
}

/// An object without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Object {
    /// Its key.
    pub(super) key: String,
    /// The MD5 digest of its bytes, in quotes.
    pub(super) etag: String,
    /// How many bytes.
    pub(super) size: usize,
    /// When it was written.
    pub(super) modified: Moment,
    /// `content-type` and such, and `x-amz-meta-…`, by lower-case name.
    pub(super) headers: BTreeMap<String, String>,
    /// The checksum header's name and value.
    pub(super) checksum: (String, String),
}

/// Names are one for all accounts and regions, so is the place.
fn place() -> Place {
    Place::new("s3", "all", "global")
}

/// Finds a bucket, whoever owns it.
pub(super) fn bucket(tx: &Tx, name: &str) -> Result<Option<Bucket>, StoreError> {
    tx.get(&place().key("bucket", &[name]))
}

/// Every bucket of an account, by name.
pub(super) fn buckets(tx: &Tx, account: &str) -> Result<Vec<Bucket>, StoreError> {
    let all: Vec<Bucket> = tx.list(&place().prefix("bucket", &[]))?;
    Ok(all.into_iter().filter(|bucket| bucket.account == account).collect())
}

/// Keeps a bucket.
pub(super) fn put_bucket(tx: &mut Tx, bucket: &Bucket) -> Result<(), StoreError> {
    tx.put(&place().key("bucket", &[&bucket.name]), bucket)
}

/// Removes a bucket.
pub(super) fn remove_bucket(tx: &mut Tx, name: &str) -> Result<(), StoreError> {
    tx.remove(&place().key("bucket", &[name]))?;
    Ok(())
}

/// The bucket the request names, if its caller may use it from its region.
pub(super) fn open(tx: &Tx, request: &Request) -> Result<Bucket, Refusal> {
    let name = request.label("Bucket");
    let bucket = bucket(tx, name)?.ok_or_else(|| {
        Refusal::new(404, "NoSuchBucket", "The specified bucket does not exist")
            .with("BucketName", name)
    })?;
    let owner = request.header("x-amz-expected-bucket-owner");
    if bucket.account != request.account || owner.is_some_and(|owner| owner != bucket.account) {
        return Err(Refusal::new(403, "AccessDenied", "Access Denied"));
    }
    if bucket.region != request.region {
        let message = format!(
            "The authorization header is malformed; the region '{}' is wrong; expecting '{}'",
            request.region, bucket.region
        );
        return Err(Refusal::new(400, "AuthorizationHeaderMalformed", message)
            .with("Region", bucket.region.as_str())
            .header("x-amz-bucket-region", bucket.region));
    }
    Ok(bucket)
}

/// Every object of a bucket in the order of their keys' bytes.
pub(super) fn objects(tx: &Tx, bucket: &str) -> Result<Vec<Object>, StoreError> {
    let mut objects: Vec<Object> = tx.list(&place().prefix("object", &[bucket]))?;
    objects.sort_by(|left, right| left.key.cmp(&right.key));
    Ok(objects)
}

/// Whether a bucket holds anything.
pub(super) fn is_empty(tx: &Tx, bucket: &str) -> Result<bool, StoreError> {
    Ok(tx.keys(&place().prefix("object", &[bucket]))?.is_empty())
}

/// Finds an object.
pub(super) fn object(tx: &Tx, bucket: &str, key: &str) -> Result<Option<Object>, StoreError> {
    tx.get(&place().key("object", &[bucket, key]))
}

/// The bytes of an object.
pub(super) fn bytes(tx: &Tx, bucket: &str, key: &str) -> Result<Vec<u8>, StoreError> {
    Ok(tx.get_bytes(&place().key("bytes", &[bucket, key]))?.unwrap_or_default())
}

/// Keeps an object with its bytes.
pub(super) fn put_object(
    tx: &mut Tx,
    bucket: &str,
    object: &Object,
    bytes: &[u8],
) -> Result<(), StoreError> {
    tx.put(&place().key("object", &[bucket, &object.key]), object)?;
    tx.put_bytes(&place().key("bytes", &[bucket, &object.key]), bytes)
}

/// Removes an object; tells whether it was there.
pub(super) fn remove_object(tx: &mut Tx, bucket: &str, key: &str) -> Result<bool, StoreError> {
    tx.remove(&place().key("bytes", &[bucket, key]))?;
    tx.remove(&place().key("object", &[bucket, key]))
}

/// The bytes of an object for another service, on an account's behalf. The refusal is S3's own.
pub(crate) fn fetch(
    tx: &Tx,
    account: &str,
    bucket_name: &str,
    key: &str,
) -> Result<Vec<u8>, Refusal> {
    let found = bucket(tx, bucket_name)?.filter(|bucket| bucket.account == account);
    if found.is_none() {
        return Err(Refusal::new(404, "NoSuchBucket", "The specified bucket does not exist"));
    }
    if object(tx, bucket_name, key)?.is_none() {
        return Err(Refusal::new(404, "NoSuchKey", "The specified key does not exist."));
    }
    Ok(bytes(tx, bucket_name, key)?)
}
