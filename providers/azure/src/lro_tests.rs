//! Every way in which Azure tells of a change that takes long.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use updraft_contract::{CloudError, Stages};
use updraft_transport::Class;

use crate::errors::Failure;
use crate::stub::{Reply, Stub, reply};

const PATH: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/a";
const ASYNC: &[&str] = &["Azure-AsyncOperation: {here}/op?t=1"];
const LOCATION: &[&str] = &["Location: {here}/result?t=1"];
const DONE: &str = r#"{"id": "x", "properties": {"provisioningState": "Succeeded"}}"#;

async fn put(replies: Vec<Reply>) -> (Result<Json, Failure>, Vec<String>) {
    let stub = Stub::new(replies).await;
    let cloud = stub.cloud();
    let put = cloud.arm.put(PATH, "1", &json!({"location": "x"}), &Stages::silent()).await;
    (put, stub.asked())
}

async fn delete(replies: Vec<Reply>) -> (Result<(), Failure>, Vec<String>) {
    let stub = Stub::new(replies).await;
    let cloud = stub.cloud();
    let gone = cloud.arm.delete(PATH, "1", &Stages::silent()).await;
    (gone, stub.asked())
}

fn code(failure: &Failure) -> &str {
    let CloudError::Refused { code, .. } = &failure.error else { panic!("{}", failure.error) };
    code
}

