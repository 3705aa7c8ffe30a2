//! How functions are called, by what triggers them.

use serde_json::{Value as Json, json};
use updraft_contract::{CloudError, Invocation, Operate};

use crate::marks::tests::scope;
use crate::provider::Azure;
use crate::stub::{Reply, Stub, reply};

const APP: &str = r#"{"id": "x", "properties": {"defaultHostName": "{host}/_site/a"}}"#;

/// Returns the answer that lists one function with this binding.
fn listed(name: &str, binding: &Json) -> Reply {
    let config = json!({"bindings": [{"type": "http", "direction": "out"}, binding]});
    let one = json!({"name": format!("a/{name}"), "properties": {"config": config}});
    reply(200, &[], &json!({"value": [one]}).to_string())
}

async fn call(replies: Vec<Reply>) -> (Result<Invocation, CloudError>, Vec<String>) {
    let stub = Stub::new(replies).await;
    let azure = Azure { cloud: stub.cloud() };
    let done = azure.invoke(&scope(), "api", br#"{"n": 1}"#).await;
    (done, stub.asked())
}

#[tokio::test]
async fn a_function_with_a_key_is_called_on_its_route_with_it() {
    let binding = json!({"type": "httpTrigger", "route": "items", "authLevel": "function"});
    let (done, asked) = call(vec![
        reply(200, &[], APP),
        listed("http", &binding),
        reply(200, &[], r#"{"default": "s3cret"}"#),
        reply(201, &[], "made"),
    ])
    .await;
    let done = done.unwrap();
    assert_eq!((done.payload.as_slice(), done.error), (b"made".as_slice(), None));
    assert!(asked[2].contains("/functions/http/listkeys?"), "{asked:?}");
    assert_eq!(asked[3], "POST /_site/a/items key=s3cret");
}

#[tokio::test]
async fn a_function_that_fails_tells_its_answer() {
    let binding = json!({"type": "httpTrigger", "route": "", "authLevel": "ANONYMOUS",
        "methods": ["get"]});
    let (done, asked) = call(vec![
        reply(200, &[], APP),
        listed("http", &binding),
        reply(200, &[], r#"{"properties": {"platform": {"enabled": false}}}"#),
        reply(500, &[], "oops"),
    ])
    .await;
    let done = done.unwrap();
    assert_eq!(
        (done.payload.as_slice(), done.error.as_deref()),
        (b"oops".as_slice(), Some("HTTP 500"))
    );
    assert_eq!(asked[3], "GET /_site/a/");
}

#[tokio::test]
async fn any_other_function_is_started_and_says_that_there_is_no_result() {
    let (done, asked) = call(vec![
        reply(200, &[], APP),
        listed("schedule", &json!({"type": "timerTrigger"})),
        reply(200, &[], r#"{"masterKey": "m4ster"}"#),
        reply(202, &[], ""),
    ])
    .await;
    let done = done.unwrap();
    assert!(done.error.is_none() && done.log_tail.unwrap().contains("tells no result"));
    assert_eq!(asked[3], "POST /_site/a/admin/functions/schedule key=m4ster");
}

#[tokio::test]
async fn what_cannot_be_called_says_why() {
    let route = json!({"type": "httpTrigger", "route": "items/{id}"});
    for (replies, why) in [
        (vec![reply(404, &[], "")], "there is no function api"),
        (vec![reply(200, &[], APP), reply(200, &[], r#"{"value": []}"#)], "no functions yet"),
        (vec![reply(200, &[], APP), listed("http", &route)], "has parameters"),
    ] {
        let (done, _) = call(replies).await;
        let error = done.unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[tokio::test]
async fn a_log_is_asked_of_the_workspace_and_empty_without_one() {
    let table = json!({"tables": [{"columns": [{"name": "TimeGenerated"}, {"name": "OperationId"},
        {"name": "Message"}], "rows": [["2026-01-01T00:00:00Z", "a", "one"]]}]});
    let stub = Stub::new(vec![reply(200, &[], &table.to_string()), reply(404, &[], "")]).await;
    let azure = Azure { cloud: stub.cloud() };
    let page = azure.logs(&scope(), "api", 0).await.unwrap();
    assert_eq!(page.lines[0].text, "one");
    assert!(stub.asked()[0].contains("/workspaces/shop-dev/query?api-version="));
    assert_eq!(azure.logs(&scope(), "api", 0).await.unwrap().lines, []);
}
