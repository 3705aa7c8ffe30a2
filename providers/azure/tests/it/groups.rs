//! Resource groups and plans: made, kept, changed and removed, and never with anything of others.

use serde_json::json;
use updraft_azure::Azure;
use updraft_contract::{
    CloudError, Expect, Kind, Known, Live, Outputs, Owner, Provider, ResourceId, Value, Verb,
};
use updraft_local::{FaultKind, FaultPlan, Settings};

use crate::apps::{app, bucket};
use crate::world::{REGION, SUBSCRIPTION, World, settings};

const GROUP: Kind = Kind("azure.resource-group");
const PLAN: Kind = Kind("azure.plan");

fn id(kind: Kind, name: &str) -> ResourceId {
    ResourceId { kind, name: name.into() }
}

fn empty() -> Value {
    Value::map::<String>([])
}

fn group_body(tags: Value) -> Known {
    Known::new([("location", Value::from(REGION)), ("tags", tags)]).unwrap()
}

fn plan_body(tags: Value) -> Known {
    Known::new([
        ("group", Value::from("shop-dev")),
        ("location", Value::from(REGION)),
        ("sku", Value::from("FC1")),
        ("state", Value::from("ready")),
        ("tags", tags),
    ])
    .unwrap()
}

/// A workspace, and what sends its traces there.
fn logs(keys: bool, days: i64) -> [(ResourceId, Known); 2] {
    let common = |name, value| {
        Known::new([
            ("group", Value::from("shop-dev")),
            ("location", Value::from(REGION)),
            ("state", Value::from("ready")),
            ("tags", empty()),
            (name, value),
        ])
        .unwrap()
    };
    let to = rest("shop-dev/providers/Microsoft.OperationalInsights/workspaces/shop-dev");
    let mut traces = common("keys", Value::from(keys)).into_fields();
    traces.set("workspace", to);
    [
        (id(Kind("azure.workspace"), "logs"), common("retention-days", Value::Int(days))),
        (id(Kind("azure.insights"), "traces"), traces.resolve(&Outputs::default()).unwrap()),
    ]
}

#[tokio::test]
async fn what_keeps_logs_and_traces_lives_and_ends() {
    let world = World::with(Settings::default()).await;
    make(&world, &id(GROUP, "group"), group_body(empty())).await;
    for (id, body) in logs(false, 30) {
        make(&world, &id, body.clone()).await;
        assert_eq!(world.read(&id).await.unwrap().fields, body);
    }
    // Azure makes something by itself beside a component, which is in nobody's way.
    assert_eq!(all(&world, &[]).await.len(), 3);
    for (id, body) in logs(true, 60) {
        let expect = Expect::Unchanged(world.read(&id).await.unwrap().version);
        world.step(Verb::Update, &id, body.clone(), expect).await.unwrap();
        assert_eq!(world.read(&id).await.unwrap().fields, body);
    }
    for (id, body) in logs(true, 60).into_iter().rev() {
        world.delete(&world.read(&id).await.unwrap()).await.unwrap();
        assert!(world.read(&id).await.is_none());
        // Nothing of it is left that would keep its name.
        make(&world, &id, body).await;
        world.delete(&world.read(&id).await.unwrap()).await.unwrap();
    }
    world.delete(&world.read(&id(GROUP, "group")).await.unwrap()).await.unwrap();
}

async fn make(world: &World, id: &ResourceId, body: Known) {
    world.step(Verb::Create, id, body, Expect::Absent).await.unwrap();
}

fn rest(path: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{path}")
}

async fn all(world: &World, wanted: &[ResourceId]) -> Vec<Live> {
    world.azure.observe(&world.scope, wanted).await.unwrap()
}

#[tokio::test]
async fn a_group_and_a_plan_live_and_end() {
    let mut world = World::with(Settings::default()).await;
    let (group, plan) = (id(GROUP, "group"), id(PLAN, "api"));
    make(&world, &group, group_body(empty())).await;
    make(&world, &plan, plan_body(empty())).await;
    let live = all(&world, &[]).await;
    assert_eq!(live.len(), 2, "{live:?}");
    for one in &live {
        assert_eq!(one.owner, Owner::Us);
        assert_eq!(world.read(&one.id).await.as_ref(), Some(one));
    }
    assert_eq!(world.read(&plan).await.unwrap().fields, plan_body(empty()));
    assert_eq!(world.read(&group).await.unwrap().fields, group_body(empty()));
    world.scope.run = "run-2".into();
    let tags = Value::map([("team", Value::from("web"))]);
    for (id, body) in [(&group, group_body(tags.clone())), (&plan, plan_body(tags.clone()))] {
        let version = world.read(id).await.unwrap().version;
        world.local.clear_ledger();
        let expect = Expect::Unchanged(version);
        world.step(Verb::Update, id, body.clone(), expect).await.unwrap();
        assert_eq!(world.writes().len(), 1);
        assert_eq!(world.read(id).await.unwrap().fields, body);
    }
    world.delete(&world.read(&plan).await.unwrap()).await.unwrap();
    world.delete(&world.read(&group).await.unwrap()).await.unwrap();
    assert_eq!(all(&world, &[group, plan]).await, []);
}

