//! Buckets and objects through the JSON API.

use serde_json::{Value, json};

use crate::google::harness::{Google, PROJECT};

/// Makes a bucket.
pub(crate) async fn bucket(google: &Google, name: &str) {
    let line = format!("POST /storage/v1/b?project={PROJECT}");
    google.ok(&line, &json!({"name": name, "location": "europe-west1"})).await;
}

/// Writes an object in one request.
pub(crate) async fn put(google: &Google, bucket: &str, name: &str, text: &str) -> Value {
    let line = format!("POST /upload/storage/v1/b/{bucket}/o?uploadType=media&name={name}");
    let headers = [("Content-Type", "text/plain")];
    google.raw(&line, &headers, text.as_bytes()).await.unwrap().ok().json()
}

#[tokio::test]
async fn a_bucket_is_made_changed_and_deleted_as_the_rules_say() {
    let google = Google::instant().await;
    let line = format!("POST /storage/v1/b?project={PROJECT}");
    let body = json!({
        "name": "photos-1", "location": "eu", "labels": {"a": "b"},
        "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": true}, "publicAccessPrevention": "enforced"},
        "lifecycle": {"rule": [{"action": {"type": "Delete"}, "condition": {"age": 3}}]},
    });
    let made = google.ok(&line, &body).await;
    assert_eq!((&made["location"], &made["locationType"]), (&json!("EU"), &json!("multi-region")));
    assert_eq!(made["softDeletePolicy"]["retentionDurationSeconds"], "604800");
    assert_eq!(made["iamConfiguration"]["bucketPolicyOnly"]["enabled"], true);
    assert_eq!((&made["metageneration"], &made["etag"]), (&json!("1"), &json!("CAE=")));

    let again = google.call(&line, &body).await;
    assert_eq!(again.status, 409);
    assert_eq!(again.json()["error"]["errors"][0]["reason"], "conflict");
    let other = google.call("POST /storage/v1/b?project=other-dev", &body).await;
    assert!(other.text().contains("bucket namespace is shared"));
    for (member, value) in [
        ("name", json!("Bad")),
        ("location", json!("moon")),
        ("labels", json!({"A": "b"})),
        ("speed", json!(1)),
    ] {
        let mut wrong = json!({"name": "photos-2", "location": "eu"});
        wrong[member] = value;
        assert_eq!(google.call(&line, &wrong).await.status, 400, "{wrong}");
    }

    let patch = json!({"labels": {"a": null, "c": "d"}, "versioning": {"enabled": true}});
    let stale = "PATCH /storage/v1/b/photos-1?ifMetagenerationMatch=9";
    let refused = google.call(stale, &patch).await;
    assert_eq!(refused.status, 412);
    assert_eq!(refused.json()["error"]["errors"][0]["reason"], "conditionNotMet");
    let changed = google.ok("PATCH /storage/v1/b/photos-1", &patch).await;
    assert_eq!((&changed["labels"], &changed["metageneration"]), (&json!({"c": "d"}), &json!("2")));
    assert_eq!(changed["lifecycle"], made["lifecycle"]);

    put(&google, "photos-1", "a", "x").await;
    let full = google.call("DELETE /storage/v1/b/photos-1", &Value::Null).await;
    assert!(full.text().contains("not empty") && full.status == 409);
    google.call("DELETE /storage/v1/b/photos-1/o/a", &Value::Null).await.ok();
    let still = google.call("DELETE /storage/v1/b/photos-1", &Value::Null).await;
    assert_eq!(still.status, 409, "an old version is kept");
    let versions = google.ok("GET /storage/v1/b/photos-1/o?versions=true", &Value::Null).await;
    let generation = versions["items"][0]["generation"].as_str().unwrap();
    let line = format!("DELETE /storage/v1/b/photos-1/o/a?generation={generation}");
    google.call(&line, &Value::Null).await.ok();
    google.call("DELETE /storage/v1/b/photos-1", &Value::Null).await.ok();
    let gone = google.call("GET /storage/v1/b/photos-1", &Value::Null).await;
    assert_eq!(gone.json()["error"]["errors"][0]["reason"], "notFound");
}

