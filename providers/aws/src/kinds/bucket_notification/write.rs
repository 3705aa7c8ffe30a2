//! Listing, writing and removing our entries. The document has no version and no condition: it is
//! read and written as close together as can be, by one of us at a time, and read again after.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::types::NotificationConfiguration;
use futures::{StreamExt, TryStreamExt, stream};
use updraft_contract::{
    Action, FieldSpec, Fields, Grant, KindSpec, Known, Live, Owner, ResourceId, ResourceType,
    Scope, Stages, Value, Verb, Version,
};
use updraft_transport::{Class, Progress, ResourceKind, same, wait};

use super::document::{merged, ours, read, wanted};
use crate::client::Cloud;
use crate::errors::Failure;
use crate::kind::{Found, Made};
use crate::kinds::{BUCKET, BUCKET_NOTIFICATION, FUNCTION, PERMISSION, known};
use crate::marks;
use crate::subject::{self, Subject};
use crate::survey::Survey;

const SPEC: KindSpec = KindSpec {
    kind: BUCKET_NOTIFICATION,
    needs: &[BUCKET, FUNCTION, PERMISSION],
    snapshots: &[],
    fields: &[FieldSpec::fixed("bucket"), FieldSpec::plain("entries")],
    grants: &[
        Grant { verb: Verb::Create, permissions: &["s3:PutBucketNotification"] },
        Grant { verb: Verb::Update, permissions: &["s3:PutBucketNotification"] },
        Grant { verb: Verb::Delete, permissions: &["s3:PutBucketNotification"] },
    ],
    reads: &["lambda:GetPolicy", "s3:GetBucketNotification"],
    downtime: "",
    shows: &[],
};

/// How long a written document may take to show (S3 user guide, data consistency model).
const SHOWS: Duration = Duration::from_mins(2);

/// How often a document is written whose answer was lost.
const TRIES: usize = 4;

/// How many documents are read at once.
const AT_ONCE: usize = 8;

/// The kind `aws.bucket-notification`.
pub(crate) struct BucketNotification;

#[async_trait]
impl ResourceKind<Cloud, Survey> for BucketNotification {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    /// S3 puts one document in the place of another without a word.
    fn exclusive(&self) -> bool {
        false
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    /// Reads the documents of buckets at a wanted address, of our own buckets, and of those on
    /// whose behalf our statements let S3 call: an entry is made after its statement and goes
    /// before it.
    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let names = cloud.place.names_in(&survey.scope);
        let mut buckets: BTreeMap<String, String> = BTreeMap::new();
        for (bucket, tags) in survey.buckets(cloud).await? {
            let address = marks::address(&survey.scope, BUCKET.0, tags);
            buckets.extend(address.map(|address| (bucket.clone(), address)));
        }
        for id in survey.wanted(BUCKET_NOTIFICATION) {
            let bucket = subject::physical_of(names, ResourceType::Bucket, &id.name);
            buckets.insert(bucket, id.name.clone());
        }
        for policy in survey.policies(cloud).await?.values() {
            for arn in policy.buckets() {
                let existing = Subject::Existing(ResourceType::Bucket, &arn);
                buckets.entry(existing.physical(names)).or_insert_with(|| existing.address());
            }
        }
        let reads = stream::iter(buckets).map(|(bucket, address)| async move {
            let id = ResourceId { kind: BUCKET_NOTIFICATION, name: address };
            found(cloud, &survey.scope, id, &bucket).await
        });
        let found: Vec<Option<Found>> = reads.buffered(AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().map(|found| found.live).collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let names = cloud.place.names_in(scope);
        let bucket = subject::physical_of(names, ResourceType::Bucket, &id.name);
        found(cloud, scope, id.clone(), &bucket).await
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        put(cloud, scope, bucket_of(&action.body), &wanted(&action.body)).await?;
        Ok(Made::new())
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        if !same(&SPEC, &found.live.fields, &action.body) {
            put(cloud, scope, bucket_of(&action.body), &wanted(&action.body)).await?;
        }
        Ok(Made::new())
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        put(cloud, scope, bucket_of(&found.live.fields), &BTreeMap::new()).await
    }
}

fn bucket_of(fields: &Known) -> &str {
    fields.text("bucket").unwrap_or_default()
}

/// Reads our entries in the document of a bucket. A document without one is none of ours.
async fn found(
    cloud: &Cloud,
    scope: &Scope,
    id: ResourceId,
    bucket: &str,
) -> Result<Option<Found>, Failure> {
    let Some(document) = read(cloud, bucket).await? else { return Ok(None) };
    let entries = ours(scope, &document);
    if entries.is_empty() {
        return Ok(None);
    }
    let fields =
        known(Fields::new([("bucket", Value::from(bucket)), ("entries", Value::Map(entries))]));
    let live = Live {
        holds: None,
        // An entry of ours is ours by its id.
        owner: Owner::Us,
        version: Version::of(&fields),
        outputs: Made::new(),
        fields,
        id,
    };
    Ok(Some(Found { live, nonce: None }))
}

/// Puts `entries` in the place of ours.
///
/// Never sent twice without another look: between the two, a neighbour may have written.
async fn put(
    cloud: &Cloud,
    scope: &Scope,
    bucket: &str,
    entries: &BTreeMap<String, Value>,
) -> Result<(), Failure> {
    let _one_at_a_time = cloud.lock(&format!("notifications of {bucket}")).await;
    let mut tries = 0;
    loop {
        let Some(document) = read(cloud, bucket).await? else {
            let message = format!("there is no bucket {bucket}");
            let missing = Failure::refused("s3:PutBucketNotification", "NoSuchBucket", message);
            return if entries.is_empty() { Ok(()) } else { Err(missing) };
        };
        if ours(scope, &document) == *entries {
            return Ok(());
        }
        tries += 1;
        match send(cloud, bucket, merged(scope, document, entries)?, entries.is_empty()).await {
            Err(failure) if failure.class == Class::Ambiguous && tries < TRIES => {}
            Err(failure) => return Err(failure),
            Ok(()) => return shown(cloud, scope, bucket, entries).await,
        }
    }
}

/// Writes a document once. A neighbour's function that is gone must not keep our entries from
/// `leaving`, so that destinations are not checked then.
async fn send(
    cloud: &Cloud,
    bucket: &str,
    document: NotificationConfiguration,
    leaving: bool,
) -> Result<(), Failure> {
    let owner = &cloud.place.account;
    let call = cloud.once("s3:PutBucketNotification", |api| {
        let call = api.s3.put_bucket_notification_configuration().bucket(bucket);
        let call = call.expected_bucket_owner(owner).notification_configuration(document.clone());
        call.set_skip_destination_validation(leaving.then_some(true)).send()
    });
    call.await.map(|_| ())
}

/// Waits until the document shows our entries as they were written.
async fn shown(
    cloud: &Cloud,
    scope: &Scope,
    bucket: &str,
    entries: &BTreeMap<String, Value>,
) -> Result<(), Failure> {
    wait(&format!("notifications of {bucket} as written"), SHOWS, || async {
        let now = read(cloud, bucket).await?.map(|document| ours(scope, &document));
        Ok::<_, Failure>(if now.unwrap_or_default() == *entries {
            Progress::Done(())
        } else {
            Progress::Waiting("the document shows other entries of ours".to_owned())
        })
    })
    .await
}
