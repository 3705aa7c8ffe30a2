//! Topics, subscriptions and messages.

use serde_json::{Value, json};

use super::deploy::{Function, account, agent, deploy, grant, service, wait_for};
use crate::google::harness::{Google, PROJECT};

const TOPICS: &str = "/v1/projects/shop-dev/topics";
const SUBSCRIPTIONS: &str = "/v1/projects/shop-dev/subscriptions";

async fn topic(google: &Google, id: &str) -> String {
    google.ok(&format!("PUT {TOPICS}/{id}"), &json!({"labels": {"a": "b"}})).await;
    format!("projects/{PROJECT}/topics/{id}")
}

async fn publish(google: &Google, topic: &str, messages: Value) -> Value {
    google.ok(&format!("POST /v1/{topic}:publish"), &json!({"messages": messages})).await
}

async fn pull(google: &Google, id: &str) -> Vec<Value> {
    let line = format!("POST {SUBSCRIPTIONS}/{id}:pull");
    let pulled = google.ok(&line, &json!({"maxMessages": 10})).await;
    pulled["receivedMessages"].as_array().cloned().unwrap_or_default()
}

#[tokio::test]
async fn topics_and_subscriptions_are_as_strict_as_the_real_ones() {
    let google = Google::instant().await;
    let name = topic(&google, "jobs").await;
    let again = google.call(&format!("PUT {TOPICS}/jobs"), &json!({})).await;
    again.denied(409, "ALREADY_EXISTS");
    google.call(&format!("PUT {TOPICS}/goog-x"), &json!({})).await.denied(400, "INVALID_ARGUMENT");
    let listed =
        google.ok(&format!("GET {TOPICS}?$alt=json;enum-encoding%3Dint"), &Value::Null).await;
    assert_eq!(listed["topics"][0]["state"], 1);

    let line = format!("PUT {SUBSCRIPTIONS}/jobs-pull");
    let body = json!({
        "topic": name, "ackDeadlineSeconds": 60, "filter": "attributes.kind = \"x\"",
        "retryPolicy": {"minimumBackoff": "10s", "maximumBackoff": "600s"}, "expirationPolicy": {},
    });
    let made = google.ok(&line, &body).await;
    assert_eq!(
        (&made["messageRetentionDuration"], &made["state"]),
        (&json!("604800s"), &json!("ACTIVE"))
    );
    assert_eq!((&made["expirationPolicy"], &made["pushConfig"]), (&json!({}), &json!({})));
    for (member, value) in [
        ("ackDeadlineSeconds", json!(5)),
        ("filter", json!("kind = 1")),
        ("deadLetterPolicy", json!({"deadLetterTopic": name, "maxDeliveryAttempts": 4})),
        ("retryPolicy", json!({"minimumBackoff": "601s"})),
        ("pushConfig", json!({"pushEndpoint": "http://example.com"})),
    ] {
        let mut wrong = body.clone();
        wrong[member] = value;
        let line = format!("PUT {SUBSCRIPTIONS}/wrong");
        google.call(&line, &wrong).await.denied(400, "INVALID_ARGUMENT");
    }
    let mut lost = body.clone();
    lost["topic"] = format!("projects/{PROJECT}/topics/gone").into();
    google.call(&format!("PUT {SUBSCRIPTIONS}/lost"), &lost).await.denied(404, "NOT_FOUND");

    let line = format!("PATCH {SUBSCRIPTIONS}/jobs-pull");
    let patch =
        |field: &str, value: Value| json!({"subscription": {field: value}, "updateMask": field});
    let fixed = google.call(&line, &patch("filter", json!("attributes:a"))).await;
    assert!(fixed.denied(400, "INVALID_ARGUMENT").contains("'filter' is not a known or updatable"));
    let changed = google.ok(&line, &patch("ackDeadlineSeconds", json!(90))).await;
    assert_eq!((&changed["ackDeadlineSeconds"], &changed["filter"]), (&json!(90), &body["filter"]));

    google.ok(&format!("DELETE {TOPICS}/jobs"), &Value::Null).await;
    let orphan = google.ok(&format!("GET {SUBSCRIPTIONS}/jobs-pull"), &Value::Null).await;
    assert_eq!(orphan["topic"], "_deleted-topic_");
}

#[tokio::test]
async fn messages_are_pulled_until_they_are_acknowledged() {
    let google = Google::instant().await;
    let name = topic(&google, "jobs").await;
    let body = json!({"topic": name, "filter": "attributes.kind = \"x\""});
    google.ok(&format!("PUT {SUBSCRIPTIONS}/jobs-pull"), &body).await;
    let messages = json!([
        {"data": "Zmlyc3Q=", "attributes": {"kind": "x"}},
        {"data": "b3RoZXI=", "attributes": {"kind": "y"}},
    ]);
    assert_eq!(publish(&google, &name, messages).await["messageIds"].as_array().unwrap().len(), 2);
    let received = pull(&google, "jobs-pull").await;
    assert_eq!(received.len(), 1);
    assert_eq!(received[0]["message"]["data"], "Zmlyc3Q=");
    assert!(pull(&google, "jobs-pull").await.is_empty(), "it is leased");
    let acks = json!({"ackIds": [received[0]["ackId"]], "ackDeadlineSeconds": 0});
    google.ok(&format!("POST {SUBSCRIPTIONS}/jobs-pull:modifyAckDeadline"), &acks).await;
    let again = pull(&google, "jobs-pull").await;
    assert_eq!(again[0]["message"]["messageId"], received[0]["message"]["messageId"]);
    let acks = json!({"ackIds": [again[0]["ackId"]]});
    google.ok(&format!("POST {SUBSCRIPTIONS}/jobs-pull:acknowledge"), &acks).await;
    assert!(pull(&google, "jobs-pull").await.is_empty());
    let empty = json!({"messages": [{"orderingKey": "a"}]});
    google.call(&format!("POST /v1/{name}:publish"), &empty).await.denied(400, "INVALID_ARGUMENT");
}

