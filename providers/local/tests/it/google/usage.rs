//! APIs, agents and identity tokens.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::harness::Google;

#[tokio::test]
async fn apis_are_asked_for_in_batches_and_enabled() {
    let disabled = ["eventarc.googleapis.com".to_owned()].into();
    let google = Google::with(Settings { disabled_apis: disabled, ..Settings::instant() }).await;
    let number = google.ok("GET /v3/projects/shop-dev", &Value::Null).await["name"].clone();
    let number = number.as_str().unwrap().strip_prefix("projects/").unwrap().to_owned();
    let line = format!(
        "GET /v1/projects/{number}/services:batchGet?names=projects/{number}/services/run.googleapis.com&names=projects/{number}/services/eventarc.googleapis.com"
    );
    let states = |answer: Value| -> Vec<String> {
        let services = answer["services"].as_array().unwrap().clone();
        services.iter().map(|one| one["state"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(states(google.ok(&line, &Value::Null).await), ["ENABLED", "DISABLED"]);
    let identity =
        "POST /v1beta1/projects/shop-dev/services/eventarc.googleapis.com:generateServiceIdentity";
    google.call(identity, &Value::Null).await.denied(403, "PERMISSION_DENIED");
    let enable = json!({"serviceIds": ["eventarc.googleapis.com"]});
    let done = google.ok("POST /v1/projects/shop-dev/services:batchEnable", &enable).await;
    assert_eq!(done["done"], true);
    let again =
        google.ok(&format!("GET /v1/{}", done["name"].as_str().unwrap()), &Value::Null).await;
    assert_eq!(again, done);
    assert_eq!(states(google.ok(&line, &Value::Null).await), ["ENABLED", "ENABLED"]);

    let made = google.ok(identity, &Value::Null).await;
    assert_eq!(made["name"], "operations/finished.DONE_OPERATION");
    let email = made["response"]["email"].as_str().unwrap();
    assert_eq!(email, format!("service-{number}@gcp-sa-eventarc.iam.gserviceaccount.com"));
    let policy = json!({"policy": {"bindings": [
        {"role": "roles/eventarc.serviceAgent", "members": [format!("serviceAccount:{email}")]},
    ]}});
    google.ok("POST /v3/projects/shop-dev:setIamPolicy", &policy).await;
}

#[tokio::test]
async fn a_name_of_another_project_is_refused() {
    let google = Google::instant().await;
    let line = "GET /v1/projects/shop-dev/services:batchGet?names=projects/other-dev/services/run.googleapis.com";
    google.call(line, &Value::Null).await.denied(400, "INVALID_ARGUMENT");
    google
        .call("GET /v1/projects/shop-dev/services:batchGet", &Value::Null)
        .await
        .denied(400, "INVALID_ARGUMENT");
    google
        .call("GET /v1/projects/shop-dev/services/moon", &Value::Null)
        .await
        .denied(403, "PERMISSION_DENIED");
}

#[tokio::test]
async fn a_token_is_for_an_account_that_is_there_and_enabled() {
    let google = Google::instant().await;
    let line = "POST /v1/projects/-/serviceAccounts/shop-api@shop-dev.iam.gserviceaccount.com:generateIdToken";
    let body = json!({"audience": "http://x", "includeEmail": true});
    google.call(line, &body).await.denied(404, "NOT_FOUND");
    let accounts = "/v1/projects/shop-dev/serviceAccounts";
    google.ok(&format!("POST {accounts}"), &json!({"accountId": "shop-api"})).await;
    assert_eq!(google.ok(line, &body).await["token"].as_str().unwrap().split('.').count(), 3);
    google.call(line, &json!({})).await.denied(400, "INVALID_ARGUMENT");
    let disable = format!("POST {accounts}/shop-api@shop-dev.iam.gserviceaccount.com:disable");
    google.ok(&disable, &json!({})).await;
    google.call(line, &body).await.denied(403, "PERMISSION_DENIED");
}
