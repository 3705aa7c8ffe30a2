//! Running functions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{ECHO, FUNCTIONS, at, create, function, input, invoke, message, role, zip};
use crate::harness::Cloud;

async fn log_lines(cloud: &Cloud, group: &str) -> Vec<String> {
    let body = json!({"logGroupName": group});
    let answer = cloud.target("logs", "Logs_20140328.FilterLogEvents", &body).await;
    let answer = answer.ok().json();
    let events = answer["events"].as_array().unwrap();
    events.iter().map(|event| event["message"].as_str().unwrap().to_owned()).collect()
}

async fn log_group(cloud: &Cloud, group: &str) {
    let body = json!({"logGroupName": group});
    cloud.target("logs", "Logs_20140328.CreateLogGroup", &body).await.ok();
}

#[tokio::test]
async fn a_function_runs_answers_and_logs() {
    let cloud = Cloud::instant().await;
    function(&cloud, "f", ECHO).await;
    log_group(&cloud, "/aws/lambda/f").await;
    let answer = invoke(&cloud, "f", &json!({"a": 1}), &[("X-Amz-Log-Type", "Tail")]).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"echo": {"a": 1}})));
    assert_eq!(answer.headers["x-amz-executed-version"], "$LATEST");
    assert_eq!(answer.headers.get("x-amz-function-error"), None);
    let tail = STANDARD.decode(&answer.headers["x-amz-log-result"]).unwrap();
    let tail = String::from_utf8(tail).unwrap();
    assert!(tail.contains("got it\nEND RequestId: "), "{tail}");
    let lines = log_lines(&cloud, "/aws/lambda/f").await;
    assert!(lines.contains(&"got it\n".to_owned()), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("REPORT RequestId: ")), "{lines:?}");
}

#[tokio::test]
async fn new_code_and_settings_count_at_once() {
    let cloud = Cloud::instant().await;
    function(
        &cloud,
        "f",
        "import os\ndef handler(e, c):\n    return os.environ.get('WHO', 'one')\n",
    )
    .await;
    assert_eq!(invoke(&cloud, "f", &json!({}), &[]).await.json(), "one");
    let environment = json!({"Environment": {"Variables": {"WHO": "two"}}});
    at(&cloud, "f", "PUT /configuration", environment).await.ok();
    assert_eq!(invoke(&cloud, "f", &json!({}), &[]).await.json(), "two");
    let code = json!({"ZipFile": zip("app.py", "def handler(e, c):\n    return 'three'\n")});
    at(&cloud, "f", "PUT /code", code).await.ok();
    assert_eq!(invoke(&cloud, "f", &json!({}), &[]).await.json(), "three");
}

#[tokio::test]
async fn failures_are_answered_with_two_hundred_and_a_header() {
    let cloud = Cloud::instant().await;
    function(&cloud, "f", "def handler(e, c):\n    raise KeyError('x')\n").await;
    let answer = invoke(&cloud, "f", &json!({}), &[]).await;
    assert_eq!(
        (answer.status, answer.headers["x-amz-function-error"].as_str()),
        (200, "Unhandled")
    );
    assert_eq!(answer.json()["errorType"], "KeyError");
}

#[tokio::test]
async fn events_are_checked_and_dry_runs_run_nothing() {
    let cloud = Cloud::instant().await;
    function(&cloud, "f", ECHO).await;
    log_group(&cloud, "/aws/lambda/f").await;
    let path = format!("POST {FUNCTIONS}/f/invocations");
    let (method, path) = path.split_once(' ').unwrap();
    let bad = crate::harness::Call { service: "lambda", method, path, headers: &[], body: b"{" };
    cloud.call(bad).await.refused(400, "InvalidRequestContentException");
    let dry = invoke(&cloud, "f", &json!({}), &[("X-Amz-Invocation-Type", "DryRun")]).await;
    assert_eq!(dry.status, 204);
    let big = json!("x".repeat(1_048_576));
    let event = [("X-Amz-Invocation-Type", "Event")];
    invoke(&cloud, "f", &big, &event).await.refused(413, "RequestTooLargeException");
    invoke(&cloud, "gone", &json!({}), &[]).await.refused(404, "ResourceNotFoundException");
    assert!(log_lines(&cloud, "/aws/lambda/f").await.is_empty());
    assert_eq!(invoke(&cloud, "f", &json!({}), &event).await.status, 202);
    for _ in 0..1_200 {
        if !log_lines(&cloud, "/aws/lambda/f").await.is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("an event is handled in the background");
}

#[tokio::test]
async fn logs_go_where_the_role_may_write() {
    let cloud = Cloud::instant().await;
    let groups = json!({});
    let describe = "Logs_20140328.DescribeLogGroups";
    function(&cloud, "strict", ECHO).await;
    invoke(&cloud, "strict", &json!({}), &[]).await.ok();
    let found = cloud.target("logs", describe, &groups).await.ok().json();
    assert_eq!(found["logGroups"], json!([]), "its role may not create a group");
    let role = role(&cloud, "free", r#"["logs:*"]"#).await;
    let mut given = input("free", &role, ECHO);
    given["LoggingConfig"] = json!({"LogGroup": "/mine", "LogFormat": "JSON"});
    create(&cloud, &given).await.ok();
    invoke(&cloud, "free", &json!({}), &[]).await.ok();
    let lines = log_lines(&cloud, "/mine").await;
    let start: Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(start["type"], "platform.initStart");
}

#[tokio::test]
async fn no_reservation_means_no_run() {
    let cloud = Cloud::instant().await;
    function(&cloud, "f", ECHO).await;
    let none = json!({"ReservedConcurrentExecutions": 0});
    cloud.rest("lambda", "PUT /2017-10-31/functions/f/concurrency", &none).await.ok();
    let answer = invoke(&cloud, "f", &json!({}), &[]).await;
    let answer = answer.refused(429, "TooManyRequestsException");
    assert_eq!(answer.json()["Reason"], "ReservedFunctionConcurrentInvocationLimitExceeded");
}

#[tokio::test]
async fn handlers_reach_the_cloud_they_run_in() {
    let code = "import json, os, urllib.request\ndef handler(e, c):\n    url = os.environ['AWS_ENDPOINT_URL']\n    who = os.environ['AWS_ACCESS_KEY_ID']\n    scope = f'{who}/20261121/{os.environ[\"AWS_REGION\"]}/lambda/aws4_request'\n    request = urllib.request.Request(url + '/2015-03-31/functions', headers={'Authorization': f'AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0'})\n    return [f['FunctionName'] for f in json.load(urllib.request.urlopen(request))['Functions']]\n";
    let cloud = Cloud::instant().await;
    function(&cloud, "f", code).await;
    assert_eq!(invoke(&cloud, "f", &json!({}), &[]).await.json(), json!(["f"]));
}

#[tokio::test]
async fn what_cannot_run_here_says_so() {
    let cloud = Cloud::instant().await;
    let role = role(&cloud, "r", r#"["logs:*"]"#).await;
    let mut given = input("j", &role, ECHO);
    given["Runtime"] = json!("java21");
    create(&cloud, &given).await.ok();
    let answer = invoke(&cloud, "j", &json!({}), &[]).await;
    let answer = answer.refused(501, "NotImplementedByEmbeddedCloud");
    assert!(message(&answer).contains("cannot run java21"), "{}", answer.text());
}
