//! Schedules and their groups: what `EventBridge` Scheduler takes, refuses and answers.

use serde_json::{Value, json};
use updraft_local::Settings;

use crate::harness::{ACCOUNT, Answer, Cloud, REGION};
use crate::lambda;

const GROUP: &str = "photos-dev";

async fn call(cloud: &Cloud, line: &str, body: Value) -> Answer {
    cloud.rest("scheduler", line, &body).await
}

/// Makes a role the scheduler may assume for the group, under a condition on the source's ARN.
async fn role(cloud: &Cloud, name: &str, source: &str) -> String {
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": { "Service": "scheduler.amazonaws.com" },
        "Action": "sts:AssumeRole",
        "Condition": { "StringEquals": { "aws:SourceAccount": ACCOUNT, "aws:SourceArn": source } },
    }] });
    let trust = trust.to_string();
    let form = [
        ("Action", "CreateRole"),
        ("Version", "2010-05-08"),
        ("RoleName", name),
        ("AssumeRolePolicyDocument", trust.as_str()),
    ];
    cloud.query("iam", &form).await.ok();
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

fn group_arn() -> String {
    format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/{GROUP}")
}

fn body(role: &str) -> Value {
    json!({
        "GroupName": GROUP,
        "ScheduleExpression": "rate(5 minutes)",
        "FlexibleTimeWindow": { "Mode": "OFF" },
        "Target": { "Arn": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:resize"), "RoleArn": role },
    })
}

/// A cloud with a group and a role for it.
async fn ready() -> (Cloud, String) {
    let cloud = Cloud::instant().await;
    let tags = json!({ "Tags": [{ "Key": "a", "Value": "1" }] });
    call(&cloud, &format!("POST /schedule-groups/{GROUP}"), tags).await.ok();
    let role = role(&cloud, "photos-schedule", &group_arn()).await;
    (cloud, role)
}

fn with(mut body: Value, member: &str, value: Value) -> Value {
    body[member] = value;
    body
}

#[tokio::test]
async fn a_schedule_is_shown_with_the_defaults_of_aws() {
    let (cloud, role) = ready().await;
    let made = call(&cloud, "POST /schedules/nightly", body(&role)).await.ok().json();
    let arn = format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{GROUP}/nightly");
    assert_eq!(made, json!({ "ScheduleArn": arn }));
    let shown = call(&cloud, &format!("GET /schedules/nightly?groupName={GROUP}"), Value::Null)
        .await
        .ok()
        .json();
    assert_eq!(shown["Arn"], arn);
    assert_eq!(shown["State"], "ENABLED");
    assert_eq!(shown["ScheduleExpressionTimezone"], "UTC");
    assert_eq!(shown["ActionAfterCompletion"], "NONE");
    let retries = json!({ "MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185 });
    assert_eq!(shown["Target"]["RetryPolicy"], retries);
    let missing = call(&cloud, "GET /schedules/nightly", Value::Null)
        .await
        .refused(404, "ResourceNotFoundException");
    assert_eq!(missing.json()["Message"], "Schedule nightly does not exist.");
}

#[tokio::test]
async fn a_name_is_taken_once_and_a_client_token_is_answered_once_more() {
    let (cloud, role) = ready().await;
    let first = with(body(&role), "ClientToken", json!("t1"));
    let made = call(&cloud, "POST /schedules/nightly", first.clone()).await.ok().json();
    assert_eq!(call(&cloud, "POST /schedules/nightly", first.clone()).await.ok().json(), made);
    let changed = with(first, "State", json!("DISABLED"));
    call(&cloud, "POST /schedules/nightly", changed).await.refused(409, "ConflictException");
    let other = with(body(&role), "ClientToken", json!("t2"));
    let taken =
        call(&cloud, "POST /schedules/nightly", other).await.refused(409, "ConflictException");
    assert_eq!(taken.json()["Message"], "Schedule nightly already exists.");
}

#[tokio::test]
async fn what_aws_refuses_is_refused() {
    let (cloud, role) = ready().await;
    let target = |member: &str, value: Value| {
        let mut body = body(&role);
        body["Target"][member] = value;
        body
    };
    for (why, body) in [
        ("expression", with(body(&role), "ScheduleExpression", json!("cron(0 1 * * * *)"))),
        ("no window", with(body(&role), "FlexibleTimeWindow", Value::Null)),
        ("window", with(body(&role), "FlexibleTimeWindow", json!({ "Mode": "FLEXIBLE" }))),
        ("zone", with(body(&role), "ScheduleExpressionTimezone", json!("Europe/Nowhere"))),
        ("state", with(body(&role), "State", json!("ON"))),
        ("start", with(body(&role), "StartDate", json!(1000.0))),
        ("arn", target("Arn", json!("resize"))),
        ("role", target("RoleArn", json!("resize"))),
        ("input", target("Input", json!("{"))),
        ("age", target("RetryPolicy", json!({ "MaximumEventAgeInSeconds": 59 }))),
        ("attempts", target("RetryPolicy", json!({ "MaximumRetryAttempts": 186 }))),
    ] {
        let answer = call(&cloud, "POST /schedules/nightly", body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "ValidationException"),
            "{why}: {}",
            answer.text()
        );
    }
    let queue = target("Arn", json!(format!("arn:aws:sqs:{REGION}:{ACCOUNT}:queue")));
    call(&cloud, "POST /schedules/nightly", queue)
        .await
        .refused(501, "NotImplementedByEmbeddedCloud");
    let unknown = with(body(&role), "GroupName", json!("nothing"));
    let missing = call(&cloud, "POST /schedules/nightly", unknown)
        .await
        .refused(404, "ResourceNotFoundException");
    assert_eq!(missing.json()["Message"], "Schedule group nothing does not exist.");
    call(&cloud, "POST /schedules/a%20b", body(&role)).await.refused(400, "ValidationException");
}

#[tokio::test]
async fn the_role_must_trust_the_scheduler_for_the_group() {
    let (cloud, _) = ready().await;
    let text =
        "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.";
    let of_schedule = format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{GROUP}/nightly");
    let wrong = role(&cloud, "wrong", &of_schedule).await;
    let none = format!("arn:aws:iam::{ACCOUNT}:role/none");
    for role in [wrong, none] {
        let refused = call(&cloud, "POST /schedules/nightly", body(&role))
            .await
            .refused(400, "ValidationException");
        assert_eq!(refused.json()["Message"], text);
    }
}

#[tokio::test]
async fn a_new_role_is_heard_of_late() {
    let settings = Settings { role_to_scheduler_ms: 300, ..Settings::instant() };
    let cloud = Cloud::with(settings).await;
    call(&cloud, &format!("POST /schedule-groups/{GROUP}"), json!({})).await.ok();
    let role = role(&cloud, "late", &group_arn()).await;
    call(&cloud, "POST /schedules/nightly", body(&role)).await.refused(400, "ValidationException");
    tokio::time::sleep(std::time::Duration::from_millis(350)).await;
    call(&cloud, "POST /schedules/nightly", body(&role)).await.ok();
}

#[tokio::test]
async fn an_update_replaces_the_whole_schedule() {
    let (cloud, role) = ready().await;
    let first = with(body(&role), "Description", json!("every night"));
    call(&cloud, "POST /schedules/nightly", first).await.ok();
    let next = with(body(&role), "ScheduleExpression", json!("cron(0 3 * * ? *)"));
    call(&cloud, "PUT /schedules/nightly", next).await.ok();
    let shown = call(&cloud, &format!("GET /schedules/nightly?groupName={GROUP}"), Value::Null)
        .await
        .ok()
        .json();
    assert_eq!(shown["Description"], Value::Null);
    assert_eq!(shown["ScheduleExpression"], "cron(0 3 * * ? *)");
    call(&cloud, "PUT /schedules/other", body(&role))
        .await
        .refused(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn schedules_are_listed_by_group_and_prefix_in_pages() {
    let (cloud, role) = ready().await;
    for name in ["a1", "a2", "b1"] {
        call(&cloud, &format!("POST /schedules/{name}"), body(&role)).await.ok();
    }
    let first = format!("GET /schedules?ScheduleGroup={GROUP}&NamePrefix=a&MaxResults=1");
    let page = call(&cloud, &first, Value::Null).await.ok().json();
    assert_eq!(page["Schedules"][0]["Name"], "a1");
    assert_eq!(page["Schedules"][0]["GroupName"], GROUP);
    let next = format!("{first}&NextToken={}", page["NextToken"].as_str().unwrap());
    let page = call(&cloud, &next, Value::Null).await.ok().json();
    assert_eq!((&page["Schedules"][0]["Name"], &page["NextToken"]), (&json!("a2"), &Value::Null));
    call(&cloud, "GET /schedules?MaxResults=101", Value::Null)
        .await
        .refused(400, "ValidationException");
}

#[tokio::test]
async fn a_group_goes_with_its_schedules_after_a_while() {
    let settings = Settings { schedule_group_deleting_ms: 200, ..Settings::instant() };
    let cloud = Cloud::with(settings).await;
    let line = format!("POST /schedule-groups/{GROUP}");
    call(&cloud, &line, json!({})).await.ok();
    call(&cloud, &line, json!({})).await.refused(409, "ConflictException");
    let role = role(&cloud, "photos-schedule", &group_arn()).await;
    call(&cloud, "POST /schedules/nightly", body(&role)).await.ok();
    call(&cloud, &line.replace("POST", "DELETE"), Value::Null).await.ok();
    let get = line.replace("POST", "GET");
    assert_eq!(call(&cloud, &get, Value::Null).await.ok().json()["State"], "DELETING");
    call(&cloud, "POST /schedules/other", body(&role)).await.refused(409, "ConflictException");
    tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    call(&cloud, &get, Value::Null).await.refused(404, "ResourceNotFoundException");
    call(&cloud, &line, json!({})).await.ok();
    let all = call(&cloud, &format!("GET /schedules?ScheduleGroup={GROUP}"), Value::Null)
        .await
        .ok()
        .json();
    assert_eq!(all["Schedules"], json!([]));
}

#[tokio::test]
async fn the_default_group_is_always_there() {
    let cloud = Cloud::instant().await;
    let shown = call(&cloud, "GET /schedule-groups/default", Value::Null).await.ok().json();
    assert_eq!(shown["State"], "ACTIVE");
    let refused = call(&cloud, "DELETE /schedule-groups/default", Value::Null).await;
    let refused = refused.refused(400, "ValidationException");
    assert_eq!(
        refused.json()["Message"],
        "This operation cannot be performed on schedule group default."
    );
}

#[tokio::test]
async fn groups_are_tagged_by_arn() {
    let (cloud, _) = ready().await;
    let arn = group_arn().replace(':', "%3A").replace('/', "%2F");
    let more = json!({ "Tags": [{ "Key": "b", "Value": "2" }] });
    call(&cloud, &format!("POST /tags/{arn}"), more).await.ok();
    call(&cloud, &format!("DELETE /tags/{arn}?TagKeys=a"), Value::Null).await.ok();
    let tags = call(&cloud, &format!("GET /tags/{arn}"), Value::Null).await.ok().json();
    assert_eq!(tags, json!({ "Tags": [{ "Key": "b", "Value": "2" }] }));
}

#[tokio::test]
async fn a_due_schedule_runs_its_function_and_may_be_deleted_then() {
    let (cloud, role) = ready().await;
    let code = "def handler(event, context):\n    print(event['at'])\n";
    lambda::function(&cloud, "resize", code).await;
    let group = json!({ "logGroupName": "/aws/lambda/resize" });
    cloud.target("logs", "Logs_20140328.CreateLogGroup", &group).await.ok();
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(5);
    let mut once = body(&role);
    once["ScheduleExpression"] = json!(format!("at({})", soon.strftime("%Y-%m-%dT%H:%M:%S")));
    once["ActionAfterCompletion"] = json!("DELETE");
    once["Target"]["Input"] = json!(r#"{"at":"ran at <aws.scheduler.scheduled-time>"}"#);
    call(&cloud, "POST /schedules/refused", once.clone()).await.ok();
    let runs = |cloud: &Cloud| {
        let all =
            cloud.running.ledger().into_iter().filter(|entry| entry.operation == "RunSchedule");
        all.map(|entry| (entry.status, entry.object.unwrap_or_default())).collect::<Vec<_>>()
    };
    until(|| !runs(&cloud).is_empty()).await;
    assert_eq!(
        runs(&cloud),
        [(403, format!("schedule/{GROUP}/refused"))],
        "its role may not invoke the function"
    );
    permit(&cloud, "photos-schedule").await;
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(5);
    once["ScheduleExpression"] = json!(format!("at({})", soon.strftime("%Y-%m-%dT%H:%M:%S")));
    call(&cloud, "POST /schedules/allowed", once).await.ok();
    until(|| runs(&cloud).len() > 1).await;
    assert_eq!(runs(&cloud)[1], (202, format!("schedule/{GROUP}/allowed")));
    let shown =
        call(&cloud, &format!("GET /schedules/allowed?groupName={GROUP}"), Value::Null).await;
    shown.refused(404, "ResourceNotFoundException");
    let wanted = json!({ "logGroupName": "/aws/lambda/resize", "filterPattern": "ran" });
    for _ in 0..1_200 {
        let found =
            cloud.target("logs", "Logs_20140328.FilterLogEvents", &wanted).await.ok().json();
        if found["events"].as_array().is_some_and(|events| !events.is_empty()) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the function did not log");
}

async fn until(holds: impl Fn() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("it did not happen in a minute");
}

/// Lets the role invoke every function.
async fn permit(cloud: &Cloud, name: &str) {
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*",
    }] });
    let policy = policy.to_string();
    let form = [
        ("Action", "PutRolePolicy"),
        ("RoleName", name),
        ("PolicyName", "invoke"),
        ("PolicyDocument", &policy),
    ];
    cloud.query("iam", &form).await.ok();
}
