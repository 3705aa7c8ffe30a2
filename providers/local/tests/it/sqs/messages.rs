//! Messages of standard queues.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{arn, attributes, call, query_code, queue, receive, send};
use crate::harness::Cloud;

#[tokio::test]
async fn a_message_is_received_hidden_and_deleted() {
    let cloud = Cloud::instant().await;
    let url = queue(&cloud, "jobs", json!({})).await;
    let body = json!({
        "QueueUrl": url,
        "MessageBody": "msg",
        "MessageAttributes": {
            "Hello": {"DataType": "String", "StringValue": "There"},
            "General": {"DataType": "String", "StringValue": "Kenobi"},
        },
    });
    let sent = call(&cloud, "SendMessage", body).await.ok().json();
    assert_eq!(sent["MD5OfMessageBody"], "6e2baaf3b97dbeef01c0043275f9a0e7");
    assert_eq!(sent["MD5OfMessageAttributes"], "fca026605781cb4126a1e9044df24232");
    let found = receive(&cloud, &url).await;
    assert_eq!((found.len(), &found[0]["Body"]), (1, &json!("msg")));
    assert_eq!(found[0]["MessageId"], sent["MessageId"]);
    assert_eq!(found[0]["MD5OfMessageAttributes"], "fca026605781cb4126a1e9044df24232");
    assert_eq!(found[0]["Attributes"]["ApproximateReceiveCount"], "1");
    assert!(receive(&cloud, &url).await.is_empty(), "it is hidden");
    let counts = attributes(&cloud, &url).await;
    assert_eq!(counts["ApproximateNumberOfMessagesNotVisible"], "1");
    let handle = found[0]["ReceiptHandle"].clone();
    let back = json!({"QueueUrl": url, "ReceiptHandle": handle, "VisibilityTimeout": 0});
    call(&cloud, "ChangeMessageVisibility", back.clone()).await.ok();
    let again = receive(&cloud, &url).await;
    assert_eq!(again[0]["Attributes"]["ApproximateReceiveCount"], "2");
    let old = json!({"QueueUrl": url, "ReceiptHandle": handle});
    call(&cloud, "DeleteMessage", old).await.ok();
    let counts = attributes(&cloud, &url).await;
    assert_eq!(
        counts["ApproximateNumberOfMessagesNotVisible"], "1",
        "an old handle deletes nothing"
    );
    let new = json!({"QueueUrl": url, "ReceiptHandle": again[0]["ReceiptHandle"]});
    call(&cloud, "DeleteMessage", new).await.ok();
    let counts = attributes(&cloud, &url).await;
    assert_eq!(counts["ApproximateNumberOfMessagesNotVisible"], "0");
    let late = call(&cloud, "ChangeMessageVisibility", back).await;
    assert_eq!(query_code(&late), "InvalidParameterValue");
}

#[tokio::test]
async fn who_waits_is_woken_by_a_message() {
    let cloud = Cloud::instant().await;
    let url = queue(&cloud, "jobs", json!({})).await;
    let wait = json!({"QueueUrl": url, "WaitTimeSeconds": 20});
    let started = Instant::now();
    let (found, ()) = tokio::join!(call(&cloud, "ReceiveMessage", wait), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        send(&cloud, &url, "late").await;
    });
    assert_eq!(found.ok().json()["Messages"][0]["Body"], "late");
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    let short = json!({"QueueUrl": url, "WaitTimeSeconds": 1});
    let nothing = call(&cloud, "ReceiveMessage", short).await.ok().json();
    assert_eq!(nothing, json!({}));
    assert!(started.elapsed() > Duration::from_secs(1));
}

