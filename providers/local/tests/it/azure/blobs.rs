//! Blobs through the Blob service.

use updraft_local::Settings;

use super::harness::Azure;
use super::storage::furnished;
use crate::harness::Answer;

/// Sends a request to the data plane of blobs as the owner.
pub(crate) async fn blob(
    azure: &Azure,
    line: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut all = vec![("Authorization", "Bearer local"), ("x-ms-version", "2024-11-04")];
    all.extend_from_slice(headers);
    azure.raw(line, &all, body).await.expect("an answer")
}

/// Writes a blob in one piece.
pub(crate) async fn put(azure: &Azure, path: &str, body: &[u8]) -> Answer {
    blob(azure, &format!("PUT {path}"), &[("x-ms-blob-type", "BlockBlob")], body).await
}

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.headers.get("x-ms-error-code").map_or("", String::as_str))
}

#[tokio::test]
async fn a_blob_is_written_read_in_parts_and_deleted() {
    let azure = furnished(Settings::instant()).await;
    let path = "/_blob/shopdevd/photos/in/a%20b.txt";
    let headers = [
        ("x-ms-blob-type", "BlockBlob"),
        ("x-ms-blob-content-type", "text/plain"),
        ("x-ms-meta-origin", "camera"),
    ];
    let made = blob(&azure, &format!("PUT {path}"), &headers, b"hello world").await.ok();
    assert_eq!((made.status, made.body.len()), (201, 0));
    let head = blob(&azure, &format!("HEAD {path}"), &[], b"").await.ok();
    assert_eq!(head.headers["content-length"], "11");
    assert_eq!(head.headers["x-ms-meta-origin"], "camera");
    assert_eq!(head.headers["content-type"], "text/plain");
    assert_eq!(head.headers["etag"], made.headers["etag"]);
    let part = blob(&azure, &format!("GET {path}"), &[("x-ms-range", "bytes=6-8")], b"").await;
    assert_eq!((part.status, part.body.as_slice()), (206, &b"wor"[..]));
    assert_eq!(part.headers["content-range"], "bytes 6-8/11");
    let beyond = blob(&azure, &format!("GET {path}"), &[("Range", "bytes=11-")], b"").await;
    assert_eq!(code(&beyond), (416, "InvalidRange"));
    assert_eq!(blob(&azure, &format!("DELETE {path}"), &[], b"").await.status, 202);
    let gone = blob(&azure, &format!("GET {path}"), &[], b"").await;
    assert_eq!(code(&gone), (404, "BlobNotFound"));
    assert!(String::from_utf8_lossy(&gone.body).contains("<Code>BlobNotFound</Code>"));
}

#[tokio::test]
async fn conditions_hold_or_are_told() {
    let azure = furnished(Settings::instant()).await;
    let path = "/_blob/shopdevd/photos/x";
    let first = put(&azure, path, b"1").await.headers["etag"].clone();
    let never = [("x-ms-blob-type", "BlockBlob"), ("If-None-Match", "*")];
    let again = blob(&azure, &format!("PUT {path}"), &never, b"2").await;
    assert_eq!(code(&again), (409, "BlobAlreadyExists"));
    put(&azure, path, b"2").await.ok();
    let stale = blob(&azure, &format!("DELETE {path}"), &[("If-Match", &first)], b"").await;
    assert_eq!(code(&stale), (412, "ConditionNotMet"));
    let now = blob(&azure, &format!("HEAD {path}"), &[], b"").await.headers["etag"].clone();
    let same = blob(&azure, &format!("GET {path}"), &[("If-None-Match", &now)], b"").await;
    assert_eq!((same.status, same.body.len()), (304, 0));
}

