//! What reaches functions from elsewhere: events, messages of Service Bus, secrets, tokens, runs that are tried again.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::apps::{App, PYTHON, V, function, http, web};
use super::harness::{GROUP, LOCATION};
use super::storage::account;
use super::vaults;

/// The roles the tests give.
const BUS_RECEIVER: &str = "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0";
const SECRETS_USER: &str = "4633458b-17de-408a-b874-0445c86b69e6";

const HOST: (&str, &str) = (
    "host.json",
    r#"{"version": "2.0", "extensions": {"http": {"routePrefix": ""}, "serviceBus": {"maxMessageBatchSize": 3}}}"#,
);

/// Code that appends what `seen` makes of an event to a file, and tells the file over HTTP.
fn notes(seen: &str) -> String {
    format!(
        "import json, os, pathlib\nFILE = pathlib.Path(os.environ['NOTES'])\n\n\
         def handler(event):\n  if hasattr(event, 'route_params'):\n    return FILE.read_text() if FILE.exists() else ''\n\
         \x20 with FILE.open('a') as file:\n    file.write(json.dumps({seen}) + '\\n')\n"
    )
}

async fn noted(app: &App) -> Vec<Value> {
    let said = app.call("GET /notes", &[], b"").await.said();
    said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// An app of one trigger and a route that tells its notes, with settings beside.
async fn app(folder: &tempfile::TempDir, settings: &Value) -> App {
    let app = App::new(Settings::instant(), PYTHON).await;
    let mut settings = settings.clone();
    settings["NOTES"] = folder.path().join("notes").display().to_string().into();
    app.set(&settings).await;
    app
}

async fn publish(app: &App, (name, trigger): (&str, &Value), text: &str) {
    let mine = format!("{name}/function.json");
    let files = [
        HOST,
        ("app.py", text),
        (&*mine, &function("app.py", trigger)),
        ("http/function.json", &function("app.py", &http("notes", "anonymous"))),
    ];
    app.publish(&files).await;
}

#[tokio::test]
async fn events_of_blobs_reach_a_function_once_it_is_indexed() {
    let folder = tempfile::tempdir().unwrap();
    let app = app(&folder, &json!({})).await;
    let id =
        format!("{}/providers/Microsoft.EventGrid/eventSubscriptions/photos", account("shopdevh"));
    let body = |function: &str| {
        json!({"properties": {
            "destination": {"endpointType": "AzureFunction", "properties": {
                "resourceId": format!("{}/functions/{function}", web("sites", "shop-api")),
                "maxEventsPerBatch": 1, "preferredBatchSizeInKilobytes": 64,
            }},
            "filter": {"includedEventTypes": ["Microsoft.Storage.BlobCreated"],
                "subjectBeginsWith": "/blobServices/default/containers/api/blobs/in/"},
            "eventDeliverySchema": "EventGridSchema",
        }})
    };
    let line = format!("PUT {id}?api-version=2025-02-15");
    let tried = async |name: &str| {
        let begun = app.azure.call(&line, &body(name)).await;
        app.azure.follow(begun).await
    };
    let early = tried("storage").await;
    assert!(early.said().contains("Destination endpoint not found"), "{}", early.said());
    let grid = json!({"type": "eventGridTrigger", "direction": "in", "name": "event"});
    let seen = "[event.event_type, event.subject, event.get_json()['contentLength'], str(event.event_time)[:2]]";
    publish(&app, ("storage", &grid), &notes(seen)).await;
    let wrong = tried("http").await;
    assert!(wrong.said().contains("Unsupported Azure Function Trigger"), "{}", wrong.said());
    app.azure.put(&id, "2025-02-15", &body("storage")).await;
    let headers = [
        ("Authorization", "Bearer local"),
        ("x-ms-version", "2023-11-03"),
        ("x-ms-blob-type", "BlockBlob"),
    ];
    for name in ["out/a.txt", "in/a.txt"] {
        let line = format!("PUT /_blob/shopdevh/api/{name}");
        assert_eq!(app.azure.raw(&line, &headers, b"hello").await.unwrap().status, 201);
    }
    app.until("the event is delivered", async || (!noted(&app).await.is_empty()).then_some(()))
        .await;
    let subject = "/blobServices/default/containers/api/blobs/in/a.txt";
    assert_eq!(noted(&app).await, [json!(["Microsoft.Storage.BlobCreated", subject, 5, "20"])]);
}

#[tokio::test]
async fn messages_of_service_bus_come_in_batches() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::new(Settings::instant(), PYTHON).await;
    let namespace = format!("{GROUP}/providers/Microsoft.ServiceBus/namespaces/shop-dev-bus");
    let body = json!({"location": LOCATION, "sku": {"name": "Standard"}, "properties": {}});
    app.azure.put(&namespace, "2024-01-01", &body).await;
    let queue = format!("{namespace}/queues/jobs");
    app.azure.put(&queue, "2024-01-01", &json!({"properties": {"maxDeliveryCount": 2}})).await;
    let host = app.azure.running.azure_url().replacen("http://", "", 1);
    app.set(&json!({
        "NOTES": folder.path().join("notes").display().to_string(),
        "BUS__fullyQualifiedNamespace": format!("{host}/_servicebus/shop-dev-bus"),
        "BUS__credential": "managedidentity", "BUS__clientId": app.client,
    }))
    .await;
    let headers =
        [("Authorization", "Bearer local"), ("BrokerProperties", "{\"MessageId\":\"m\"}")];
    for text in ["a", "b", "c", "d"] {
        let line = "POST /_servicebus/shop-dev-bus/jobs/messages";
        assert_eq!(app.azure.raw(line, &headers, text.as_bytes()).await.unwrap().status, 201);
    }
    let bus = json!({"type": "serviceBusTrigger", "direction": "in", "name": "event", "queueName": "jobs",
        "connection": "BUS", "cardinality": "many"});
    let seen = "[[one.get_body().decode(), one.delivery_count, one.message_id] for one in event]";
    publish(&app, ("queue", &bus), &notes(seen)).await;
    app.logs("The listener for function 'Functions.queue' was unable to start.").await;
    assert_eq!(noted(&app).await, [Value::Null; 0]);
    app.grant(BUS_RECEIVER, &queue).await;
    app.until("both batches come", async || (noted(&app).await.len() >= 2).then_some(())).await;
    let first = json!([["a", 1, "m"], ["b", 1, "m"], ["c", 1, "m"]]);
    assert_eq!(noted(&app).await, [first, json!([["d", 1, "m"]])]);
    let head = "POST /_servicebus/shop-dev-bus/jobs/messages/head";
    app.until("the queue is empty", async || {
        (app.azure.raw(head, &headers, b"").await.unwrap().status == 204).then_some(())
    })
    .await;
}

