//! Functions that events call: where the trigger must be, and who must be allowed what.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::deployed::{FUNCTIONS, deploy, function, operation, prepared, site};
use super::harness::Google;

fn event(region: &str) -> Value {
    let trigger = json!({
        "eventType": "google.cloud.storage.object.v1.finalized",
        "eventFilters": [{"attribute": "bucket", "value": "shop-src"}],
        "triggerRegion": region,
        "serviceAccountEmail": "shop-caller@shop-dev.iam.gserviceaccount.com",
        "retryPolicy": "RETRY_POLICY_RETRY",
    });
    site(function(), "/eventTrigger", trigger)
}

async fn grant(google: &Google, role: &str, member: &str) {
    let get = "POST /v3/projects/shop-dev:getIamPolicy";
    let mut policy = google.ok(get, &json!({"options": {"requestedPolicyVersion": 3}})).await;
    policy["version"] = json!(3);
    let binding = json!({"role": role, "members": [format!("serviceAccount:{member}")]});
    policy["bindings"].as_array_mut().unwrap().push(binding);
    google.ok("POST /v3/projects/shop-dev:setIamPolicy", &json!({"policy": policy})).await;
}

fn message(operation: &Value) -> &str {
    operation["error"]["message"].as_str().unwrap_or_else(|| panic!("{operation}"))
}

#[tokio::test]
async fn a_trigger_stands_where_its_bucket_is_and_its_accounts_may_what_they_must() {
    let google = prepared(Settings::instant()).await;
    let failed = deploy(&google, "shop-thumb", &event("us-east5")).await;
    assert!(
        message(&failed).ends_with(
            "Bucket 'shop-src' is in location 'europe-west1', but the trigger location is 'us-east5'. The trigger must \
             be in the same location as the bucket. Try redeploying and changing the trigger location to 'europe-west1'"
        ),
        "{failed}"
    );
    let names: Vec<&str> = failed["metadata"]["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| stage["name"].as_str().unwrap())
        .collect();
    assert_eq!(names.last(), Some(&"TRIGGER"));
    let one = format!("{FUNCTIONS}/shop-thumb");
    operation(&google, &google.ok(&format!("DELETE {one}"), &Value::Null).await).await;

    let failed = deploy(&google, "shop-thumb", &event("europe-west1")).await;
    assert!(message(&failed).contains("roles/pubsub.publisher"), "{failed}");
    let agent = google.ok("GET /storage/v1/projects/shop-dev/serviceAccount", &Value::Null).await;
    grant(&google, "roles/pubsub.publisher", agent["email_address"].as_str().unwrap()).await;
    let failed =
        operation(&google, &google.ok(&format!("PATCH {one}"), &event("europe-west1")).await).await;
    assert!(message(&failed).contains("eventarc.events.receiveEvent"), "{failed}");
    grant(&google, "roles/eventarc.eventReceiver", "shop-caller@shop-dev.iam.gserviceaccount.com")
        .await;
    let done =
        operation(&google, &google.ok(&format!("PATCH {one}"), &event("europe-west1")).await).await;
    let trigger = done["response"]["eventTrigger"]["trigger"].as_str().unwrap();
    assert!(
        trigger.starts_with("projects/shop-dev/locations/europe-west1/triggers/shop-thumb-"),
        "{trigger}"
    );

    let moved = event("us-east5");
    google.call(&format!("PATCH {one}"), &moved).await.denied(400, "INVALID_ARGUMENT");
    let http = function();
    google.call(&format!("PATCH {one}"), &http).await.denied(400, "INVALID_ARGUMENT");
    let slow = site(event("europe-west1"), "/serviceConfig/timeoutSeconds", json!(541));
    google.call(&format!("PATCH {one}"), &slow).await.denied(400, "INVALID_ARGUMENT");
}
