//! S3: the notification document, and what happens to objects told to functions.

use std::time::Duration;

use serde_json::{Value, json};
use updraft_local::Settings;

use crate::harness::{ACCOUNT, Answer, Cloud, REGION};
use crate::lambda::{arn, at, function};
use crate::s3::{bucket, s3};

/// A handler that keeps the events it is given in its log.
const LOGGED: &str =
    "import json\ndef handler(event, context):\n    print('EVENT ' + json.dumps(event))\n";

/// One that always fails.
const BROKEN: &str =
    "def handler(event, context):\n    print('EVENT {}')\n    raise ValueError('no')\n";

fn entry(function: &str, event: &str, rest: &str) -> String {
    format!(
        "<CloudFunctionConfiguration><CloudFunction>{}</CloudFunction><Event>{event}</Event>{rest}</CloudFunctionConfiguration>",
        arn(function)
    )
}

fn filter(name: &str, value: &str) -> String {
    format!(
        "<Filter><S3Key><FilterRule><Name>{name}</Name><Value>{value}</Value></FilterRule></S3Key></Filter>"
    )
}

async fn notify(cloud: &Cloud, entries: &str) -> Answer {
    let body = format!("<NotificationConfiguration>{entries}</NotificationConfiguration>");
    s3(cloud, "PUT /photos?notification", &[], &body).await
}

async fn permit(cloud: &Cloud, name: &str, account: &str) {
    let permission = json!({
        "StatementId": format!("s3-{account}"),
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
        "SourceArn": "arn:aws:s3:::photos",
        "SourceAccount": account,
    });
    at(cloud, name, "POST /policy", permission).await.ok();
}

