//! Function URLs.

use updraft_contract::{Auth, Function, HttpKind, Method, Resource, Trigger};
use updraft_local::{FaultKind, FaultPlan};

use crate::http::routed;
use crate::world::{World, find, function};

fn open(auth: Auth) -> Vec<Function> {
    let mut function = routed("api", HttpKind::Url, &[(Method::Any, "/")]);
    if let Trigger::Http { auth: now, .. } = &mut function.triggers[0].trigger {
        *now = auth;
    }
    vec![function]
}

/// A world in which the function exists already.
async fn prepared(auth: Auth) -> (World, Vec<Resource>) {
    let mut world = World::new().await;
    let wanted = world.lower(open(auth));
    let base = |resource: &&Resource| resource.id.kind.0 != "aws.function-url";
    let base: Vec<Resource> = wanted.iter().filter(base).cloned().collect();
    world.create_all(&base).await;
    (world, wanted)
}

#[tokio::test]
async fn a_url_is_made_and_then_nothing_is_left_to_do() {
    let (mut world, wanted) = prepared(Auth::None).await;
    assert_eq!(world.reach(&wanted).await, ["+ aws.function-url/api"]);
    assert_eq!(world.reach(&wanted).await, Vec::<String>::new());
    let live = world.read(&find(&wanted, "aws.function-url/api").id).await.unwrap();
    assert!(live.outputs["url"].starts_with("http"), "{:?}", live.outputs);
}

#[tokio::test]
async fn one_open_to_all_takes_two_statements_and_one_for_callers_with_a_name_takes_none() {
    let mut world = World::new().await;
    let permissions = |wanted: &[Resource]| {
        wanted.iter().filter(|resource| resource.id.kind.0 == "aws.permission").count()
    };
    assert_eq!(permissions(&world.lower(open(Auth::None))), 2);
    assert_eq!(permissions(&world.lower(open(Auth::Iam))), 0);
}

#[tokio::test]
async fn each_change_is_one_step() {
    let (mut world, wanted) = prepared(Auth::None).await;
    world.reach(&wanted).await;
    let wanted = world.lower(open(Auth::Iam));
    assert_eq!(world.reach(&wanted).await, ["~ aws.function-url/api authorization"]);
    assert_eq!(world.reach(&wanted).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_url_goes_with_its_trigger() {
    let (mut world, wanted) = prepared(Auth::Iam).await;
    world.reach(&wanted).await;
    let wanted = world.lower(vec![function("api")]);
    assert_eq!(world.reach(&wanted).await, ["- aws.function-url/api"]);
    assert_eq!(world.reach(&wanted).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_lost_answer_leaves_nothing_to_do() {
    for fault in [FaultKind::Lose, FaultKind::Drop] {
        let (mut world, wanted) = prepared(Auth::None).await;
        world.local.set_faults(FaultPlan::on("lambda", "CreateFunctionUrlConfig", fault));
        assert_eq!(world.reach(&wanted).await, ["+ aws.function-url/api"]);
        assert_eq!(world.reach(&wanted).await, Vec::<String>::new());
    }
}
