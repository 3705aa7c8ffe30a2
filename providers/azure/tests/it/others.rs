//! Things of others that functions use: nothing is done to them but rights given on them.

use serde_json::{Value as Json, json};
use updraft_contract::{App, Managed, QueueKind};

use crate::apps::{app, function, of_queue, queue, using};
use crate::parts::{AUTHORIZATION, SERVICE_BUS, STORAGE, call, done, live, nothing, ours, parts};
use crate::world::{SUBSCRIPTION, World};

const VAULTS: &str = "2023-07-01";

fn group() -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/theirs")
}

/// Makes something of somebody else's, and whatever is in it.
async fn theirs(world: &World, path: &str, api: &str, body: &Json) -> String {
    let id = format!("{}/providers/{path}", group());
    done(world, ("PUT", &id), api, body).await;
    // It may take a while.
    for _ in 0..200 {
        let found = call(world, ("GET", &id), api, &Json::Null).await.1;
        let state = found["properties"]["provisioningState"].as_str().unwrap_or("Succeeded");
        if state == "Succeeded" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    id
}

fn existing(name: &str, physical: &str) -> Managed {
    Managed { existing: true, physical_name: Some(physical.into()), ..queue(name) }
}

/// Applies the app, looks for nothing left to do, and lets everything go.
async fn lives_and_ends(world: &mut World, app: &App, rights: &[&str]) {
    let made = world.apply(app).await.unwrap();
    for right in rights {
        assert!(made.contains(&format!("+ azure.role-assignment/{right}")), "{right}: {made:?}");
    }
    assert_eq!(world.apply(app).await.unwrap(), [""; 0]);
    for right in rights {
        let given = live(world, app, &format!("azure.role-assignment/{right}")).await;
        let at = &given.outputs["id"];
        assert_eq!(crate::parts::status(world, at, AUTHORIZATION).await, 200);
        assert!(at.to_lowercase().starts_with(&group().to_lowercase()), "{at}");
    }
    world.apply(&nothing()).await.unwrap();
    assert_eq!(ours(world).await, [""; 0]);
}

#[tokio::test]
async fn a_storage_queue_of_others_calls_a_function() {
    let mut world = parts().await;
    world.group("theirs").await;
    let body = json!({"location": "westeurope", "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"}, "properties": {}});
    let account = "Microsoft.Storage/storageAccounts/theirjobs";
    let account = theirs(&world, account, STORAGE, &body).await;
    for name in ["jobs", "jobs-poison"] {
        let path = format!("{account}/queueServices/default/queues/{name}");
        done(&world, ("PUT", &path), STORAGE, &json!({"properties": {}})).await;
    }
    let worker = function("worker", vec![of_queue("queue.jobs")]);
    let app = app(vec![worker], vec![existing("jobs", "theirjobs/jobs")]);
    let rights =
        ["worker.queue-consumer.theirjobs/jobs", "worker.queue-sender.theirjobs/jobs-poison"];
    lives_and_ends(&mut world, &app, &rights).await;
    let poison = format!("{account}/queueServices/default/queues/jobs-poison");
    assert_eq!(crate::parts::status(&world, &poison, STORAGE).await, 200);
}

#[tokio::test]
async fn a_queue_of_a_namespace_of_others_is_sent_to() {
    let mut world = parts().await;
    world.group("theirs").await;
    let body = json!({"location": "westeurope", "sku": {"name": "Standard", "tier": "Standard"},
        "properties": {}});
    let namespace = "Microsoft.ServiceBus/namespaces/their-orders";
    let namespace = theirs(&world, namespace, SERVICE_BUS, &body).await;
    let path = format!("{namespace}/queues/inbox");
    done(&world, ("PUT", &path), SERVICE_BUS, &json!({"properties": {}})).await;
    let inbox = Managed {
        queue_kind: Some(QueueKind::ServiceBus),
        ..existing("inbox", "their-orders/inbox")
    };
    let mut sender = function("sender", Vec::new());
    sender.access = vec![using("queue.inbox", &["send"], None)];
    let app = app(vec![sender], vec![inbox]);
    world.apply(&app).await.unwrap();
    let right = "sender.bus-sender.their-orders/inbox";
    let given = live(&mut world, &app, &format!("azure.role-assignment/{right}")).await;
    assert!(given.outputs["endpoint"].contains("their-orders"), "{given:?}");
    assert!(!given.outputs["endpoint"].contains("://"), "{given:?}");
    world.apply(&nothing()).await.unwrap();
    lives_and_ends(&mut world, &app, &[right]).await;
}

#[tokio::test]
async fn a_function_may_read_its_secrets_and_no_others() {
    let mut world = parts().await;
    world.group("theirs").await;
    let body = json!({"location": "westeurope", "properties": {
        "tenantId": "11111111-1111-1111-1111-111111111111",
        "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": true}});
    theirs(&world, "Microsoft.KeyVault/vaults/shop", VAULTS, &body).await;
    let mut reader = function("reader", Vec::new());
    reader.secrets = [("KEY".to_owned(), "shop/api-key".to_owned())].into();
    let app = app(vec![reader], Vec::new());
    world.apply(&app).await.unwrap();
    let right = "reader.secrets-user.shop/api-key";
    let given = live(&mut world, &app, &format!("azure.role-assignment/{right}")).await;
    assert_eq!(given.fields.text("on"), Some("secret shop/api-key"));
    world.apply(&nothing()).await.unwrap();
    lives_and_ends(&mut world, &app, &[right]).await;
}

#[tokio::test]
async fn what_the_subscription_does_not_have_is_told() {
    let mut world = parts().await;
    let mut reader = function("reader", Vec::new());
    reader.secrets = [("KEY".to_owned(), "nowhere/api-key".to_owned())].into();
    let error = world.apply(&app(vec![reader], Vec::new())).await.unwrap_err();
    assert!(error.to_string().contains("no key vault called `nowhere`"), "{error}");
}
