//! S3: what a bucket is set to, and the versions of its objects.

use updraft_local::Settings;

use crate::harness::Cloud;
use crate::s3::{LOCATED, bucket, s3};

#[tokio::test]
async fn a_new_bucket_is_private_and_encrypted() {
    let cloud = Cloud::instant().await;
    bucket(&cloud, "photos").await;
    let block = s3(&cloud, "GET /photos?publicAccessBlock", &[], "").await.ok();
    for name in
        ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
    {
        assert_eq!(block.element(name).as_deref(), Some("true"), "{name}");
    }
    let encryption = s3(&cloud, "GET /photos?encryption", &[], "").await.ok();
    assert_eq!(encryption.element("SSEAlgorithm").as_deref(), Some("AES256"));
    let owner = s3(&cloud, "GET /photos?ownershipControls", &[], "").await.ok();
    assert_eq!(owner.element("ObjectOwnership").as_deref(), Some("BucketOwnerEnforced"));
    let owner = [("x-amz-object-ownership", "ObjectWriter")];
    s3(&cloud, "PUT /others", &owner, LOCATED).await.ok();
    let owner = s3(&cloud, "GET /others?ownershipControls", &[], "").await.ok();
    assert_eq!(owner.element("ObjectOwnership").as_deref(), Some("ObjectWriter"));
    let owner = [("x-amz-object-ownership", "Nobody")];
    s3(&cloud, "PUT /thirds", &owner, LOCATED).await.refused(400, "InvalidArgument");
}

#[tokio::test]
async fn a_public_access_block_is_replaced_and_removed() {
    let cloud = Cloud::instant().await;
    bucket(&cloud, "photos").await;
    let one = "<PublicAccessBlockConfiguration><BlockPublicAcls>TRUE</BlockPublicAcls></PublicAccessBlockConfiguration>";
    s3(&cloud, "PUT /photos?publicAccessBlock", &[], one).await.ok();
    let block = s3(&cloud, "GET /photos?publicAccessBlock", &[], "").await.ok();
    assert_eq!(block.element("BlockPublicAcls").as_deref(), Some("true"));
    assert_eq!(block.element("BlockPublicPolicy").as_deref(), Some("false"));
    s3(&cloud, "DELETE /photos?publicAccessBlock", &[], "").await.ok();
    s3(&cloud, "GET /photos?publicAccessBlock", &[], "")
        .await
        .refused(404, "NoSuchPublicAccessBlockConfiguration");
    s3(&cloud, "PUT /photos?publicAccessBlock", &[], "<Other/>").await.refused(400, "MalformedXML");
}

#[tokio::test]
async fn encryption_and_ownership_are_read_back() {
    let cloud = Cloud::instant().await;
    bucket(&cloud, "photos").await;
    let rule = |algorithm: &str| {
        format!(
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>{algorithm}</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"
        )
    };
    s3(&cloud, "PUT /photos?encryption", &[], &rule("aws:kms")).await.ok();
    let found = s3(&cloud, "GET /photos?encryption", &[], "").await.ok();
    assert_eq!(found.element("SSEAlgorithm").as_deref(), Some("aws:kms"));
    assert_eq!(found.element("BucketKeyEnabled").as_deref(), Some("true"));
    s3(&cloud, "PUT /photos?encryption", &[], &rule("rot13")).await.refused(400, "MalformedXML");
    s3(&cloud, "DELETE /photos?encryption", &[], "").await.ok();
    let found = s3(&cloud, "GET /photos?encryption", &[], "").await.ok();
    assert_eq!(found.element("SSEAlgorithm").as_deref(), Some("AES256"));
    s3(&cloud, "DELETE /photos?ownershipControls", &[], "").await.ok();
    s3(&cloud, "GET /photos?ownershipControls", &[], "")
        .await
        .refused(404, "OwnershipControlsNotFoundError");
}

fn policy(principal: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"read it","Effect":"Allow","Principal":{principal},"Action":"s3:GetObject","Resource":"{resource}"}}]}}"#
    )
}

