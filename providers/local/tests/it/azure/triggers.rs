//! Functions that are called by schedules and queues.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::apps::{App, NODE, PYTHON, QUEUE_CONTRIBUTOR, function, http, web};
use super::storage::{V as STORAGE, account};

/// A host.json for queues: one message at a time, two tries, plain texts.
const HOST: (&str, &str) = (
    "host.json",
    r#"{"version": "2.0", "extensions": {"http": {"routePrefix": ""}, "queues": {"batchSize": 1, "newBatchThreshold": 0,
        "maxDequeueCount": 2, "messageEncoding": "none", "visibilityTimeout": "00:00:00"}}}"#,
);

/// Code that notes what it is called with in a file, and tells it over HTTP.
const NOTES: &str = r#"
import json, os, pathlib
FILE = pathlib.Path(os.environ["NOTES"])

def handler(event, context):
    if hasattr(event, "route_params"):
        return FILE.read_text() if FILE.exists() else ""
    kind = type(event).__name__
    seen = {"kind": kind}
    if kind == "TimerRequest":
        seen["past"] = event.past_due
    elif kind == "QueueMessage":
        seen.update(body=event.get_body().decode(), count=event.dequeue_count, id=bool(event.id))
    with FILE.open("a") as file:
        file.write(json.dumps(seen) + "\n")
    if seen.get("body") == "bad":
        raise ValueError("bad message")
"#;

fn queue_id(name: &str) -> String {
    format!("{}/queueServices/default/queues/{name}", account("shopdevh"))
}

async fn queues(app: &App, names: &[&str]) {
    for name in names {
        app.azure.put(&queue_id(name), STORAGE, &json!({"properties": {}})).await;
    }
}

async fn enqueue(app: &App, text: &str) {
    let body = format!("<QueueMessage><MessageText>{text}</MessageText></QueueMessage>");
    let headers = [
        ("Authorization", "Bearer local"),
        ("x-ms-version", "2023-11-03"),
        ("Content-Type", "application/xml"),
    ];
    let answer = app
        .azure
        .raw("POST /_queue/shopdevh/jobs/messages", &headers, body.as_bytes())
        .await
        .unwrap();
    assert_eq!(answer.status, 201, "{}", answer.said());
}

async fn peek(app: &App, queue: &str) -> String {
    let headers = [("Authorization", "Bearer local"), ("x-ms-version", "2023-11-03")];
    let line = format!("GET /_queue/shopdevh/{queue}/messages?peekonly=true&numofmessages=32");
    app.azure.raw(&line, &headers, b"").await.unwrap().said()
}

/// The settings of an app whose code takes notes, and whose queues are in the host's account.
async fn configure(app: &App, folder: &tempfile::TempDir) {
    let url = app.azure.running.azure_url();
    app.set(&json!({
        "NOTES": folder.path().join("notes").display().to_string(),
        "JOBS__queueServiceUri": format!("{url}/_queue/shopdevh/"),
        "JOBS__credential": "managedidentity",
        "JOBS__clientId": app.client,
        "JOBS_QUEUE": "jobs",
    }))
    .await;
}

fn queue_trigger() -> Value {
    json!({"type": "queueTrigger", "direction": "in", "name": "event", "queueName": "%JOBS_QUEUE%", "connection": "JOBS"})
}

async fn notes(app: &App) -> Vec<Value> {
    let said = app.call("GET /notes", &[], b"").await.said();
    said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_schedule_calls_its_function() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::new(Settings::instant(), PYTHON).await;
    configure(&app, &folder).await;
    let timer = json!({"type": "timerTrigger", "direction": "in", "name": "event", "schedule": "* * * * * *"});
    app.publish(&[
        HOST,
        ("app.py", NOTES),
        ("schedule/function.json", &function("app.py", &timer)),
        ("http/function.json", &function("app.py", &http("notes", "anonymous"))),
    ])
    .await;
    app.until("the schedule runs twice", async || (notes(&app).await.len() >= 2).then_some(()))
        .await;
    assert_eq!(notes(&app).await[0], json!({"kind": "TimerRequest", "past": false}));
}

