//! Functions: what is refused at once, what fails in a stage, what is echoed, what a change may touch.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::deployed::{FUNCTIONS, deploy, function, operation, prepared, site, upload};

#[tokio::test]
async fn a_function_is_deployed_and_echoed_with_defaults() {
    let google = prepared(Settings::instant()).await;
    let done = deploy(&google, "shop-api", &function()).await;
    assert_eq!(done["metadata"]["operationType"], "CREATE_FUNCTION");
    let names: Vec<&str> = done["metadata"]["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| stage["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["ARTIFACT_REGISTRY", "BUILD", "SERVICE"]);
    let found = google.ok(&format!("GET {FUNCTIONS}/shop-api"), &Value::Null).await;
    assert_eq!((&found["state"], &found["environment"]), (&json!("ACTIVE"), &json!("GEN_2")));
    let service = &found["serviceConfig"];
    assert_eq!(
        (&service["availableMemory"], &service["availableCpu"], &service["timeoutSeconds"]),
        (&json!("256M"), &json!("0.1666"), &json!(60))
    );
    assert_eq!(service["environmentVariables"]["LOG_EXECUTION_ID"], "true");
    assert_eq!(found["labels"]["goog-managed-by"], "cloudfunctions");
    let source = &found["buildConfig"]["source"]["storageSource"]["bucket"];
    assert!(source.as_str().unwrap().starts_with("gcf-v2-sources-"), "{source}");
    let uri = service["uri"].as_str().unwrap();
    assert_eq!(uri, format!("{}/_run/shop-dev/europe-west1/shop-api", google.running.google_url()));

    let all = google.ok("GET /v2/projects/shop-dev/locations/-/functions", &Value::Null).await;
    assert_eq!(all["functions"].as_array().unwrap().len(), 1);
    let run = "GET /v2/projects/shop-dev/locations/europe-west1/services/shop-api";
    assert_eq!(google.ok(run, &Value::Null).await["uri"], uri);
    let enums = google
        .ok(&format!("GET {FUNCTIONS}/shop-api?$alt=json;enum-encoding%3Dint"), &Value::Null)
        .await;
    assert_eq!(
        (&enums["state"], &enums["serviceConfig"]["ingressSettings"]),
        (&json!(1), &json!(1))
    );
}

#[tokio::test]
async fn stages_follow_one_another_and_nothing_else_is_queued_meanwhile() {
    let google = prepared(Settings { function_stage_ms: 700, ..Settings::instant() }).await;
    let line = format!("POST {FUNCTIONS}?functionId=shop-api");
    let begun = google.ok(&line, &function()).await;
    assert_eq!(begun["metadata"]["stages"][0]["state"], "IN_PROGRESS");
    assert!(begun.get("done").is_none());
    let one = format!("{FUNCTIONS}/shop-api");
    assert_eq!(google.ok(&format!("GET {one}"), &Value::Null).await["state"], "DEPLOYING");
    let message = google.call(&format!("PATCH {one}"), &function()).await.denied(409, "ABORTED");
    assert!(message.starts_with("unable to queue the operation"), "{message}");
    google.call(&format!("DELETE {one}"), &Value::Null).await.denied(409, "ABORTED");
    let run = "GET /v2/projects/shop-dev/locations/europe-west1/services/shop-api";
    google.call(run, &Value::Null).await.denied(404, "NOT_FOUND");
    let done = operation(&google, &begun).await;
    assert_eq!(done["metadata"]["stages"][2]["state"], "COMPLETE");
    assert_eq!(done["response"]["state"], "ACTIVE");
    google.ok(run, &Value::Null).await;
}