const WORKER: &str = r#"
import base64, json
def serve(request):
    envelope = request.get_json()
    text = base64.b64decode(envelope["message"]["data"]).decode()
    print(f"got {text} attempt {envelope.get('deliveryAttempt')} of {envelope['subscription']}")
    if text == "poison":
        raise ValueError("cannot do it")
    return ("", 204)
"#;

/// A subscription that pushes to a function, with dead letters; returns the caller's email.
async fn pushed(google: &Google, jobs: &str, failed: &str) -> String {
    let files = [("main.py", WORKER)];
    let function = Function { id: "worker", runtime: "python313", files: &files, more: json!({}) };
    let uri = deploy(google, function).await;
    let caller = account(google, "worker-call").await;
    let body = json!({
        "topic": jobs, "ackDeadlineSeconds": 60, "expirationPolicy": {},
        "pushConfig": {"pushEndpoint": uri, "oidcToken": {"serviceAccountEmail": caller, "audience": uri}},
        "retryPolicy": {"minimumBackoff": "1s", "maximumBackoff": "2s"},
        "deadLetterPolicy": {"deadLetterTopic": failed, "maxDeliveryAttempts": 5},
    });
    google.ok(&format!("PUT {SUBSCRIPTIONS}/worker"), &body).await;
    caller
}

#[tokio::test]
async fn a_message_is_pushed_to_a_function_until_it_is_a_dead_letter() {
    let google = Google::instant().await;
    let (jobs, failed) = (topic(&google, "jobs").await, topic(&google, "failed").await);
    google.ok(&format!("PUT {SUBSCRIPTIONS}/failed"), &json!({"topic": failed})).await;
    let caller = pushed(&google, &jobs, &failed).await;
    grant(&google, &service("worker"), "roles/run.invoker", &format!("serviceAccount:{caller}"))
        .await;
    publish(&google, &jobs, json!([{"data": "ZmluZQ=="}])).await;
    wait_for(&google, "got fine attempt 1 of projects/shop-dev/subscriptions/worker").await;

    // Without the agent's roles nothing becomes a dead letter.
    publish(&google, &jobs, json!([{"data": "cG9pc29u"}])).await;
    wait_for(&google, "got poison attempt 7").await;
    assert!(pull(&google, "failed").await.is_empty());
    let agent = format!("serviceAccount:{}", agent(&google, "pubsub.googleapis.com").await);
    grant(&google, &format!("/v1/{failed}"), "roles/pubsub.publisher", &agent).await;
    grant(&google, &format!("{SUBSCRIPTIONS}/worker"), "roles/pubsub.subscriber", &agent).await;
    let end = tokio::time::Instant::now() + std::time::Duration::from_mins(1);
    let dead = loop {
        let dead = pull(&google, "failed").await;
        if !dead.is_empty() || tokio::time::Instant::now() > end {
            break dead;
        }
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    };
    assert_eq!(dead[0]["message"]["data"], "cG9pc29u");
    let source = &dead[0]["message"]["attributes"]["CloudPubSubDeadLetterSourceSubscription"];
    assert_eq!(source, "worker");
}

#[tokio::test]
async fn a_caller_that_may_not_invoke_is_refused_until_it_may() {
    let google = Google::instant().await;
    let (jobs, failed) = (topic(&google, "jobs").await, topic(&google, "failed").await);
    let caller = pushed(&google, &jobs, &failed).await;
    publish(&google, &jobs, json!([{"data": "ZmluZQ=="}])).await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert!(!super::deploy::printed(&google).await.contains("got fine"));
    grant(&google, &service("worker"), "roles/run.invoker", &format!("serviceAccount:{caller}"))
        .await;
    wait_for(&google, "got fine").await;
}

#[tokio::test]
async fn many_messages_are_pushed_a_few_at_a_time() {
    let google = Google::instant().await;
    let (jobs, failed) = (topic(&google, "jobs").await, topic(&google, "failed").await);
    let caller = pushed(&google, &jobs, &failed).await;
    grant(&google, &service("worker"), "roles/run.invoker", &format!("serviceAccount:{caller}"))
        .await;
    let messages: Vec<Value> = (0..20).map(|_| json!({"data": "ZmluZQ=="})).collect();
    publish(&google, &jobs, messages.into()).await;
    let end = tokio::time::Instant::now() + std::time::Duration::from_mins(1);
    while super::deploy::printed(&google).await.matches("got fine").count() < 20 {
        assert!(tokio::time::Instant::now() < end, "not all came");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
