//! Secrets, and a function that is given one.

use serde_json::{Value, json};

use super::deploy::{Function, account, deploy, grant, visit};
use crate::google::harness::{Google, PROJECT};

#[tokio::test]
async fn a_secret_has_versions_that_are_read_until_they_are_disabled() {
    let google = Google::instant().await;
    let secrets = format!("/v1/projects/{PROJECT}/secrets");
    let body = json!({"replication": {"automatic": {}}, "labels": {"a": "b"}});
    let made = google.ok(&format!("POST {secrets}?secretId=api-key"), &body).await;
    assert!(made["name"].as_str().unwrap().ends_with("/secrets/api-key"), "{made}");
    let again = google.call(&format!("POST {secrets}?secretId=api-key"), &body).await;
    again.denied(409, "ALREADY_EXISTS");
    let access = format!("GET {secrets}/api-key/versions/latest:access");
    google.call(&access, &Value::Null).await.denied(404, "NOT_FOUND");
    for data in ["b25l", "dHdv"] {
        let line = format!("POST {secrets}/api-key:addVersion");
        google.ok(&line, &json!({"payload": {"data": data}})).await;
    }
    let read = google.ok(&access, &Value::Null).await;
    assert_eq!(read["payload"]["data"], "dHdv");
    assert!(read["name"].as_str().unwrap().ends_with("/versions/2"), "{read}");
    let line = format!("POST {secrets}/api-key/versions/2:disable");
    assert_eq!(google.ok(&line, &json!({})).await["state"], "DISABLED");
    google.call(&access, &Value::Null).await.denied(400, "FAILED_PRECONDITION");
    let first = format!("GET {secrets}/api-key/versions/1:access");
    assert_eq!(google.ok(&first, &Value::Null).await["payload"]["data"], "b25l");
    google.ok(&format!("DELETE {secrets}/api-key"), &Value::Null).await;
    google.call(&first, &Value::Null).await.denied(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_function_finds_its_secret_in_a_variable() {
    let google = Google::instant().await;
    let secrets = format!("/v1/projects/{PROJECT}/secrets");
    let body = json!({"replication": {"automatic": {}}});
    google.ok(&format!("POST {secrets}?secretId=api-key"), &body).await;
    let line = format!("POST {secrets}/api-key:addVersion");
    google.ok(&line, &json!({"payload": {"data": "b25l"}})).await;
    let email = account(&google, "keeper").await;
    let member = format!("serviceAccount:{email}");
    grant(&google, &format!("{secrets}/api-key"), "roles/secretmanager.secretAccessor", &member)
        .await;
    let code = "import os\ndef serve(request):\n    return os.environ['API_KEY']\n";
    let more = json!({"serviceConfig": {
        "serviceAccountEmail": email, "timeoutSeconds": 20, "availableMemory": "256Mi",
        "secretEnvironmentVariables": [
            {"key": "API_KEY", "projectId": PROJECT, "secret": "api-key", "version": "latest"},
        ],
    }});
    let files = [("main.py", code)];
    let function = Function { id: "keeper", runtime: "python313", files: &files, more };
    let uri = deploy(&google, function).await;
    assert_eq!(visit(&google, &uri, "/", &json!({})).await.text(), "one");
}