#[tokio::test]
async fn blobs_are_listed_in_pages_by_prefix_and_delimiter() {
    let azure = furnished(Settings::instant()).await;
    for name in ["a", "a/b", "a/c", "b"] {
        put(&azure, &format!("/_blob/shopdevd/photos/{name}"), b"x").await.ok();
    }
    let list = "GET /_blob/shopdevd/photos?restype=container&comp=list";
    let text = async |query: &str| {
        let answer = blob(&azure, &format!("{list}{query}"), &[], b"").await.ok();
        String::from_utf8(answer.body).unwrap()
    };
    let first = text("&maxresults=3").await;
    assert_eq!(first.matches("<Blob>").count(), 3);
    let marker = first.split("<NextMarker>").nth(1).unwrap().split('<').next().unwrap();
    let rest = text(&format!("&marker={marker}")).await;
    assert!(rest.contains("<Name>b</Name>") && rest.contains("<NextMarker/>"), "{rest}");
    let below = text("&prefix=a&delimiter=/").await;
    assert!(below.contains("<BlobPrefix><Name>a/</Name></BlobPrefix>"), "{below}");
    assert_eq!(below.matches("<Blob>").count(), 1);
}

#[tokio::test]
async fn blocks_become_a_blob_when_a_list_names_them() {
    let azure = furnished(Settings::instant()).await;
    let path = "/_blob/shopdevd/photos/big";
    for (id, bytes) in [("QQ==", b"one"), ("Qg==", b"two")] {
        let id = id.replace('=', "%3D");
        let line = format!("PUT {path}?comp=block&blockid={id}");
        assert_eq!(blob(&azure, &line, &[], bytes).await.status, 201);
    }
    assert_eq!(blob(&azure, &format!("HEAD {path}"), &[], b"").await.status, 404);
    let commit = format!("PUT {path}?comp=blocklist");
    let list = b"<BlockList><Latest>Qg==</Latest><Latest>QQ==</Latest></BlockList>";
    assert_eq!(blob(&azure, &commit, &[], list).await.status, 201);
    assert_eq!(blob(&azure, &format!("GET {path}"), &[], b"").await.body, b"twoone");
    let wrong = b"<BlockList><Latest>Qw==</Latest></BlockList>";
    assert_eq!(code(&blob(&azure, &commit, &[], wrong).await), (400, "InvalidBlockList"));
}

#[tokio::test]
async fn requests_without_token_version_or_meaning_are_refused() {
    let azure = furnished(Settings::instant()).await;
    let path = "GET /_blob/shopdevd/photos/x";
    let version = [("x-ms-version", "2024-11-04")];
    let anonymous = azure.raw(path, &version, b"").await.unwrap();
    assert_eq!(code(&anonymous), (401, "NoAuthenticationInformation"));
    let token = [("Authorization", "Bearer local")];
    assert_eq!(code(&azure.raw(path, &token, b"").await.unwrap()), (400, "MissingRequiredHeader"));
    let old = [token[0], ("x-ms-version", "2015-12-11")];
    assert_eq!(code(&azure.raw(path, &old, b"").await.unwrap()), (400, "InvalidHeaderValue"));
    let lease =
        blob(&azure, "PUT /_blob/shopdevd/photos?restype=container&comp=lease", &[], b"").await;
    assert_eq!(lease.status, 501);
    let nowhere = put(&azure, "/_blob/shopdevd/nowhere/x", b"1").await;
    assert_eq!(code(&nowhere), (404, "ContainerNotFound"));
    assert_eq!(put(&azure, "/_blob/nobodys/photos/x", b"1").await.status, 404);
}

#[tokio::test]
async fn a_container_made_by_a_client_is_there_in_arm() {
    let azure = furnished(Settings::instant()).await;
    let path = "/_blob/shopdevd/made?restype=container";
    assert_eq!(
        blob(&azure, &format!("PUT {path}"), &[("x-ms-meta-a", "b")], b"").await.status,
        201
    );
    let twice = blob(&azure, &format!("PUT {path}"), &[], b"").await;
    assert_eq!(code(&twice), (409, "ContainerAlreadyExists"));
    let id =
        format!("{}/blobServices/default/containers/made", super::storage::account("shopdevd"));
    let found = azure.get(&id, super::storage::V).await.ok().json();
    assert_eq!(found["properties"]["metadata"]["a"], "b");
    assert_eq!(blob(&azure, &format!("DELETE {path}"), &[], b"").await.status, 202);
    assert_eq!(azure.get(&id, super::storage::V).await.status, 404);
}
