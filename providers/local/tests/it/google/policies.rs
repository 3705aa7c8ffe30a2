//! Allow policies: etags, versions, conditions, members.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::harness::Google;

const GET: &str = "POST /v3/projects/shop-dev:getIamPolicy";
const SET: &str = "POST /v3/projects/shop-dev:setIamPolicy";

fn viewer() -> Value {
    json!({"role": "roles/viewer", "members": ["user:A@example.com", "user:a@example.com"]})
}

#[tokio::test]
async fn a_stale_etag_is_refused_and_a_fresh_one_is_not() {
    let google = Google::instant().await;
    let first = google.ok(GET, &json!({})).await;
    assert!(first["bindings"].as_array().unwrap().len() > 1, "a project has agents from the start");
    let policy = json!({"policy": {"etag": first["etag"], "bindings": [viewer()]}});
    let second = google.ok(SET, &policy).await;
    assert_ne!(second["etag"], first["etag"]);
    assert_eq!(
        second["bindings"],
        json!([{"role": "roles/viewer", "members": ["user:a@example.com"]}])
    );
    let message = google.call(SET, &policy).await.denied(409, "ABORTED");
    assert!(message.starts_with("There were concurrent policy changes."), "{message}");
    google.ok(SET, &json!({"policy": {"bindings": []}})).await;
}

#[tokio::test]
async fn conditions_need_version_3_to_be_written_and_seen() {
    let google = Google::instant().await;
    let condition = json!({"title": "updraft:shop:dev", "expression": "true"});
    let binding = json!({"role": "roles/run.invoker", "members": ["group:ops@example.com"], "condition": condition});
    let write = |version: i64| json!({"policy": {"version": version, "bindings": [binding]}});
    google.call(SET, &write(1)).await.denied(400, "INVALID_ARGUMENT");
    google.ok(SET, &write(3)).await;
    let full = google.ok(GET, &json!({"options": {"requestedPolicyVersion": 3}})).await;
    assert_eq!((&full["version"], &full["bindings"][0]), (&json!(3), &binding));
    let plain = google.ok(GET, &json!({})).await;
    assert_eq!(plain["version"], 1);
    let role = plain["bindings"][0]["role"].as_str().unwrap();
    assert!(role.starts_with("roles/run.invoker_withcond_"), "{role}");
    google.call(SET, &json!({"policy": plain})).await.denied(400, "INVALID_ARGUMENT");
    google
        .call(GET, &json!({"options": {"requestedPolicyVersion": 2}}))
        .await
        .denied(400, "INVALID_ARGUMENT");
}

#[tokio::test]
async fn members_and_roles_that_cannot_be_are_refused() {
    let google = Google::instant().await;
    for (role, member) in [
        ("roles/viewer", "allUsers"),
        ("roles/viewer", "somebody"),
        ("roles/viewer", "serviceAccount:none@shop-dev.iam.gserviceaccount.com"),
        ("roles/viewer", "serviceAccount:service-1@gcp-sa-pubsub.iam.gserviceaccount.com"),
        ("roles/moon.walker", "user:a@example.com"),
    ] {
        let body = json!({"policy": {"bindings": [{"role": role, "members": [member]}]}});
        google.call(SET, &body).await.denied(400, "INVALID_ARGUMENT");
    }
    let body = json!({"policy": {"bindings": []}, "updateMask": "labels"});
    google.call(SET, &body).await.denied(400, "INVALID_ARGUMENT");
}

#[tokio::test]
async fn permissions_are_tested_against_what_the_settings_leave() {
    let denied = ["run.services.setIamPolicy".to_owned()].into();
    let google = Google::with(Settings { denied_permissions: denied, ..Settings::instant() }).await;
    let asked = json!({"permissions": ["run.services.get", "run.services.setIamPolicy"]});
    let had = google.ok("POST /v3/projects/shop-dev:testIamPermissions", &asked).await;
    assert_eq!(had, json!({"permissions": ["run.services.get"]}));
}
