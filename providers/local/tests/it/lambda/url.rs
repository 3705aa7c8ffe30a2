//! Function URLs: their settings, who may call them, and what the function sees.

use serde_json::{Value, json};

use super::{ECHO, at, function, message};
use crate::harness::{Answer, Call, Cloud};

const PATH: &str = "/2021-10-31/functions/f/url";

async fn url(cloud: &Cloud, auth: &str) -> String {
    let created = cloud.rest("lambda", &format!("POST {PATH}"), &json!({"AuthType": auth})).await;
    assert_eq!(created.status, 201);
    let url = created.json()["FunctionUrl"].as_str().unwrap().to_owned();
    url.strip_prefix(&cloud.running.url()).unwrap().to_owned()
}

async fn get(cloud: &Cloud, path: &str, service: &str) -> Answer {
    let headers = [("Cookie", "a=1; b=2"), ("X-Mine", "yes")];
    cloud.call(Call { service, method: "GET", path, headers: &headers, body: b"" }).await
}

async fn permit(cloud: &Cloud, sid: &str, action: &str, condition: (&str, Value)) {
    let mut input = json!({"StatementId": sid, "Action": action, "Principal": "*"});
    input[condition.0] = condition.1;
    at(cloud, "f", "POST /policy", input).await.ok();
}

#[tokio::test]
async fn a_url_is_created_once_read_changed_and_deleted() {
    let cloud = Cloud::instant().await;
    function(&cloud, "f", ECHO).await;
    cloud
        .rest("lambda", &format!("GET {PATH}"), &Value::Null)
        .await
        .refused(404, "ResourceNotFoundException");
    url(&cloud, "NONE").await;
    let again = cloud.rest("lambda", &format!("POST {PATH}"), &json!({"AuthType": "NONE"})).await;
    let again = again.refused(409, "ResourceConflictException");
    assert!(message(&again).contains("FunctionUrlConfig exists"), "{}", again.text());
    let changed =
        cloud.rest("lambda", &format!("PUT {PATH}"), &json!({"AuthType": "AWS_IAM"})).await;
    assert_eq!(changed.ok().json()["AuthType"], "AWS_IAM");
    let list = cloud.rest("lambda", &format!("GET {PATH}s"), &Value::Null).await.ok().json();
    assert_eq!(list["FunctionUrlConfigs"].as_array().unwrap().len(), 1);
    let cors = json!({"AuthType": "NONE", "Cors": {"AllowOrigins": ["*"]}});
    let cors = cloud.rest("lambda", &format!("PUT {PATH}"), &cors).await;
    cors.refused(501, "NotImplementedByEmbeddedCloud");
    let bad = cloud.rest("lambda", &format!("PUT {PATH}"), &json!({"AuthType": "MAYBE"})).await;
    bad.refused(400, "ValidationException");
    assert_eq!(cloud.rest("lambda", &format!("DELETE {PATH}"), &Value::Null).await.status, 204);
    cloud
        .rest("lambda", &format!("GET {PATH}"), &Value::Null)
        .await
        .refused(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn a_public_url_needs_both_statements() {
    let cloud = Cloud::instant().await;
    function(&cloud, "f", ECHO).await;
    let url = url(&cloud, "NONE").await;
    assert_eq!(get(&cloud, &url, "").await.status, 403);
    permit(&cloud, "a", "lambda:InvokeFunctionUrl", ("FunctionUrlAuthType", json!("NONE"))).await;
    assert_eq!(get(&cloud, &url, "").await.refused(403, "AccessDeniedException").status, 403);
    permit(&cloud, "b", "lambda:InvokeFunction", ("InvokedViaFunctionUrl", json!(true))).await;
    let event = get(&cloud, &format!("{url}photos/1%202?a=1&a=2"), "").await.ok().json();
    let event = &event["echo"];
    assert_eq!((&event["version"], &event["routeKey"]), (&json!("2.0"), &json!("$default")));
    assert_eq!(event["rawQueryString"], "a=1&a=2");
    assert_eq!(event["queryStringParameters"], json!({"a": "1,2"}));
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    assert_eq!(event["headers"]["x-mine"], "yes");
    assert_eq!(event["requestContext"]["accountId"], "anonymous");
    assert_eq!(event["requestContext"]["http"]["method"], "GET");
}

#[tokio::test]
async fn a_url_with_iam_wants_a_signature() {
    let cloud = Cloud::instant().await;
    function(&cloud, "f", ECHO).await;
    let url = url(&cloud, "AWS_IAM").await;
    assert_eq!(get(&cloud, &url, "").await.status, 403);
    let event = get(&cloud, &url, "lambda").await.ok().json();
    assert_eq!(
        event["echo"]["requestContext"]["authorizer"]["iam"]["accessKey"],
        crate::harness::ACCOUNT
    );
}

#[tokio::test]
async fn an_answer_has_status_headers_and_cookies() {
    let cloud = Cloud::instant().await;
    let code = "def handler(e, c):\n    if e['rawPath'] == '/fail': raise ValueError()\n    return {'statusCode': 418, 'headers': {'x-a': 'b'}, 'cookies': ['c=d'], 'body': 'aGk=', 'isBase64Encoded': True}\n";
    function(&cloud, "f", code).await;
    let url = url(&cloud, "AWS_IAM").await;
    let answer = get(&cloud, &url, "lambda").await;
    assert_eq!((answer.status, answer.text().as_str()), (418, "hi"));
    assert_eq!(answer.headers["x-a"], "b");
    assert_eq!(answer.headers["set-cookie"], "c=d");
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(get(&cloud, &format!("{url}fail"), "lambda").await.status, 502);
}