#[tokio::test]
async fn what_can_never_be_deployed_is_refused_at_once() {
    let google = prepared(Settings::instant()).await;
    let line = format!("POST {FUNCTIONS}?functionId=shop-api");
    let wrong: &[(&str, Value)] = &[
        ("/serviceConfig/timeoutSeconds", json!(3601)),
        ("/serviceConfig/availableMemory", json!("64Mi")),
        ("/serviceConfig/availableCpu", json!("3")),
        ("/serviceConfig/maxInstanceRequestConcurrency", json!(80)),
        ("/serviceConfig/minInstanceCount", json!(101)),
        ("/serviceConfig/environmentVariables", json!({"K_SERVICE": "x"})),
        ("/serviceConfig/environmentVariables", json!({"X_GOOGLE_A": "x"})),
        ("/labels", json!({"Upper": "x"})),
        ("/buildConfig/runtime", json!("")),
        ("/serviceConfig/ingressSettings", json!("ALLOW_MOON")),
        ("/serviceConfig/speed", json!(1)),
        ("/eventTrigger", json!({"eventType": "google.cloud.storage.object.v1.finalized"})),
    ];
    for (pointer, value) in wrong {
        let body = site(function(), pointer, value.clone());
        let answer = google.call(&line, &body).await;
        assert_eq!(answer.status, 400, "{pointer}: {}", answer.text());
    }
    let body = site(
        function(),
        "/serviceConfig/serviceAccountEmail",
        json!("none@shop-dev.iam.gserviceaccount.com"),
    );
    google.call(&line, &body).await.denied(404, "NOT_FOUND");
    for bad in ["1up", "ends-", "a b", &"a".repeat(64)] {
        let line = format!("POST {FUNCTIONS}?functionId={}", bad.replace(' ', "%20"));
        google.call(&line, &function()).await.denied(400, "INVALID_ARGUMENT");
    }
    let line = "POST /v2/projects/shop-dev/locations/nam5/functions?functionId=shop-api";
    let message = google.call(line, &function()).await.denied(403, "PERMISSION_DENIED");
    assert_eq!(message, "Location nam5 is not found or access is unauthorized.");
}

#[tokio::test]
async fn a_failed_build_leaves_a_function_that_can_be_mended() {
    let google = prepared(Settings::instant()).await;
    let missing = site(function(), "/buildConfig/source/storageSource/object", json!("none.zip"));
    let failed = deploy(&google, "shop-api", &missing).await;
    assert_eq!(failed["error"]["code"], 3);
    assert_eq!(failed["metadata"]["stages"][2]["state"], "NOT_STARTED");
    let one = format!("{FUNCTIONS}/shop-api");
    let found = google.ok(&format!("GET {one}"), &Value::Null).await;
    assert_eq!(found["state"], "FAILED");
    assert_eq!(deploy(&google, "shop-api", &function()).await["error"]["code"], 6);
    let begun = google.ok(&format!("PATCH {one}"), &function()).await;
    assert!(operation(&google, &begun).await.get("response").is_some());
    assert_eq!(google.ok(&format!("GET {one}"), &Value::Null).await["state"], "ACTIVE");

    let unknown = site(function(), "/buildConfig/runtime", json!("cobol74"));
    let failed = operation(&google, &google.ok(&format!("PATCH {one}"), &unknown).await).await;
    assert!(failed["error"]["message"].as_str().unwrap().contains("cobol74"));
    let found = google.ok(&format!("GET {one}"), &Value::Null).await;
    assert_eq!(
        (&found["state"], &found["buildConfig"]["runtime"]),
        (&json!("ACTIVE"), &json!("python313"))
    );
    upload(&google, "empty.zip", &[("other.py", "x = 1")]).await;
    let empty = site(function(), "/buildConfig/source/storageSource/object", json!("empty.zip"));
    let failed = operation(&google, &google.ok(&format!("PATCH {one}"), &empty).await).await;
    assert!(failed["error"]["message"].as_str().unwrap().contains("main.py"), "{failed}");
}

