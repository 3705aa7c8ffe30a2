//! Messages are delivered to functions that really run.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{arn, attributes, call, queue, receive, send};
use crate::harness::Cloud;
use crate::lambda::{self, mappings::READ};

/// A handler that prints its event, and fails if a body says so.
const SHOW: &str = "import json\ndef handler(event, context):\n    print('EVENT ' + json.dumps(event))\n    if any('fail' in r['body'] for r in event['Records']):\n        raise ValueError('asked to')\n";

/// A handler that says which messages it could not handle.
const PARTLY: &str = "def handler(event, context):\n    print('EVENT ' + str(len(event['Records'])))\n    return {'batchItemFailures': [{'itemIdentifier': r['messageId']} for r in event['Records'] if r['body'] == 'fail']}\n";

/// How long a test waits for what must come. On a busy machine a Python takes seconds to start.
const PATIENCE: Duration = Duration::from_mins(2);

/// A function `f` with a mapping of the queue `jobs`; returns the queue's URL.
async fn mapped(cloud: &Cloud, code: &str, wanted: (Value, Value)) -> String {
    named(cloud, "jobs", code, wanted).await
}

/// The same with a queue of another name.
async fn named(
    cloud: &Cloud,
    name: &str,
    code: &str,
    (queue_attributes, more): (Value, Value),
) -> String {
    let role = lambda::role(cloud, "reader", READ).await;
    let mut input = lambda::input("f", &role, code);
    input["Timeout"] = json!(longest(&queue_attributes));
    lambda::create(cloud, &input).await.ok();
    let group = json!({"logGroupName": "/aws/lambda/f"});
    cloud.target("logs", "Logs_20140328.CreateLogGroup", &group).await.ok();
    let url = queue(cloud, name, queue_attributes).await;
    let mut body = json!({"FunctionName": "f", "EventSourceArn": arn(name)});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    cloud.rest("lambda", "POST /2015-03-31/event-source-mappings", &body).await.ok();
    url
}

/// How long the function may run, in seconds: as long as the queue hides a message, so that a run
/// on a busy machine is not cut off while Python starts.
fn longest(queue_attributes: &Value) -> u32 {
    queue_attributes["VisibilityTimeout"].as_str().map_or(30, |text| text.parse().unwrap())
}

/// What the function printed after `EVENT`, call by call.
async fn events(cloud: &Cloud) -> Vec<String> {
    let wanted = json!({"logGroupName": "/aws/lambda/f", "filterPattern": "EVENT"});
    let found = cloud.target("logs", "Logs_20140328.FilterLogEvents", &wanted).await.ok().json();
    let text = |event: &Value| {
        event["message"].as_str().unwrap().trim().strip_prefix("EVENT ").map(str::to_owned)
    };
    found["events"].as_array().unwrap().iter().filter_map(text).collect()
}

/// Waits until the queue holds these numbers of messages: seen and hidden.
async fn settles(cloud: &Cloud, url: &str, (seen, hidden): (&str, &str)) {
    let mut last = Value::Null;
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        last = attributes(cloud, url).await;
        if last["ApproximateNumberOfMessages"] == seen
            && last["ApproximateNumberOfMessagesNotVisible"] == hidden
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the queue still holds {last}");
}

