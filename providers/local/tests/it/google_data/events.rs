//! Functions at their doors, and events of Cloud Storage.

use serde_json::{Value, json};

use super::deploy::{Function, account, agent, deploy, grant, service, visit, wait_for};
use super::storage::{bucket, put};
use crate::google::harness::{Google, PROJECT, REGION};

#[tokio::test]
async fn a_function_answers_at_its_door() {
    let google = Google::instant().await;
    let python =
        "def serve(request):\n    return {'path': request.path, 'sent': request.get_json()}, 201\n";
    let node =
        "exports.serve = (req, res) => res.status(202).json({ path: req.path, sent: req.body });\n";
    for (id, runtime, file, code, status) in [
        ("python", "python313", "main.py", python, 201),
        ("node", "nodejs22", "index.js", node, 202),
    ] {
        let files = [(file, code)];
        let uri = deploy(&google, Function { id, runtime, files: &files, more: json!({}) }).await;
        let answer = visit(&google, &uri, "/a/b?c=d", &json!({"x": 1})).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!(answer.json(), json!({"path": "/a/b", "sent": {"x": 1}}));
        let door = uri.strip_prefix(&google.running.google_url()).unwrap();
        let stranger = google.raw(&format!("GET {door}/"), &[], b"").await.unwrap();
        assert_eq!(stranger.status, 403);
        grant(&google, &service(id), "roles/run.invoker", "allUsers").await;
        let stranger = google
            .raw(&format!("POST {door}/"), &[("Content-Type", "application/json")], b"{}")
            .await;
        assert_eq!(stranger.unwrap().status, status);
    }
}

const WATCHER: &str = r#"
import functions_framework, os
from google_stub import nothing
failed = set()

@functions_framework.cloud_event
def serve(event):
    name = event.data["name"]
    if name == "again" and name not in failed:
        failed.add(name)
        print("failed once")
        raise ValueError(name)
    print(f"{event['type'].rsplit('.', 1)[-1]} {event['subject']} {event.data['bucket']} {event.data['size']}")
"#;

/// Deploys a function that waits for objects in the bucket `photos-dev`; returns its trigger's account.
async fn watcher(google: &Google, retry: &str) -> String {
    let storage = format!("serviceAccount:{}", agent(google, "storage.googleapis.com").await);
    grant(google, &format!("/v3/projects/{PROJECT}"), "roles/pubsub.publisher", &storage).await;
    agent(google, "eventarc.googleapis.com").await;
    let caller = account(google, "watcher-call").await;
    let member = format!("serviceAccount:{caller}");
    grant(google, &format!("/v3/projects/{PROJECT}"), "roles/eventarc.eventReceiver", &member)
        .await;
    let trigger = json!({
        "eventType": "google.cloud.storage.object.v1.finalized", "triggerRegion": REGION,
        "eventFilters": [{"attribute": "bucket", "value": "photos-dev"}],
        "serviceAccountEmail": caller, "retryPolicy": retry,
    });
    let files = [("main.py", WATCHER), ("google_stub.py", "nothing = None\n")];
    let more = json!({"eventTrigger": trigger});
    deploy(google, Function { id: "watcher", runtime: "python313", files: &files, more }).await;
    caller
}

#[tokio::test]
async fn an_object_that_is_written_reaches_the_function_that_waits_for_it() {
    let google = Google::instant().await;
    bucket(&google, "photos-dev").await;
    bucket(&google, "other-dev").await;
    let caller = format!("serviceAccount:{}", watcher(&google, "RETRY_POLICY_RETRY").await);
    // An account that may not invoke the service delivers nothing; with retries the event waits.
    put(&google, "photos-dev", "early", "x").await;
    grant(&google, &service("watcher"), "roles/run.invoker", &caller).await;
    put(&google, "other-dev", "elsewhere", "x").await;
    put(&google, "photos-dev", "in%2Fa.png", "12345").await;
    let log = wait_for(&google, "finalized objects/in/a.png photos-dev 5").await;
    assert!(!log.contains("elsewhere"), "{log}");
    wait_for(&google, "finalized objects/early photos-dev 1").await;
    put(&google, "photos-dev", "again", "x").await;
    let log = wait_for(&google, "finalized objects/again").await;
    assert!(log.contains("failed once"), "{log}");
}

#[tokio::test]
async fn without_retries_an_event_that_fails_is_gone() {
    let google = Google::instant().await;
    bucket(&google, "photos-dev").await;
    let caller = format!("serviceAccount:{}", watcher(&google, "RETRY_POLICY_DO_NOT_RETRY").await);
    grant(&google, &service("watcher"), "roles/run.invoker", &caller).await;
    put(&google, "photos-dev", "again", "x").await;
    wait_for(&google, "failed once").await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    put(&google, "photos-dev", "later", "x").await;
    let log = wait_for(&google, "finalized objects/later").await;
    assert!(!log.contains("objects/again"), "{log}");
    let deleted = google.call("DELETE /storage/v1/b/photos-dev/o/later", &Value::Null).await;
    assert_eq!(deleted.ok().status, 204);
}
