//! Function apps that really run: published, called, refused.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::apps::{App, HOST, NODE, OWNER, PYTHON, V, archive, function, http, web};
use super::storage::account;

const ECHO: &str = r#"
import json, os
import azure.functions as func

def handler(event, context):
    print("called", event.method)
    return func.HttpResponse(
        json.dumps({
            "method": event.method, "url": event.url, "id": event.route_params.get("id"), "q": event.params.get("q"),
            "body": event.get_body().decode(), "agent": event.headers.get("User-Agent"),
            "mode": os.environ.get("MODE"), "function": context.function_name, "dir": context.function_directory,
        }),
        status_code=201, mimetype="application/json", headers={"X-Mine": "yes"},
    )
"#;

#[tokio::test]
async fn a_python_function_is_published_and_called() {
    let app = App::new(Settings::default(), PYTHON).await;
    app.set(&json!({"MODE": "live"})).await;
    let names = app
        .publish(&[
            HOST,
            ("app.py", ECHO),
            ("http/function.json", &function("app.py", &http("items/{id}", "anonymous"))),
        ])
        .await;
    assert_eq!(names, ["http"]);
    let answer = app.call("POST /items/a%20b?q=1", &[("User-Agent", "me")], b"hello").await;
    assert_eq!(answer.status, 201, "{}", answer.said());
    assert_eq!(answer.headers["x-mine"], "yes");
    assert_eq!(answer.headers["content-type"], "application/json");
    let said = answer.json();
    assert_eq!(said["id"], "a b");
    assert_eq!(
        (&said["q"], &said["body"], &said["mode"]),
        (&json!("1"), &json!("hello"), &json!("live"))
    );
    assert_eq!((&said["agent"], &said["function"]), (&json!("me"), &json!("http")));
    assert!(said["url"].as_str().unwrap().ends_with("/_site/shop-api/items/a%20b?q=1"), "{said}");
    assert_eq!(app.call("GET /items", &[], b"").await.status, 404);
    // Settings that change start the app anew.
    app.set(&json!({"MODE": "new"})).await;
    let answer = app.call("GET /items/1", &[], b"").await;
    assert_eq!(answer.json()["mode"], "new");
    app.logs("called POST").await;
    app.logs("Executed 'Functions.http' (Succeeded, Id=").await;
    let blob = "GET /_blob/shopdevh/api/released-package.zip";
    let headers = [("Authorization", "Bearer local"), ("x-ms-version", "2023-11-03")];
    assert_eq!(app.azure.raw(blob, &headers, b"").await.unwrap().status, 200);
}

const NODE_ECHO: &str = r#"
module.exports.handler = async function (context, event) {
  context.log("called");
  if (event.query.plain) return { res: "plain" };
  context.res = { status: 202, headers: { "X-Mine": "yes" }, body: { path: event.params.path, sent: event.body, name: context.executionContext.functionName } };
};
module.exports.other = () => {};
"#;

