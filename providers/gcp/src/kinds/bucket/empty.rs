//! What is in a bucket, and taking all of it out.

use futures::{StreamExt, TryStreamExt, stream};
use google_cloud_storage::model::Object;
use updraft_transport::{gone, pages};

use crate::client::Cloud;
use crate::errors::{Failure, absent};

/// How many objects are deleted at once.
const AT_ONCE: usize = 16;

/// Returns whether a bucket holds nothing, earlier generations included.
pub(super) async fn is_empty(cloud: &Cloud, bucket: &str) -> Result<bool, Failure> {
    let call = cloud.safe("storage.objects.list", |api| {
        let call = api.buckets.list_objects().set_parent(bucket).set_page_size(1);
        call.set_versions(true).send()
    });
    let found = absent(call.await)?;
    Ok(found.is_none_or(|answer| answer.objects.is_empty()))
}

/// Deletes every generation of every object in a bucket.
pub(super) async fn empty(cloud: &Cloud, bucket: &str) -> Result<(), Failure> {
    let objects = pages("storage.objects.list", async |token: Option<String>| {
        let call = cloud.safe("storage.objects.list", |api| {
            let call = api.buckets.list_objects().set_parent(bucket).set_page_size(1000);
            let call = call.set_versions(true);
            call.set_page_token(token.clone().unwrap_or_default()).send()
        });
        let answer = call.await?;
        Ok::<_, Failure>((answer.objects, Some(answer.next_page_token)))
    })
    .await?;
    let deletions = stream::iter(objects).map(|object| delete(cloud, bucket, object));
    deletions.buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await.map(|_| ())
}

async fn delete(cloud: &Cloud, bucket: &str, object: Object) -> Result<(), Failure> {
    let call = cloud.safe("storage.objects.delete", |api| {
        let call = api.buckets.delete_object().set_bucket(bucket).set_object(&object.name);
        call.set_generation(object.generation).send()
    });
    gone(call.await)
}
