//! What a bucket holds, and taking it out: every version of every object.

use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use updraft_transport::pages;

use crate::client::Cloud;
use crate::errors::Failure;

/// The most that `DeleteObjects` takes at once, and the most of a page.
const PAGE: i32 = 1000;

/// Returns whether there is anything in a bucket, old versions and deletion markers included:
/// S3 deletes no bucket that has any.
pub(super) async fn holds(cloud: &Cloud, bucket: &str) -> Result<Option<String>, Failure> {
    let some = identifiers(&page(cloud, bucket, 1, None).await?);
    Ok((!some.is_empty()).then(|| "objects".to_owned()))
}

/// Deletes everything in a bucket.
pub(super) async fn empty(cloud: &Cloud, bucket: &str) -> Result<(), Failure> {
    let owner = &cloud.place.account;
    let all = pages("s3:ListBucketVersions", async |token: Option<String>| {
        let answer = page(cloud, bucket, PAGE, token).await?;
        let next = match (&answer.next_key_marker, &answer.next_version_id_marker) {
            (Some(key), version) if answer.is_truncated == Some(true) => {
                Some(format!("{}\n{key}", version.clone().unwrap_or_default()))
            }
            _ => None,
        };
        Ok::<_, Failure>((identifiers(&answer), next))
    });
    for some in all.await?.chunks(usize::try_from(PAGE).unwrap_or(1)) {
        let delete = Delete::builder().set_objects(Some(some.to_vec())).quiet(true).build();
        let delete = delete.map_err(|error| {
            Failure::refused("s3:DeleteObjectVersion", "InvalidRequest", error.to_string())
        })?;
        let call = cloud.safe("s3:DeleteObjectVersion", |api| {
            let call = api.s3.delete_objects().bucket(bucket).expected_bucket_owner(owner);
            call.delete(delete.clone()).send()
        });
        // What could not be deleted is told in an answer that is otherwise a success.
        if let Some(error) = call.await?.errors.unwrap_or_default().into_iter().next() {
            let text = |text: Option<String>| text.unwrap_or_default();
            let message = format!("{}: {}", text(error.key), text(error.message));
            return Err(Failure::refused("s3:DeleteObjectVersion", &text(error.code), message));
        }
    }
    Ok(())
}

/// Reads one page. A token is a version and a key, with a line break between them.
async fn page(
    cloud: &Cloud,
    bucket: &str,
    most: i32,
    token: Option<String>,
) -> Result<ListObjectVersionsOutput, Failure> {
    let owner = &cloud.place.account;
    let marker = token.as_deref().and_then(|token| token.split_once('\n'));
    let (version, key) = marker.map_or((None, None), |(version, key)| {
        (Some(version.to_owned()).filter(|it| !it.is_empty()), Some(key.to_owned()))
    });
    cloud
        .safe("s3:ListBucketVersions", |api| {
            let call = api.s3.list_object_versions().bucket(bucket).max_keys(most);
            let call = call.expected_bucket_owner(owner).set_key_marker(key.clone());
            call.set_version_id_marker(version.clone()).send()
        })
        .await
}

fn identifiers(page: &ListObjectVersionsOutput) -> Vec<ObjectIdentifier> {
    let versions = page.versions().iter().map(|one| (one.key(), one.version_id()));
    let markers = page.delete_markers().iter().map(|one| (one.key(), one.version_id()));
    let identifier = |(key, version): (Option<&str>, Option<&str>)| {
        let one = ObjectIdentifier::builder().key(key?).set_version_id(version.map(str::to_owned));
        one.build().ok()
    };
    versions.chain(markers).filter_map(identifier).collect()
}