#[tokio::test]
async fn an_operation_is_followed_and_then_the_resource_is_read() {
    let (made, asked) = put(vec![
        reply(202, ASYNC, ""),
        reply(200, &[], r#"{"status": "InProgress"}"#),
        reply(200, &[], r#"{"status": "succeeded"}"#),
        reply(200, &[], DONE),
    ])
    .await;
    assert_eq!(made.unwrap()["id"], "x");
    assert!(asked[0].starts_with("PUT ") && asked[1] == "GET /op?t=1", "{asked:?}");
    assert_eq!(asked[3], format!("GET {PATH}?api-version=1"));
}

#[tokio::test]
async fn an_operation_that_failed_says_why() {
    for (status, expected) in [("Failed", "SkuNotAvailable"), ("Canceled", "SkuNotAvailable")] {
        let body = format!(
            r#"{{"status": "{status}", "error": {{"code": "SkuNotAvailable", "message": "no"}}}}"#
        );
        let (made, _) = put(vec![reply(201, ASYNC, ""), reply(200, &[], &body)]).await;
        let failure = made.unwrap_err();
        assert_eq!((code(&failure), failure.class), (expected, Class::Terminal));
    }
}

#[tokio::test]
async fn a_result_is_waited_for_where_it_will_be() {
    let (made, asked) =
        put(vec![reply(202, LOCATION, ""), reply(202, LOCATION, ""), reply(200, &[], DONE)]).await;
    assert_eq!(made.unwrap()["id"], "x");
    assert_eq!(asked.len(), 3);
    let (made, asked) =
        put(vec![reply(202, LOCATION, ""), reply(204, &[], ""), reply(200, &[], DONE)]).await;
    assert_eq!(made.unwrap()["id"], "x");
    assert_eq!(asked[2], format!("GET {PATH}?api-version=1"));
}

#[tokio::test]
async fn without_links_the_resource_itself_says_how_far_it_is() {
    let creating = r#"{"id": "x", "properties": {"provisioningState": "Creating"}}"#;
    let stub = Stub::new(vec![
        reply(201, &[], creating),
        reply(200, &[], creating),
        reply(200, &[], DONE),
    ])
    .await;
    let (told, cloud) = (Mutex::new(Vec::new()), stub.cloud());
    let listener = |stage: &str| told.lock().unwrap().push(stage.to_owned());
    cloud.arm.put(PATH, "1", &json!({}), &Stages::new(&listener)).await.unwrap();
    assert_eq!(*told.lock().unwrap(), ["creating"]);
    assert_eq!(stub.asked().len(), 3);
}

#[tokio::test]
async fn a_resource_that_is_done_is_not_read_again() {
    for (status, body) in [(200, DONE), (201, r#"{"id": "x"}"#), (200, "{}")] {
        let (made, asked) = put(vec![reply(status, &[], body)]).await;
        assert!(made.is_ok() && asked.len() == 1, "{status} {body}");
    }
    let (made, _) = put(vec![reply(202, &[], ""), reply(200, &[], DONE)]).await;
    assert!(made.is_ok());
}

#[tokio::test]
async fn a_resource_that_could_not_be_finished_is_an_error() {
    let failed = r#"{"id": "x", "properties": {"provisioningState": "Failed"}}"#;
    for replies in [
        vec![reply(200, &[], failed)],
        vec![reply(202, &[], ""), reply(200, &[], failed)],
        vec![reply(202, LOCATION, ""), reply(200, &[], failed)],
    ] {
        let (made, _) = put(replies).await;
        assert_eq!(code(&made.unwrap_err()), "ProvisioningFailed");
    }
}

#[tokio::test]
async fn what_is_not_known_yet_is_asked_for_again() {
    let (made, asked) = put(vec![
        reply(202, ASYNC, ""),
        reply(404, &[], ""),
        reply(404, &[], ""),
        reply(200, &[], r#"{"status": "Succeeded"}"#),
        reply(404, &[], ""),
        reply(200, &[], DONE),
    ])
    .await;
    assert!(made.is_ok() && asked.len() == 6, "{asked:?}");
}

#[tokio::test]
async fn an_operation_that_nobody_knows_any_more_is_over() {
    let mut replies = vec![reply(202, ASYNC, "")];
    replies.extend((0..6).map(|_| reply(404, &[], "")));
    replies.push(reply(200, &[], DONE));
    let (made, asked) = put(replies).await;
    assert!(made.is_ok() && asked.len() == 8, "{asked:?}");
    let mut replies = vec![reply(202, &[], "")];
    replies.extend((0..6).map(|_| reply(404, &[], "")));
    let (made, _) = put(replies).await;
    assert_eq!(made.unwrap_err().class, Class::Missing);
}

#[tokio::test]
async fn a_deletion_is_followed_until_nothing_is_there() {
    let (gone, asked) =
        delete(vec![reply(202, LOCATION, ""), reply(202, &[], ""), reply(200, &[], "")]).await;
    assert!(gone.is_ok() && asked.len() == 3);
    for status in [200, 204, 404] {
        let (gone, asked) = delete(vec![reply(status, &[], "")]).await;
        assert!(gone.is_ok() && asked.len() == 1, "{status}");
    }
    let deleting = r#"{"id": "x", "properties": {"provisioningState": "Deleting"}}"#;
    let (gone, asked) =
        delete(vec![reply(202, &[], ""), reply(200, &[], deleting), reply(404, &[], "")]).await;
    assert!(gone.is_ok() && asked.len() == 3, "{asked:?}");
}

#[tokio::test]
async fn the_answer_of_a_request_is_read_where_it_will_be() {
    const BOTH: &[&str] = &["Azure-AsyncOperation: {here}/op", "Location: {here}/result"];
    let stub = Stub::new(vec![
        reply(202, BOTH, ""),
        reply(200, &[], r#"{"status": "Succeeded"}"#),
        reply(200, &[], r#"{"key": 1}"#),
    ])
    .await;
    let answer = stub.cloud().arm.post(PATH, "1", &Json::Null).await.unwrap();
    assert_eq!(answer, json!({"key": 1}));
    assert_eq!(stub.asked()[2], "GET /result");
}

#[tokio::test]
async fn the_pause_that_azure_asks_for_is_kept() {
    let started = Instant::now();
    let (made, _) =
        put(vec![reply(202, &["Location: {here}/r", "Retry-After: 1"], ""), reply(200, &[], DONE)])
            .await;
    assert!(made.is_ok() && started.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn links_to_other_hosts_are_not_followed() {
    const FOREIGN: &[&[&str]] = &[
        &["Azure-AsyncOperation: https://example.com/op"],
        &["Location: http://127.0.0.1:1/op"],
        &["Location: /relative"],
    ];
    for headers in FOREIGN {
        let (made, asked) = put(vec![reply(202, headers, "")]).await;
        assert_eq!(code(&made.unwrap_err()), "ForeignLink");
        assert_eq!(asked.len(), 1);
    }
    let page = r#"{"value": [], "nextLink": "https://example.com/next"}"#;
    let stub = Stub::new(vec![reply(200, &[], page)]).await;
    let listed = stub.cloud().arm.list("/subscriptions/s/resourcegroups", "1").await;
    assert_eq!(code(&listed.unwrap_err()), "ForeignLink");
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_found_again_by_reading() {
    let updating = r#"{"id": "x", "properties": {"provisioningState": "Updating"}}"#;
    let stub = Stub::new(vec![
        reply(200, &[], updating),
        reply(200, &[], updating),
        reply(200, &[], DONE),
    ])
    .await;
    let found = stub.cloud().arm.settled(PATH, "1", &Stages::silent()).await.unwrap();
    assert_eq!(found.unwrap()["id"], "x");
    let stub = Stub::new(vec![reply(404, &[], "")]).await;
    assert_eq!(stub.cloud().arm.settled(PATH, "1", &Stages::silent()).await, Ok(None));
}

#[tokio::test]
async fn a_write_is_repeated_when_azure_was_busy_broken_or_away() {
    let busy = r#"{"error": {"code": "AnotherOperationInProgress", "message": "wait"}}"#;
    let (made, asked) = put(vec![
        reply(429, &["Retry-After: 0"], ""),
        reply(409, &[], busy),
        reply(503, &[], "<html>"),
        reply(200, &[], DONE),
    ])
    .await;
    assert!(made.is_ok() && asked.len() == 4, "{asked:?}");
}

#[tokio::test]
async fn pages_are_read_to_the_end_by_the_links_they_give() {
    let first = r#"{"value": [{"id": "a"}], "nextLink": "{here}/next?token=1"}"#;
    let stub = Stub::new(vec![
        reply(200, &[], first),
        reply(200, &[], r#"{"value": [{"id": "b"}], "nextLink": ""}"#),
    ])
    .await;
    let path = "/subscriptions/s/resourcegroups?$filter=a eq 'b'";
    assert_eq!(stub.cloud().arm.list(path, "1").await.unwrap().len(), 2);
    assert_eq!(
        stub.asked(),
        [
            "GET /subscriptions/s/resourcegroups?$filter=a%20eq%20%27b%27&api-version=1",
            "GET /next?token=1"
        ]
    );
}

#[tokio::test]
async fn what_is_not_known_everywhere_at_the_end_is_begun_anew() {
    let failed =
        r#"{"status": "Failed", "error": {"code": "Endpoint validation", "message": "no"}}"#;
    let (made, asked) = put(vec![
        reply(201, ASYNC, ""),
        reply(200, &[], failed),
        reply(201, ASYNC, ""),
        reply(200, &[], r#"{"status": "Succeeded"}"#),
        reply(200, &[], DONE),
    ])
    .await;
    assert_eq!(made.unwrap()["id"], "x");
    let writes = asked.iter().filter(|line| line.starts_with("PUT ")).count();
    assert_eq!(writes, 2, "{asked:?}");
}
