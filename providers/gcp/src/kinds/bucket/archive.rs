//! Archives of code in their bucket: one object for each digest, written once.

use updraft_contract::{Artifact, Scope};
use updraft_transport::Class;

use super::lower::source_name;
use crate::client::Cloud;
use crate::errors::{Failure, absent};

/// An archive in its bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Uploaded {
    /// The bucket's name.
    pub(crate) bucket: String,
    /// The object's name.
    pub(crate) object: String,
    /// Which generation of the object it is.
    pub(crate) generation: i64,
}

/// Makes sure that the archive with this digest is in the bucket, and returns where.
pub(crate) async fn uploaded(
    cloud: &Cloud,
    scope: &Scope,
    digest: &str,
) -> Result<Uploaded, Failure> {
    let bucket = source_name(cloud.place.names_in(scope));
    let object = format!("{digest}.zip");
    let generation = match generation(cloud, &bucket, &object).await? {
        Some(generation) => generation,
        None => upload(cloud, (&bucket, &object), artifact(scope, digest)?).await?,
    };
    Ok(Uploaded { bucket, object, generation })
}

fn artifact<'s>(scope: &'s Scope, digest: &str) -> Result<&'s Artifact, Failure> {
    scope.artifacts.get(digest).ok_or_else(|| {
        let message = format!("there is no archive with digest {digest}");
        Failure::refused("storage.objects.create", "NoArchive", message)
    })
}

async fn generation(cloud: &Cloud, bucket: &str, object: &str) -> Result<Option<i64>, Failure> {
    let bucket = super::full_name(bucket);
    let call = cloud.safe("storage.objects.get", |api| {
        api.buckets.get_object().set_bucket(&bucket).set_object(object).send()
    });
    Ok(absent(call.await)?.map(|object| object.generation))
}

/// Writes the object, unless another run was faster: it wrote the same.
async fn upload(
    cloud: &Cloud,
    (bucket, object): (&str, &str),
    artifact: &Artifact,
) -> Result<i64, Failure> {
    let full_name = super::full_name(bucket);
    let archive = bytes::Bytes::copy_from_slice(&artifact.bytes);
    let call = cloud.safe("storage.objects.create", |api| {
        let call = api.storage.write_object(&full_name, object, archive.clone());
        let call = call.set_if_generation_match(0_i64).set_content_type("application/zip");
        call.send_buffered()
    });
    match call.await {
        Ok(written) => Ok(written.generation),
        Err(failure) if failure.class == Class::PreconditionFailed => {
            generation(cloud, bucket, object).await?.ok_or(failure)
        }
        Err(failure) => Err(failure),
    }
}
