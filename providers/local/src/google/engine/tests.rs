//! Runs real functions of Google's runtimes.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::{Container, Inbound, Outbound, Signature, respond};
use crate::clock::Moment;
use crate::cloud::{Cloud, Inner};
use crate::faults::Faults;
use crate::google::logging;
use crate::held::Held;
use crate::judge::Book;
use crate::ledger::Ledger;
use crate::limits::Limits;
use crate::runtime::Runtimes;
use crate::settings::Settings;
use crate::store::Store;

fn cloud() -> Cloud {
    Cloud::new(Inner {
        store: Store::in_memory().unwrap(),
        settings: Settings::instant(),
        ledger: Ledger::default(),
        faults: Faults::default(),
        asked: Book::default(),
        limits: Limits::default(),
        held: Held::default(),
        runtimes: Runtimes::new(|| Moment::now().stamp()),
        base_url: "http://127.0.0.1:1".to_owned(),
        google_url: "http://127.0.0.1:2".to_owned(),
        google_inside_url: "http://127.0.0.1:2".to_owned(),
        azure_url: "http://127.0.0.1:3".to_owned(),
        bell: tokio::sync::watch::Sender::new(()),
        stopping: watch::Sender::new(false),
    })
}

fn container(runtime: &str, signature: Signature, files: &[(&str, &str)]) -> Container {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    let archive = zip.finish().unwrap().into_inner();
    Container {
        project: "shop-dev".to_owned(),
        region: "europe-west1".to_owned(),
        service: "shop".to_owned(),
        revision: "shop-00001-abc".to_owned(),
        runtime: runtime.to_owned(),
        target: "serve".to_owned(),
        signature,
        build: BTreeMap::new(),
        environment: BTreeMap::from([("GREETING".to_owned(), "hello".to_owned())]),
        memory: 256,
        timeout: Duration::from_secs(20),
        limit: None,
        digest: "digest".to_owned(),
        code: Arc::new(move || Ok(archive.clone())),
    }
}

fn post(path: &str, headers: &[(&str, &str)], body: &Value) -> Inbound {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Inbound {
        method: "POST".to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: headers.chain([("Host".to_owned(), "shop.run.app".to_owned())]).collect(),
        body: body.to_string().into(),
    }
}

const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];

fn text(outbound: &Outbound) -> String {
    String::from_utf8(outbound.body.to_vec()).unwrap()
}

fn header<'o>(outbound: &'o Outbound, name: &str) -> &'o str {
    let found = outbound.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map_or("", |(_, value)| value.as_str())
}