#[tokio::test]
async fn a_mask_says_what_changes_and_what_is_cleared() {
    let google = prepared(Settings::instant()).await;
    let body = site(function(), "/serviceConfig/environmentVariables", json!({"A": "1"}));
    let body = site(body, "/description", json!("first"));
    deploy(&google, "shop-api", &body).await;
    let one = format!("{FUNCTIONS}/shop-api");
    let line = format!("PATCH {one}?updateMask=description,service_config.timeout_seconds");
    let change = json!({"serviceConfig": {"timeoutSeconds": 90, "minInstanceCount": 2}});
    operation(&google, &google.ok(&line, &change).await).await;
    let found = google.ok(&format!("GET {one}"), &Value::Null).await;
    assert!(found.get("description").is_none());
    assert_eq!(found["serviceConfig"]["timeoutSeconds"], 90);
    assert!(found["serviceConfig"].get("minInstanceCount").is_none());
    assert_eq!(found["serviceConfig"]["environmentVariables"]["A"], "1");
    let line = format!("PATCH {one}?updateMask=serviceConfig.speed");
    google.call(&line, &change).await.denied(400, "INVALID_ARGUMENT");
    let event = json!({"eventTrigger": {
        "eventType": "google.cloud.storage.object.v1.finalized",
        "eventFilters": [{"attribute": "bucket", "value": "shop-src"}],
    }});
    let line = format!("PATCH {one}?updateMask=eventTrigger");
    google.call(&line, &event).await.denied(400, "INVALID_ARGUMENT");
}

#[tokio::test]
async fn a_deleted_function_takes_its_service_and_policy_with_it() {
    let google = prepared(Settings::instant()).await;
    deploy(&google, "shop-api", &function()).await;
    let service = "/v2/projects/shop-dev/locations/europe-west1/services/shop-api";
    let policy =
        json!({"policy": {"bindings": [{"role": "roles/run.invoker", "members": ["allUsers"]}]}});
    google.ok(&format!("POST {service}:setIamPolicy"), &policy).await;
    let one = format!("{FUNCTIONS}/shop-api");
    let done = google.ok(&format!("DELETE {one}"), &Value::Null).await;
    assert_eq!(done["done"], true);
    google.call(&format!("GET {one}"), &Value::Null).await.denied(404, "NOT_FOUND");
    google.call(&format!("GET {service}"), &Value::Null).await.denied(404, "NOT_FOUND");
    deploy(&google, "shop-api", &function()).await;
    let policy = google.ok(&format!("GET {service}:getIamPolicy"), &Value::Null).await;
    assert!(policy.get("bindings").is_none(), "{policy}");
}

#[tokio::test]
async fn a_secret_must_be_there_and_open_to_the_function() {
    let google = prepared(Settings::instant()).await;
    let secrets = json!([{"key": "API_KEY", "projectId": "shop-dev", "secret": "api-key", "version": "latest"}]);
    let body = site(function(), "/serviceConfig/secretEnvironmentVariables", secrets);
    let failed = deploy(&google, "shop-api", &body).await;
    assert!(failed["error"]["message"].as_str().unwrap().ends_with("was not found"), "{failed}");
    let made = json!({"replication": {"automatic": {}}});
    google.ok("POST /v1/projects/shop-dev/secrets?secretId=api-key", &made).await;
    let version = json!({"payload": {"data": "aGVsbG8="}});
    google.ok("POST /v1/projects/shop-dev/secrets/api-key:addVersion", &version).await;
    let patch = format!("PATCH {FUNCTIONS}/shop-api");
    let failed = operation(&google, &google.ok(&patch, &body).await).await;
    assert!(
        failed["error"]["message"].as_str().unwrap().contains("Permission denied on secret"),
        "{failed}"
    );
    let policy = json!({"policy": {"bindings": [{
        "role": "roles/secretmanager.secretAccessor",
        "members": ["serviceAccount:shop-run@shop-dev.iam.gserviceaccount.com"],
    }]}});
    google.ok("POST /v1/projects/shop-dev/secrets/api-key:setIamPolicy", &policy).await;
    let done = operation(&google, &google.ok(&patch, &body).await).await;
    assert_eq!(done["response"]["state"], "ACTIVE");
}
