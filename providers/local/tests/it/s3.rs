//! S3: buckets, objects, conditional writes, chunked bodies; and the tag index through it.

use std::time::Duration;

use serde_json::json;
use updraft_local::Settings;

use crate::harness::{Answer, Call, Cloud, REGION};

pub(crate) const LOCATED: &str = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";

pub(crate) async fn s3(cloud: &Cloud, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let (method, path) = line.split_once(' ').unwrap();
    cloud.call(Call { service: "s3", method, path, headers, body: body.as_bytes() }).await
}

pub(crate) async fn bucket(cloud: &Cloud, name: &str) {
    s3(cloud, &format!("PUT /{name}"), &[], LOCATED).await.ok();
}

#[tokio::test]
async fn a_bucket_is_made_once_and_in_its_region() {
    let cloud = Cloud::instant().await;
    bucket(&cloud, "photos").await;
    s3(&cloud, "PUT /photos", &[], LOCATED).await.refused(409, "BucketAlreadyOwnedByYou");
    s3(&cloud, "PUT /others", &[], "").await.refused(400, "IllegalLocationConstraintException");
    s3(&cloud, "PUT /Not_Legal", &[], LOCATED).await.refused(400, "InvalidBucketName");
    let located = s3(&cloud, "GET /photos?location", &[], "").await.ok();
    assert!(
        located.text().contains(&format!(">{REGION}</LocationConstraint>")),
        "{}",
        located.text()
    );
    assert_eq!(
        s3(&cloud, "HEAD /photos", &[], "").await.ok().headers["x-amz-bucket-region"],
        REGION
    );
    assert_eq!(s3(&cloud, "HEAD /none", &[], "").await.status, 404);
    assert_eq!(s3(&cloud, "GET /", &[], "").await.ok().elements("Name"), ["photos"]);
    s3(&cloud, "PUT /photos?lifecycle", &[], "")
        .await
        .refused(501, "NotImplementedByEmbeddedCloud");
    let acl = [("x-amz-acl", "public-read")];
    s3(&cloud, "PUT /pictures", &acl, LOCATED).await.refused(501, "NotImplementedByEmbeddedCloud");
}

#[tokio::test]
async fn a_bucket_with_objects_cannot_be_deleted() {
    let cloud = Cloud::instant().await;
    bucket(&cloud, "photos").await;
    s3(&cloud, "PUT /photos/a%20b/c", &[("Content-Type", "text/plain")], "hello").await.ok();
    s3(&cloud, "DELETE /photos", &[], "").await.refused(409, "BucketNotEmpty");
    let got = s3(&cloud, "GET /photos/a%20b/c", &[], "").await.ok();
    assert_eq!(
        (got.text().as_str(), got.headers["content-type"].as_str()),
        ("hello", "text/plain")
    );
    assert_eq!(got.headers["etag"], "\"5d41402abc4b2a76b9719d911017c592\"");
    let head = s3(&cloud, "HEAD /photos/a%20b/c", &[], "").await.ok();
    assert_eq!((head.headers["content-length"].as_str(), head.body.len()), ("5", 0));
    let part = s3(&cloud, "GET /photos/a%20b/c", &[("Range", "bytes=1-2")], "").await;
    assert_eq!((part.status, part.text().as_str()), (206, "el"));
    assert_eq!(s3(&cloud, "DELETE /photos/a%20b/c", &[], "").await.status, 204);
    assert_eq!(s3(&cloud, "DELETE /photos/a%20b/c", &[], "").await.status, 204);
    s3(&cloud, "GET /photos/a%20b/c", &[], "").await.refused(404, "NoSuchKey");
    assert_eq!(s3(&cloud, "DELETE /photos", &[], "").await.status, 204);
    s3(&cloud, "GET /photos/x", &[], "").await.refused(404, "NoSuchBucket");
}

#[tokio::test]
async fn writes_can_be_conditional() {
    let cloud = Cloud::instant().await;
    bucket(&cloud, "locks").await;
    let absent = [("If-None-Match", "*")];
    let made = s3(&cloud, "PUT /locks/l", &absent, "1").await.ok();
    s3(&cloud, "PUT /locks/l", &absent, "2").await.refused(412, "PreconditionFailed");
    let etag = made.headers["etag"].clone();
    s3(&cloud, "PUT /locks/l", &[("If-Match", &etag)], "3").await.ok();
    s3(&cloud, "PUT /locks/l", &[("If-Match", &etag)], "4")
        .await
        .refused(412, "PreconditionFailed");
    s3(&cloud, "DELETE /locks/l", &[("If-Match", &etag)], "")
        .await
        .refused(412, "PreconditionFailed");
    assert_eq!(s3(&cloud, "GET /locks/l", &[], "").await.text(), "3");
}

