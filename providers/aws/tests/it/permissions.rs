//! Statements of a function's policy: one by one, beside those of others.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{Fields, Kind, Origin, Resource, ResourceId, Value};
use updraft_local::{FaultKind, FaultPlan};

use crate::world::{World, function};

pub(crate) fn permission(source: &str) -> Resource {
    Resource {
        id: ResourceId { kind: Kind("aws.permission"), name: "api.get-photos-1a2b3c4d".into() },
        fields: Fields::new([
            ("function", Value::from("shop-dev-api")),
            ("action", Value::from("lambda:InvokeFunction")),
            ("principal", Value::from("apigateway.amazonaws.com")),
            ("source-arn", Value::from(source)),
            ("surplus", Value::Set(BTreeSet::new())),
        ]),
        outputs: BTreeMap::new(),
        origin: Origin { path: "function.api.trigger[0]".into(), line: 1 },
    }
}

pub(crate) fn arn(api: &str) -> String {
    format!("arn:aws:execute-api:eu-west-1:111122223333:{api}/dev/GET/photos/*")
}

async fn deployed() -> World {
    let mut world = World::new().await;
    let wanted = world.lower(vec![function("api")]);
    world.create_all(&wanted).await;
    world
}

#[tokio::test]
async fn a_permission_comes_changes_and_goes() {
    let mut world = deployed().await;
    let (old, new) = (permission(&arn("aaaaaaaaaa")), permission(&arn("bbbbbbbbbb")));
    world.create(&old).await.unwrap();
    assert!(world.differences(&old).await.is_empty());
    assert_eq!(world.differences(&new).await, ["source-arn"]);
    world.local.clear_ledger();
    world.update(&new).await.unwrap();
    let writes = world.writes();
    assert!(writes.len() == 2 && writes[0].starts_with("AddPermission"), "{writes:?}");
    assert!(world.differences(&new).await.is_empty());
    world.delete(&new).await.unwrap();
    assert!(world.read(&new.id).await.is_none());
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_statement() {
    let mut world = deployed().await;
    let wanted = permission(&arn("aaaaaaaaaa"));
    world.local.set_faults(FaultPlan::on("lambda", "AddPermission", FaultKind::Lose));
    world.create(&wanted).await.unwrap();
    assert!(world.differences(&wanted).await.is_empty());
}

#[tokio::test]
async fn everyone_may_be_let_in_through_the_url_only() {
    let mut world = deployed().await;
    let mut wanted = permission(&arn("aaaaaaaaaa"));
    wanted.fields = Fields::new([
        ("function", Value::from("shop-dev-api")),
        ("action", Value::from("lambda:InvokeFunctionUrl")),
        ("principal", Value::from("*")),
        ("url-auth", Value::from("NONE")),
        ("surplus", Value::Set(BTreeSet::new())),
    ]);
    world.create(&wanted).await.unwrap();
    assert!(world.differences(&wanted).await.is_empty());
    let mut invoke = wanted.clone();
    invoke.id.name = "api.url-invoke-1a2b3c4d".into();
    invoke.fields = Fields::new([
        ("function", Value::from("shop-dev-api")),
        ("action", Value::from("lambda:InvokeFunction")),
        ("principal", Value::from("*")),
        ("via-url", Value::from(true)),
        ("surplus", Value::Set(BTreeSet::new())),
    ]);
    world.create(&invoke).await.unwrap();
    assert!(world.differences(&invoke).await.is_empty());
}
