//! Event source mappings: what they need, what they refuse and how they settle.

use std::time::Duration;

use serde_json::{Value, json};
use updraft_local::Settings;

use super::{ECHO, arn, create as create_function, input, message, role};
use crate::harness::{Answer, Cloud};
use crate::sqs;

const MAPPINGS: &str = "/2015-03-31/event-source-mappings";

/// What Lambda does to a queue.
pub(crate) const READ: &str =
    r#"["sqs:ReceiveMessage","sqs:DeleteMessage","sqs:GetQueueAttributes","logs:*"]"#;

/// A function whose role may read queues, and a queue.
async fn ready(cloud: &Cloud) {
    let role = role(cloud, "reader", READ).await;
    create_function(cloud, &input("f", &role, ECHO)).await.ok();
    sqs::queue(cloud, "jobs", json!({})).await;
}

/// `CreateEventSourceMapping` of the queue `jobs` to the function `f`, with more members.
async fn create(cloud: &Cloud, more: Value) -> Answer {
    let mut body = json!({"FunctionName": "f", "EventSourceArn": sqs::arn("jobs")});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    cloud.rest("lambda", &format!("POST {MAPPINGS}"), &body).await
}

async fn at(cloud: &Cloud, method: &str, uuid: &Value, body: Value) -> Answer {
    let uuid = uuid.as_str().unwrap();
    cloud.rest("lambda", &format!("{method} {MAPPINGS}/{uuid}"), &body).await
}