#[tokio::test]
async fn secrets_fill_settings_when_the_identity_may_read_them() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::new(Settings::instant(), PYTHON).await;
    app.azure.put(&vaults::vault(), "2024-11-01", &vaults::body()).await;
    let set = "PUT /_vault/shop-vault/secrets/token?api-version=7.4";
    app.azure.ok(set, &json!({"value": "s3cret"})).await;
    let reference = format!(
        "@Microsoft.KeyVault(SecretUri={}/_vault/shop-vault/secrets/token/)",
        app.azure.running.azure_url()
    );
    app.set(&json!({"TOKEN": reference, "NOTES": folder.path().display().to_string()})).await;
    let text = "import os\ndef handler(event):\n  return os.environ['TOKEN']\n";
    app.publish(&[
        HOST,
        ("app.py", text),
        ("http/function.json", &function("app.py", &http("t", "anonymous"))),
    ])
    .await;
    assert_eq!(
        app.call("GET /t", &[], b"").await.said(),
        reference,
        "what cannot be read stays as it is"
    );
    app.grant(SECRETS_USER, &format!("{}/secrets/token", vaults::vault())).await;
    // References are read again when the app starts anew.
    app.azure.post(&format!("{}/restart", web("sites", "shop-api")), V, &Value::Null).await.ok();
    assert_eq!(app.call("GET /t", &[], b"").await.said(), "s3cret");
}