#[tokio::test]
async fn objects_are_written_read_and_listed() {
    let google = Google::instant().await;
    bucket(&google, "files-1").await;
    for name in ["in/a.txt", "in/b.txt", "out/c.txt", "top"] {
        put(&google, "files-1", &name.replace('/', "%2F"), name).await;
    }
    let read =
        google.call("GET /storage/v1/b/files-1/o/in%2Fa.txt?alt=media", &Value::Null).await.ok();
    assert_eq!(
        (read.text().as_str(), read.headers["content-type"].as_str()),
        ("in/a.txt", "text/plain")
    );
    // Known values of the text "in/a.txt", computed with other tools.
    assert!(read.headers["x-goog-hash"].contains("md5="), "{:?}", read.headers);
    let part = google
        .raw("GET /storage/v1/b/files-1/o/in%2Fa.txt?alt=media", &[("Range", "bytes=3-")], b"")
        .await
        .unwrap();
    assert_eq!((part.status, part.text().as_str()), (206, "a.txt"));

    let listed = google.ok("GET /storage/v1/b/files-1/o?delimiter=/", &Value::Null).await;
    assert_eq!(listed["prefixes"], json!(["in/", "out/"]));
    assert_eq!(listed["items"][0]["name"], "top");
    let mut names = Vec::new();
    let mut line = "GET /storage/v1/b/files-1/o?maxResults=3".to_owned();
    loop {
        let page = google.ok(&line, &Value::Null).await;
        names.extend(page["items"].as_array().unwrap().iter().map(|item| item["name"].clone()));
        let Some(token) = page["nextPageToken"].as_str() else { break };
        line = format!("GET /storage/v1/b/files-1/o?maxResults=3&pageToken={token}");
    }
    assert_eq!(names, ["in/a.txt", "in/b.txt", "out/c.txt", "top"]);
    let copy = "POST /storage/v1/b/files-1/o/top/rewriteTo/b/files-1/o/copy%2Ftop";
    let copied = google.ok(copy, &json!({})).await;
    assert_eq!((&copied["done"], &copied["resource"]["size"]), (&json!(true), &json!("3")));
}

#[tokio::test]
async fn uploads_keep_their_preconditions() {
    let google = Google::instant().await;
    bucket(&google, "files-2").await;
    let body = "--X\r\nContent-Type: application/json\r\n\r\n{\"name\": \"n\", \"metadata\": {\"k\": \"v\"}}\r\n--X\r\nContent-Type: application/zip\r\n\r\nby\r\ntes\r\n--X--\r\n";
    let line =
        "POST /upload/storage/v1/b/files-2/o?uploadType=multipart&name=n&ifGenerationMatch=0";
    let headers = [("Content-Type", "multipart/related; boundary=X")];
    let made = google.raw(line, &headers, body.as_bytes()).await.unwrap().ok().json();
    assert_eq!((&made["size"], &made["contentType"]), (&json!("7"), &json!("application/zip")));
    assert_eq!(made["metadata"], json!({"k": "v"}));
    let again = google.raw(line, &headers, body.as_bytes()).await.unwrap();
    assert_eq!(again.status, 412);

    let start =
        "POST /upload/storage/v1/b/files-2/o?uploadType=resumable&name=big&ifGenerationMatch=0";
    let session = google.call(start, &json!({"contentType": "text/plain"})).await.ok();
    let url = session.headers["location"].clone();
    let path = url.strip_prefix(&google.running.google_url()).unwrap();
    let line = format!("PUT {path}");
    let first = google.raw(&line, &[("Content-Range", "bytes 0-3/*")], b"0123").await.unwrap();
    assert_eq!((first.status, first.headers["range"].as_str()), (308, "bytes=0-3"));
    let asked = google.raw(&line, &[("Content-Range", "bytes */*")], b"").await.unwrap();
    assert_eq!(asked.headers["range"], "bytes=0-3");
    let last = google.raw(&line, &[("Content-Range", "bytes 4-5/6")], b"45").await.unwrap();
    assert_eq!(last.ok().json()["size"], "6");
    let read = google.call("GET /storage/v1/b/files-2/o/big?alt=media", &Value::Null).await;
    assert_eq!(read.text(), "012345");
}

#[tokio::test]
async fn a_bucket_has_a_policy_and_a_project_an_agent() {
    let google = Google::instant().await;
    bucket(&google, "files-3").await;
    let line = "GET /storage/v1/b/files-3/iam?optionsRequestedPolicyVersion=3";
    let mut policy = google.ok(line, &Value::Null).await;
    policy["bindings"] =
        json!([{"role": "roles/storage.objectViewer", "members": ["user:a@example.com"]}]);
    let put = google.ok("PUT /storage/v1/b/files-3/iam", &policy).await;
    assert_eq!(put["resourceId"], "projects/_/buckets/files-3");
    assert_ne!(put["etag"], policy["etag"]);
    let stale = google.call("PUT /storage/v1/b/files-3/iam", &policy).await;
    assert_eq!(stale.status, 409);
    let agent = google.ok("GET /storage/v1/projects/shop-dev/serviceAccount", &Value::Null).await;
    let email = agent["email_address"].as_str().unwrap();
    assert!(email.ends_with("@gs-project-accounts.iam.gserviceaccount.com"), "{email}");
}
