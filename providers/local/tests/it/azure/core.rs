//! The third listener: dispatch, strictness, ARM's errors, faults and the ledger over all three.

use serde_json::{Value, json};
use updraft_local::{Effect, FaultKind, FaultPlan, Settings};

use super::harness::{Azure, GROUP, SUBSCRIPTION};

const GET: &str = "GET /subscriptions?api-version=2022-12-01";

#[tokio::test]
async fn all_three_listeners_share_one_cloud() {
    let azure = Azure::instant().await;
    let urls = azure.running.addresses();
    assert!(urls.aws != urls.azure && urls.google != urls.azure);
    let found = azure.ok(GET, &Value::Null).await;
    assert_eq!(found["value"][0]["subscriptionId"], SUBSCRIPTION);
    assert_eq!(found["value"][0]["tenantId"], "11111111-1111-1111-1111-111111111111");
    azure.put(GROUP, "2025-04-01", &json!({"location": "westeurope"})).await;
    let seen: Vec<_> = azure
        .running
        .ledger()
        .into_iter()
        .map(|entry| (entry.service, entry.operation, entry.effect))
        .collect();
    let groups = "Microsoft.Resources/subscriptions/resourceGroups";
    assert_eq!(
        seen[..2],
        [
            (
                "Microsoft.Resources".to_owned(),
                "Microsoft.Resources/subscriptions/read".to_owned(),
                Effect::None
            ),
            ("Microsoft.Resources".to_owned(), format!("{groups}/write"), Effect::Create),
        ]
    );
}

#[tokio::test]
async fn what_arm_does_not_know_is_refused_in_its_words() {
    let azure = Azure::with_group(Settings::instant()).await;
    let sites = format!("{GROUP}/providers/Microsoft.Resources/moons/a?api-version=2025-04-01");
    let location = json!({"location": "westeurope"});
    #[rustfmt::skip]
    let cases = [
        ("GET /subscriptions".to_owned(), Value::Null, 400, "MissingApiVersionParameter"),
        (format!("GET {GROUP}?api-version=latest"), Value::Null, 400, "InvalidApiVersionParameter"),
        (format!("GET {GROUP}?api-version=2999-01-01"), Value::Null, 400, "NoRegisteredProviderFound"),
        (format!("GET {sites}"), Value::Null, 404, "InvalidResourceType"),
        ("GET /subscriptions/11111111-2222-2222-2222-222222222222?api-version=2022-12-01".to_owned(), Value::Null, 404, "SubscriptionNotFound"),
        ("GET /subscriptions/shop?api-version=2022-12-01".to_owned(), Value::Null, 400, "InvalidSubscriptionId"),
        (format!("GET {GROUP}/providers/Contoso.Moon/craters?api-version=2025-04-01"), Value::Null, 404, "InvalidResourceNamespace"),
        (format!("GET {GROUP}/providers/Microsoft.Sql/servers?api-version=2025-04-01"), Value::Null, 501, "NotImplementedByEmbeddedCloud"),
        (format!("GET {GROUP}?api-version=2025-04-01&speed=1"), Value::Null, 501, "NotImplementedByEmbeddedCloud"),
        (format!("PUT {GROUP}?api-version=2025-04-01"), Value::Null, 400, "InvalidRequestContent"),
        (format!("PUT {GROUP}?api-version=2025-04-01"), json!({"location": "westeurope", "speed": 1}), 400, "InvalidRequestContent"),
        (format!("PUT {GROUP}?api-version=2025-04-01"), json!({"location": 1}), 400, "InvalidRequestContent"),
        (format!("PUT {GROUP}?api-version=2025-04-01"), json!({}), 400, "LocationRequired"),
        (format!("PUT {GROUP}?api-version=2025-04-01"), json!({"location": "moon"}), 400, "LocationNotAvailableForResourceType"),
        (format!("PUT {GROUP}?api-version=2025-04-01"), json!({"location": "northeurope"}), 409, "InvalidResourceGroupLocation"),
        (format!("PUT {GROUP}?api-version=2025-04-01"), json!({"location": "westeurope", "tags": {"a/b": "c"}}), 400, "InvalidTagNameCharacters"),
        (format!("PUT {GROUP}?api-version=2025-04-01"), json!({"location": "westeurope", "tags": {"a": "x".repeat(257)}}), 400, "TagValueTooLong"),
        (format!("PUT {GROUP}?api-version=2025-04-01"), json!({"location": "westeurope", "tags": {"a": "1", "A": "2"}}), 400, "DuplicateTagNames"),
        (format!("PUT {GROUP}%20x?api-version=2025-04-01"), location, 400, "InvalidResourceGroup"),
    ];
    for (line, body, status, code) in cases {
        azure.call(&line, &body).await.failed(status, code);
    }
}

