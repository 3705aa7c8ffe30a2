//! Service accounts: visible before they are used, adopted, kept apart from others'.

use std::collections::BTreeSet;

use updraft_contract::{App, CloudError, Expect, Kind, Live, Owner, ResourceId, Verb};
use updraft_local::{FaultKind, FaultPlan, Settings};

use crate::apps::{app, function};
use crate::world::World;

fn accounts_only(world: &mut World) -> App {
    world.without = &["gcp.function", "gcp.callers", "gcp.source-bucket"];
    app(vec![function("api", Vec::new())], Vec::new())
}

async fn account(world: &World) -> Live {
    let id = ResourceId { kind: Kind("gcp.service-account"), name: "api".into() };
    world.read(&id).await.unwrap()
}

#[tokio::test]
async fn an_account_is_waited_for_until_it_is_seen_everywhere() {
    let mut world = World::with(Settings { service_account_ms: 400, ..Settings::instant() }).await;
    world.apply(&app(vec![function("api", Vec::new())], Vec::new())).await.unwrap();
    let reads = world.local.ledger();
    let reads = reads.iter().filter(|entry| entry.operation.ends_with("GetServiceAccount"));
    assert!(reads.count() >= 3);
}

#[tokio::test]
async fn an_account_whose_answer_was_lost_is_adopted_by_its_nonce() {
    let mut world = World::new().await;
    let app = accounts_only(&mut world);
    world.local.set_faults(FaultPlan::on("iam", "CreateServiceAccount", FaultKind::Lose));
    world.apply(&app).await.unwrap();
    world.local.set_faults(FaultPlan::none());
    assert_eq!(world.apply(&app).await.unwrap(), Vec::<String>::new());
    // Another run does not take it for its own work.
    let live = account(&world).await;
    world.scope.run = "run-2".into();
    let again = world.step(Verb::Create, &live.id, live.fields.clone(), Expect::Absent).await;
    assert!(matches!(again.unwrap_err(), CloudError::Stale(_)));
}

#[tokio::test]
async fn each_field_of_an_account_is_changed_in_place() {
    let mut world = World::new().await;
    let app = accounts_only(&mut world);
    world.apply(&app).await.unwrap();
    let mut live = account(&world).await;
    let mut fields = live.fields.clone().into_fields();
    fields.set("display-name", "Somebody");
    let note = updraft_contract::Value::from("b:others");
    fields.set("on", updraft_contract::Value::Set(BTreeSet::from([note])));
    let changed = fields.resolve(&updraft_contract::Outputs::default()).unwrap();
    let expect = Expect::Unchanged(live.version.clone());
    world.step(Verb::Update, &live.id, changed.clone(), expect).await.unwrap();
    live = account(&world).await;
    assert_eq!(live.fields, changed);
    assert_eq!(live.owner, Owner::Us);
    let steps = world.apply(&app).await.unwrap();
    assert_eq!(steps, ["~ gcp.service-account/api: display-name, on"]);
}

#[tokio::test]
async fn an_account_that_was_deleted_is_made_anew_under_the_same_name() {
    let mut world = World::new().await;
    let app = accounts_only(&mut world);
    world.apply(&app).await.unwrap();
    let live = account(&world).await;
    world.delete(&live).await.unwrap();
    assert!(world.read(&live.id).await.is_none());
    assert_eq!(world.apply(&app).await.unwrap(), ["+ gcp.service-account/api"]);
    assert_eq!(world.apply(&app).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn an_account_of_others_is_refused() {
    let mut world = World::new().await;
    let mut app = accounts_only(&mut world);
    (app.project, app.stage) = ("shop-dev".into(), "one".into());
    (world.scope.project, world.scope.stage) = ("shop-dev".into(), "one".into());
    world.apply(&app).await.unwrap();
    (world.scope.project, world.scope.stage) = ("shop".into(), "dev-one".into());
    let live = account(&world).await;
    assert_eq!(live.owner, Owner::Other("shop-dev/one, resource api".into()));
    let expect = Expect::Unchanged(live.version.clone());
    let taken = world.step(Verb::Delete, &live.id, live.fields.clone(), expect).await;
    assert!(matches!(taken.unwrap_err(), CloudError::Taken { .. }));
}
