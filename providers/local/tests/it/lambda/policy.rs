//! A function's resource policy.

use serde_json::{Value, json};

use super::{ECHO, arn, at, function, message};
use crate::harness::{ACCOUNT, Cloud};

fn statement(sid: &str, principal: &str) -> Value {
    json!({"StatementId": sid, "Action": "lambda:InvokeFunction", "Principal": principal})
}

#[tokio::test]
async fn statements_are_written_as_aws_writes_them() {
    let cloud = Cloud::instant().await;
    function(&cloud, "f", ECHO).await;
    let mut input = statement("s3", "s3.amazonaws.com");
    input["SourceArn"] = json!("arn:aws:s3:::b");
    input["SourceAccount"] = json!(ACCOUNT);
    let added = at(&cloud, "f", "POST /policy", input).await;
    assert_eq!(added.status, 201);
    let text = added.json()["Statement"].as_str().unwrap().to_owned();
    let expected = format!(
        r#"{{"Sid":"s3","Effect":"Allow","Principal":{{"Service":"s3.amazonaws.com"}},"Action":"lambda:InvokeFunction","Resource":"{}","Condition":{{"StringEquals":{{"AWS:SourceAccount":"{ACCOUNT}"}},"ArnLike":{{"AWS:SourceArn":"arn:aws:s3:::b"}}}}}}"#,
        arn("f")
    );
    assert_eq!(text, expected);
    let mut url = statement("url", "*");
    url["InvokedViaFunctionUrl"] = json!(true);
    at(&cloud, "f", "POST /policy", url).await.ok();
    let policy = at(&cloud, "f", "GET /policy", Value::Null).await.ok().json();
    let policy = policy["Policy"].as_str().unwrap().to_owned();
    let start = r#"{"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"s3","#;
    assert!(policy.starts_with(start), "{policy}");
    assert!(policy.contains(r#""Principal":"*""#), "{policy}");
    assert!(policy.contains(r#""Bool":{"lambda:InvokedViaFunctionUrl":"true"}"#), "{policy}");
}

#[tokio::test]
async fn statements_are_exclusive_conditional_and_checked() {
    let cloud = Cloud::instant().await;
    function(&cloud, "f", ECHO).await;
    at(&cloud, "f", "GET /policy", Value::Null).await.refused(404, "ResourceNotFoundException");
    at(&cloud, "f", "POST /policy", statement("a", "sns.amazonaws.com")).await.ok();
    let twice = at(&cloud, "f", "POST /policy", statement("a", "sns.amazonaws.com")).await;
    let twice = twice.refused(409, "ResourceConflictException");
    assert_eq!(
        message(&twice),
        "The statement id (a) provided already exists. Please provide a new statement id, or remove the existing statement."
    );
    for principal in ["nosuch.amazonaws.com", "arn:aws:iam::111122223333:role/missing"] {
        let refused = at(&cloud, "f", "POST /policy", statement("b", principal)).await;
        refused.refused(400, "InvalidParameterValueException");
    }
    let bad = at(&cloud, "f", "POST /policy", statement("a b", "sns.amazonaws.com")).await;
    bad.refused(400, "ValidationException");
    let mut stale = statement("c", "sns.amazonaws.com");
    stale["RevisionId"] = json!("no");
    at(&cloud, "f", "POST /policy", stale).await.refused(412, "PreconditionFailedException");
    let old = at(&cloud, "f", "DELETE /policy/a?RevisionId=no", Value::Null).await;
    old.refused(412, "PreconditionFailedException");
    let missing = at(&cloud, "f", "DELETE /policy/z", Value::Null).await;
    missing.refused(404, "ResourceNotFoundException");
    assert_eq!(at(&cloud, "f", "DELETE /policy/a", Value::Null).await.status, 204);
    at(&cloud, "f", "GET /policy", Value::Null).await.refused(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn a_policy_has_a_largest_size() {
    let cloud = Cloud::instant().await;
    function(&cloud, "f", ECHO).await;
    let mut last = 201;
    for number in 0..200 {
        let sid = format!("{number:0>100}");
        let answer = at(&cloud, "f", "POST /policy", statement(&sid, "sns.amazonaws.com")).await;
        last = answer.status;
        if last != 201 {
            answer.refused(400, "PolicyLengthExceededException");
            break;
        }
    }
    assert_eq!(last, 400);
}
