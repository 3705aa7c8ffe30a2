//! Whether a container holds anything, asked of the storage service itself.

use std::collections::BTreeMap;

use azure_core::http::{StatusCode, Url};
use azure_storage_blob::models::BlobContainerClientListBlobsOptions;
use azure_storage_blob::{BlobContainerClient, BlobContainerClientOptions};
use futures::TryStreamExt;
use futures::future::BoxFuture;
use updraft_transport::{Repeat, told};

use crate::client::Cloud;
use crate::errors::{Failure, lost, refused};

/// What the listing is called in the count of calls.
const LIST: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";

/// What is said of a container that may not be looked into.
const UNSEEN: &str = "objects, unless it is empty: looking takes the role Storage Blob Data Reader";

/// Returns what is in a container, for people; `None` where it is empty or not there.
///
/// `endpoint` is that of the account's blob service. What cannot be told because the credentials
/// lack the right to look counts as there.
pub(crate) async fn held(
    cloud: &Cloud,
    endpoint: &str,
    container: &str,
) -> Result<Option<String>, Failure> {
    let attempt = || async {
        cloud.ledger().count(LIST);
        // Boxed: the client's futures are large.
        let first: BoxFuture<'_, _> = Box::pin(first(cloud, endpoint, container));
        first.await
    };
    cloud.arm.retry.run(Repeat::Safe, |failure: &Failure| failure.class, attempt).await
}

async fn first(cloud: &Cloud, endpoint: &str, container: &str) -> Result<Option<String>, Failure> {
    let options =
        BlobContainerClientOptions { client_options: cloud.options(), ..Default::default() };
    let url = url(endpoint, container)?;
    let client = BlobContainerClient::new(url, Some(cloud.credential()), Some(options));
    let one = BlobContainerClientListBlobsOptions { maxresults: Some(1), ..Default::default() };
    let mut blobs = client
        .and_then(|client| client.list_blobs(Some(one)))
        .map_err(|error| lost(LIST, told(&error)))?;
    match blobs.try_next().await {
        Ok(found) => Ok(found.map(|_| "objects".to_owned())),
        Err(error) => unanswered(&error),
    }
}

/// Composes the address of a container. The client wants it to be `https://`, and the connection
/// beneath it knows about this machine.
fn url(endpoint: &str, container: &str) -> Result<Url, Failure> {
    let text = format!("{}/{container}", endpoint.trim_end_matches('/'));
    let parsed = Url::parse(&text).ok().and_then(|mut url| {
        url.set_scheme("https").ok()?;
        Some(url)
    });
    parsed.ok_or_else(|| Failure::refused(LIST, "InvalidEndpoint", text))
}

fn unanswered(error: &azure_core::Error) -> Result<Option<String>, Failure> {
    match error.http_status() {
        Some(StatusCode::NotFound) => Ok(None),
        Some(StatusCode::Forbidden | StatusCode::Unauthorized) => Ok(Some(UNSEEN.to_owned())),
        Some(status) => Err(refused(LIST, status.into(), &BTreeMap::new(), &[])),
        None => Err(lost(LIST, told(error))),
    }
}

#[cfg(test)]
mod tests {
    use super::url;

    #[test]
    fn a_container_is_addressed_below_the_endpoint() {
        let of = |endpoint| url(endpoint, "photos").unwrap().to_string();
        assert_eq!(
            of("https://a.blob.core.windows.net/"),
            "https://a.blob.core.windows.net/photos"
        );
        assert_eq!(of("http://127.0.0.1:4582/_blob/a/"), "https://127.0.0.1:4582/_blob/a/photos");
        assert!(url("nonsense", "photos").is_err());
    }
}