#[tokio::test]
async fn a_node_function_is_published_and_called() {
    let app = App::new(Settings::instant(), NODE).await;
    let function = function("lib/app.js", &http("{*path}", "anonymous"));
    app.publish(&[HOST, ("lib/app.js", NODE_ECHO), ("http/function.json", &function)]).await;
    let answer =
        app.call("PUT /a/b", &[("Content-Type", "application/json")], br#"{"n": 1}"#).await;
    assert_eq!(answer.status, 202, "{}", answer.said());
    assert_eq!(answer.headers["x-mine"], "yes");
    assert_eq!(answer.json(), json!({"path": "a/b", "sent": {"n": 1}, "name": "http"}));
    let answer = app.call("GET /?plain=1", &[], b"").await;
    assert_eq!((answer.status, answer.said().as_str()), (200, "plain"));
}

#[tokio::test]
async fn keys_open_functions_by_their_level() {
    let app = App::new(Settings::instant(), PYTHON).await;
    let text = "def handler(event):\n  return 'in'\n";
    let [keyed, admin] = ["function", "admin"].map(|level| function("app.py", &http(level, level)));
    app.publish(&[
        HOST,
        ("app.py", text),
        ("keyed/function.json", &keyed),
        ("admin1/function.json", &admin),
    ])
    .await;
    let host = app.wait_for_the_host().await;
    let keys = app
        .azure
        .post(&format!("{}/functions/keyed/listkeys", web("sites", "shop-api")), V, &Value::Null)
        .await;
    let own = keys.ok().json()["default"].as_str().unwrap().to_owned();
    let master = host["masterKey"].as_str().unwrap();
    let any = host["functionKeys"]["default"].as_str().unwrap();
    let cases = [
        ("GET /function", "", 401),
        ("GET /function", "wrong", 401),
        ("GET /function", own.as_str(), 200),
        ("GET /function", any, 200),
        ("GET /function", master, 200),
    ];
    for (line, key, status) in cases {
        let answer = app.call(line, &[("x-functions-key", key)], b"").await;
        assert_eq!(answer.status, status, "{line} {}", answer.said());
    }
    assert_eq!(app.call(&format!("GET /function?code={own}"), &[], b"").await.status, 200);
    // Routes below `admin` are the host's own.
    let admin = app.call("GET /admin/host/status", &[("x-functions-key", master)], b"").await;
    assert_eq!(admin.json()["state"], "Running");
    assert_eq!(
        app.call("GET /admin/host/status", &[("x-functions-key", any)], b"").await.status,
        401
    );
}

#[tokio::test]
async fn parameters_must_be_named_as_the_bindings_are() {
    let app = App::new(Settings::instant(), PYTHON).await;
    let function = function("app.py", &http("x", "anonymous"));
    app.publish(&[
        HOST,
        ("app.py", "def handler(req):\n  return 'x'\n"),
        ("http/function.json", &function),
    ])
    .await;
    let answer = app.call("GET /x", &[], b"").await;
    assert_eq!((answer.status, answer.said().as_str()), (500, ""));
    app.logs("the following parameters are declared in Python but not in function.json: {'req'}")
        .await;
}

#[tokio::test]
async fn a_function_that_takes_too_long_is_ended() {
    let app = App::new(Settings::instant(), PYTHON).await;
    let host = r#"{"version": "2.0", "functionTimeout": "00:00:03", "extensions": {"http": {"routePrefix": ""}}}"#;
    let text =
        "import time\ndef handler(event):\n  time.sleep(int(event.params['s']))\n  return 'done'\n";
    let function = function("app.py", &http("x", "anonymous"));
    app.publish(&[("host.json", host), ("app.py", text), ("http/function.json", &function)]).await;
    assert_eq!(app.call("GET /x?s=0", &[], b"").await.said(), "done");
    assert_eq!(app.call("GET /x?s=600", &[], b"").await.status, 500);
    app.logs("Timeout value of 00:00:03 was exceeded by function: Functions.http").await;
    assert_eq!(app.call("GET /x?s=0", &[], b"").await.said(), "done");
}

#[tokio::test]
async fn a_host_that_cannot_start_lists_no_functions() {
    let app = App::new(Settings::instant(), PYTHON).await;
    let function = function("app.py", &http("x", "anonymous"));
    let files = [
        ("host.json", "{}"),
        ("app.py", "def handler(event):\n  return 'x'\n"),
        ("http/function.json", &*function),
    ];
    let told = app.deploy(&archive(&files)).await;
    assert_eq!(told["status"], 4, "the package was deployed all the same");
    assert_eq!(app.functions().await, [""; 0]);
    assert_eq!(app.call("GET /x", &[], b"").await.status, 503);
    app.logs("missing the required 'version' property").await;
}

#[tokio::test]
async fn decorators_are_read_from_the_app_itself() {
    let app = App::new(Settings::instant(), PYTHON).await;
    let text = r#"
import azure.functions as func
app = func.FunctionApp()

@app.function_name("hello")
@app.route(route="hello/{name}", auth_level="anonymous", methods=["GET"])
def greet(req):
    return "hello " + req.route_params["name"]

@app.timer_trigger(arg_name="timer", schedule="0 0 3 * * *")
def nightly(timer):
    pass
"#;
    let names = app.publish(&[HOST, ("function_app.py", text)]).await;
    assert_eq!(names, ["hello", "nightly"]);
    // Decorators tell enums in capitals, and so does Resource Manager.
    let id = format!("{}/functions/hello", web("sites", "shop-api"));
    let shown = app.azure.get(&id, V).await.ok().json();
    assert_eq!(shown["properties"]["config"]["bindings"][0]["direction"], "IN");
    let answer = app.call("GET /hello/you", &[], b"").await;
    assert_eq!((answer.status, answer.said().as_str()), (200, "hello you"));
    assert_eq!(app.call("POST /hello/you", &[], b"").await.status, 404);
}

#[tokio::test]
async fn a_deployment_is_told_until_it_is_forgotten() {
    let settings = Settings {
        publish_told_ms: 2_000,
        publish_ms: 2_500,
        publish_appears_ms: 1_500,
        ..Settings::default()
    };
    let app = App::new(settings, PYTHON).await;
    let function = function("app.py", &http("x", "anonymous"));
    let bytes = archive(&[
        HOST,
        ("app.py", "def handler(event):\n  return 'x'\n"),
        ("http/function.json", &function),
    ]);
    let begun = app.send(&bytes, "RemoteBuild=true").await;
    assert_eq!(begun.status, 202);
    let id = begun.json().as_str().unwrap().to_owned();
    let line = format!("GET {}", begun.headers["location"]);
    assert!(line.ends_with(&id));
    assert_eq!(app.azure.call(&line, &Value::Null).await.status, 404, "not known at once");
    assert_eq!(app.send(&bytes, "").await.status, 409, "one at a time");
    let mut seen = Vec::new();
    app.until("the deployment is forgotten", async || {
        let answer = app.azure.call(&line, &Value::Null).await;
        if answer.status == 200 {
            seen.push(answer.json()["status"].as_i64().unwrap());
        }
        (answer.status == 404 && !seen.is_empty()).then_some(())
    })
    .await;
    seen.dedup();
    assert!(seen.contains(&1) && seen.last() == Some(&4), "{seen:?}");
    let latest =
        app.azure.call("GET /_scm/shop-api/api/deployments/latest", &Value::Null).await.ok().json();
    assert_eq!((&latest["id"], &latest["status"]), (&json!(id), &json!(4)));
    assert_eq!(latest["deployer"], "LegionOneDeploy");
}

#[tokio::test]
async fn packages_are_stored_with_the_rights_of_the_app() {
    let app = App::ungranted(Settings::instant(), PYTHON).await;
    let function = function("app.py", &http("x", "anonymous"));
    let bytes = archive(&[
        HOST,
        ("app.py", "def handler(event):\n  return 'x'\n"),
        ("http/function.json", &function),
    ]);
    let told = app.deploy(&bytes).await;
    assert_eq!(told["status"], 3);
    assert!(
        told["status_text"].as_str().unwrap().contains("403 AuthorizationPermissionMismatch"),
        "{told}"
    );
    let keys = app
        .azure
        .post(&format!("{}/host/default/listkeys", web("sites", "shop-api")), V, &Value::Null)
        .await;
    assert_eq!(keys.status, 400, "a host without storage has no keys");
    app.grant(OWNER, &account("shopdevh")).await;
    assert_eq!(app.deploy(&bytes).await["status"], 4);
    assert_eq!(app.call("GET /x", &[], b"").await.said(), "x");
    let broken = app.deploy(b"no zip").await;
    assert_eq!(broken["status"], 3);
    assert_eq!(app.call("GET /x", &[], b"").await.said(), "x", "what ran runs on");
}

#[tokio::test]
async fn callers_need_tokens_where_the_site_asks_for_them() {
    let app = App::new(Settings::instant(), PYTHON).await;
    let function = function("app.py", &http("who", "anonymous"));
    let text =
        "def handler(event):\n  return event.headers.get('x-ms-client-principal-id') or 'nobody'\n";
    app.publish(&[HOST, ("app.py", text), ("http/function.json", &function)]).await;
    let application = "99999999-0000-0000-0000-000000000000";
    let auth = |allowed: &str| {
        json!({"properties": {
            "platform": {"enabled": true},
            "globalValidation": {"requireAuthentication": true, "unauthenticatedClientAction": "Return401"},
            "identityProviders": {"azureActiveDirectory": {
                "enabled": true,
                "registration": {"clientId": application, "openIdIssuer": "https://sts.windows.net/x/"},
                "validation": {"defaultAuthorizationPolicy": {"allowedPrincipals": {"identities": [allowed]}}},
            }},
        }})
    };
    let line = format!("PUT {}/config/authsettingsV2?api-version={V}", web("sites", "shop-api"));
    app.azure.ok(&line, &auth(&app.principal)).await;
    assert_eq!(app.call("GET /who", &[], b"").await.status, 401);
    assert_eq!(
        app.call("GET /who", &[("Authorization", "Bearer nobody's")], b"").await.status,
        401
    );
    let read = app
        .azure
        .get(&format!("{}/config/authsettingsV2", web("sites", "shop-api")), V)
        .await
        .ok()
        .json();
    assert_eq!(
        read["properties"]["identityProviders"]["azureActiveDirectory"]["registration"]["clientId"],
        application
    );
}