/// What the project's log holds: severity, log and text or JSON of each entry.
fn logged(cloud: &Cloud) -> String {
    let entries = cloud.transact(|tx, _| {
        let prefix = logging::place("shop-dev").prefix("entry", &[]);
        Ok(tx.list::<Value>(&prefix)?)
    });
    let line = |entry: &Value| {
        let log = entry["logName"].as_str().unwrap().rsplit("%2F").next().unwrap().to_owned();
        let text = entry["textPayload"].as_str().map(str::to_owned);
        let text = text.unwrap_or_else(|| entry["jsonPayload"].to_string());
        format!("{} {log} {text}\n", entry["severity"].as_str().unwrap())
    };
    entries.unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn a_python_function_gets_a_request_and_answers_as_flask_does() {
    let code = r#"
import json, os, sys
count = 0
def serve(request):
    global count
    count += 1
    print(json.dumps({"severity": "WARNING", "message": "odd", "n": count}))
    print("to stderr", file=sys.stderr)
    if request.path == "/fail":
        raise ValueError("broken\ntwice")
    if request.path == "/text":
        return "gone", 410, {"X-Why": "moved"}
    return {"method": request.method, "full": request.full_path, "arg": request.args.get("n", type=int),
            "json": request.get_json(), "host": request.host, "type": request.headers["content-type"],
            "env": [os.environ[name] for name in ("GREETING", "FUNCTION_TARGET", "K_SERVICE", "FUNCTION_SIGNATURE_TYPE")],
            "hidden": [name for name in os.environ if name.startswith("UPDRAFT") or name.startswith("AWS")], "count": count}
"#;
    let cloud = cloud();
    let container = container("python313", Signature::Http, &[("main.py", code)]);
    let body = json!({"a": "é"});
    let said = respond(&cloud, &container, &post("/x%20y?n=7", JSON, &body)).await;
    assert_eq!((said.status, header(&said, "content-type")), (200, "application/json"));
    let answer: Value = serde_json::from_str(&text(&said)).unwrap();
    assert_eq!(
        answer,
        json!({"method": "POST", "full": "/x y?n=7", "arg": 7, "json": {"a": "é"}, "host": "shop.run.app",
               "type": "application/json", "env": ["hello", "serve", "shop", "http"], "hidden": [], "count": 1})
    );
    let said = respond(&cloud, &container, &post("/text", JSON, &body)).await;
    assert_eq!((said.status, text(&said).as_str(), header(&said, "x-why")), (410, "gone", "moved"));
    let said = respond(&cloud, &container, &post("/fail", JSON, &body)).await;
    assert_eq!((said.status, header(&said, "x-google-status")), (500, "crash"));
    let log = logged(&cloud);
    // A host that has the framework itself writes the same in JSON.
    for part in
        ["WARNING stdout {", "\"message\":\"odd\",\"n\":3", "to stderr", "ValueError: broken"]
    {
        assert!(log.contains(part), "{part} in {log}");
    }
    assert!(log.contains("WARNING requests") && log.contains("ERROR requests"), "{log}");
}

const EVENT: &[(&str, &str)] = &[
    ("ce-id", "1"),
    ("ce-source", "//storage.googleapis.com/projects/_/buckets/b"),
    ("ce-type", "google.cloud.storage.object.v1.finalized"),
    ("ce-specversion", "1.0"),
    ("ce-subject", "objects/a.png"),
    ("content-type", "application/json"),
];

#[tokio::test]
async fn a_python_function_gets_cloud_events() {
    let code = r#"
import functions_framework
from cloudevents.http import CloudEvent

@functions_framework.cloud_event
def serve(event: CloudEvent):
    print(f"{event['type']} {event['subject']} {event.data['name']} {event.get('source')}")
"#;
    let cloud = cloud();
    let container = container("python312", Signature::CloudEvent, &[("main.py", code)]);
    let said = respond(&cloud, &container, &post("/", EVENT, &json!({"name": "a.png"}))).await;
    assert_eq!((said.status, text(&said).as_str()), (200, "OK"));
    let log = logged(&cloud);
    let line = "google.cloud.storage.object.v1.finalized objects/a.png a.png //storage.googleapis.com/projects/_/buckets/b";
    assert!(log.contains(line), "{log}");
    let said = respond(&cloud, &container, &post("/", JSON, &json!({}))).await;
    assert!(said.status >= 400, "{}", said.status);
}

#[tokio::test]
async fn a_node_function_gets_a_request_and_answers_as_express_does() {
    let code = r#"
exports.serve = async (req, res) => {
  console.log("printed");
  if (req.path === "/fail") throw new Error("broken");
  if (req.path === "/late") return setTimeout(() => res.status(202).send("late"), 20);
  res.set("X-Why", "asked").json({ method: req.method, url: req.originalUrl, n: req.query.n, body: req.body,
    raw: req.rawBody.length, type: req.get("Content-Type"), target: process.env.FUNCTION_TARGET });
};
"#;
    let cloud = cloud();
    let container = container("nodejs22", Signature::Http, &[("index.js", code)]);
    let said = respond(&cloud, &container, &post("/x?n=7", JSON, &json!({"a": 1}))).await;
    let answer: Value = serde_json::from_str(&text(&said)).unwrap();
    let expected = json!({"method": "POST", "url": "/x?n=7", "n": "7", "body": {"a": 1}, "raw": 7,
                          "type": "application/json", "target": "serve"});
    assert_eq!((answer, header(&said, "x-why")), (expected, "asked"));
    let said = respond(&cloud, &container, &post("/late", JSON, &json!({}))).await;
    assert_eq!((said.status, text(&said).as_str()), (202, "late"));
    let said = respond(&cloud, &container, &post("/fail", JSON, &json!({}))).await;
    assert_eq!((said.status, header(&said, "x-google-status")), (500, "crash"));
    assert!(logged(&cloud).contains("stderr Error: broken\n"));
}

#[tokio::test]
async fn node_functions_register_with_the_framework_in_either_module_system() {
    let cloud = cloud();
    let common = "const ff = require('@google-cloud/functions-framework');\nff.cloudEvent('serve', (e) => console.log(e.type, e.data.name));\n";
    let first = container("nodejs20", Signature::CloudEvent, &[("function.js", common)]);
    let said = respond(&cloud, &first, &post("/", EVENT, &json!({"name": "a.png"}))).await;
    assert_eq!(said.status, 204);
    assert!(logged(&cloud).contains("finalized a.png"));
    let module = "import { http } from '@google-cloud/functions-framework';\nhttp('serve', (req, res) => { res.send('esm'); });\n";
    let files = [("index.js", module), ("package.json", r#"{"type": "module"}"#)];
    let mut second = container("nodejs22", Signature::Http, &files);
    second.digest = "other".to_owned();
    second.service = "other".to_owned();
    let said = respond(&cloud, &second, &post("/", JSON, &json!({}))).await;
    assert_eq!(text(&said), "esm");
}

#[tokio::test]
async fn what_the_platform_ends_says_so() {
    let code = r"
import os, time
def serve(request):
    if request.path == '/exit':
        os._exit(3)
    time.sleep(60)
";
    let cloud = cloud();
    let mut slow = container("python313", Signature::Http, &[("main.py", code)]);
    slow.timeout = Duration::from_millis(300);
    let said = respond(&cloud, &slow, &post("/", JSON, &json!({}))).await;
    assert_eq!((said.status, text(&said).as_str()), (504, "upstream request timeout"));
    slow.timeout = Duration::from_secs(20);
    let said = respond(&cloud, &slow, &post("/exit", JSON, &json!({}))).await;
    assert_eq!(said.status, 503);
    let broken = container("python313", Signature::Http, &[("main.py", "import nowhere")]);
    let broken = Container { digest: "broken".to_owned(), service: "b".to_owned(), ..broken };
    let said = respond(&cloud, &broken, &post("/", JSON, &json!({}))).await;
    assert_eq!(said.status, 503);
    let log = logged(&cloud);
    assert!(log.contains("No module named 'nowhere'") && log.contains("maximum request timeout"));
}
