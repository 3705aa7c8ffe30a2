//! `CloudWatch` Logs: groups, retention, tags, streams and events.

use serde_json::{Value, json};
use updraft_local::Settings;

use crate::harness::{ACCOUNT, Answer, Cloud, REGION};

async fn logs(cloud: &Cloud, action: &str, body: Value) -> Answer {
    cloud.target("logs", &format!("Logs_20140328.{action}"), &body).await
}

async fn group(cloud: &Cloud, name: &str) {
    logs(cloud, "CreateLogGroup", json!({"logGroupName": name})).await.ok();
}

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

#[tokio::test]
async fn a_group_is_created_once_described_and_deleted() {
    let cloud = Cloud::instant().await;
    let name = "/aws/lambda/a";
    let input = json!({"logGroupName": name, "tags": {"k": "v"}});
    logs(&cloud, "CreateLogGroup", input.clone()).await.ok();
    logs(&cloud, "CreateLogGroup", input).await.refused(400, "ResourceAlreadyExistsException");
    let shown = logs(&cloud, "DescribeLogGroups", json!({"logGroupNamePrefix": name})).await.ok();
    let shown = shown.json()["logGroups"][0].clone();
    let arn = format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}");
    assert_eq!(shown["arn"], format!("{arn}:*"));
    assert_eq!(shown["logGroupArn"], arn);
    assert_eq!(shown.get("retentionInDays"), None);
    for arn in [arn.clone(), format!("{arn}:*")] {
        let tags = logs(&cloud, "ListTagsForResource", json!({"resourceArn": arn})).await.ok();
        assert_eq!(tags.json()["tags"], json!({"k": "v"}));
    }
    logs(&cloud, "TagResource", json!({"resourceArn": arn, "tags": {"a": "b"}})).await.ok();
    logs(&cloud, "UntagResource", json!({"resourceArn": arn, "tagKeys": ["k"]})).await.ok();
    let tags = logs(&cloud, "ListTagsForResource", json!({"resourceArn": arn})).await.ok();
    assert_eq!(tags.json()["tags"], json!({"a": "b"}));
    logs(&cloud, "DeleteLogGroup", json!({"logGroupName": name})).await.ok();
    let gone = logs(&cloud, "DeleteLogGroup", json!({"logGroupName": name})).await;
    gone.refused(400, "ResourceNotFoundException");
}

#[tokio::test]
async fn names_retention_and_unknown_members_are_checked() {
    let cloud = Cloud::instant().await;
    let bad = logs(&cloud, "CreateLogGroup", json!({"logGroupName": "a b"})).await;
    bad.refused(400, "InvalidParameterException");
    let unknown = logs(&cloud, "CreateLogGroup", json!({"logGroupName": "a", "kmsKeyId": "k"}));
    unknown.await.refused(501, "NotImplementedByEmbeddedCloud");
    group(&cloud, "a").await;
    let put = |days: i64| json!({"logGroupName": "a", "retentionInDays": days});
    let refused = logs(&cloud, "PutRetentionPolicy", put(15)).await;
    let refused = refused.refused(400, "InvalidParameterException");
    assert!(refused.text().contains("[1, 3, 5, 7, 14,"), "{}", refused.text());
    logs(&cloud, "PutRetentionPolicy", put(30)).await.ok();
    let shown = logs(&cloud, "DescribeLogGroups", json!({})).await.ok().json();
    assert_eq!(shown["logGroups"][0]["retentionInDays"], 30);
    logs(&cloud, "DeleteRetentionPolicy", json!({"logGroupName": "a"})).await.ok();
    let shown = logs(&cloud, "DescribeLogGroups", json!({})).await.ok().json();
    assert_eq!(shown["logGroups"][0].get("retentionInDays"), None);
}

#[tokio::test]
async fn groups_come_in_pages() {
    let cloud = Cloud::with(Settings { page_cap: Some(2), ..Settings::instant() }).await;
    for name in ["c", "a", "b"] {
        group(&cloud, name).await;
    }
    let first = logs(&cloud, "DescribeLogGroups", json!({})).await.ok().json();
    assert_eq!(first["logGroups"].as_array().unwrap().len(), 2);
    assert_eq!(first["logGroups"][0]["logGroupName"], "a");
    let token = first["nextToken"].clone();
    let second = logs(&cloud, "DescribeLogGroups", json!({"nextToken": token})).await.ok().json();
    assert_eq!(second["logGroups"][0]["logGroupName"], "c");
    assert_eq!(second.get("nextToken"), None);
    let many = logs(&cloud, "DescribeLogGroups", json!({"limit": 51})).await;
    many.refused(400, "InvalidParameterException");
}

