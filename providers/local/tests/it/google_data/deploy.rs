//! Deploys functions for real, as the tests of the data plane need them.

use std::io::{Cursor, Write as _};
use std::time::Duration;

use serde_json::{Value, json};
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::google::harness::{Google, PROJECT, REGION};

/// How long something that happens by itself may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A function to deploy.
pub(crate) struct Function<'a> {
    pub(crate) id: &'a str,
    pub(crate) runtime: &'a str,
    pub(crate) files: &'a [(&'a str, &'a str)],
    /// More members of the function: `eventTrigger`.
    pub(crate) more: Value,
}

/// A zip archive.
pub(crate) fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Makes a service account and returns its email.
pub(crate) async fn account(google: &Google, id: &str) -> String {
    let line = format!("POST /v1/projects/{PROJECT}/serviceAccounts");
    let made = google.ok(&line, &json!({"accountId": id})).await;
    made["email"].as_str().unwrap().to_owned()
}

/// Makes one of Google's own accounts.
pub(crate) async fn agent(google: &Google, service: &str) -> String {
    if service == "storage.googleapis.com" {
        let line = format!("GET /storage/v1/projects/{PROJECT}/serviceAccount");
        return google.ok(&line, &Value::Null).await["email_address"].as_str().unwrap().to_owned();
    }
    let line =
        format!("POST /v1beta1/projects/{PROJECT}/services/{service}:generateServiceIdentity");
    google.ok(&line, &Value::Null).await["response"]["email"].as_str().unwrap().to_owned()
}

/// Adds a binding to the policy of a resource: `/v1/projects/p/topics/t`.
pub(crate) async fn grant(google: &Google, at: &str, role: &str, member: &str) {
    let read = if at.starts_with("/v3/") { "POST" } else { "GET" };
    let mut policy = google.ok(&format!("{read} {at}:getIamPolicy"), &Value::Null).await;
    let mut bindings = policy["bindings"].as_array().cloned().unwrap_or_default();
    bindings.push(json!({"role": role, "members": [member]}));
    policy["bindings"] = bindings.into();
    google.ok(&format!("POST {at}:setIamPolicy"), &json!({"policy": policy})).await;
}

/// Deploys a function and returns the address of its service.
pub(crate) async fn deploy(google: &Google, function: Function<'_>) -> String {
    let bucket = "shop-dev-source";
    let line = format!("POST /storage/v1/b?project={PROJECT}");
    google.call(&line, &json!({"name": bucket, "location": REGION})).await;
    let id = function.id;
    let object = format!("{id}.zip");
    let line = format!("POST /upload/storage/v1/b/{bucket}/o?uploadType=media&name={object}");
    let headers = [("Content-Type", "application/zip")];
    google.raw(&line, &headers, &archive(function.files)).await.unwrap().ok();
    let email = account(google, &format!("{id}-run")).await;
    let mut body = json!({
        "environment": "GEN_2",
        "buildConfig": {
            "runtime": function.runtime, "entryPoint": "serve",
            "source": {"storageSource": {"bucket": bucket, "object": object}},
        },
        "serviceConfig": {"serviceAccountEmail": email, "timeoutSeconds": 20, "availableMemory": "256Mi"},
    });
    for (name, value) in function.more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let parent = format!("/v2/projects/{PROJECT}/locations/{REGION}");
    let line = format!("POST {parent}/functions?functionId={id}");
    let mut operation = google.ok(&line, &body).await;
    let line = format!("GET /v2/{}", operation["name"].as_str().unwrap());
    while operation["done"] != true {
        tokio::time::sleep(Duration::from_millis(20)).await;
        operation = google.ok(&line, &Value::Null).await;
    }
    assert!(operation["error"].is_null(), "{operation}");
    operation["response"]["serviceConfig"]["uri"].as_str().unwrap().to_owned()
}

/// Calls the service at an address as the owner.
pub(crate) async fn visit(
    google: &Google,
    uri: &str,
    path: &str,
    body: &Value,
) -> crate::harness::Answer {
    let door = uri.strip_prefix(&google.running.google_url()).unwrap();
    google.call(&format!("POST {door}{path}"), body).await
}

/// Where the Run service of a function has its policy.
pub(crate) fn service(id: &str) -> String {
    format!("/v2/projects/{PROJECT}/locations/{REGION}/services/{id}")
}

/// What the functions printed so far, joined.
pub(crate) async fn printed(google: &Google) -> String {
    let body = json!({
        "resourceNames": [format!("projects/{PROJECT}")], "pageSize": 1000,
        "filter": "resource.type=\"cloud_run_revision\"",
    });
    let listed = google.ok("POST /v2/entries:list", &body).await;
    let entries = listed["entries"].as_array().cloned().unwrap_or_default();
    // The Functions Framework writes JSON where the host has it.
    let text = |entry: &Value| {
        let text = entry["textPayload"].as_str().or(entry["jsonPayload"]["message"].as_str());
        text.map(str::to_owned)
    };
    let texts: Vec<String> = entries.iter().filter_map(text).collect();
    texts.join("\n")
}

/// Waits until what the functions printed holds `text`.
pub(crate) async fn wait_for(google: &Google, text: &str) -> String {
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        let log = printed(google).await;
        if log.contains(text) {
            return log;
        }
        assert!(tokio::time::Instant::now() < end, "no {text:?} in\n{log}");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}
