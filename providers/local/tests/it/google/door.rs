//! The door of a deployed function: who is let in, and what the scheduler does there.

use std::time::Duration;

use serde_json::{Value, json};
use updraft_local::Settings;

use super::deployed::{deploy, function, prepared, site};
use super::harness::Google;
use crate::harness::Answer;

const DOOR: &str = "GET /_run/shop-dev/europe-west1/shop-api/a/b?c=d";
const SERVICE: &str = "/v2/projects/shop-dev/locations/europe-west1/services/shop-api";
const CALLER: &str = "shop-caller@shop-dev.iam.gserviceaccount.com";

async fn knock(google: &Google, token: Option<&str>) -> Answer {
    let header = token.map(|token| format!("Bearer {token}"));
    let headers: Vec<(&str, &str)> =
        header.iter().map(|one| ("Authorization", one.as_str())).collect();
    google.raw(DOOR, &headers, b"").await.unwrap()
}

async fn open_to(google: &Google, binding: Value) {
    let policy = json!({"policy": {"version": 3, "bindings": [binding]}});
    google.ok(&format!("POST {SERVICE}:setIamPolicy"), &policy).await;
}

async fn token(google: &Google, audience: &str) -> String {
    let line = format!("POST /v1/projects/-/serviceAccounts/{CALLER}:generateIdToken");
    let made = google.ok(&line, &json!({"audience": audience})).await;
    made["token"].as_str().unwrap().to_owned()
}

fn uri(google: &Google) -> String {
    format!("{}/_run/shop-dev/europe-west1/shop-api", google.running.google_url())
}

#[tokio::test]
async fn who_is_nobody_comes_in_only_where_all_users_may() {
    let google = prepared(Settings::instant()).await;
    assert_eq!(knock(&google, None).await.status, 404);
    deploy(&google, "shop-api", &function()).await;
    let refused = knock(&google, None).await;
    assert_eq!(
        (refused.status, refused.headers["content-type"].as_str()),
        (403, "text/html; charset=UTF-8")
    );
    assert_eq!(knock(&google, Some("stolen")).await.status, 401);
    let answer = knock(&google, Some("local")).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "hello from /a/b"));
    open_to(&google, json!({"role": "roles/run.invoker", "members": ["allUsers"]})).await;
    assert_eq!(knock(&google, None).await.status, 200);
    let entry = google.running.ledger().pop().unwrap();
    assert_eq!(
        (entry.service.as_str(), entry.operation.as_str(), entry.status),
        ("door", "Run", 200)
    );
}

#[tokio::test]
async fn an_account_comes_in_with_a_token_for_this_service_and_a_role_on_it() {
    let google = prepared(Settings::instant()).await;
    deploy(&google, "shop-api", &function()).await;
    let good = token(&google, &uri(&google)).await;
    assert_eq!(knock(&google, Some(&good)).await.status, 403);
    let member = format!("serviceAccount:{CALLER}");
    let condition = json!({"title": "never", "expression": "false"});
    let binding = json!({"role": "roles/run.invoker", "members": [member], "condition": condition});
    open_to(&google, binding).await;
    assert_eq!(knock(&google, Some(&good)).await.status, 403);
    open_to(&google, json!({"role": "roles/run.invoker", "members": [member]})).await;
    assert_eq!(knock(&google, Some(&good)).await.status, 200);
    let other = token(&google, "https://elsewhere.example.com").await;
    assert_eq!(knock(&google, Some(&other)).await.status, 401);
    google
        .ok(&format!("DELETE /v1/projects/shop-dev/serviceAccounts/{CALLER}"), &Value::Null)
        .await;
    assert_eq!(knock(&google, Some(&good)).await.status, 401);
}

#[tokio::test]
async fn an_internal_service_is_not_there_for_who_comes_from_outside() {
    let google = prepared(Settings::instant()).await;
    let body = site(function(), "/serviceConfig/ingressSettings", json!("ALLOW_INTERNAL_ONLY"));
    deploy(&google, "shop-api", &body).await;
    open_to(&google, json!({"role": "roles/run.invoker", "members": ["allUsers"]})).await;
    assert_eq!(knock(&google, None).await.status, 404);
}

#[tokio::test]
async fn a_new_binding_is_in_force_a_little_later() {
    let google = prepared(Settings { iam_policy_ms: 1500, ..Settings::instant() }).await;
    deploy(&google, "shop-api", &function()).await;
    open_to(&google, json!({"role": "roles/run.invoker", "members": ["allUsers"]})).await;
    assert_eq!(knock(&google, None).await.status, 403);
    tokio::time::sleep(Duration::from_millis(1600)).await;
    assert_eq!(knock(&google, None).await.status, 200);
}

#[tokio::test]
async fn a_job_runs_as_its_account() {
    let google = prepared(Settings::instant()).await;
    deploy(&google, "shop-api", &function()).await;
    let jobs = "/v1/projects/shop-dev/locations/europe-west1/jobs";
    let job = json!({
        "name": "projects/shop-dev/locations/europe-west1/jobs/tick",
        "schedule": "0 0 1 1 *",
        "httpTarget": {
            "uri": uri(&google),
            "oidcToken": {"serviceAccountEmail": CALLER, "audience": uri(&google)},
        },
    });
    google.ok(&format!("POST {jobs}"), &job).await;
    assert_eq!(run(&google, 1).await, json!({"code": 7, "message": "403"}));
    let member = format!("serviceAccount:{CALLER}");
    open_to(&google, json!({"role": "roles/run.invoker", "members": [member]})).await;
    assert_eq!(run(&google, 2).await, json!({}));
}

/// Runs the job and returns its status once it has run `times` times.
async fn run(google: &Google, times: usize) -> Value {
    let one = "/v1/projects/shop-dev/locations/europe-west1/jobs/tick";
    google.ok(&format!("POST {one}:run"), &json!({})).await;
    for _ in 0..4_800 {
        let fired =
            google.running.ledger().iter().filter(|entry| entry.operation == "Fire").count();
        if fired >= times {
            return google.ok(&format!("GET {one}"), &Value::Null).await["status"].clone();
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the job did not run {times} times");
}
