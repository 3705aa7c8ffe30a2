//! Service Bus: namespaces and queues in ARM, messages through REST.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::harness::{Azure, GROUP, LOCATION};
use crate::harness::Answer;

const V: &str = "2024-01-01";

fn namespace() -> String {
    format!("{GROUP}/providers/Microsoft.ServiceBus/namespaces/shop-dev-bus")
}

async fn furnished(queue: &Value) -> Azure {
    let azure = Azure::with_group(Settings::instant()).await;
    let body = json!({"location": LOCATION, "sku": {"name": "Standard"}, "properties": {}});
    azure.put(&namespace(), V, &body).await;
    azure.put(&format!("{}/queues/dead", namespace()), V, &json!({"properties": {}})).await;
    azure.put(&format!("{}/queues/jobs", namespace()), V, queue).await;
    azure
}

async fn send(azure: &Azure, line: &str, body: &[u8]) -> Answer {
    azure.raw(line, &[("Authorization", "Bearer local")], body).await.unwrap()
}

#[tokio::test]
async fn a_namespace_is_made_in_a_while() {
    let azure = Azure::with_group(Settings::default()).await;
    let body = json!({"location": LOCATION, "sku": {"name": "Standard"}});
    let begun = azure.call(&format!("PUT {}?api-version={V}", namespace()), &body).await.ok();
    assert_eq!(begun.json()["properties"]["provisioningState"], "Created");
    for _ in 0..1_000 {
        let found = azure.get(&namespace(), V).await.ok().json();
        if found["properties"]["provisioningState"] == "Succeeded" {
            let endpoint = found["properties"]["serviceBusEndpoint"].as_str().unwrap();
            assert!(endpoint.ends_with("/_servicebus/shop-dev-bus/"), "{endpoint}");
            assert_eq!(azure.delete(&namespace(), V).await.status, 200);
            assert_eq!(azure.get(&namespace(), V).await.status, 404);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the namespace is never made");
}

#[tokio::test]
async fn a_queues_properties_are_checked_and_told_in_one_spelling() {
    let azure = furnished(&json!({"properties": {"lockDuration": "PT60S"}})).await;
    let id = format!("{}/queues/jobs", namespace());
    let found = azure.get(&id, V).await.ok().json();
    assert_eq!(found["properties"]["lockDuration"], "PT1M");
    assert_eq!(found["properties"]["maxDeliveryCount"], 10);
    for wrong in [
        json!({"lockDuration": "PT6M"}),
        json!({"lockDuration": "1 minute"}),
        json!({"maxDeliveryCount": 0}),
        json!({"forwardDeadLetteredMessagesTo": "nowhere"}),
    ] {
        let answer =
            azure.call(&format!("PUT {id}?api-version={V}"), &json!({"properties": wrong})).await;
        assert_eq!(
            (answer.status, answer.json()["error"]["code"].clone()),
            (400, json!("BadRequest"))
        );
    }
}

#[tokio::test]
async fn a_message_is_locked_and_completed() {
    let azure = furnished(&json!({"properties": {}})).await;
    let messages = "/_servicebus/shop-dev-bus/jobs/messages";
    let headers = [
        ("Authorization", "Bearer local"),
        ("Content-Type", "application/json"),
        ("BrokerProperties", "{\"MessageId\":\"m-1\",\"Label\":\"new\"}"),
        ("team", "\"web\""),
    ];
    let sent = azure.raw(&format!("POST {messages}"), &headers, b"{\"a\":1}").await.unwrap();
    assert_eq!(sent.status, 201);
    let locked = send(&azure, &format!("POST {messages}/head?timeout=5"), b"").await;
    assert_eq!((locked.status, locked.body.as_slice()), (201, &b"{\"a\":1}"[..]));
    let broker: Value = serde_json::from_str(&locked.headers["brokerproperties"]).unwrap();
    assert_eq!(
        (broker["MessageId"].as_str(), broker["DeliveryCount"].as_u64()),
        (Some("m-1"), Some(1))
    );
    assert_eq!(locked.headers["team"], "\"web\"");
    assert_eq!(send(&azure, &format!("POST {messages}/head"), b"").await.status, 204);
    let location = locked.headers["location"].clone();
    assert_eq!(send(&azure, &format!("DELETE {location}"), b"").await.status, 200);
    assert_eq!(send(&azure, &format!("DELETE {location}"), b"").await.status, 404);
}

#[tokio::test]
async fn a_message_delivered_too_often_is_forwarded() {
    let queue =
        json!({"properties": {"maxDeliveryCount": 2, "forwardDeadLetteredMessagesTo": "dead"}});
    let azure = furnished(&queue).await;
    let messages = "/_servicebus/shop-dev-bus/jobs/messages";
    send(&azure, &format!("POST {messages}"), b"bad").await.ok();
    for _ in 0..2 {
        let locked = send(&azure, &format!("POST {messages}/head"), b"").await;
        assert_eq!(locked.status, 201);
        let location = locked.headers["location"].clone();
        assert_eq!(send(&azure, &format!("PUT {location}"), b"").await.status, 200);
    }
    assert_eq!(send(&azure, &format!("POST {messages}/head"), b"").await.status, 204);
    let dead = send(&azure, "DELETE /_servicebus/shop-dev-bus/dead/messages/head", b"").await;
    assert_eq!((dead.status, dead.body.as_slice()), (200, &b"bad"[..]));
    assert_eq!(dead.headers["deadletterreason"], "\"MaxDeliveryCountExceeded\"");
}

#[tokio::test]
async fn a_message_delivered_too_often_becomes_a_dead_letter() {
    let azure = furnished(&json!({"properties": {"maxDeliveryCount": 1}})).await;
    let messages = "/_servicebus/shop-dev-bus/jobs/messages";
    send(&azure, &format!("POST {messages}"), b"bad").await.ok();
    let locked = send(&azure, &format!("POST {messages}/head"), b"").await;
    let location = locked.headers["location"].clone();
    send(&azure, &format!("PUT {location}"), b"").await.ok();
    let found = azure.get(&format!("{}/queues/jobs", namespace()), V).await.ok().json();
    assert_eq!(found["properties"]["countDetails"]["deadLetterMessageCount"], 1);
    let dead =
        send(&azure, "POST /_servicebus/shop-dev-bus/jobs/$DeadLetterQueue/messages/head", b"")
            .await;
    assert_eq!((dead.status, dead.body.as_slice()), (201, &b"bad"[..]));
}