#[tokio::test]
async fn a_caller_without_a_token_is_challenged() {
    let azure = Azure::instant().await;
    for (headers, message) in [
        (vec![], "header is missing"),
        (vec![("Authorization", "Basic abc")], "invalid format"),
        (vec![("Authorization", "Bearer ")], "invalid format"),
    ] {
        let answer = azure.raw(GET, &headers, b"").await.unwrap();
        assert!(answer.headers["www-authenticate"].starts_with("Bearer authorization_uri="));
        assert!(answer.failed(401, "AuthenticationFailed").contains(message));
    }
}

#[tokio::test]
async fn faults_fall_on_arm_in_its_own_shape() {
    let azure = Azure::instant().await;
    let operation = "Microsoft.Resources/subscriptions/read";
    let throttle = FaultKind::Throttle { retry_after: Some("4".into()) };
    azure.running.set_faults(FaultPlan::on("Microsoft.Resources", operation, throttle));
    let answer = azure.call(GET, &Value::Null).await;
    assert_eq!(answer.headers["retry-after"], "4");
    answer.failed(429, "SubscriptionRequestsThrottled");
    let fail = FaultKind::Fail { status: 503, code: "ServerBusy".into(), message: "later".into() };
    azure.running.set_faults(FaultPlan::at(1, fail));
    assert_eq!(azure.call(GET, &Value::Null).await.failed(503, "ServerBusy"), "later");
    azure.running.set_faults(FaultPlan::at(1, FaultKind::Lose));
    assert!(azure.try_call(GET, &Value::Null).await.is_none());
}

#[tokio::test]
async fn an_action_that_is_denied_is_refused() {
    let denied = ["Microsoft.Resources/*/write".to_owned()].into();
    let azure = Azure::with(Settings { denied_permissions: denied, ..Settings::instant() }).await;
    let line = format!("PUT {GROUP}?api-version=2025-04-01");
    let refused = azure.call(&line, &json!({"location": "westeurope"})).await;
    assert!(refused.failed(403, "AuthorizationFailed").contains("resourceGroups/write"));
}

const ACCOUNT: &str = "providers/Microsoft.Storage/storageAccounts/shopdata";

