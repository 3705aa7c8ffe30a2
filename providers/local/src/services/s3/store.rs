//! Buckets as they are kept, and their configurations, each at a key of its own.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
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

impl Bucket {
    /// Its account and region, where its tags are indexed.
    pub(super) fn home(&self) -> (&str, &str) {
        (&self.account, &self.region)
    }
}

/// The place of everything: names are one for all accounts and regions.
pub(super) fn place() -> Place {
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

/// Removes a bucket with its configurations.
pub(super) fn remove_bucket(tx: &mut Tx, name: &str) -> Result<(), StoreError> {
    tx.remove(&place().key("bucket", &[name]))?;
    tx.remove_all(&place().prefix("configuration", &[name]))?;
    Ok(())
}

/// A configuration of a bucket; each kind is kept at a key of its own.
pub(super) trait Configuration: Serialize + DeserializeOwned {
    /// The query name that stands for it: `encryption`.
    const NAME: &'static str;
}

/// Reads a configuration of a bucket; `None` if it has none.
pub(super) fn configured<T: Configuration>(tx: &Tx, bucket: &str) -> Result<Option<T>, StoreError> {
    tx.get(&place().key("configuration", &[bucket, T::NAME]))
}

/// Keeps a configuration of a bucket.
pub(super) fn configure<T: Configuration>(
    tx: &mut Tx,
    bucket: &str,
    value: &T,
) -> Result<(), StoreError> {
    tx.put(&place().key("configuration", &[bucket, T::NAME]), value)
}

/// Removes a configuration of a bucket; tells whether it was there.
pub(super) fn unconfigure<T: Configuration>(tx: &mut Tx, bucket: &str) -> Result<bool, StoreError> {
    tx.remove(&place().key("configuration", &[bucket, T::NAME]))
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
