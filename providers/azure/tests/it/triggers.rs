//! What an app becomes: everything that it needs, in the right order, and nothing that Azure lacks.

use std::collections::BTreeSet;

use updraft_contract::{Auth, Provider as _, QueueKind, Trigger, Value};

use crate::apps::{app, bucket, every, function, of_bucket, of_queue, of_route, queue};
use crate::world::World;

#[tokio::test]
async fn a_function_brings_along_what_it_runs_on() {
    let world = World::new().await;
    let api = function("api", vec![of_route("/hello", Auth::None)]);
    let wanted = world.azure.desired(&app(vec![api], Vec::new())).unwrap();
    let kinds: BTreeSet<&str> = wanted.iter().map(|it| it.id.kind.0).collect();
    let all = [
        "azure.container",
        "azure.function",
        "azure.identity",
        "azure.insights",
        "azure.plan",
        "azure.resource-group",
        "azure.role-assignment",
        "azure.storage-account",
        "azure.workspace",
    ];
    assert_eq!(kinds, BTreeSet::from(all));
    let nothing = world.azure.desired(&app(Vec::new(), Vec::new())).unwrap();
    assert!(nothing.is_empty(), "{nothing:?}");
}

#[tokio::test]
async fn every_trigger_is_deployed_and_taken_away_again() {
    let mut world = World::new().await;
    let triggers = vec![
        of_route("/hello", Auth::Key),
        every(5),
        of_queue("queue.jobs"),
        of_queue("queue.orders"),
        of_bucket("bucket.photos"),
    ];
    let mut orders = queue("orders");
    orders.queue_kind = Some(QueueKind::ServiceBus);
    let whole = app(vec![function("api", triggers)], vec![queue("jobs"), orders, bucket("photos")]);
    world.apply(&whole).await.unwrap();
    assert_eq!(world.apply(&whole).await.unwrap(), Vec::<String>::new());
    let settings = world.settings(&world.site("api").await).await;
    for name in ["UPDRAFT_JOBS__queueServiceUri", "UPDRAFT_ORDERS__fullyQualifiedNamespace"] {
        assert!(settings.contains_key(name), "{name} in {:?}", settings.keys());
    }
    let none = app(Vec::new(), Vec::new());
    world.apply(&none).await.unwrap();
    assert_eq!(world.apply(&none).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn what_azure_lacks_is_refused_all_at_once() {
    let world = World::new().await;
    let mut api = function("api", vec![Trigger::Iot { topic: "t".into() }, every(7)]);
    api.memory_mib = 256;
    let said = world.azure.desired(&app(vec![api], Vec::new())).unwrap_err();
    assert_eq!(said.len(), 3, "{said:?}");
}

#[tokio::test]
async fn secrets_of_the_environment_are_never_shown() {
    let world = World::new().await;
    let mut api = function("api", vec![of_route("/hello", Auth::None)]);
    let hidden = updraft_contract::EnvValue { text: "hunter2".into(), shown: false };
    api.environment.insert("KEY".into(), hidden);
    let wanted = world.azure.desired(&app(vec![api], Vec::new())).unwrap();
    let function = wanted.iter().find(|it| it.id.kind.0 == "azure.function").unwrap();
    assert!(matches!(function.fields.get("environment"), Some(Value::Map(all)) if all.len() == 1));
    assert!(!format!("{wanted:?}").contains("hunter2"));
}