#[tokio::test]
async fn a_mapping_is_created_read_changed_and_deleted() {
    let cloud = Cloud::instant().await;
    ready(&cloud).await;
    let made = create(&cloud, json!({"BatchSize": 5, "Tags": {"a": "1"}})).await.ok();
    assert_eq!((made.status, &made.json()["State"]), (202, &json!("Creating")));
    let uuid = made.json()["UUID"].clone();
    let mut shown = at(&cloud, "GET", &uuid, Value::Null).await.ok().json();
    assert!(shown.as_object_mut().unwrap().remove("LastModified").unwrap().is_f64());
    let mapping = format!(
        "arn:aws:lambda:eu-west-1:111122223333:event-source-mapping:{}",
        uuid.as_str().unwrap()
    );
    assert_eq!(
        shown,
        json!({
            "UUID": uuid,
            "BatchSize": 5,
            "MaximumBatchingWindowInSeconds": 0,
            "EventSourceArn": sqs::arn("jobs"),
            "FunctionArn": arn("f"),
            "State": "Enabled",
            "StateTransitionReason": "USER_INITIATED",
            "FunctionResponseTypes": [],
            "EventSourceMappingArn": mapping,
        })
    );
    let change = json!({
        "Enabled": false,
        "ScalingConfig": {"MaximumConcurrency": 2},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "FilterCriteria": {"Filters": [{"Pattern": "{\"body\":[\"a\"]}"}]},
    });
    let changed = at(&cloud, "PUT", &uuid, change).await.ok();
    assert_eq!((changed.status, &changed.json()["State"]), (202, &json!("Disabling")));
    let shown = at(&cloud, "GET", &uuid, Value::Null).await.ok().json();
    assert_eq!((&shown["State"], &shown["BatchSize"]), (&json!("Disabled"), &json!(5)));
    assert_eq!(shown["ScalingConfig"], json!({"MaximumConcurrency": 2}));
    assert_eq!(shown["FilterCriteria"]["Filters"][0]["Pattern"], "{\"body\":[\"a\"]}");
    let bare = json!({"ScalingConfig": {}, "FilterCriteria": {}, "FunctionResponseTypes": []});
    let bare = at(&cloud, "PUT", &uuid, bare).await.ok().json();
    assert_eq!((bare.get("ScalingConfig"), bare.get("FilterCriteria")), (None, None));
    let gone = at(&cloud, "DELETE", &uuid, Value::Null).await.ok();
    assert_eq!((gone.status, &gone.json()["State"]), (202, &json!("Deleting")));
    let absent = at(&cloud, "GET", &uuid, Value::Null).await;
    absent.refused(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn a_mapping_settles_before_it_can_be_changed() {
    let settings = Settings { mapping_settling_ms: 300, ..Settings::instant() };
    let cloud = Cloud::with(settings).await;
    ready(&cloud).await;
    let uuid = create(&cloud, json!({})).await.ok().json()["UUID"].clone();
    for (method, body) in [("PUT", json!({"BatchSize": 1})), ("DELETE", Value::Null)] {
        let busy = at(&cloud, method, &uuid, body).await.refused(400, "ResourceInUseException");
        assert!(message(&busy).ends_with("the event source mapping because it is in use."));
    }
    tokio::time::sleep(Duration::from_millis(350)).await;
    at(&cloud, "DELETE", &uuid, Value::Null).await.ok();
    let going = at(&cloud, "GET", &uuid, Value::Null).await.ok().json();
    assert_eq!(going["State"], "Deleting");
    create(&cloud, json!({})).await.refused(409, "ResourceConflictException");
    tokio::time::sleep(Duration::from_millis(350)).await;
    create(&cloud, json!({})).await.ok();
}

#[tokio::test]
async fn a_mapping_needs_a_function_a_queue_and_a_role_that_may_read_it() {
    let cloud = Cloud::instant().await;
    ready(&cloud).await;
    let invalid = "InvalidParameterValueException";
    let none = create(&cloud, json!({"FunctionName": "none"})).await.refused(400, invalid);
    assert_eq!(message(&none), "Function does not exist");
    let none = create(&cloud, json!({"EventSourceArn": sqs::arn("none")})).await;
    assert!(
        message(&none.refused(400, invalid)).contains("AWS.SimpleQueueService.NonExistentQueue")
    );
    let topic = json!({"EventSourceArn": "arn:aws:sns:eu-west-1:111122223333:t"});
    create(&cloud, topic).await.refused(400, invalid);
    let stream = json!({"EventSourceArn": "arn:aws:kinesis:eu-west-1:111122223333:stream/s"});
    create(&cloud, stream).await.refused(501, "NotImplementedByEmbeddedCloud");
    let partly = role(&cloud, "partly", r#"["sqs:ReceiveMessage","sqs:GetQueueAttributes"]"#).await;
    create_function(&cloud, &input("g", &partly, ECHO)).await.ok();
    let refused = create(&cloud, json!({"FunctionName": "g"})).await.refused(400, invalid);
    assert_eq!(
        message(&refused),
        "The function execution role does not have permissions to call DeleteMessage on SQS"
    );
    let short = json!({"VisibilityTimeout": "19"});
    let url = sqs::queue(&cloud, "short", short).await;
    let refused = create(&cloud, json!({"EventSourceArn": sqs::arn("short")})).await;
    assert_eq!(
        message(&refused.refused(400, invalid)),
        "Queue visibility timeout: 19 seconds is less than Function timeout: 20 seconds"
    );
    let deny = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "sqs:DeleteMessage", "Resource": sqs::arn("short"),
    }]});
    let attributes = json!({"VisibilityTimeout": "20", "Policy": deny.to_string()});
    let set = json!({"QueueUrl": url, "Attributes": attributes});
    sqs::call(&cloud, "SetQueueAttributes", set).await.ok();
    let denied = create(&cloud, json!({"EventSourceArn": sqs::arn("short")})).await;
    assert!(message(&denied.refused(400, invalid)).contains("DeleteMessage"));
}

#[tokio::test]
async fn a_queue_is_mapped_to_a_function_once() {
    let cloud = Cloud::instant().await;
    ready(&cloud).await;
    let uuid = create(&cloud, json!({})).await.ok().json()["UUID"].clone();
    let twice = create(&cloud, json!({})).await.refused(409, "ResourceConflictException");
    assert_eq!(
        message(&twice),
        format!(
            "An event source mapping with SQS arn (\" {} \") and function (\" f \") already exists. \
             Please update or delete the existing mapping with UUID {}",
            sqs::arn("jobs"),
            uuid.as_str().unwrap()
        )
    );
}

