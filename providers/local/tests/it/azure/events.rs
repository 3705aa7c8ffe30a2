//! Event Grid: what happens to blobs calls functions.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::apps::{App, HOST, NODE, PYTHON, function, http, web};
use super::blobs::{blob, put};
use super::harness::Azure;
use super::storage::{V as STORAGE, account, body};
use crate::harness::Answer;

const V: &str = "2025-02-15";

/// Code that notes each event in a file, and tells the file over HTTP. It fails until a file `ready` is there.
const NOTES: &str = r#"
import json, os, pathlib
FOLDER = pathlib.Path(os.environ["NOTES"])

def handler(event, context):
    if hasattr(event, "route_params"):
        file = FOLDER / "notes"
        return file.read_text() if file.exists() else ""
    seen = {"type": event.event_type, "subject": event.subject, "topic": event.topic, "data": event.get_json()}
    with (FOLDER / "notes").open("a") as file:
        file.write(json.dumps(seen) + "\n")
    if not (FOLDER / "ready").exists():
        raise ValueError("not ready")
"#;

fn grid() -> Value {
    json!({"type": "eventGridTrigger", "direction": "in", "name": "event"})
}

/// The id of a subscription on the account of the data.
fn subscription(name: &str) -> String {
    format!("{}/providers/Microsoft.EventGrid/eventSubscriptions/{name}", account("shopdevd"))
}

/// A subscription of a function of the app to what is written below `in/`.
fn to(function: &str, attempts: u32) -> Value {
    json!({"properties": {
        "destination": {"endpointType": "AzureFunction", "properties": {
            "resourceId": format!("{}/functions/{function}", web("sites", "shop-api")),
        }},
        "filter": {
            "includedEventTypes": ["Microsoft.Storage.BlobCreated", "Microsoft.Storage.BlobDeleted"],
            "subjectBeginsWith": "/blobServices/default/containers/photos/blobs/in/",
            "subjectEndsWith": ".txt",
        },
        "retryPolicy": {"maxDeliveryAttempts": attempts},
        "labels": ["updraft:shop/dev/photos"],
    }})
}

async fn photos(azure: &Azure) {
    azure.put(&account("shopdevd"), STORAGE, &body()).await;
    let container = format!("{}/blobServices/default/containers/photos", account("shopdevd"));
    azure.put(&container, STORAGE, &json!({"properties": {}})).await;
}

/// An app with the functions `storage` and `http`, in a folder where notes are taken.
async fn app(folder: &tempfile::TempDir) -> App {
    let app = App::new(Settings::instant(), PYTHON).await;
    photos(&app.azure).await;
    app.set(&json!({"NOTES": folder.path().display().to_string()})).await;
    app.publish(&[
        HOST,
        ("app.py", NOTES),
        ("storage/function.json", &function("app.py", &grid())),
        ("http/function.json", &function("app.py", &http("notes", "anonymous"))),
    ])
    .await;
    app
}

