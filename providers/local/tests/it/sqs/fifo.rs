//! FIFO queues: once, and in order within a group.

use serde_json::{Value, json};

use super::{call, query_code, queue, receive};
use crate::harness::Cloud;

async fn send(cloud: &Cloud, url: &str, (group, text): (&str, &str)) -> Value {
    let body = json!({"QueueUrl": url, "MessageBody": text, "MessageGroupId": group});
    call(cloud, "SendMessage", body).await.ok().json()
}

#[tokio::test]
async fn a_group_waits_for_its_first_message() {
    let cloud = Cloud::instant().await;
    let attributes = json!({"FifoQueue": "true", "ContentBasedDeduplication": "true"});
    let url = queue(&cloud, "jobs.fifo", attributes).await;
    let first = send(&cloud, &url, ("a", "1")).await;
    assert_eq!(send(&cloud, &url, ("a", "1")).await, first, "the same message is sent once");
    for (group, text) in [("a", "2"), ("b", "3")] {
        send(&cloud, &url, (group, text)).await;
    }
    let one = json!({"QueueUrl": url, "MaxNumberOfMessages": 1});
    let one = call(&cloud, "ReceiveMessage", one).await.ok().json();
    assert_eq!(one["Messages"][0]["Body"], "1");
    let rest = receive(&cloud, &url).await;
    let bodies: Vec<&str> = rest.iter().filter_map(|one| one["Body"].as_str()).collect();
    assert_eq!(bodies, ["3"], "group a has a message in flight");
    assert_eq!(rest[0]["Attributes"]["MessageGroupId"], "b");
    let done = json!({"QueueUrl": url, "ReceiptHandle": one["Messages"][0]["ReceiptHandle"]});
    call(&cloud, "DeleteMessage", done).await.ok();
    assert_eq!(receive(&cloud, &url).await[0]["Body"], "2");
}

#[tokio::test]
async fn groups_and_deduplication_are_needed() {
    let cloud = Cloud::instant().await;
    let url = queue(&cloud, "jobs.fifo", json!({"FifoQueue": "true"})).await;
    for more in [
        json!({}),
        json!({"MessageGroupId": "a"}),
        json!({"MessageGroupId": "a", "MessageDeduplicationId": "1", "DelaySeconds": 2}),
    ] {
        let mut body = json!({"QueueUrl": url, "MessageBody": "m"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = call(&cloud, "SendMessage", body).await;
        assert_eq!(query_code(&answer), "InvalidParameterValue", "{}", answer.text());
    }
}