#[tokio::test]
async fn events_are_read_by_stream_and_across_streams() {
    let cloud = Cloud::instant().await;
    group(&cloud, "g").await;
    let start = now() - 10_000;
    for (stream, times) in [("s1", [0, 20]), ("s2", [10, 30])] {
        let name = json!({"logGroupName": "g", "logStreamName": stream});
        logs(&cloud, "CreateLogStream", name.clone()).await.ok();
        let events: Vec<Value> = times
            .iter()
            .map(|at| json!({"timestamp": start + at, "message": format!("{stream} {at}")}))
            .collect();
        let put = json!({"logGroupName": "g", "logStreamName": stream, "logEvents": events});
        logs(&cloud, "PutLogEvents", put).await.ok();
        let again = logs(&cloud, "CreateLogStream", name).await;
        again.refused(400, "ResourceAlreadyExistsException");
    }
    let texts = |answer: &Value| -> Vec<String> {
        let events = answer["events"].as_array().unwrap();
        events.iter().map(|event| event["message"].as_str().unwrap().to_owned()).collect()
    };
    let first = json!({"logGroupName": "g", "limit": 3});
    let first = logs(&cloud, "FilterLogEvents", first).await.ok().json();
    assert_eq!(texts(&first), ["s1 0", "s2 10", "s1 20"]);
    let rest = json!({"logGroupName": "g", "limit": 3, "nextToken": first["nextToken"]});
    let rest = logs(&cloud, "FilterLogEvents", rest).await.ok().json();
    assert_eq!((texts(&rest), rest.get("nextToken")), (vec!["s2 30".to_owned()], None));
    let later = json!({"logGroupName": "g", "startTime": start + 15, "filterPattern": "s1"});
    assert_eq!(texts(&logs(&cloud, "FilterLogEvents", later).await.ok().json()), ["s1 20"]);

    let get =
        json!({"logGroupName": "g", "logStreamName": "s1", "limit": 1, "startFromHead": true});
    let page = logs(&cloud, "GetLogEvents", get).await.ok().json();
    assert_eq!(texts(&page), ["s1 0"]);
    let next =
        |token: &Value| json!({"logGroupName": "g", "logStreamName": "s1", "nextToken": token});
    let page = logs(&cloud, "GetLogEvents", next(&page["nextForwardToken"])).await.ok().json();
    assert_eq!(texts(&page), ["s1 20"]);
    let end = logs(&cloud, "GetLogEvents", next(&page["nextForwardToken"])).await.ok().json();
    assert_eq!((texts(&end).len(), &end["nextForwardToken"]), (0, &page["nextForwardToken"]));
    let latest = json!({"logGroupName": "g", "orderBy": "LastEventTime", "descending": true});
    let streams = logs(&cloud, "DescribeLogStreams", latest).await.ok().json();
    assert_eq!(streams["logStreams"][0]["logStreamName"], "s2");
}

#[tokio::test]
async fn batches_are_checked_and_old_events_rejected() {
    let cloud = Cloud::instant().await;
    group(&cloud, "g").await;
    let put =
        |events: Value| json!({"logGroupName": "g", "logStreamName": "s", "logEvents": events});
    let at = |time: i64| json!({"timestamp": time, "message": "m"});
    let none = logs(&cloud, "PutLogEvents", put(json!([at(now())]))).await;
    none.refused(400, "ResourceNotFoundException");
    logs(&cloud, "CreateLogStream", json!({"logGroupName": "g", "logStreamName": "s"})).await.ok();
    let unordered = logs(&cloud, "PutLogEvents", put(json!([at(now()), at(now() - 5)]))).await;
    unordered.refused(400, "InvalidParameterException");
    let old = now() - 15 * 86_400_000;
    let answer = logs(&cloud, "PutLogEvents", put(json!([at(old)]))).await.ok().json();
    assert_eq!(answer["rejectedLogEventsInfo"]["tooOldLogEventEndIndex"], 1);
}
