//! On Azure and Google the caller is held to its rights as well, and functions are not.

use serde_json::{Value, json};
use updraft_local::{Deployer, Role, Settings};

use crate::azure::harness::{Azure, GROUP, LOCATION};
use crate::google::harness::{Google, PROJECT};

fn role(actions: &[&str], scopes: &[&str]) -> Role {
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Role { actions: own(actions), scopes: own(scopes), ..Role::default() }
}

fn azure(actions: &[&str], scopes: &[&str]) -> Settings {
    let deployer = Deployer { azure: vec![role(actions, scopes)], ..Deployer::default() };
    Settings { deployer: Some(deployer), ..Settings::instant() }
}

fn google(actions: &[&str], scopes: &[&str]) -> Settings {
    let deployer = Deployer { gcp: vec![role(actions, scopes)], ..Deployer::default() };
    Settings { deployer: Some(deployer), ..Settings::instant() }
}

const GROUP_WRITE: &str = "Microsoft.Resources/subscriptions/resourceGroups/write";

#[tokio::test]
async fn azure_refuses_an_action_that_no_role_has_and_names_it_and_the_scope() {
    let azure =
        Azure::with(azure(&["Microsoft.Resources/subscriptions/resourceGroups/read"], &[])).await;
    let line = format!("PUT {GROUP}?api-version=2025-04-01");
    let body = azure.call(&line, &json!({"location": LOCATION})).await;
    assert_eq!(body.status, 403);
    let error = body.json()["error"].clone();
    assert_eq!(error["code"], "AuthorizationFailed");
    let said = error["message"].as_str().unwrap().to_owned();
    assert!(said.contains(&format!("action '{GROUP_WRITE}' over scope '{GROUP}'")), "{said}");
    let entry = azure.running.ledger().pop().unwrap();
    assert_eq!(entry.object.unwrap(), format!("{GROUP_WRITE} {GROUP}"));
    let asked = azure.running.asked();
    assert!(asked.iter().any(|one| one.cloud == "azure" && one.action == GROUP_WRITE), "{asked:?}");
}

#[tokio::test]
async fn azures_roles_count_below_their_scopes_only() {
    let other = format!("{GROUP}-other");
    for (scope, status) in [(GROUP, 201), (&other, 403)] {
        let azure = Azure::with(azure(&[GROUP_WRITE], &[scope])).await;
        let line = format!("PUT {GROUP}?api-version=2025-04-01");
        assert_eq!(
            azure.call(&line, &json!({"location": LOCATION})).await.status,
            status,
            "{scope}"
        );
    }
}

#[tokio::test]
async fn azure_tells_the_caller_what_it_may() {
    let azure = Azure::with(azure(&[GROUP_WRITE, "Microsoft.Web/sites/read"], &[])).await;
    azure
        .call(&format!("PUT {GROUP}?api-version=2025-04-01"), &json!({"location": LOCATION}))
        .await;
    let line =
        format!("GET {GROUP}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01");
    let told = azure.call(&line, &Value::Null).await.ok().json();
    assert_eq!(told["value"][0]["actions"], json!([GROUP_WRITE, "Microsoft.Web/sites/read"]));
}

#[tokio::test]
async fn data_planes_of_azure_are_asked_too() {
    let vault = format!("{GROUP}/providers/Microsoft.KeyVault/vaults/shop-dev-vault");
    let make = ["*"];
    let azure = Azure::with(azure(&make, &[])).await;
    azure
        .call(&format!("PUT {GROUP}?api-version=2025-04-01"), &json!({"location": LOCATION}))
        .await
        .ok();
    let body = json!({"location": LOCATION, "properties": {"tenantId": "11111111-1111-1111-1111-111111111111", "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": true}});
    azure.call(&format!("PUT {vault}?api-version=2024-11-01"), &body).await;
    let secret = "GET /_vault/shop-dev-vault/secrets/a?api-version=7.4";
    let refused = azure.call(secret, &Value::Null).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert!(refused.text().contains("getSecret"), "{}", refused.text());
}

#[tokio::test]
async fn google_refuses_a_permission_that_no_role_has_and_names_it() {
    let google = Google::with(google(&["iam.serviceAccounts.list"], &[])).await;
    google.ok(&format!("GET /v1/projects/{PROJECT}/serviceAccounts"), &Value::Null).await;
    let line = format!("POST /v1/projects/{PROJECT}/serviceAccounts");
    let refused = google.call(&line, &json!({"accountId": "some-account"})).await;
    let details = refused.json()["error"]["details"].clone();
    let said = refused.denied(403, "PERMISSION_DENIED");
    assert!(
        said.starts_with("Permission 'iam.serviceAccounts.create' denied on resource"),
        "{said}"
    );
    assert_eq!(details[0]["reason"], "IAM_PERMISSION_DENIED");
    assert_eq!(details[0]["metadata"]["permission"], "iam.serviceAccounts.create");
    let buckets = google.call(&format!("GET /storage/v1/b?project={PROJECT}"), &Value::Null).await;
    assert_eq!(buckets.status, 403);
    assert_eq!(buckets.json()["error"]["errors"][0]["reason"], "forbidden");
    assert!(buckets.text().contains("storage.buckets.list"), "{}", buckets.text());
}

#[tokio::test]
async fn google_tells_the_caller_what_it_may() {
    let google = Google::with(google(&["run.services.get"], &[])).await;
    let line = format!("POST /v3/projects/{PROJECT}:testIamPermissions");
    let asked = json!({"permissions": ["run.services.get", "run.services.list"]});
    let told = google.ok(&line, &asked).await;
    assert_eq!(told["permissions"], json!(["run.services.get"]));
}

#[tokio::test]
async fn googles_roles_count_for_the_resources_they_are_for() {
    let topic = format!("projects/{PROJECT}/topics/jobs");
    let google = Google::with(google(&["pubsub.topics.create"], &[&topic])).await;
    google.ok(&format!("PUT /v1/{topic}"), &json!({})).await;
    let other = google.call(&format!("PUT /v1/{topic}b"), &json!({})).await;
    other.denied(403, "PERMISSION_DENIED");
}

#[tokio::test]
async fn who_has_a_job_run_as_an_account_must_be_allowed_to_act_as_it() {
    let create = ["cloudscheduler.jobs.create", "iam.serviceAccounts.create"];
    let google = Google::with(google(&create, &[])).await;
    google
        .ok(
            &format!("POST /v1/projects/{PROJECT}/serviceAccounts"),
            &json!({"accountId": "runs-jobs"}),
        )
        .await;
    let email = format!("runs-jobs@{PROJECT}.iam.gserviceaccount.com");
    let job = json!({
        "name": format!("projects/{PROJECT}/locations/europe-west1/jobs/a"),
        "schedule": "* * * * *",
        "httpTarget": {"uri": "https://example.com/", "oidcToken": {"serviceAccountEmail": email}},
    });
    let line = format!("POST /v1/projects/{PROJECT}/locations/europe-west1/jobs");
    let said = google.call(&line, &job).await.denied(403, "PERMISSION_DENIED");
    assert!(said.contains("iam.serviceAccounts.actAs"), "{said}");
}