#[tokio::test]
async fn a_group_that_holds_anything_of_others_is_never_deleted() {
    let world = World::new().await;
    let group = id(GROUP, "group");
    make(&world, &group, group_body(empty())).await;
    let plan = json!({"location": REGION, "kind": "functionapp",
        "sku": {"name": "FC1", "tier": "FlexConsumption"}, "properties": {"reserved": true}});
    world.arm("PUT", &rest("shop-dev/providers/Microsoft.Web/serverfarms/theirs"), &plan).await;
    // Nobody wants it, and it is not told to be ours to remove.
    assert_eq!(all(&world, &[]).await, []);
    // Whoever wants it still sees that it is ours.
    let live = all(&world, std::slice::from_ref(&group)).await;
    assert_eq!((live.len(), &live[0].owner), (1, &Owner::Us));
    // What was put in after the plan was made is seen directly before the removal.
    let error = world.delete(&live[0]).await.unwrap_err();
    assert!(matches!(&error, CloudError::HoldsData { what, .. } if what.contains("theirs")));
    assert!(world.read(&group).await.is_some());
}

#[tokio::test]
async fn a_group_of_others_is_neither_ours_nor_changed() {
    let world = World::new().await;
    let group = id(GROUP, "group");
    world.group("shop-dev").await;
    assert_eq!(all(&world, &[]).await, []);
    let live = all(&world, std::slice::from_ref(&group)).await;
    assert!(matches!(live[0].owner, Owner::Other(_)));
    let made = world.step(Verb::Create, &group, group_body(empty()), Expect::Absent).await;
    assert!(matches!(made, Err(CloudError::Taken { .. })), "{made:?}");
}

#[tokio::test]
async fn what_was_made_in_a_group_that_is_no_longer_ours_is_found() {
    let world = World::new().await;
    make(&world, &id(GROUP, "group"), group_body(empty())).await;
    make(&world, &id(PLAN, "api"), plan_body(empty())).await;
    world.group("theirs").await;
    let mut moved = settings(&world.local);
    moved.resource_group = Some("theirs".into());
    let azure = Azure::connect(moved).await.unwrap();
    let found = azure.observe(&world.scope, &[id(PLAN, "api")]).await.unwrap();
    let mut names: Vec<&str> = found.iter().map(|live| live.id.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["api@shop-dev", "group@shop-dev"]);
    let again = azure.examine(&world.scope, &[id(PLAN, "api@shop-dev")]).await.unwrap();
    assert!(found.contains(&again[0]) && again[0].owner == Owner::Us);
}

#[tokio::test]
async fn a_create_whose_answer_was_lost_is_adopted() {
    let world = World::new().await;
    make(&world, &id(GROUP, "group"), group_body(empty())).await;
    let plan = id(PLAN, "api");
    for kind in [FaultKind::Lose, FaultKind::Drop] {
        world.local.set_faults(FaultPlan::on(
            "Microsoft.Web",
            "Microsoft.Web/serverfarms/write",
            kind,
        ));
        make(&world, &plan, plan_body(empty())).await;
        let live = world.read(&plan).await.unwrap();
        assert_eq!(live.owner, Owner::Us);
        world.delete(&live).await.unwrap();
    }
}

#[tokio::test]
async fn an_app_is_there_once_it_was_applied_and_stays_as_it_is() {
    let mut world = World::new().await;
    let app = app(Vec::new(), vec![bucket("photos")]);
    let done = world.apply(&app).await.unwrap();
    assert_eq!(done[0], "+ azure.resource-group/group");
    world.local.clear_ledger();
    assert_eq!(world.apply(&app).await.unwrap(), Vec::<String>::new());
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn a_group_that_is_being_deleted_is_waited_for() {
    let world = World::with(Settings::default()).await;
    let group = id(GROUP, "group");
    make(&world, &group, group_body(empty())).await;
    let path = format!("{}?api-version=2021-04-01", rest("shop-dev"));
    world.arm("DELETE", &path, &serde_json::Value::Null).await;
    make(&world, &group, group_body(empty())).await;
    assert_eq!(world.read(&group).await.unwrap().owner, Owner::Us);
}
