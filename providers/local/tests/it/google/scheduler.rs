//! Scheduler jobs: what they may say, what is echoed, pausing, masks.

use serde_json::{Value, json};

use super::harness::Google;

const JOBS: &str = "/v1/projects/shop-dev/locations/europe-west1/jobs";

fn job(id: &str) -> Value {
    json!({
        "name": format!("projects/shop-dev/locations/europe-west1/jobs/{id}"),
        "schedule": "*/5 * * * *",
        "timeZone": "Europe/Berlin",
        "httpTarget": {"uri": "https://example.com/run", "body": "e30="},
    })
}

#[tokio::test]
async fn a_job_is_made_echoed_paused_and_deleted() {
    let google = Google::instant().await;
    let made = google.ok(&format!("POST {JOBS}"), &job("tick")).await;
    assert_eq!((&made["state"], &made["attemptDeadline"]), (&json!("ENABLED"), &json!("180s")));
    assert_eq!(made["retryConfig"]["maxDoublings"], 5);
    assert_eq!(made["httpTarget"]["headers"]["User-Agent"], "Google-Cloud-Scheduler");
    assert!(made["scheduleTime"].as_str().unwrap().ends_with(":00Z"));
    google.call(&format!("POST {JOBS}"), &job("tick")).await.denied(409, "ALREADY_EXISTS");

    let one = format!("{JOBS}/tick");
    assert_eq!(google.ok(&format!("POST {one}:pause"), &json!({})).await["state"], "PAUSED");
    google.call(&format!("POST {one}:pause"), &json!({})).await.denied(400, "FAILED_PRECONDITION");
    assert_eq!(google.ok(&format!("POST {one}:resume"), &json!({})).await["state"], "ENABLED");

    let line = format!("PATCH {one}?updateMask=schedule,description");
    let patched = google.ok(&line, &json!({"schedule": "0 9 * * 1", "timeZone": "UTC"})).await;
    assert_eq!(
        (&patched["schedule"], &patched["timeZone"]),
        (&json!("0 9 * * 1"), &json!("Europe/Berlin"))
    );
    let line = format!("PATCH {one}?updateMask=moon");
    google.call(&line, &json!({})).await.denied(400, "INVALID_ARGUMENT");

    let listed = google.ok(&format!("GET {JOBS}"), &Value::Null).await;
    assert_eq!(listed["jobs"].as_array().unwrap().len(), 1);
    google.ok(&format!("DELETE {one}"), &Value::Null).await;
    google.call(&format!("GET {one}"), &Value::Null).await.denied(404, "NOT_FOUND");
}

#[tokio::test]
async fn what_cannot_run_is_refused() {
    let google = Google::instant().await;
    let edits: &[(&str, Value)] = &[
        ("/schedule", json!("every tuesday")),
        ("/timeZone", json!("Mars/Olympus")),
        ("/httpTarget/uri", json!("ftp://x")),
        ("/httpTarget/body", json!("not base64!")),
        ("/name", json!("tick")),
    ];
    for (pointer, value) in edits {
        let mut body = job("tick");
        *body.pointer_mut(pointer).unwrap() = value.clone();
        google.call(&format!("POST {JOBS}"), &body).await.denied(400, "INVALID_ARGUMENT");
    }
    for (field, value) in [
        ("attemptDeadline", json!("10s")),
        ("retryConfig", json!({"retryCount": 9})),
        ("speed", json!(1)),
    ] {
        let mut body = job("tick");
        body[field] = value;
        google.call(&format!("POST {JOBS}"), &body).await.denied(400, "INVALID_ARGUMENT");
    }
    let mut body = job("tick");
    body["httpTarget"]["oidcToken"] =
        json!({"serviceAccountEmail": "none@shop-dev.iam.gserviceaccount.com"});
    let message = google.call(&format!("POST {JOBS}"), &body).await.denied(400, "INVALID_ARGUMENT");
    assert!(message.contains("does not exist"), "{message}");
}