#[tokio::test]
async fn a_message_that_fails_too_often_goes_to_the_dead_letter_queue() {
    let cloud = Cloud::instant().await;
    let dead = queue(&cloud, "dead", json!({})).await;
    let policy = json!({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": 2}).to_string();
    let attributes = json!({"RedrivePolicy": policy, "VisibilityTimeout": "0"});
    let url = queue(&cloud, "jobs", attributes).await;
    let sent = send(&cloud, &url, "poison").await;
    for count in ["1", "2"] {
        let found = receive(&cloud, &url).await;
        assert_eq!(found[0]["Attributes"]["ApproximateReceiveCount"], count);
    }
    assert!(receive(&cloud, &url).await.is_empty());
    let found = receive(&cloud, &dead).await;
    assert_eq!(found[0]["MessageId"], sent["MessageId"]);
    assert_eq!(found[0]["Attributes"]["DeadLetterQueueSourceArn"], json!(arn("jobs")));
}

#[tokio::test]
async fn delays_hold_messages_back() {
    let cloud = Cloud::instant().await;
    let url = queue(&cloud, "jobs", json!({"DelaySeconds": "900"})).await;
    send(&cloud, &url, "late").await;
    let now = json!({"QueueUrl": url, "MessageBody": "now", "DelaySeconds": 0});
    call(&cloud, "SendMessage", now).await.ok();
    let found = receive(&cloud, &url).await;
    assert_eq!((found.len(), &found[0]["Body"]), (1, &json!("now")));
    assert_eq!(attributes(&cloud, &url).await["ApproximateNumberOfMessagesDelayed"], "1");
    call(&cloud, "PurgeQueue", json!({"QueueUrl": url})).await.ok();
    assert_eq!(attributes(&cloud, &url).await["ApproximateNumberOfMessagesDelayed"], "0");
}

#[tokio::test]
async fn batches_answer_for_each_entry() {
    let cloud = Cloud::instant().await;
    let url = queue(&cloud, "jobs", json!({})).await;
    let entries = json!([
        {"Id": "a", "MessageBody": "one"},
        {"Id": "b", "MessageBody": "two", "DelaySeconds": 901},
    ]);
    let sent = call(&cloud, "SendMessageBatch", json!({"QueueUrl": url, "Entries": entries})).await;
    let sent = sent.ok().json();
    assert_eq!(sent["Successful"][0]["Id"], "a");
    assert_eq!(sent["Failed"][0]["Code"], "InvalidParameterValue");
    let found = receive(&cloud, &url).await;
    let entries = json!([
        {"Id": "x", "ReceiptHandle": found[0]["ReceiptHandle"], "VisibilityTimeout": 5},
        {"Id": "y", "ReceiptHandle": "nonsense", "VisibilityTimeout": 5},
    ]);
    let hidden = json!({"QueueUrl": url, "Entries": entries});
    let hidden = call(&cloud, "ChangeMessageVisibilityBatch", hidden).await.ok().json();
    assert_eq!(
        (&hidden["Successful"][0]["Id"], &hidden["Failed"][0]["Id"]),
        (&json!("x"), &json!("y"))
    );
    let entries = json!([{"Id": "x", "ReceiptHandle": found[0]["ReceiptHandle"]}]);
    let gone = json!({"QueueUrl": url, "Entries": entries});
    let gone = call(&cloud, "DeleteMessageBatch", gone).await.ok().json();
    assert_eq!(gone, json!({"Successful": [{"Id": "x"}]}));
    for (entries, code) in [
        (json!([]), "EmptyBatchRequest"),
        (json!([{"Id": "a b", "MessageBody": "m"}]), "InvalidBatchEntryId"),
        (
            json!([{"Id": "a", "MessageBody": "m"}, {"Id": "a", "MessageBody": "m"}]),
            "BatchEntryIdsNotDistinct",
        ),
    ] {
        let body = json!({"QueueUrl": url, "Entries": entries});
        call(&cloud, "SendMessageBatch", body).await.refused(400, code);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_message_is_said() {
    let cloud = Cloud::instant().await;
    let url = queue(&cloud, "jobs", json!({"MaximumMessageSize": "1024"})).await;
    let send = |body: Value| {
        let mut given = json!({"QueueUrl": url, "MessageBody": "m"});
        given.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        given
    };
    for (body, code) in [
        (json!({"MessageBody": ""}), "MissingParameter"),
        (json!({"MessageBody": "a\u{1}"}), "InvalidMessageContents"),
        (json!({"MessageBody": "x".repeat(1025)}), "InvalidParameterValue"),
        (json!({"DelaySeconds": 901}), "InvalidParameterValue"),
        (json!({"MessageDeduplicationId": "a"}), "InvalidParameterValue"),
        (
            json!({"MessageAttributes": {"a": {"DataType": "Colour", "StringValue": "red"}}}),
            "InvalidParameterValue",
        ),
    ] {
        let answer = call(&cloud, "SendMessage", send(body)).await;
        assert_eq!((answer.status, query_code(&answer).as_str()), (400, code), "{}", answer.text());
    }
    for (body, code) in [
        (json!({"QueueUrl": url, "MaxNumberOfMessages": 11}), "InvalidParameterValue"),
        (json!({"QueueUrl": url, "WaitTimeSeconds": 21}), "InvalidParameterValue"),
        (json!({"QueueUrl": url, "AttributeNames": ["Colour"]}), "InvalidAttributeName"),
    ] {
        let answer = call(&cloud, "ReceiveMessage", body).await;
        assert_eq!((answer.status, query_code(&answer).as_str()), (400, code), "{}", answer.text());
    }
    let wrong = json!({"QueueUrl": url, "ReceiptHandle": "x"});
    call(&cloud, "DeleteMessage", wrong).await.refused(400, "ReceiptHandleIsInvalid");
}