#[tokio::test]
async fn messages_are_handed_over_and_bad_ones_are_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::new(Settings::instant(), PYTHON).await;
    configure(&app, &folder).await;
    queues(&app, &["jobs", "jobs-poison"]).await;
    app.publish(&[
        HOST,
        ("app.py", NOTES),
        ("queue/function.json", &function("app.py", &queue_trigger())),
        ("http/function.json", &function("app.py", &http("notes", "anonymous"))),
    ])
    .await;
    enqueue(&app, "good").await;
    // Without a role on the queue nothing is taken.
    app.logs("queues/messages/read on the queue jobs").await;
    assert_eq!(notes(&app).await, [Value::Null; 0]);
    app.grant(QUEUE_CONTRIBUTOR, &queue_id("jobs")).await;
    app.grant(super::apps::SENDER, &queue_id("jobs-poison")).await;
    app.until("the message is taken", async || (!notes(&app).await.is_empty()).then_some(())).await;
    assert_eq!(
        notes(&app).await[0],
        json!({"kind": "QueueMessage", "body": "good", "count": 1, "id": true})
    );
    enqueue(&app, "bad").await;
    app.until("the message is put aside", async || {
        peek(&app, "jobs-poison").await.contains(">bad<").then_some(())
    })
    .await;
    let seen = notes(&app).await;
    let tries: Vec<i64> = seen
        .iter()
        .filter(|one| one["body"] == "bad")
        .map(|one| one["count"].as_i64().unwrap())
        .collect();
    assert_eq!(tries, [1, 2]);
    app.until("the queue is empty", async || {
        (!peek(&app, "jobs").await.contains("MessageText")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_processor_role_alone_does_not_let_a_host_listen() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::new(Settings::instant(), PYTHON).await;
    configure(&app, &folder).await;
    queues(&app, &["jobs", "jobs-poison"]).await;
    app.grant(super::apps::PROCESSOR, &queue_id("jobs")).await;
    enqueue(&app, "good").await;
    app.publish(&[
        HOST,
        ("app.py", NOTES),
        ("queue/function.json", &function("app.py", &queue_trigger())),
    ])
    .await;
    app.logs("The listener for function 'Functions.queue' was unable to start.").await;
    assert!(peek(&app, "jobs").await.contains(">good<"));
}

#[tokio::test]
async fn a_node_function_takes_messages_too() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::new(Settings::instant(), NODE).await;
    configure(&app, &folder).await;
    queues(&app, &["jobs", "jobs-poison"]).await;
    app.grant(QUEUE_CONTRIBUTOR, &queue_id("jobs")).await;
    let text = r#"
const fs = require("fs");
module.exports.handler = async (context, event) => {
  if (context.req) return { res: fs.existsSync(process.env.NOTES) ? fs.readFileSync(process.env.NOTES, "utf8") : "" };
  fs.appendFileSync(process.env.NOTES, JSON.stringify({ event, count: context.bindingData.DequeueCount }) + "\n");
};
module.exports.other = 1;
"#;
    app.publish(&[
        HOST,
        ("app.js", text),
        ("queue/function.json", &function("app.js", &queue_trigger())),
        ("http/function.json", &function("app.js", &http("notes", "anonymous"))),
    ])
    .await;
    enqueue(&app, "{&quot;n&quot;: 1}").await;
    app.until("the message is taken", async || (!notes(&app).await.is_empty()).then_some(())).await;
    assert_eq!(notes(&app).await[0], json!({"event": {"n": 1}, "count": 1}));
}

#[tokio::test]
async fn functions_without_a_door_are_started_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::new(Settings::instant(), PYTHON).await;
    configure(&app, &folder).await;
    queues(&app, &["jobs", "jobs-poison"]).await;
    app.publish(&[
        HOST,
        ("app.py", NOTES),
        ("queue/function.json", &function("app.py", &queue_trigger())),
        ("http/function.json", &function("app.py", &http("notes", "anonymous"))),
    ])
    .await;
    let master = app.wait_for_the_host().await["masterKey"].as_str().unwrap().to_owned();
    let headers = [("x-functions-key", master.as_str()), ("Content-Type", "application/json")];
    let body = json!({"input": "by hand"}).to_string();
    assert_eq!(
        app.call("POST /admin/functions/queue", &headers[1..], body.as_bytes()).await.status,
        401
    );
    assert_eq!(
        app.call("POST /admin/functions/queue", &headers, body.as_bytes()).await.status,
        202
    );
    app.until("the function runs", async || (!notes(&app).await.is_empty()).then_some(())).await;
    assert_eq!(notes(&app).await[0]["body"], "by hand");
    let shown = app
        .azure
        .get(&format!("{}/functions/http", web("sites", "shop-api")), super::apps::V)
        .await
        .ok()
        .json();
    let template = shown["properties"]["invoke_url_template"].as_str().unwrap();
    assert!(template.ends_with("/_site/shop-api/notes"), "{template}");
}