/// Code that gets a token for its own identity, as Microsoft's libraries do.
const TOKEN: &str = r#"
import json, os, urllib.parse, urllib.request

def handler(event):
    if event.params.get("resource"):
        query = urllib.parse.urlencode({
            "api-version": "2019-08-01", "resource": event.params["resource"], "client_id": os.environ["AZURE_CLIENT_ID"],
        })
        request = urllib.request.Request(
            os.environ["IDENTITY_ENDPOINT"] + "?" + query, headers={"X-IDENTITY-HEADER": os.environ["IDENTITY_HEADER"]}
        )
        return json.load(urllib.request.urlopen(request))["access_token"]
    return event.headers.get("x-ms-client-principal-id") or "nobody"
"#;

#[tokio::test]
async fn an_identity_calls_a_site_that_allows_it() {
    let app = App::new(Settings::instant(), PYTHON).await;
    app.publish(&[
        HOST,
        ("app.py", TOKEN),
        ("http/function.json", &function("app.py", &http("t", "anonymous"))),
    ])
    .await;
    let application = "99999999-0000-0000-0000-000000000000";
    let token = app.call(&format!("GET /t?resource=api://{application}"), &[], b"").await.said();
    let other = app.call("GET /t?resource=https://storage.azure.com/", &[], b"").await.said();
    let line = format!("PUT {}/config/authsettingsV2?api-version={V}", web("sites", "shop-api"));
    let allow = async |policy: Value| {
        let body = json!({"properties": {
            "platform": {"enabled": true},
            "globalValidation": {"requireAuthentication": true, "unauthenticatedClientAction": "Return401"},
            "identityProviders": {"azureActiveDirectory": {
                "enabled": true, "registration": {"clientId": application, "openIdIssuer": "https://sts.windows.net/x/"},
                "validation": {"defaultAuthorizationPolicy": policy},
            }},
        }});
        app.azure.ok(&line, &body).await;
    };
    let call = async |token: &str| {
        let header = format!("Bearer {token}");
        let forged = ("x-ms-client-principal-id", "somebody");
        let answer = app.call("GET /t", &[("Authorization", header.as_str()), forged], b"").await;
        (answer.status, answer.said())
    };
    allow(json!({"allowedPrincipals": {"identities": [app.principal]}})).await;
    assert_eq!(call(&token).await, (200, app.principal.clone()));
    assert_eq!(call(&other).await.0, 401, "a token for somebody else");
    assert_eq!(call("local").await, (200, "nobody".to_owned()), "the owner");
    allow(json!({"allowedApplications": [app.client]})).await;
    assert_eq!(call(&token).await.0, 200);
    allow(json!({"allowedPrincipals": {"identities": ["11111111-0000-0000-0000-000000000000"]}}))
        .await;
    assert_eq!(call(&token).await.0, 403);
}

#[tokio::test]
async fn a_run_of_a_schedule_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let app = app(&folder, &json!({})).await;
    let text = format!(
        "{}  if len(FILE.read_text().splitlines()) < 3:\n    raise ValueError('not yet')\n",
        notes("1").replace("def handler(event)", "def handler(event, context)").replace(
            "json.dumps(1)",
            "json.dumps([context.retry_context.retry_count, context.retry_context.max_retry_count])"
        )
    );
    let timer = json!({"type": "timerTrigger", "direction": "in", "name": "event", "schedule": "* * * * * *"});
    let mut shape: Value = serde_json::from_str(&function("app.py", &timer)).unwrap();
    shape["retry"] =
        json!({"strategy": "fixedDelay", "maxRetryCount": 4, "delayInterval": "00:00:00.01"});
    app.publish(&[
        HOST,
        ("app.py", &text),
        ("schedule/function.json", &shape.to_string()),
        ("http/function.json", &function("app.py", &http("notes", "anonymous"))),
    ])
    .await;
    app.until("the run is tried three times", async || {
        (noted(&app).await.len() >= 3).then_some(())
    })
    .await;
    assert_eq!(noted(&app).await[..3], [json!([0, 4]), json!([1, 4]), json!([2, 4])]);
}