async fn notes(app: &App) -> Vec<Value> {
    let said = app.call("GET /notes", &[], b"").await.said();
    said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// PUT of a subscription, and what its operation comes to.
async fn subscribe(azure: &Azure, name: &str, body: &Value) -> Value {
    let begun = azure.call(&format!("PUT {}?api-version={V}", subscription(name)), body).await;
    assert_eq!(begun.status, 201, "{}", begun.said());
    azure.follow(begun).await.ok().json()
}

/// Waits until no event is on its way.
async fn nothing_waits(app: &App) {
    app.until("every event is taken or given up", async || {
        let keys = app.azure.running.keys().unwrap();
        let waits = |key: &String| key.starts_with("azure/eventgrid/global/event/");
        (!keys.iter().any(waits)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn blobs_that_are_written_and_deleted_call_a_function() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ready"), "").unwrap();
    let app = app(&folder).await;
    let azure = &app.azure;
    assert_eq!(subscribe(azure, "photos", &to("storage", 30)).await["status"], "Succeeded");
    let found = azure.get(&subscription("photos"), V).await.ok().json();
    assert_eq!(found["properties"]["provisioningState"], "Succeeded");
    assert_eq!(found["properties"]["labels"], json!(["updraft:shop/dev/photos"]));
    assert_eq!(found["properties"]["retryPolicy"]["eventTimeToLiveInMinutes"], 1440);
    assert_eq!(found["properties"]["destination"]["properties"]["maxEventsPerBatch"], 1);
    for name in ["out/a.txt", "in/a.png", "in/a.txt"] {
        put(azure, &format!("/_blob/shopdevd/photos/{name}"), b"hello").await.ok();
    }
    blob(azure, "DELETE /_blob/shopdevd/photos/in/a.txt", &[], b"").await.ok();
    app.until("both events arrive", async || (notes(&app).await.len() >= 2).then_some(())).await;
    let mut seen = notes(&app).await;
    seen.sort_by_key(|one| one["type"].as_str().unwrap().to_owned());
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0]["type"], "Microsoft.Storage.BlobCreated");
    assert_eq!(seen[0]["subject"], "/blobServices/default/containers/photos/blobs/in/a.txt");
    assert_eq!(seen[0]["topic"], account("shopdevd"));
    let data = &seen[0]["data"];
    assert_eq!((data["api"].as_str(), data["contentLength"].as_u64()), (Some("PutBlob"), Some(5)));
    assert_eq!(data["blobType"], "BlockBlob");
    assert!(data["url"].as_str().unwrap().ends_with("/_blob/shopdevd/photos/in/a.txt"));
    assert_eq!(seen[1]["type"], "Microsoft.Storage.BlobDeleted");
    azure.delete(&subscription("photos"), V).await.ok();
    assert_eq!(azure.get(&subscription("photos"), V).await.status, 404);
}

#[tokio::test]
async fn an_event_comes_again_until_its_function_takes_it() {
    let folder = tempfile::tempdir().unwrap();
    let app = app(&folder).await;
    subscribe(&app.azure, "photos", &to("storage", 30)).await;
    put(&app.azure, "/_blob/shopdevd/photos/in/a.txt", b"x").await.ok();
    app.until("the event comes again", async || (notes(&app).await.len() >= 2).then_some(())).await;
    std::fs::write(folder.path().join("ready"), "").unwrap();
    nothing_waits(&app).await;
}

#[tokio::test]
async fn an_event_is_given_up_after_its_last_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let app = app(&folder).await;
    subscribe(&app.azure, "photos", &to("storage", 2)).await;
    put(&app.azure, "/_blob/shopdevd/photos/in/a.txt", b"x").await.ok();
    nothing_waits(&app).await;
    assert_eq!(notes(&app).await.len(), 2);
}

#[tokio::test]
async fn a_node_function_takes_events_too() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::new(Settings::instant(), NODE).await;
    photos(&app.azure).await;
    app.set(&json!({"NOTES": folder.path().join("notes").display().to_string()})).await;
    let text = r#"
const fs = require("fs");
module.exports.handler = async (context, event) => {
  if (context.req) return { res: fs.existsSync(process.env.NOTES) ? fs.readFileSync(process.env.NOTES, "utf8") : "" };
  fs.appendFileSync(process.env.NOTES, JSON.stringify(event) + "\n");
};
module.exports.other = 1;
"#;
    app.publish(&[
        HOST,
        ("app.js", text),
        ("storage/function.json", &function("app.js", &grid())),
        ("http/function.json", &function("app.js", &http("notes", "anonymous"))),
    ])
    .await;
    subscribe(&app.azure, "photos", &to("storage", 30)).await;
    put(&app.azure, "/_blob/shopdevd/photos/in/a.txt", b"x").await.ok();
    app.until("the event arrives", async || (!notes(&app).await.is_empty()).then_some(())).await;
    let seen = &notes(&app).await[0];
    assert_eq!(seen["eventType"], "Microsoft.Storage.BlobCreated");
    assert_eq!(seen["metadataVersion"], "1");
}

#[tokio::test]
async fn a_destination_must_be_a_function_that_takes_events() {
    let folder = tempfile::tempdir().unwrap();
    let app = app(&folder).await;
    let azure = &app.azure;
    let missing = subscribe(azure, "photos", &to("nothing", 30)).await;
    assert_eq!(missing["status"], "Failed");
    assert_eq!(missing["error"]["code"], "Endpoint validation");
    let found = azure.get(&subscription("photos"), V).await.ok().json();
    assert_eq!(found["properties"]["provisioningState"], "Failed");
    let other = subscribe(azure, "photos", &to("http", 30)).await;
    assert_eq!(other["error"]["code"], "Unsupported Azure Function Trigger");
    // What failed can be written again.
    assert_eq!(subscribe(azure, "photos", &to("storage", 30)).await["status"], "Succeeded");
    let put = async |body: &Value| -> Answer {
        azure.call(&format!("PUT {}?api-version={V}", subscription("other")), body).await
    };
    let mut hook = to("storage", 30);
    hook["properties"]["destination"] =
        json!({"endpointType": "WebHook", "properties": {"endpointUrl": "https://example.com"}});
    assert_eq!(put(&hook).await.status, 501);
    assert_eq!(put(&to("storage", 31)).await.json()["error"]["code"], "InvalidRequest");
    let short = subscription("ab");
    let refused = azure.call(&format!("PUT {short}?api-version={V}"), &to("storage", 30)).await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn subscriptions_are_listed_on_their_account_and_by_region() {
    let folder = tempfile::tempdir().unwrap();
    let app = app(&folder).await;
    for name in ["one", "two"] {
        subscribe(&app.azure, name, &to("storage", 30)).await;
    }
    let on = format!("{}/providers/Microsoft.EventGrid/eventSubscriptions", account("shopdevd"));
    assert_eq!(app.azure.list(&on, V).await.len(), 2);
    let region = async |name: &str| {
        let group = super::harness::GROUP;
        let id =
            format!("{group}/providers/Microsoft.EventGrid/locations/{name}/eventSubscriptions");
        let subscription = id.replace("/resourceGroups/shop-dev", "");
        [app.azure.list(&id, V).await.len(), app.azure.list(&subscription, V).await.len()]
    };
    assert_eq!(region("westeurope").await, [2, 2]);
    assert_eq!(region("northeurope").await, [0, 0]);
    // With the account they are gone.
    app.azure.delete(&account("shopdevd"), STORAGE).await.ok();
    assert_eq!(region("westeurope").await, [0, 0]);
}
