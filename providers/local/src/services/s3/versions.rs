//! Objects as they are kept: every version of every key, the newest first.
//!
//! A key of a bucket that was never versioned has one version, `null`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::store::{Bucket, bucket, configured, place};
use super::versioning::Versioning;
use crate::clock::Moment;
use crate::store::{StoreError, Tx};
use crate::wire::Refusal;

/// The id of the one version a key has where versions are not kept.
pub(super) const NULL: &str = "null";

/// One version of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Version {
    /// The key.
    pub(super) key: String,
    /// The version's id.
    pub(super) id: String,
    /// When it was made.
    pub(super) modified: Moment,
    /// How many versions were made before it, in all buckets.
    pub(super) order: u64,
    /// What it holds; `None` for a delete marker.
    pub(super) object: Option<Object>,
}

impl Version {
    /// Its id as answers carry it: none where versions are not kept.
    pub(super) fn kept_id(&self) -> Option<&str> {
        Some(self.id.as_str()).filter(|id| *id != NULL)
    }
}

/// What a version holds, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Object {
    /// The MD5 digest of its bytes, in quotes.
    pub(super) etag: String,
    /// How many bytes.
    pub(super) size: usize,
    /// `content-type` and such, and `x-amz-meta-…`, by lower-case name.
    pub(super) headers: BTreeMap<String, String>,
    /// The checksum header's name and value.
    pub(super) checksum: (String, String),
}

/// The end of a version's key in the store: the newest sorts first.
fn rank(order: u64) -> String {
    format!("{:016x}", u64::MAX - order)
}

/// Every version in a bucket, keys in the order of their bytes, the newest of each first.
pub(super) fn versions(tx: &Tx, bucket: &str) -> Result<Vec<Version>, StoreError> {
    let mut versions: Vec<Version> = tx.list(&place().prefix("version", &[bucket]))?;
    versions
        .sort_by(|left, right| left.key.cmp(&right.key).then_with(|| right.order.cmp(&left.order)));
    Ok(versions)
}

/// The current version of every key that is not deleted.
pub(super) fn current(tx: &Tx, bucket: &str) -> Result<Vec<Version>, StoreError> {
    let mut versions = versions(tx, bucket)?;
    versions.dedup_by(|later, first| later.key == first.key);
    versions.retain(|version| version.object.is_some());
    Ok(versions)
}

/// Whether a bucket holds anything, delete markers included.
pub(super) fn is_empty(tx: &Tx, bucket: &str) -> Result<bool, StoreError> {
    Ok(tx.keys(&place().prefix("version", &[bucket]))?.is_empty())
}

/// Every version of a key, the newest first.
fn of(tx: &Tx, bucket: &str, key: &str) -> Result<Vec<Version>, StoreError> {
    tx.list(&place().prefix("version", &[bucket, key]))
}

/// A version of a key: the newest, or the one of that id.
pub(super) fn find(
    tx: &Tx,
    bucket: &str,
    (key, id): (&str, Option<&str>),
) -> Result<Option<Version>, StoreError> {
    let mut versions = of(tx, bucket, key)?.into_iter();
    Ok(match id {
        None => versions.next(),
        Some(id) => versions.find(|version| version.id == id),
    })
}

/// The bytes of a version.
pub(super) fn bytes(tx: &Tx, bucket: &str, version: &Version) -> Result<Vec<u8>, StoreError> {
    let key = place().key("bytes", &[bucket, &version.key, &rank(version.order)]);
    Ok(tx.get_bytes(&key)?.unwrap_or_default())
}

/// What is to become the newest version of a key.
pub(super) struct Fresh<'a> {
    /// The key.
    pub(super) key: &'a str,
    /// When.
    pub(super) now: Moment,
    /// What it holds with its bytes; `None` for a delete marker.
    pub(super) content: Option<(Object, &'a [u8])>,
}

/// Adds a version, over the one that is `null` where versions are not kept.
pub(super) fn add(tx: &mut Tx, bucket: &str, fresh: Fresh<'_>) -> Result<Version, StoreError> {
    let keeps = configured::<Versioning>(tx, bucket)?.is_some_and(|state| state.enabled);
    let id = if keeps { uuid::Uuid::new_v4().simple().to_string() } else { NULL.to_owned() };
    if !keeps && let Some(old) = find(tx, bucket, (fresh.key, Some(NULL)))? {
        remove(tx, bucket, &old)?;
    }
    let counter = place().key("counter", &["version"]);
    let order: u64 = tx.get(&counter)?.unwrap_or_default();
    tx.put(&counter, &(order + 1))?;
    let (object, bytes) = fresh.content.unzip();
    let version = Version { key: fresh.key.to_owned(), id, modified: fresh.now, order, object };
    tx.put(&place().key("version", &[bucket, fresh.key, &rank(order)]), &version)?;
    if let Some(bytes) = bytes {
        tx.put_bytes(&place().key("bytes", &[bucket, fresh.key, &rank(order)]), bytes)?;
    }
    Ok(version)
}

/// Removes a version for good.
pub(super) fn remove(tx: &mut Tx, bucket: &str, version: &Version) -> Result<(), StoreError> {
    let rank = rank(version.order);
    tx.remove(&place().key("bytes", &[bucket, &version.key, &rank]))?;
    tx.remove(&place().key("version", &[bucket, &version.key, &rank]))?;
    Ok(())
}

/// What a delete without a version id did.
pub(super) enum Deleted {
    /// There was nothing.
    Nothing,
    /// The object is gone.
    Gone(Version),
    /// A delete marker is the newest version now.
    Marked(Version),
}

/// Deletes a key: for good where versions were never kept, otherwise under a delete marker.
pub(super) fn delete(
    tx: &mut Tx,
    bucket: &Bucket,
    (key, now): (&str, Moment),
) -> Result<Deleted, StoreError> {
    if configured::<Versioning>(tx, &bucket.name)?.is_some() {
        let marker = Fresh { key, now, content: None };
        return Ok(Deleted::Marked(add(tx, &bucket.name, marker)?));
    }
    match find(tx, &bucket.name, (key, None))? {
        None => Ok(Deleted::Nothing),
        Some(version) => {
            remove(tx, &bucket.name, &version)?;
            Ok(Deleted::Gone(version))
        }
    }
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
    let version = find(tx, bucket_name, (key, None))?.filter(|version| version.object.is_some());
    let missing = || Refusal::new(404, "NoSuchKey", "The specified key does not exist.");
    Ok(bytes(tx, bucket_name, &version.ok_or_else(missing)?)?)
}
