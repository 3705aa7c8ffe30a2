//! What stands in the way of a deployment, and the command that mends it.

use std::collections::BTreeSet;

use updraft_contract::{App, Obstacle, Provider};
use updraft_local::{FaultKind, FaultPlan, Settings};

use crate::apps::{app, bucket, every, function};
use crate::world::World;

async fn obstacles(world: &World, app: &App) -> Vec<Obstacle> {
    world.azure.preflight(&world.scope, app).await.unwrap()
}

fn functions() -> App {
    app(vec![function("api", vec![every(5)])], Vec::new())
}

#[tokio::test]
async fn nothing_stands_in_the_way_of_an_app_that_can_be_deployed() {
    let world = World::new().await;
    assert_eq!(obstacles(&world, &functions()).await, []);
    assert_eq!(obstacles(&world, &app(Vec::new(), vec![bucket("photos")])).await, []);
    assert_eq!(obstacles(&world, &app(Vec::new(), Vec::new())).await, []);
}

#[tokio::test]
async fn a_group_that_is_to_be_used_must_be_there() {
    let world = World::set(Settings::instant(), |it| it.resource_group = Some("theirs".into()));
    let world = world.await;
    let found = obstacles(&world, &functions()).await;
    assert!(found[0].blocks && found[0].message.contains("no resource group theirs"), "{found:?}");
    assert_eq!(found[0].mend, "az group create --name theirs --location westeurope");
    world.group("theirs").await;
    assert_eq!(obstacles(&world, &functions()).await, []);
}

#[tokio::test]
async fn a_region_without_the_plan_and_runtimes_it_lacks_are_told() {
    let world =
        World::set(Settings::instant(), |it| it.region = Some("Brazil Southeast".into())).await;
    let found = obstacles(&world, &functions()).await;
    assert!(found.iter().any(|it| it.message.contains("has no Flex Consumption")), "{found:?}");
    let world = World::new().await;
    let mut old = functions();
    old.functions[0].runtime = "python3.9".into();
    let found = obstacles(&world, &old).await;
    let told = found.iter().find(|it| it.message.contains("python 3.9; there is 3.10"));
    assert!(told.unwrap().mend.contains("list-flexconsumption-runtimes"), "{found:?}");
}

#[tokio::test]
async fn a_look_that_fails_stops_nothing() {
    let world = World::new().await;
    let fail = FaultKind::Fail { status: 400, code: "BadRequest".into(), message: "no".into() };
    world.local.set_faults(FaultPlan::on("Microsoft.Web", "Microsoft.Web/geoRegions/read", fail));
    let found = obstacles(&world, &functions()).await;
    assert!(found.iter().any(|it| it.message.contains("could not be checked")), "{found:?}");
    assert!(found.iter().all(|it| !it.blocks), "{found:?}");
}

#[tokio::test]
async fn permissions_that_are_missing_are_told_with_the_role_that_brings_them() {
    let denied = "Microsoft.Resources/subscriptions/resourceGroups/write".to_owned();
    let temper =
        Settings { denied_permissions: BTreeSet::from([denied.clone()]), ..Settings::instant() };
    let world = World::with(temper).await;
    let found = obstacles(&world, &app(Vec::new(), vec![bucket("photos")])).await;
    let told = found.iter().find(|it| it.message.contains(&denied)).unwrap();
    assert!(!told.blocks && told.mend.contains("--role \"Contributor\""), "{told:?}");
}
