//! Who may call a function: everyone, its triggers, those whom the manifest names; and nobody
//! else's entry is touched.

use updraft_contract::{App, Auth, Function, HttpKind, Method, Trigger};
use updraft_local::{FaultKind, FaultPlan};

use crate::apps::{app, function};
use crate::world::World;

fn door(auth: Auth, callers: &[&str]) -> Trigger {
    Trigger::Http {
        kind: HttpKind::Url,
        method: Method::Any,
        path: "/".into(),
        auth,
        callers: callers.iter().map(|caller| (*caller).to_owned()).collect(),
    }
}

fn with(trigger: Trigger) -> App {
    app(vec![function("api", vec![trigger])], Vec::new())
}

const CALLERS: &str = "gcp.callers/api";

#[tokio::test]
async fn a_door_opens_and_closes_in_place() {
    let mut world = World::new().await;
    world.apply(&with(door(Auth::None, &[]))).await.unwrap();
    assert_eq!(world.apply(&with(door(Auth::None, &[]))).await.unwrap(), Vec::<String>::new());
    let closed = with(door(Auth::Iam, &["group:ops@example.com"]));
    let steps = world.apply(&closed).await.unwrap();
    assert_eq!(steps, [format!("~ {CALLERS}: members, named")]);
    assert_eq!(world.apply(&closed).await.unwrap(), Vec::<String>::new());
    let others = with(door(Auth::Iam, &["user:ann@example.com"]));
    assert_eq!(world.apply(&others).await.unwrap(), [format!("~ {CALLERS}: named")]);
    assert_eq!(world.apply(&others).await.unwrap(), Vec::<String>::new());
    let nobody = with(door(Auth::Iam, &[]));
    assert_eq!(world.apply(&nobody).await.unwrap(), [format!("- {CALLERS}")]);
    assert_eq!(world.apply(&nobody).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_door_whose_answer_was_lost_stands_as_it_was_asked_for() {
    let mut world = World::new().await;
    world.local.set_faults(FaultPlan::on("run", "SetIamPolicy", FaultKind::Lose));
    let open = with(door(Auth::None, &[]));
    world.apply(&open).await.unwrap();
    world.local.set_faults(FaultPlan::none());
    assert_eq!(world.apply(&open).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_service_that_is_made_anew_gets_its_callers_again() {
    let mut world = World::new().await;
    let open = with(door(Auth::None, &[]));
    world.apply(&open).await.unwrap();
    let mut elsewhere: Function = open.functions[0].clone();
    elsewhere.triggers.clear();
    let closed = app(vec![elsewhere], Vec::new());
    world.apply(&closed).await.unwrap();
    let steps = world.apply(&open).await.unwrap();
    assert_eq!(steps, [format!("+ {CALLERS}")]);
    assert_eq!(world.apply(&open).await.unwrap(), Vec::<String>::new());
}
