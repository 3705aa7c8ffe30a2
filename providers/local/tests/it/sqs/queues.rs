//! Queues, their attributes and tags.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::{arn, attributes, call, query_code, queue, send};
use crate::harness::{ACCOUNT, Cloud};

async fn refused(cloud: &Cloud, operation: &str, body: Value, code: &str) {
    let answer = call(cloud, operation, body).await;
    assert_eq!((answer.status, query_code(&answer).as_str()), (400, code), "{}", answer.text());
}

#[tokio::test]
async fn a_queue_has_the_attributes_of_the_service() {
    let cloud = Cloud::instant().await;
    let url = queue(&cloud, "jobs", json!({"VisibilityTimeout": "180"})).await;
    assert_eq!(url, format!("{}/{ACCOUNT}/jobs", cloud.running.url()));
    let mut found = attributes(&cloud, &url).await;
    for time in ["CreatedTimestamp", "LastModifiedTimestamp"] {
        let value = found.as_object_mut().unwrap().remove(time).unwrap();
        assert_eq!(value.as_str().unwrap().len(), 10, "seconds");
    }
    assert_eq!(
        found,
        json!({
            "ApproximateNumberOfMessages": "0",
            "ApproximateNumberOfMessagesDelayed": "0",
            "ApproximateNumberOfMessagesNotVisible": "0",
            "DelaySeconds": "0",
            "MaximumMessageSize": "1048576",
            "MessageRetentionPeriod": "345600",
            "QueueArn": arn("jobs"),
            "ReceiveMessageWaitTimeSeconds": "0",
            "SqsManagedSseEnabled": "true",
            "VisibilityTimeout": "180",
        })
    );
    let none = call(&cloud, "GetQueueAttributes", json!({"QueueUrl": url})).await.ok();
    assert_eq!(none.json(), json!({}));
    assert_eq!(none.headers["content-type"], "application/x-amz-json-1.0");
}

#[tokio::test]
async fn a_queue_that_exists_is_answered_only_to_who_wants_the_same() {
    let cloud = Cloud::instant().await;
    let url = queue(&cloud, "jobs", json!({"DelaySeconds": "5"})).await;
    assert_eq!(queue(&cloud, "jobs", json!({"DelaySeconds": "5"})).await, url);
    assert_eq!(queue(&cloud, "jobs", json!({})).await, url);
    let other = json!({"QueueName": "jobs", "Attributes": {"DelaySeconds": "6"}});
    let answer = call(&cloud, "CreateQueue", other).await.refused(400, "QueueNameExists");
    assert_eq!(query_code(&answer), "QueueAlreadyExists");
    assert!(answer.text().contains("different value for attribute DelaySeconds"));
}

#[tokio::test]
async fn names_attributes_and_tags_are_checked() {
    let cloud = Cloud::instant().await;
    let create =
        |name: &str, attributes: Value| json!({"QueueName": name, "Attributes": attributes});
    for (body, code) in [
        (json!({}), "MissingParameter"),
        (create("a.b", json!({})), "InvalidParameterValue"),
        (create("a.fifo", json!({})), "InvalidParameterValue"),
        (create("a", json!({"FifoQueue": "true"})), "InvalidParameterValue"),
        (create("a", json!({"FifoQueue": "false"})), "InvalidAttributeName"),
        (create("a", json!({"Colour": "red"})), "InvalidAttributeName"),
        (create("a", json!({"VisibilityTimeout": "43201"})), "InvalidAttributeValue"),
        (create("a", json!({"Policy": "{}"})), "InvalidAttributeValue"),
        (create("a", json!({"RedrivePolicy": "{}"})), "InvalidParameterValue"),
        (json!({"QueueName": "a", "tags": {"aws:x": "y"}}), "InvalidParameterValue"),
    ] {
        refused(&cloud, "CreateQueue", body, code).await;
    }
    let unknown = json!({"QueueName": "a", "Colour": "red"});
    call(&cloud, "CreateQueue", unknown).await.refused(501, "NotImplementedByEmbeddedCloud");
    call(&cloud, "AddPermission", json!({})).await.refused(501, "NotImplementedByEmbeddedCloud");
}