fn account() -> Value {
    json!({"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}})
}

#[tokio::test]
async fn a_provider_must_be_registered() {
    let unregistered = ["Microsoft.Storage".to_owned()].into();
    let settings =
        Settings { unregistered_providers: unregistered, operation_ms: 300, ..Settings::instant() };
    let azure = Azure::with_group(settings).await;
    let line = format!("PUT {GROUP}/{ACCOUNT}?api-version=2025-01-01");
    azure.call(&line, &account()).await.failed(409, "MissingSubscriptionRegistration");
    let provider = format!("/subscriptions/{SUBSCRIPTION}/providers/microsoft.storage");
    let state = async || {
        let found = azure.get(&provider, "2021-04-01").await.ok().json();
        found["registrationState"].as_str().unwrap().to_owned()
    };
    assert_eq!(state().await, "NotRegistered");
    let begun = azure.post(&format!("{provider}/register"), "2021-04-01", &Value::Null).await.ok();
    assert_eq!(begun.json()["registrationState"], "Registering");
    while state().await == "Registering" {
        tokio::task::yield_now().await;
    }
    assert_eq!(state().await, "Registered");
    azure.call(&line, &account()).await.ok();
    let operation = azure.running.ledger().into_iter().map(|entry| entry.operation);
    assert!(
        operation
            .into_iter()
            .any(|name| name == "Microsoft.Resources/subscriptions/providers/register/action")
    );
    let other = format!("/subscriptions/{SUBSCRIPTION}/providers/Contoso.Moon");
    azure.get(&other, "2021-04-01").await.failed(404, "InvalidResourceNamespace");
}

#[tokio::test]
async fn what_has_nowhere_to_be_is_refused() {
    let azure = Azure::with_group(Settings { operation_ms: 60_000, ..Settings::instant() }).await;
    let container = |group: &str| {
        format!("PUT {group}/{ACCOUNT}/blobServices/default/containers/a?api-version=2025-01-01")
    };
    let body = json!({"properties": {"publicAccess": "None"}});
    azure
        .call(&container(&format!("{GROUP}-none")), &body)
        .await
        .failed(404, "ResourceGroupNotFound");
    azure.call(&container(GROUP), &body).await.failed(404, "ParentResourceNotFound");
    azure.call(&format!("PUT {GROUP}/{ACCOUNT}?api-version=2025-01-01"), &account()).await.ok();
    azure.call(&container(GROUP), &body).await.failed(409, "StorageAccountIsNotProvisioned");
    let line = format!("GET {GROUP}/{ACCOUNT}s?api-version=2025-01-01");
    azure.call(&line, &Value::Null).await.failed(404, "ResourceNotFound");
    let line = format!("GET {GROUP}/resources?api-version=2021-04-01&$skiptoken=%25");
    azure.call(&line, &Value::Null).await.failed(400, "InvalidSkipToken");
    let line = format!("GET /subscriptions/{SUBSCRIPTION}/{ACCOUNT}?api-version=2025-01-01");
    azure.call(&line, &Value::Null).await.failed(400, "InvalidResourceScope");
}

#[tokio::test]
async fn app_service_writes_errors_in_its_own_shape_and_the_front_does_not() {
    let azure = Azure::with_group(Settings::instant()).await;
    let plan = format!("PUT {GROUP}/providers/Microsoft.Web/serverfarms/shop");
    let body = json!({"location": "westeurope", "sku": {"name": "FC1"}, "properties": {"reserved": false}});
    let refused = azure.call(&format!("{plan}?api-version=2025-05-01"), &body).await.json();
    assert_eq!(refused["Code"], "BadRequest", "{refused}");
    assert_eq!(refused["Details"][2]["ErrorEntity"]["ExtendedCode"], "51021");
    assert!(refused["Innererror"].is_null() && refused.get("error").is_none());
    let refused = azure.call(&format!("{plan}?api-version=1"), &body).await;
    assert_eq!(refused.json()["error"]["code"], "InvalidApiVersionParameter");
    refused.failed(400, "InvalidApiVersionParameter");
}

#[tokio::test]
async fn every_answer_says_which_request_it_is_of() {
    let azure = Azure::instant().await;
    let headers = [("Authorization", "Bearer local"), ("x-ms-client-request-id", "mine")];
    for line in [GET, "GET /subscriptions"] {
        let answer = azure.raw(line, &headers, b"").await.unwrap();
        assert_eq!(answer.headers["x-ms-client-request-id"], "mine");
        assert_eq!(
            answer.headers["x-ms-request-id"],
            answer.headers["x-ms-correlation-request-id"]
        );
        assert!(answer.headers["x-ms-routing-request-id"].starts_with("EMBEDDED:"));
        assert_eq!(answer.headers["content-type"], "application/json; charset=utf-8");
    }
}