/// The events the function `name` logged, once there are `count`.
async fn logged(cloud: &Cloud, name: &str, count: usize) -> Vec<Value> {
    let group = json!({ "logGroupName": format!("/aws/lambda/{name}") });
    for _ in 0..2_400 {
        let found = cloud.target("logs", "Logs_20140328.FilterLogEvents", &group).await;
        let body = if found.status == 200 { found.json() } else { json!({"events": []}) };
        let lines = body["events"].as_array().unwrap().iter();
        let events: Vec<Value> = lines
            .filter_map(|line| line["message"].as_str()?.strip_prefix("EVENT "))
            .map(|text| serde_json::from_str(text).unwrap())
            .collect();
        if events.len() >= count {
            return events;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{name} was not told {count} times");
}

async fn ready(cloud: &Cloud, name: &str, code: &str) {
    bucket(cloud, "photos").await;
    function(cloud, name, code).await;
    let group = json!({ "logGroupName": format!("/aws/lambda/{name}") });
    cloud.target("logs", "Logs_20140328.CreateLogGroup", &group).await.ok();
}

#[tokio::test]
async fn a_document_needs_functions_that_let_s3_in() {
    let cloud = Cloud::instant().await;
    bucket(&cloud, "photos").await;
    let all = entry("thumb", "s3:ObjectCreated:*", "");
    let refused = notify(&cloud, &all).await.refused(400, "InvalidArgument");
    let message = "Unable to validate the following destination configurations";
    assert_eq!(refused.element("Message").as_deref(), Some(message));
    function(&cloud, "thumb", LOGGED).await;
    notify(&cloud, &all).await.refused(400, "InvalidArgument");
    permit(&cloud, "thumb", "444455556666").await;
    notify(&cloud, &all).await.refused(400, "InvalidArgument");
    permit(&cloud, "thumb", ACCOUNT).await;
    notify(&cloud, &all).await.ok();
    let body = format!(
        "<NotificationConfiguration>{}</NotificationConfiguration>",
        entry("none", "s3:ObjectCreated:*", "")
    );
    let skip = [("x-amz-skip-destination-validation", "true")];
    s3(&cloud, "PUT /photos?notification", &skip, &body).await.ok();
}

#[tokio::test]
async fn a_document_is_held_to_the_rules() {
    let cloud = Cloud::instant().await;
    bucket(&cloud, "photos").await;
    function(&cloud, "thumb", LOGGED).await;
    permit(&cloud, "thumb", ACCOUNT).await;
    let (put, all) = ("s3:ObjectCreated:Put", "s3:ObjectCreated:*");
    for entries in [
        entry("thumb", "s3:ObjectMade", ""),
        entry("thumb", put, "") + &entry("thumb", all, ""),
        entry("thumb", put, &filter("prefix", "a/"))
            + &entry("thumb", all, &filter("prefix", "a/b/")),
        entry("thumb", put, &filter("middle", "a")),
        entry("thumb", put, "<Id>one</Id>") + &entry("thumb", "s3:ObjectRemoved:*", "<Id>one</Id>"),
        entry("thumb", put, "").replace(REGION, "us-east-1"),
        entry("thumb", put, "").replace("arn:aws:lambda", "arn:aws:sqs"),
    ] {
        notify(&cloud, &entries).await.refused(400, "InvalidArgument");
    }
    notify(&cloud, "<Other/>").await.refused(400, "MalformedXML");
    notify(&cloud, &entry("thumb", put, "<Mystery/>")).await.refused(400, "MalformedXML");
    let none = s3(&cloud, "GET /photos?notification", &[], "").await.ok();
    assert_eq!(none.elements("Id").len(), 0);
}

#[tokio::test]
async fn a_document_is_kept_as_a_whole() {
    let cloud = Cloud::instant().await;
    bucket(&cloud, "photos").await;
    function(&cloud, "thumb", LOGGED).await;
    permit(&cloud, "thumb", ACCOUNT).await;
    let queue = format!(
        "<QueueConfiguration><Id>theirs</Id><Queue>arn:aws:sqs:{REGION}:{ACCOUNT}:q</Queue><Event>s3:ObjectRemoved:*</Event></QueueConfiguration>"
    );
    let own = entry("thumb", "s3:ObjectCreated:*", &filter("suffix", ".png"));
    notify(&cloud, &format!("{own}{queue}<EventBridgeConfiguration/>")).await.ok();
    let found = s3(&cloud, "GET /photos?notification", &[], "").await.ok();
    let ids = found.elements("Id");
    assert_eq!((ids.len(), ids[0].as_str()), (2, "theirs"), "{}", found.text());
    assert!(!ids[1].is_empty());
    assert_eq!(found.elements("Name"), ["Suffix"]);
    assert!(found.text().contains("<EventBridgeConfiguration/>"));
    notify(&cloud, "").await.ok();
    assert_eq!(s3(&cloud, "GET /photos?notification", &[], "").await.ok().elements("Id").len(), 0);
}

#[tokio::test]
async fn a_function_is_told_what_happened_to_which_object() {
    let cloud = Cloud::instant().await;
    ready(&cloud, "thumb", LOGGED).await;
    permit(&cloud, "thumb", ACCOUNT).await;
    let created =
        entry("thumb", "s3:ObjectCreated:*", &format!("<Id>made</Id>{}", filter("suffix", ".png")));
    let removed = entry("thumb", "s3:ObjectRemoved:Delete", "<Id>gone</Id>");
    notify(&cloud, &(created + &removed)).await.ok();
    s3(&cloud, "PUT /photos/notes.txt", &[], "no").await.ok();
    s3(&cloud, "PUT /photos/in/my%20red%2Bflower.png", &[], "hello").await.ok();
    let told = logged(&cloud, "thumb", 1).await;
    let record = &told[0]["Records"][0];
    assert_eq!(record["eventName"], "ObjectCreated:Put");
    assert_eq!(
        (&record["eventVersion"], &record["eventSource"]),
        (&json!("2.1"), &json!("aws:s3"))
    );
    assert_eq!(
        (&record["awsRegion"], &record["s3"]["s3SchemaVersion"]),
        (&json!(REGION), &json!("1.0"))
    );
    assert_eq!(record["s3"]["configurationId"], "made");
    assert_eq!(record["s3"]["bucket"]["arn"], "arn:aws:s3:::photos");
    let object = &record["s3"]["object"];
    assert_eq!(object["key"], "in/my+red%2Bflower.png");
    assert_eq!(
        (&object["size"], &object["eTag"]),
        (&json!(5), &json!("5d41402abc4b2a76b9719d911017c592"))
    );
    s3(&cloud, "DELETE /photos/in/my%20red%2Bflower.png", &[], "").await.ok();
    s3(&cloud, "DELETE /photos/none", &[], "").await.ok();
    let copy = [("x-amz-copy-source", "photos/notes.txt")];
    s3(&cloud, "PUT /photos/copy.png", &copy, "").await.ok();
    let told = logged(&cloud, "thumb", 3).await;
    let names: Vec<_> =
        told.iter().map(|one| one["Records"][0]["eventName"].as_str().unwrap()).collect();
    assert_eq!(told.len(), 3, "{names:?}");
    let gone =
        told.iter().find(|one| one["Records"][0]["eventName"] == "ObjectRemoved:Delete").unwrap();
    let gone = &gone["Records"][0]["s3"]["object"];
    assert_eq!((gone.get("size"), gone.get("eTag")), (None, None));
    assert!(gone["sequencer"].as_str() > object["sequencer"].as_str());
    assert!(names.contains(&"ObjectCreated:Copy"), "{names:?}");
}

#[tokio::test]
async fn an_event_is_not_delivered_once_the_permission_is_gone() {
    let cloud = Cloud::instant().await;
    ready(&cloud, "thumb", LOGGED).await;
    permit(&cloud, "thumb", ACCOUNT).await;
    notify(&cloud, &entry("thumb", "s3:ObjectCreated:*", "")).await.ok();
    at(&cloud, "thumb", &format!("DELETE /policy/s3-{ACCOUNT}"), Value::Null).await.ok();
    s3(&cloud, "PUT /photos/a", &[], "").await.ok();
    for _ in 0..3_000 {
        let ledger = cloud.running.ledger();
        if let Some(entry) = ledger.iter().find(|entry| entry.operation == "DeliverEvent") {
            assert_eq!(
                (entry.status, entry.error.as_deref()),
                (403, Some("AccessDeniedException"))
            );
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the delivery is not in the ledger");
}

#[tokio::test]
async fn a_failing_function_is_tried_three_times() {
    let cloud = Cloud::with(Settings { async_retry_ms: 30, ..Settings::instant() }).await;
    ready(&cloud, "thumb", BROKEN).await;
    permit(&cloud, "thumb", ACCOUNT).await;
    notify(&cloud, &entry("thumb", "s3:ObjectCreated:*", "")).await.ok();
    s3(&cloud, "PUT /photos/a", &[], "").await.ok();
    assert_eq!(logged(&cloud, "thumb", 3).await.len(), 3);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(logged(&cloud, "thumb", 3).await.len(), 3);
}

#[tokio::test]
async fn a_function_that_is_still_being_made_is_told_later() {
    let cloud = Cloud::with(Settings { function_pending_ms: 400, ..Settings::instant() }).await;
    ready(&cloud, "thumb", LOGGED).await;
    permit(&cloud, "thumb", ACCOUNT).await;
    notify(&cloud, &entry("thumb", "s3:ObjectCreated:*", "")).await.ok();
    s3(&cloud, "PUT /photos/a", &[], "").await.ok();
    assert_eq!(logged(&cloud, "thumb", 1).await.len(), 1);
}