#[tokio::test]
async fn a_public_policy_is_refused_while_public_access_is_blocked() {
    let cloud = Cloud::instant().await;
    bucket(&cloud, "photos").await;
    let put = async |text: String| s3(&cloud, "PUT /photos?policy", &[], &text).await;
    let within = "arn:aws:s3:::photos/*";
    put("not json".to_owned()).await.refused(400, "MalformedPolicy");
    put(policy("\"*\"", "arn:aws:s3:::photographs/*")).await.refused(400, "MalformedPolicy");
    put(policy("\"*\"", within)).await.refused(403, "AccessDenied");
    s3(&cloud, "GET /photos?policy", &[], "").await.refused(404, "NoSuchBucketPolicy");
    let role = policy(r#"{"AWS":"111122223333"}"#, within);
    put(role.clone()).await.ok();
    assert_eq!(s3(&cloud, "GET /photos?policy", &[], "").await.ok().text(), role);
    let status = s3(&cloud, "GET /photos?policyStatus", &[], "").await.ok();
    assert_eq!(status.element("IsPublic").as_deref(), Some("false"));
    s3(&cloud, "DELETE /photos?publicAccessBlock", &[], "").await.ok();
    put(policy("\"*\"", within)).await.ok();
    let status = s3(&cloud, "GET /photos?policyStatus", &[], "").await.ok();
    assert_eq!(status.element("IsPublic").as_deref(), Some("true"));
    s3(&cloud, "DELETE /photos?policy", &[], "").await.ok();
    s3(&cloud, "GET /photos?policy", &[], "").await.refused(404, "NoSuchBucketPolicy");
}

const VERSIONED: &str =
    "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";

#[tokio::test]
async fn versions_are_kept_hidden_and_removed() {
    let cloud = Cloud::instant().await;
    bucket(&cloud, "photos").await;
    let never = s3(&cloud, "GET /photos?versioning", &[], "").await.ok();
    assert_eq!(never.element("Status"), None);
    s3(&cloud, "PUT /photos/a", &[], "0").await.ok();
    s3(&cloud, "PUT /photos?versioning", &[], VERSIONED).await.ok();
    let first =
        s3(&cloud, "PUT /photos/a", &[], "1").await.ok().headers["x-amz-version-id"].clone();
    s3(&cloud, "PUT /photos/a", &[], "2").await.ok();
    assert_eq!(s3(&cloud, "GET /photos/a", &[], "").await.text(), "2");
    let old = format!("GET /photos/a?versionId={first}");
    assert_eq!(s3(&cloud, &old, &[], "").await.ok().text(), "1");
    assert_eq!(s3(&cloud, "GET /photos/a?versionId=null", &[], "").await.ok().text(), "0");
    let marker = s3(&cloud, "DELETE /photos/a", &[], "").await.ok();
    assert_eq!(marker.headers["x-amz-delete-marker"], "true");
    s3(&cloud, "GET /photos/a", &[], "").await.refused(404, "NoSuchKey");
    assert_eq!(s3(&cloud, "GET /photos?list-type=2", &[], "").await.ok().elements("Key").len(), 0);
    s3(&cloud, "DELETE /photos", &[], "").await.refused(409, "BucketNotEmpty");
    let listed = s3(&cloud, "GET /photos?versions", &[], "").await.ok();
    assert_eq!(listed.elements("IsLatest"), ["true", "false", "false", "false"]);
    let ids = listed.elements("VersionId");
    assert_eq!(
        (ids[0].as_str(), ids[3].as_str()),
        (marker.headers["x-amz-version-id"].as_str(), "null")
    );
    let all: Vec<String> = ids
        .iter()
        .map(|id| format!("<Object><Key>a</Key><VersionId>{id}</VersionId></Object>"))
        .collect();
    s3(&cloud, "POST /photos?delete", &[], &format!("<Delete>{}</Delete>", all.concat()))
        .await
        .ok();
    s3(&cloud, "DELETE /photos", &[], "").await.ok();
}

#[tokio::test]
async fn versions_are_listed_in_pages() {
    let cloud = Cloud::with(Settings { page_cap: Some(2), ..Settings::instant() }).await;
    bucket(&cloud, "photos").await;
    s3(&cloud, "PUT /photos?versioning", &[], VERSIONED).await.ok();
    for key in ["a", "a", "a", "b"] {
        s3(&cloud, &format!("PUT /photos/{key}"), &[], "").await.ok();
    }
    let (mut seen, mut next) = (Vec::new(), String::new());
    for _ in 0..3 {
        let page = s3(&cloud, &format!("GET /photos?versions{next}"), &[], "").await.ok();
        seen.extend(page.elements("Key"));
        if page.element("IsTruncated").as_deref() == Some("false") {
            break;
        }
        let (key, id) = (page.element("NextKeyMarker"), page.element("NextVersionIdMarker"));
        next = format!("&key-marker={}&version-id-marker={}", key.unwrap(), id.unwrap());
    }
    assert_eq!(seen, ["a", "a", "a", "b"]);
}

#[tokio::test]
async fn the_older_list_pages_by_the_last_key() {
    let cloud = Cloud::instant().await;
    bucket(&cloud, "photos").await;
    for key in ["a", "b/1", "b/2", "c"] {
        s3(&cloud, &format!("PUT /photos/{key}"), &[], "").await.ok();
    }
    let page = s3(&cloud, "GET /photos?max-keys=2", &[], "").await.ok();
    assert_eq!(
        (page.elements("Key"), page.element("NextMarker")),
        (vec!["a".into(), "b/1".into()], None)
    );
    let page = s3(&cloud, "GET /photos?max-keys=2&marker=b/1", &[], "").await.ok();
    assert_eq!(page.elements("Key"), ["b/2", "c"]);
    let folded = s3(&cloud, "GET /photos?max-keys=2&delimiter=/", &[], "").await.ok();
    assert_eq!(folded.element("NextMarker").as_deref(), Some("b/"));
}

#[tokio::test]
async fn objects_are_copied_with_their_headers() {
    let cloud = Cloud::instant().await;
    bucket(&cloud, "photos").await;
    bucket(&cloud, "copies").await;
    s3(&cloud, "PUT /photos/a%20b", &[("Content-Type", "image/png")], "png").await.ok();
    let from = [("x-amz-copy-source", "photos/a%20b")];
    let copied = s3(&cloud, "PUT /copies/c", &from, "").await.ok();
    assert!(copied.element("ETag").is_some(), "{}", copied.text());
    let got = s3(&cloud, "GET /copies/c", &[], "").await.ok();
    assert_eq!((got.text().as_str(), got.headers["content-type"].as_str()), ("png", "image/png"));
    s3(&cloud, "PUT /photos/a%20b", &from, "").await.refused(400, "InvalidRequest");
    let none = [("x-amz-copy-source", "/photos/none")];
    s3(&cloud, "PUT /copies/c", &none, "").await.refused(404, "NoSuchKey");
}