#[tokio::test]
async fn a_queue_is_named_by_its_whole_url() {
    let cloud = Cloud::instant().await;
    let url = queue(&cloud, "jobs", json!({})).await;
    let get = |url: &str| json!({"QueueUrl": url});
    refused(&cloud, "ListQueueTags", json!({}), "MissingParameter").await;
    refused(&cloud, "ListQueueTags", get("jobs"), "InvalidAddress").await;
    let gone = format!("{url}2");
    let code = "AWS.SimpleQueueService.NonExistentQueue";
    refused(&cloud, "ListQueueTags", get(&gone), code).await;
    refused(&cloud, "GetQueueUrl", json!({"QueueName": "jobs2"}), code).await;
    let foreign = url.replace(ACCOUNT, "444455556666");
    call(&cloud, "ListQueueTags", get(&foreign)).await.refused(403, "AccessDeniedException");
    let named = call(&cloud, "GetQueueUrl", json!({"QueueName": "jobs"})).await.ok();
    assert_eq!(named.json()["QueueUrl"], json!(url));
}

#[tokio::test]
async fn a_dead_letter_queue_must_be_there_be_alike_and_agree() {
    let cloud = Cloud::instant().await;
    let dead = queue(&cloud, "dead", json!({})).await;
    let url = queue(&cloud, "jobs", json!({})).await;
    let policy = |name: &str, count: Value| {
        let policy = json!({"deadLetterTargetArn": arn(name), "maxReceiveCount": count});
        json!({"QueueUrl": url, "Attributes": {"RedrivePolicy": policy.to_string()}})
    };
    refused(&cloud, "SetQueueAttributes", policy("none", json!(3)), "InvalidParameterValue").await;
    refused(&cloud, "SetQueueAttributes", policy("dead", json!(0)), "InvalidParameterValue").await;
    queue(&cloud, "dead.fifo", json!({"FifoQueue": "true"})).await;
    let alike = policy("dead.fifo", json!(3));
    refused(&cloud, "SetQueueAttributes", alike, "InvalidParameterValue").await;
    call(&cloud, "SetQueueAttributes", policy("dead", json!("3"))).await.ok();
    let set = json!({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": 3}).to_string();
    assert_eq!(attributes(&cloud, &url).await["RedrivePolicy"], json!(set));
    let sources = call(&cloud, "ListDeadLetterSourceQueues", json!({"QueueUrl": dead})).await.ok();
    assert_eq!(sources.json(), json!({"queueUrls": [url]}));
    let nobody = json!({"RedriveAllowPolicy": r#"{"redrivePermission":"denyAll"}"#});
    call(&cloud, "SetQueueAttributes", json!({"QueueUrl": dead, "Attributes": nobody})).await.ok();
    refused(&cloud, "SetQueueAttributes", policy("dead", json!(4)), "InvalidParameterValue").await;
    let none = json!({"QueueUrl": url, "Attributes": {"RedrivePolicy": ""}});
    call(&cloud, "SetQueueAttributes", none).await.ok();
    assert_eq!(attributes(&cloud, &url).await.get("RedrivePolicy"), None);
}

#[tokio::test]
async fn attributes_are_seen_late_and_names_are_held() {
    let settings = Settings {
        queue_attributes_ms: 4_000,
        queue_name_held_ms: 4_000,
        queue_appearing_ms: 4_000,
        queue_purge_ms: 60_000,
        ..Settings::instant()
    };
    let cloud = Cloud::with(settings).await;
    let url = queue(&cloud, "jobs", json!({})).await;
    let read = json!({"QueueUrl": url, "AttributeNames": ["VisibilityTimeout"]});
    call(&cloud, "GetQueueAttributes", read).await.refused(400, "QueueDoesNotExist");
    delayed().await;
    let set = json!({"QueueUrl": url, "Attributes": {"VisibilityTimeout": "60"}});
    call(&cloud, "SetQueueAttributes", set).await.ok();
    assert_eq!(attributes(&cloud, &url).await["VisibilityTimeout"], "30");
    delayed().await;
    assert_eq!(attributes(&cloud, &url).await["VisibilityTimeout"], "60");
    call(&cloud, "PurgeQueue", json!({"QueueUrl": url})).await.ok();
    let again = call(&cloud, "PurgeQueue", json!({"QueueUrl": url})).await;
    again.refused(400, "PurgeQueueInProgress");
    call(&cloud, "DeleteQueue", json!({"QueueUrl": url})).await.ok();
    let create = json!({"QueueName": "jobs"});
    call(&cloud, "CreateQueue", create.clone()).await.refused(400, "QueueDeletedRecently");
    delayed().await;
    call(&cloud, "CreateQueue", create).await.ok();
}

/// Lets the delay of the settings pass.
async fn delayed() {
    tokio::time::sleep(std::time::Duration::from_millis(4_100)).await;
}

#[tokio::test]
async fn lists_have_pages_only_for_who_asks() {
    let cloud = Cloud::instant().await;
    for name in ["a-1", "a-2", "a-3", "b-1"] {
        queue(&cloud, name, json!({})).await;
    }
    let all = call(&cloud, "ListQueues", json!({})).await.ok().json();
    assert_eq!(all["QueueUrls"].as_array().unwrap().len(), 4);
    let first = json!({"QueueNamePrefix": "a-", "MaxResults": 2});
    let first = call(&cloud, "ListQueues", first).await.ok().json();
    assert_eq!(first["QueueUrls"].as_array().unwrap().len(), 2);
    let rest = json!({"QueueNamePrefix": "a-", "MaxResults": 2, "NextToken": first["NextToken"]});
    let rest = call(&cloud, "ListQueues", rest).await.ok().json();
    assert!(rest["QueueUrls"][0].as_str().unwrap().ends_with("/a-3"));
    assert_eq!(rest.get("NextToken"), None);
    refused(&cloud, "ListQueues", json!({"MaxResults": 1001}), "InvalidParameterValue").await;
}

#[tokio::test]
async fn tags_are_kept_and_indexed() {
    let cloud = Cloud::instant().await;
    let create = json!({"QueueName": "jobs", "tags": {"a": "1"}});
    let url = call(&cloud, "CreateQueue", create).await.ok().json()["QueueUrl"].clone();
    let more = json!({"QueueUrl": url, "Tags": {"b": "2"}});
    call(&cloud, "TagQueue", more).await.ok();
    let less = json!({"QueueUrl": url, "TagKeys": ["a"]});
    call(&cloud, "UntagQueue", less).await.ok();
    let tags = call(&cloud, "ListQueueTags", json!({"QueueUrl": url})).await.ok().json();
    assert_eq!(tags, json!({"Tags": {"b": "2"}}));
    let target = "ResourceGroupsTaggingAPI_20170126.GetResources";
    let filter = json!({"ResourceTypeFilters": ["sqs:queue"]});
    let asked = json!({"TagFilters": [{"Key": "b"}]});
    let found = cloud.target("tagging", target, &asked).await.ok().json();
    assert_eq!(found["ResourceTagMappingList"][0]["ResourceARN"], json!(arn("jobs")));
    let typed = cloud.target("tagging", target, &filter).await.ok().json();
    assert_eq!(typed["ResourceTagMappingList"].as_array().unwrap().len(), 1);
    send(&cloud, url.as_str().unwrap(), "gone with its queue").await;
    call(&cloud, "DeleteQueue", json!({"QueueUrl": url})).await.ok();
    let keys = cloud.running.keys().unwrap();
    let left: Vec<_> = keys.iter().filter(|key| key.contains("/message/")).collect();
    assert!(left.is_empty(), "{left:?}");
}