#[tokio::test]
async fn chunked_bodies_are_joined_and_checked() {
    let cloud = Cloud::instant().await;
    bucket(&cloud, "photos").await;
    let headers = [
        ("Content-Encoding", "aws-chunked"),
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("x-amz-decoded-content-length", "9"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ];
    let body = "9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n";
    s3(&cloud, "PUT /photos/k", &headers, body).await.ok();
    let got = s3(&cloud, "GET /photos/k", &[("x-amz-checksum-mode", "ENABLED")], "").await.ok();
    assert_eq!(got.text(), "123456789");
    assert_eq!(got.headers["x-amz-checksum-crc32"], "y/Q5Jg==");
    assert_eq!(got.headers.get("content-encoding"), None);
    let wrong = body.replace("123456789", "123456780");
    s3(&cloud, "PUT /photos/k", &headers, &wrong).await.refused(400, "BadDigest");
    let short = body.replace("9\r\n", "8\r\n");
    s3(&cloud, "PUT /photos/k", &headers, &short).await.refused(400, "IncompleteBody");
}

#[tokio::test]
async fn keys_are_listed_in_pages_and_folded() {
    let cloud = Cloud::instant().await;
    bucket(&cloud, "photos").await;
    for key in ["b/2", "a", "b/1", "c%26"] {
        s3(&cloud, &format!("PUT /photos/{key}"), &[], "").await.ok();
    }
    let all = s3(&cloud, "GET /photos?list-type=2", &[], "").await.ok();
    assert_eq!(all.elements("Key"), ["a", "b/1", "b/2", "c&amp;"]);
    let folded = s3(&cloud, "GET /photos?list-type=2&delimiter=/", &[], "").await.ok();
    assert_eq!(folded.elements("Key"), ["a", "c&amp;"]);
    assert!(folded.text().contains("<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>"));
    let page = s3(&cloud, "GET /photos?list-type=2&max-keys=3", &[], "").await.ok();
    assert_eq!(page.elements("Key").len(), 3);
    let token = page.element("NextContinuationToken").unwrap();
    let next = format!("GET /photos?list-type=2&continuation-token={token}");
    assert_eq!(s3(&cloud, &next, &[], "").await.ok().elements("Key"), ["c&amp;"]);
    let under = s3(&cloud, "GET /photos?list-type=2&prefix=b/", &[], "").await.ok();
    assert_eq!(under.elements("Key"), ["b/1", "b/2"]);
}

#[tokio::test]
async fn several_objects_are_deleted_at_once() {
    let cloud = Cloud::instant().await;
    bucket(&cloud, "photos").await;
    s3(&cloud, "PUT /photos/a", &[], "").await.ok();
    let body = "<Delete><Object><Key>a</Key></Object><Object><Key>none</Key></Object></Delete>";
    let gone = s3(&cloud, "POST /photos?delete", &[], body).await.ok();
    assert_eq!(gone.elements("Key"), ["a", "none"]);
    s3(&cloud, "GET /photos/a", &[], "").await.refused(404, "NoSuchKey");
}

#[tokio::test]
async fn the_tag_index_is_late_and_shows_ghosts() {
    let settings = Settings { tag_lag_ms: 150, tag_ghost_ms: 150, ..Settings::instant() };
    let cloud = Cloud::with(settings).await;
    let tagged = LOCATED.replace(
        "</CreateB",
        "<Tags><Tag><Key>updraft:stage</Key><Value>dev</Value></Tag></Tags></CreateB",
    );
    s3(&cloud, "PUT /photos", &[], &tagged).await.ok();
    let count = async || {
        let filter = json!({"TagFilters": [{"Key": "updraft:stage", "Values": ["dev"]}], "ResourceTypeFilters": ["s3"]});
        let target = "ResourceGroupsTaggingAPI_20170126.GetResources";
        let found = cloud.target("tagging", target, &filter).await.ok().json();
        found["ResourceTagMappingList"].as_array().unwrap().len()
    };
    let wait = || tokio::time::sleep(Duration::from_millis(180));
    assert_eq!(count().await, 0);
    wait().await;
    assert_eq!(count().await, 1);
    s3(&cloud, "DELETE /photos", &[], "").await.ok();
    assert_eq!(count().await, 1);
    wait().await;
    assert_eq!(count().await, 1);
    wait().await;
    assert_eq!(count().await, 0);
}

#[tokio::test]
async fn a_tag_set_is_replaced_as_a_whole() {
    let cloud = Cloud::instant().await;
    bucket(&cloud, "photos").await;
    s3(&cloud, "GET /photos?tagging", &[], "").await.refused(404, "NoSuchTagSet");
    let set = |key: &str| {
        format!("<Tagging><TagSet><Tag><Key>{key}</Key><Value>1</Value></Tag></TagSet></Tagging>")
    };
    s3(&cloud, "PUT /photos?tagging", &[], &set("a")).await.ok();
    s3(&cloud, "PUT /photos?tagging", &[], &set("b")).await.ok();
    assert_eq!(s3(&cloud, "GET /photos?tagging", &[], "").await.ok().elements("Key"), ["b"]);
    s3(&cloud, "PUT /photos?tagging", &[], "<Tagging>").await.refused(400, "MalformedXML");
    s3(&cloud, "DELETE /photos?tagging", &[], "").await.ok();
    s3(&cloud, "GET /photos?tagging", &[], "").await.refused(404, "NoSuchTagSet");
}

#[tokio::test]
async fn pages_of_the_tag_index_are_bounded() {
    let cloud = Cloud::instant().await;
    let target = "ResourceGroupsTaggingAPI_20170126.GetResources";
    let over = json!({"ResourcesPerPage": 101});
    cloud.target("tagging", target, &over).await.refused(400, "InvalidParameterException");
    let filters: Vec<_> = (0..51).map(|n| json!({"Key": n.to_string()})).collect();
    let many = json!({ "TagFilters": filters });
    cloud.target("tagging", target, &many).await.refused(400, "InvalidParameterException");
    let unknown = json!({"IncludeComplianceDetails": true});
    cloud.target("tagging", target, &unknown).await.refused(501, "NotImplementedByEmbeddedCloud");
}
