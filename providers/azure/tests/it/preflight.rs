//! What stands in the way of a deployment, and the command that mends it.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use updraft_contract::{App, Obstacle, Provider};
use updraft_local::{FaultKind, FaultPlan, Settings};

use crate::apps::{app, bucket, every, function, of_bucket, of_queue};
use crate::world::{REGION, SUBSCRIPTION, World};

const TENANT: &str = "11111111-1111-1111-1111-111111111111";

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

#[tokio::test]
async fn a_provider_that_is_not_registered_is_told_first() {
    let unregistered_providers = BTreeSet::from(["Microsoft.Storage".to_owned()]);
    let world = World::with(Settings { unregistered_providers, ..Settings::instant() }).await;
    let found = obstacles(&world, &functions()).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].blocks && found[0].message.contains("Microsoft.Storage is not registered"));
    assert!(found[0].mend.starts_with("az provider register --namespace Microsoft.Storage"));
}

#[tokio::test]
async fn a_name_that_somebody_else_has_is_told() {
    let world = World::new().await;
    let app = app(Vec::new(), vec![bucket("photos")]);
    let wanted = world.azure.desired(&app).unwrap();
    let account = wanted.iter().find(|it| it.id.name == "data").unwrap();
    let name = account.outputs.get("name").unwrap().clone();
    let taken_names = BTreeSet::from([name.clone()]);
    let world = World::with(Settings { taken_names, ..Settings::instant() }).await;
    let found = obstacles(&world, &app).await;
    assert!(found[0].blocks && found[0].message.contains(&name), "{found:?}");
}

#[tokio::test]
async fn things_of_others_must_be_there_and_as_they_are_needed() {
    let world = World::new().await;
    world.group("theirs").await;
    let mut reader = function("api", vec![of_queue("acct/jobs"), of_bucket("acct/photos")]);
    reader.secrets.insert("KEY".into(), "vault1/key".into());
    let app = app(vec![reader], Vec::new());
    let no_account = "the subscription has no storage account acct";
    let no_vault = "the subscription has no key vault vault1";
    assert_eq!(blocking(&world, &app).await, [no_vault, no_account]);
    let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/theirs/providers");
    let account = format!("{group}/Microsoft.Storage/storageAccounts/acct");
    let put = async |path: String, version: &str, body: Json| {
        world.arm("PUT", &format!("{path}?api-version={version}"), &body).await
    };
    let body =
        json!({"location": "northeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}});
    put(account.clone(), "2025-01-01", body).await;
    let vault = format!("{group}/Microsoft.KeyVault/vaults/vault1");
    let mut body = json!({"location": REGION, "properties": {"tenantId": TENANT,
        "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": false,
        "accessPolicies": []}});
    put(vault.clone(), "2023-07-01", body.clone()).await;
    let no_roles = "key vault vault1 does not give access by roles";
    let no_container = "there is no container acct/photos";
    let no_queues = ["there is no queue acct/jobs", "there is no queue acct/jobs-poison"];
    let found = blocking(&world, &app).await;
    assert_eq!(found, [no_roles, no_container, no_queues[0], no_queues[1]]);
    body["properties"]["enableRbacAuthorization"] = json!(true);
    put(vault.clone(), "2023-07-01", body).await;
    put(format!("{vault}/secrets/key"), "2023-07-01", json!({"properties": {"value": "s"}})).await;
    put(format!("{account}/blobServices/default/containers/photos"), "2025-01-01", json!({})).await;
    for queue in ["jobs", "jobs-poison"] {
        let path = format!("{account}/queueServices/default/queues/{queue}");
        put(path, "2025-01-01", json!({})).await;
    }
    let elsewhere = "events of container acct/photos are told in northeurope, where it is; the \
        functions are in westeurope";
    assert_eq!(blocking(&world, &app).await, [elsewhere]);
}

/// Returns what is told to be in the way, without what is told to have not been looked at.
async fn blocking(world: &World, app: &App) -> Vec<String> {
    let found = obstacles(world, app).await;
    assert!(found.iter().all(|it| it.blocks), "{found:?}");
    found.into_iter().map(|it| it.message).collect()
}