#[tokio::test]
async fn what_a_mapping_may_say_is_checked() {
    let cloud = Cloud::instant().await;
    ready(&cloud).await;
    let pattern = |text: &str| json!({"FilterCriteria": {"Filters": [{"Pattern": text}]}});
    for (more, code) in [
        (json!({"BatchSize": 0}), "ValidationException"),
        (json!({"BatchSize": 10_001}), "ValidationException"),
        (json!({"MaximumBatchingWindowInSeconds": 301}), "ValidationException"),
        (json!({"ScalingConfig": {"MaximumConcurrency": 1}}), "ValidationException"),
        (json!({"ScalingConfig": {"MaximumConcurrency": 1001}}), "ValidationException"),
        (json!({"FunctionResponseTypes": ["Everything"]}), "ValidationException"),
        (json!({"BatchSize": 11}), "InvalidParameterValueException"),
        (pattern("no json"), "InvalidParameterValueException"),
        (pattern(r#"{"body":"text"}"#), "InvalidParameterValueException"),
        (json!({"StartingPosition": "LATEST"}), "InvalidParameterValueException"),
        (json!({"Tags": {"aws:x": "y"}}), "InvalidParameterValueException"),
    ] {
        let answer = create(&cloud, more.clone()).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, code),
            "{more} {}",
            answer.text()
        );
    }
    for more in [pattern(r#"{"body":[{"wildcard":"a*"}]}"#), json!({"KMSKeyArn": "arn:aws:kms:x"})]
    {
        create(&cloud, more).await.refused(501, "NotImplementedByEmbeddedCloud");
    }
    create(&cloud, json!({"BatchSize": 11, "MaximumBatchingWindowInSeconds": 1})).await.ok();
    sqs::queue(&cloud, "jobs.fifo", json!({"FifoQueue": "true"})).await;
    let fifo = json!({
        "EventSourceArn": sqs::arn("jobs.fifo"), "MaximumBatchingWindowInSeconds": 1,
    });
    create(&cloud, fifo).await.refused(400, "InvalidParameterValueException");
}

#[tokio::test]
async fn mappings_are_listed_by_function_and_queue_in_pages() {
    let cloud = Cloud::with(Settings { page_cap: Some(2), ..Settings::instant() }).await;
    ready(&cloud).await;
    let mut made = vec![create(&cloud, json!({})).await.ok().json()["UUID"].clone()];
    for name in ["two", "three"] {
        sqs::queue(&cloud, name, json!({})).await;
        let body = json!({"EventSourceArn": sqs::arn(name)});
        made.push(create(&cloud, body).await.ok().json()["UUID"].clone());
    }
    let list = |query: String| {
        let cloud = &cloud;
        async move {
            let line = format!("GET {MAPPINGS}?{query}");
            cloud.rest("lambda", &line, &Value::Null).await.ok().json()
        }
    };
    let first = list("FunctionName=f".to_owned()).await;
    let marker = first["NextMarker"].as_str().unwrap();
    let second = list(format!("FunctionName=f&Marker={marker}")).await;
    let uuids = |page: &Value| {
        let all = page["EventSourceMappings"].as_array().unwrap().clone();
        all.iter().map(|one| one["UUID"].clone()).collect::<Vec<_>>()
    };
    let mut found = [uuids(&first), uuids(&second)].concat();
    let key = |value: &Value| value.as_str().unwrap().to_owned();
    found.sort_by_key(key);
    made.sort_by_key(key);
    assert_eq!(found, made);
    let source = list(format!("EventSourceArn={}", sqs::arn("two"))).await;
    assert_eq!(source["EventSourceMappings"].as_array().unwrap().len(), 1);
    assert!(uuids(&list("FunctionName=g".to_owned()).await).is_empty());
}

#[tokio::test]
async fn mappings_have_tags_that_are_indexed() {
    let cloud = Cloud::instant().await;
    ready(&cloud).await;
    let made = create(&cloud, json!({"Tags": {"a": "1"}})).await.ok().json();
    let arn = made["EventSourceMappingArn"].as_str().unwrap();
    let path = format!("/2017-03-31/tags/{}", arn.replace(':', "%3A"));
    cloud.rest("lambda", &format!("POST {path}"), &json!({"Tags": {"b": "2"}})).await.ok();
    cloud.rest("lambda", &format!("DELETE {path}?tagKeys=a"), &Value::Null).await.ok();
    let tags = cloud.rest("lambda", &format!("GET {path}"), &Value::Null).await.ok();
    assert_eq!(tags.json(), json!({"Tags": {"b": "2"}}));
    let target = "ResourceGroupsTaggingAPI_20170126.GetResources";
    let typed = json!({"ResourceTypeFilters": ["lambda:event-source-mapping"]});
    let found = cloud.target("tagging", target, &typed).await.ok().json();
    assert_eq!(found["ResourceTagMappingList"][0]["ResourceARN"], arn);
}
