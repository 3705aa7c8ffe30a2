//! Finding what is ours: few exactly, many in pages.

use std::collections::BTreeSet;

use updraft_contract::{Function, Live, Owner, Provider, ResourceId};
use updraft_local::Settings;

use crate::world::{World, find, function};

fn functions(count: usize) -> Vec<Function> {
    (0..count).map(|n| function(&format!("f{n}"))).collect()
}

fn ids(found: &[Live]) -> BTreeSet<ResourceId> {
    found.iter().map(|live| live.id.clone()).collect()
}

async fn deployed(count: usize, temper: Settings) -> (World, Vec<ResourceId>) {
    let mut world = World::with(temper).await;
    let wanted = world.lower(functions(count));
    world.create_all(&wanted).await;
    world.local.clear_ledger();
    let ids = wanted.into_iter().map(|resource| resource.id).collect();
    (world, ids)
}

#[tokio::test]
async fn what_is_no_longer_wanted_is_found_by_its_mark() {
    let (world, all) = deployed(3, Settings::instant()).await;
    let found = world.aws.observe(&world.scope, &[]).await.unwrap();
    assert_eq!(ids(&found), all.iter().cloned().collect());
    assert!(found.iter().all(|live| live.owner == Owner::Us));
}

#[tokio::test]
async fn an_index_that_knows_nothing_yet_hides_no_function() {
    let slow = Settings { tag_lag_ms: 60_000, ..Settings::instant() };
    let (world, all) = deployed(2, slow).await;
    let found = world.aws.observe(&world.scope, &[]).await.unwrap();
    let functions = |ids: BTreeSet<ResourceId>| {
        ids.into_iter().filter(|id| id.kind.0 == "aws.function").collect::<Vec<_>>()
    };
    assert_eq!(functions(ids(&found)), functions(all.iter().cloned().collect()));
}

#[tokio::test]
async fn many_functions_cost_pages_and_agree_with_exact_reads() {
    let (mut world, all) = deployed(30, Settings::instant()).await;
    let mut wanted = functions(30);
    wanted[0].memory_mib = 256;
    let wanted = world.lower(wanted);
    let changed = find(&wanted, "aws.function/f0");
    world.update(changed).await.unwrap();
    world.local.clear_ledger();
    let found = world.aws.observe(&world.scope, &all).await.unwrap();
    let calls = world.local.ledger().len();
    assert!(calls < 15, "{calls} calls for 30 functions");
    assert_eq!(ids(&found), all.iter().cloned().collect());
    let exact = world.aws.examine(&world.scope, &all).await.unwrap();
    for live in &exact {
        let bulk = found.iter().find(|other| other.id == live.id).unwrap();
        assert_eq!(bulk.fields, live.fields, "{}", live.id);
        assert_eq!(bulk.version, live.version, "{}", live.id);
    }
}

#[tokio::test]
async fn pages_are_read_to_the_end() {
    let small = Settings { page_cap: Some(2), ..Settings::instant() };
    let (world, all) = deployed(5, small).await;
    let found = world.aws.observe(&world.scope, &all).await.unwrap();
    assert_eq!(ids(&found), all.iter().cloned().collect());
}

#[tokio::test]
async fn another_stage_sees_nothing_of_ours() {
    let (mut world, _) = deployed(2, Settings::instant()).await;
    world.scope.stage = "prod".into();
    let found = world.aws.observe(&world.scope, &[]).await.unwrap();
    assert!(found.is_empty(), "{:?}", ids(&found));
}