/// Waits until the function was called so often.
async fn called(cloud: &Cloud, times: usize) -> Vec<String> {
    let mut found = Vec::new();
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        found = events(cloud).await;
        if found.len() >= times {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the function was called with {found:?}");
}

#[tokio::test]
async fn a_message_runs_the_function_and_is_gone() {
    let cloud = Cloud::instant().await;
    let url = mapped(&cloud, SHOW, (json!({}), json!({}))).await;
    let body = json!({
        "QueueUrl": url,
        "MessageBody": "hello",
        "MessageAttributes": {"a": {"DataType": "String", "StringValue": "b"}},
    });
    let sent = call(&cloud, "SendMessage", body).await.ok().json();
    let found = called(&cloud, 1).await;
    let event: Value = serde_json::from_str(&found[0]).unwrap();
    let mut record = event["Records"][0].clone();
    for member in ["SentTimestamp", "ApproximateFirstReceiveTimestamp"] {
        let attributes = record["attributes"].as_object_mut().unwrap();
        assert_eq!(attributes.remove(member).unwrap().as_str().unwrap().len(), 13);
    }
    assert!(!record.as_object_mut().unwrap().remove("receiptHandle").unwrap().is_null());
    assert_eq!(
        record,
        json!({
            "messageId": sent["MessageId"],
            "body": "hello",
            "attributes": {"ApproximateReceiveCount": "1", "SenderId": "111122223333"},
            "messageAttributes": {"a": {
                "stringValue": "b", "stringListValues": [], "binaryListValues": [],
                "dataType": "String",
            }},
            "md5OfBody": sent["MD5OfMessageBody"],
            "md5OfMessageAttributes": sent["MD5OfMessageAttributes"],
            "eventSource": "aws:sqs",
            "eventSourceARN": arn("jobs"),
            "awsRegion": "eu-west-1",
        })
    );
    settles(&cloud, &url, ("0", "0")).await;
    let ledger = cloud.running.ledger();
    let runs = ledger.iter().filter(|entry| entry.operation == "DeliverMessages").count();
    assert_eq!(runs, 1);
}

#[tokio::test]
async fn a_message_that_fails_comes_again_and_ends_in_the_dead_letter_queue() {
    let cloud = Cloud::instant().await;
    let dead = queue(&cloud, "dead", json!({})).await;
    let policy = json!({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": 2}).to_string();
    let queue_attributes = json!({"VisibilityTimeout": "2", "RedrivePolicy": policy});
    let url = mapped(&cloud, SHOW, (queue_attributes, json!({}))).await;
    send(&cloud, &url, "fail").await;
    let found = called(&cloud, 2).await;
    let counts: Vec<Value> = found
        .iter()
        .map(|text| serde_json::from_str::<Value>(text).unwrap())
        .map(|event| event["Records"][0]["attributes"]["ApproximateReceiveCount"].clone())
        .collect();
    assert_eq!(counts, ["1", "2"]);
    settles(&cloud, &dead, ("1", "0")).await;
    assert_eq!(receive(&cloud, &dead).await[0]["Body"], "fail");
    assert_eq!(called(&cloud, 2).await.len(), 2, "it was tried twice and no more");
    let ledger = cloud.running.ledger();
    let failed = ledger.iter().filter(|entry| entry.error.as_deref() == Some("FunctionError"));
    assert_eq!(failed.count(), 2);
}

#[tokio::test]
async fn only_the_messages_that_failed_stay() {
    let cloud = Cloud::instant().await;
    let more = json!({
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "BatchSize": 10,
        "MaximumBatchingWindowInSeconds": 1,
    });
    let url = mapped(&cloud, PARTLY, (json!({"VisibilityTimeout": "60"}), more)).await;
    for text in ["one", "fail", "two"] {
        send(&cloud, &url, text).await;
    }
    settles(&cloud, &url, ("0", "1")).await;
    assert_eq!(events(&cloud).await, ["3"], "the batch waited for its window");
}

#[tokio::test]
async fn messages_no_filter_wants_are_dropped() {
    let cloud = Cloud::instant().await;
    let pattern = json!({"body": {"kind": ["order"]}}).to_string();
    let more = json!({"FilterCriteria": {"Filters": [{"Pattern": pattern}]}});
    let url = mapped(&cloud, SHOW, (json!({}), more)).await;
    for text in ["plain", r#"{"kind":"gossip"}"#, r#"{"kind":"order"}"#] {
        send(&cloud, &url, text).await;
    }
    settles(&cloud, &url, ("0", "0")).await;
    let found = called(&cloud, 1).await;
    let event: Value = serde_json::from_str(&found[0]).unwrap();
    assert_eq!((found.len(), &event["Records"][0]["body"]), (1, &json!(r#"{"kind":"order"}"#)));
}

#[tokio::test]
async fn at_most_so_many_batches_run_at_a_time() {
    let slow =
        "import time\ndef handler(event, context):\n    print('EVENT begins')\n    time.sleep(2)\n";
    let cloud = Cloud::instant().await;
    let more = json!({"BatchSize": 1, "ScalingConfig": {"MaximumConcurrency": 2}});
    let url = mapped(&cloud, slow, (json!({}), more)).await;
    let entries: Vec<Value> =
        (0..4).map(|id| json!({"Id": id.to_string(), "MessageBody": "m"})).collect();
    let batch = json!({"QueueUrl": url, "Entries": entries});
    call(&cloud, "SendMessageBatch", batch).await.ok();
    let mut most = 0;
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let found = attributes(&cloud, &url).await;
        let hidden = found["ApproximateNumberOfMessagesNotVisible"].as_str().unwrap();
        most = most.max(hidden.parse::<usize>().unwrap());
        if found["ApproximateNumberOfMessages"] == "0" && hidden == "0" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!((most, events(&cloud).await.len()), (2, 4));
}

#[tokio::test]
async fn a_mapping_that_is_off_or_may_not_read_delivers_nothing() {
    let cloud = Cloud::instant().await;
    let url = mapped(&cloud, SHOW, (json!({}), json!({"Enabled": false}))).await;
    send(&cloud, &url, "wait").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    settles(&cloud, &url, ("1", "0")).await;
    let list = cloud.rest("lambda", "GET /2015-03-31/event-source-mappings", &Value::Null).await;
    let uuid = list.ok().json()["EventSourceMappings"][0]["UUID"].clone();
    let line = format!("PUT /2015-03-31/event-source-mappings/{}", uuid.as_str().unwrap());
    cloud.rest("lambda", &line, &json!({"Enabled": true})).await.ok();
    settles(&cloud, &url, ("0", "0")).await;
    let gone = [("Action", "DeleteRolePolicy"), ("RoleName", "reader"), ("PolicyName", "p")];
    cloud.query("iam", &gone).await.ok();
    send(&cloud, &url, "wait").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    settles(&cloud, &url, ("1", "0")).await;
}

#[tokio::test]
async fn a_group_is_delivered_in_order() {
    let cloud = Cloud::instant().await;
    let first = "def handler(event, context):\n    print('EVENT ' + event['Records'][0]['body'])\n";
    let fifo = json!({"FifoQueue": "true", "ContentBasedDeduplication": "true"});
    let url = named(&cloud, "jobs.fifo", first, (fifo, json!({"BatchSize": 1}))).await;
    let entries: Vec<Value> = ["one", "two", "three", "four"]
        .iter()
        .map(|text| json!({"Id": text, "MessageBody": text, "MessageGroupId": "g"}))
        .collect();
    let batch = json!({"QueueUrl": url, "Entries": entries});
    call(&cloud, "SendMessageBatch", batch).await.ok();
    settles(&cloud, &url, ("0", "0")).await;
    assert_eq!(called(&cloud, 4).await, ["one", "two", "three", "four"]);
}

#[tokio::test]
async fn a_backlog_is_worked_off_in_full_batches() {
    let cloud = Cloud::instant().await;
    let count = "def handler(event, context):\n    print('EVENT ' + str(len(event['Records'])))\n";
    let url = mapped(&cloud, count, (json!({}), json!({"Enabled": false}))).await;
    for _ in 0..5 {
        let entries: Vec<Value> =
            (0..10).map(|id| json!({"Id": id.to_string(), "MessageBody": "m"})).collect();
        let batch = json!({"QueueUrl": url, "Entries": entries});
        call(&cloud, "SendMessageBatch", batch).await.ok();
    }
    let list = cloud.rest("lambda", "GET /2015-03-31/event-source-mappings", &Value::Null).await;
    let uuid = list.ok().json()["EventSourceMappings"][0]["UUID"].clone();
    let line = format!("PUT /2015-03-31/event-source-mappings/{}", uuid.as_str().unwrap());
    cloud.rest("lambda", &line, &json!({"Enabled": true})).await.ok();
    settles(&cloud, &url, ("0", "0")).await;
    assert_eq!(called(&cloud, 5).await, ["10", "10", "10", "10", "10"]);
}

#[tokio::test]
async fn a_delivery_does_not_keep_the_cloud_from_stopping() {
    let slow = "import time\ndef handler(event, context):\n    print('EVENT begins')\n    time.sleep(60)\n";
    let cloud = Cloud::instant().await;
    let url = mapped(&cloud, slow, (json!({}), json!({}))).await;
    send(&cloud, &url, "slow").await;
    settles(&cloud, &url, ("0", "1")).await;
    let started = Instant::now();
    cloud.running.stop().await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}
