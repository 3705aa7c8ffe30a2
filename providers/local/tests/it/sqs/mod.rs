//! SQS: queues as strict as the service's, and messages that come, hide, fail and go.

mod delivery;
mod fifo;
mod messages;
mod queues;

use serde_json::{Value, json};

use crate::harness::{ACCOUNT, Answer, Cloud, REGION};

/// A call of SQS.
pub(crate) async fn call(cloud: &Cloud, operation: &str, body: Value) -> Answer {
    cloud.target("sqs", &format!("AmazonSQS.{operation}"), &body).await
}

/// Creates a queue with attributes; returns its URL.
pub(crate) async fn queue(cloud: &Cloud, name: &str, attributes: Value) -> String {
    let body = json!({"QueueName": name, "Attributes": attributes});
    let answer = call(cloud, "CreateQueue", body).await.ok();
    answer.json()["QueueUrl"].as_str().unwrap().to_owned()
}

/// A queue's ARN.
pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}

/// Sends a message; returns the answer.
pub(crate) async fn send(cloud: &Cloud, url: &str, text: &str) -> Value {
    let body = json!({"QueueUrl": url, "MessageBody": text});
    call(cloud, "SendMessage", body).await.ok().json()
}

/// Receives up to ten messages, at once.
pub(crate) async fn receive(cloud: &Cloud, url: &str) -> Vec<Value> {
    let body = json!({
        "QueueUrl": url,
        "MaxNumberOfMessages": 10,
        "MessageSystemAttributeNames": ["All"],
        "MessageAttributeNames": ["All"],
    });
    let answer = call(cloud, "ReceiveMessage", body).await.ok().json();
    answer["Messages"].as_array().cloned().unwrap_or_default()
}

/// Attributes of a queue.
pub(crate) async fn attributes(cloud: &Cloud, url: &str) -> Value {
    let body = json!({"QueueUrl": url, "AttributeNames": ["All"]});
    call(cloud, "GetQueueAttributes", body).await.ok().json()["Attributes"].clone()
}

/// The code of the query protocol, as clients show it.
pub(crate) fn query_code(answer: &Answer) -> String {
    let header = answer.headers.get("x-amzn-query-error").cloned().unwrap_or_default();
    header.trim_end_matches(";Sender").to_owned()
}
