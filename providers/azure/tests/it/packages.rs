//! Packages: generated files, code that declares its functions itself, and what calls it in the end.

use serde_json::{Value as Json, json};
use updraft_contract::{Auth, Provider as _, QueueKind, Retry, Value};

use crate::apps::{app, bucket, every, function, of_bucket, of_queue, of_route, queue, zipped};
use crate::world::World;

const DECORATED: &str = "\
import azure.functions as func

app = func.FunctionApp()


@app.function_name(\"http\")
@app.route(route=\"hello\", auth_level=func.AuthLevel.ANONYMOUS)
def hello(req):
    return \"ok\"
";

#[tokio::test]
async fn the_host_finds_every_function_with_its_trigger() {
    let mut world = World::new().await;
    let triggers = vec![of_route("/a", Auth::Key), of_route("/", Auth::Key), every(5)];
    let mut api = function("api", triggers);
    api.triggers.extend(function("api", vec![of_queue("queue.jobs")]).triggers);
    world.apply(&app(vec![api], vec![queue("jobs")])).await.unwrap();
    let site = world.site("api").await;
    let all = world.arm("GET", &format!("{site}/functions"), &json!(null)).await;
    let mut found: Vec<(String, String)> = all["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let trigger = &one["properties"]["config"]["bindings"][0];
            let name = one["properties"]["name"].as_str().unwrap().to_owned();
            assert_eq!(trigger["name"], "event", "{name}");
            (name, trigger["type"].as_str().unwrap().to_owned())
        })
        .collect();
    found.sort();
    let wanted = [
        ("http", "httpTrigger"),
        ("http-2", "httpTrigger"),
        ("queue", "queueTrigger"),
        ("schedule", "timerTrigger"),
    ];
    let wanted = wanted.map(|(name, kind)| (name.to_owned(), kind.to_owned()));
    assert_eq!(found, wanted);
}

#[tokio::test]
async fn code_that_declares_its_functions_is_taken_where_it_says_what_the_manifest_says() {
    let mut world = World::new().await;
    let mut api = function("api", vec![of_route("/hello", Auth::None)]);
    api.code = zipped(&[("function_app.py", DECORATED)]);
    let same = app(vec![api], Vec::new());
    world.apply(&same).await.unwrap();
    assert_eq!(world.apply(&same).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn code_that_declares_something_else_is_an_error_that_shows_both() {
    let mut world = World::new().await;
    let mut api = function("api", vec![of_route("/other", Auth::None), every(5)]);
    api.code = zipped(&[("function_app.py", DECORATED)]);
    let other = app(vec![api], Vec::new());
    let said = world.apply(&other).await.unwrap_err().to_string();
    for words in ["function_app.py", "route other", "route hello", "timertrigger"] {
        assert!(said.contains(words), "{words} in {said}");
    }
    // It is not taken for published.
    let again = world.apply(&other).await.unwrap_err().to_string();
    assert!(again.contains("route other"), "{again}");
}

#[tokio::test]
async fn a_host_json_of_the_packages_own_is_kept_and_a_contradiction_refused() {
    let mut world = World::new().await;
    let with = |host: &str| {
        let mut api = function("api", vec![of_route("/hello", Auth::None)]);
        let source = "def handler(event, context):\n    return 'ok'\n";
        api.code = zipped(&[("app.py", source), ("host.json", host)]);
        app(vec![api], Vec::new())
    };
    let quiet = r#"{"version": "2.0", "logging": {"logLevel": {"default": "Warning"}}}"#;
    world.apply(&with(quiet)).await.unwrap();
    let wanted = world.azure.desired(&with(quiet)).unwrap();
    let function = wanted.iter().find(|it| it.id.kind.0 == "azure.function").unwrap();
    let Some(Value::Map(files)) = function.fields.get("_files") else { panic!("no files") };
    let host = files["host.json"].as_text().unwrap();
    assert!(host.contains("Warning") && host.contains("routePrefix"), "{host}");
    let slow = r#"{"version": "2.0", "functionTimeout": "00:10:00"}"#;
    let said = world.azure.desired(&with(slow)).unwrap_err();
    let said = said.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert!(said.contains("\"00:10:00\"") && said.contains("\"00:00:45\""), "{said}");
}

/// The languages, with a handler and the files it is in.
const LANGUAGES: &[(&str, &str, &[&str])] = &[
    ("python3.13", "app.handler", &["app.py"]),
    ("nodejs22.x", "index.handler", &["index.js"]),
    ("java21", "com.example.App::run", &["app.jar"]),
    ("powershell7.4", "run.ps1", &["run.ps1"]),
    ("custom", "bin/server", &["bin/server"]),
];

/// Writes the files of every language with every trigger below `azure-packages` among the
/// temporary files of the build, for whoever holds them against something else.
#[tokio::test]
async fn every_language_has_a_file_for_every_trigger() {
    let world = World::new().await;
    let root = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("azure-packages");
    for (runtime, handler, sources) in LANGUAGES {
        let triggers = vec![
            of_route("/photos/{id}", Auth::Key),
            of_route("/", Auth::Key),
            every(5),
            of_queue("queue.jobs"),
            of_queue("queue.orders"),
            of_bucket("bucket.photos"),
        ];
        let mut api = function("api", triggers);
        (api.runtime, api.handler) = ((*runtime).into(), (*handler).into());
        let sources: Vec<(&str, &str)> = sources.iter().map(|file| (*file, "")).collect();
        api.code = zipped(&sources);
        api.retry = Some(Retry { attempts: Some(3), max_age: None, dead_letter: None });
        let mut orders = queue("orders");
        orders.queue_kind = Some(QueueKind::ServiceBus);
        let whole = app(vec![api], vec![queue("jobs"), orders, bucket("photos")]);
        let wanted = world.azure.desired(&whole).unwrap();
        let found = wanted.iter().find(|it| it.id.kind.0 == "azure.function").unwrap();
        let Some(Value::Map(files)) = found.fields.get("_files") else { panic!("no files") };
        let paths: Vec<&str> = files.keys().map(String::as_str).collect();
        let functions = ["http-2", "http", "queue-2", "queue", "schedule", "storage"];
        let functions = functions.map(|name| format!("{name}/function.json"));
        assert_eq!(paths[0], "host.json", "{runtime}");
        assert_eq!(paths[1..], functions, "{runtime}");
        for (path, text) in files {
            let text = text.as_text().unwrap();
            let document: Json = serde_json::from_str(text).unwrap();
            assert!(document.is_object(), "{runtime} {path}");
            let at = root.join(runtime).join(path);
            std::fs::create_dir_all(at.parent().unwrap()).unwrap();
            std::fs::write(at, text).unwrap();
        }
    }
}
