//! Schedules: made, read back, changed field by field, adopted, removed.

use std::time::Duration;

use updraft_contract::{App, CloudError, Cron, Expect, Owner, Retry, Schedule, Trigger, Verb};
use updraft_local::{FaultKind, FaultPlan};

use crate::apps::{app, function};
use crate::world::World;

const JOB: &str = "gcp.schedule/api.schedule[0]";

fn timer(minutes: u64, input: Option<&str>) -> Trigger {
    let schedule = Schedule::Rate(Duration::from_secs(60 * minutes));
    Trigger::Schedule { schedule, input: input.map(str::to_owned) }
}

fn with(trigger: Trigger) -> App {
    app(vec![function("api", vec![trigger])], Vec::new())
}

#[tokio::test]
async fn each_field_of_a_job_is_changed_in_place() {
    let mut world = World::new().await;
    world.apply(&with(timer(5, None))).await.unwrap();
    assert_eq!(world.apply(&with(timer(5, None))).await.unwrap(), Vec::<String>::new());
    let cron = Cron {
        minute: "0".into(),
        hour: "7".into(),
        day_of_month: "*".into(),
        month: "*".into(),
        day_of_week: "MON-FRI".into(),
    };
    let paris = Schedule::Cron { cron, timezone: "Europe/Paris".into() };
    let mut patient = with(timer(5, None));
    patient.functions[0].timeout = Duration::from_mins(10);
    let mut once = with(timer(5, None));
    once.functions[0].retry = Some(Retry { attempts: Some(0), max_age: None, dead_letter: None });
    let changes = [
        ("schedule", with(timer(10, None))),
        ("schedule, timezone", with(Trigger::Schedule { schedule: paris, input: None })),
        ("input", with(timer(5, Some("{\"full\":true}")))),
        ("deadline", patient),
        ("retries", once),
    ];
    for (fields, changed) in changes {
        let steps = world.apply(&changed).await.unwrap();
        assert!(steps.contains(&format!("~ {JOB}: {fields}")), "{fields}: {steps:?}");
        assert_eq!(world.apply(&changed).await.unwrap(), Vec::<String>::new(), "{fields}");
        world.apply(&with(timer(5, None))).await.unwrap();
    }
}

#[tokio::test]
async fn a_job_whose_answer_was_lost_is_adopted() {
    let mut world = World::new().await;
    let app = with(timer(5, None));
    world.local.set_faults(FaultPlan::on("scheduler", "CreateJob", FaultKind::Lose));
    world.apply(&app).await.unwrap();
    world.local.set_faults(FaultPlan::none());
    assert_eq!(world.apply(&app).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_job_of_others_is_refused() {
    let mut world = World::new().await;
    let mut theirs = with(timer(5, None));
    (theirs.project, theirs.stage) = ("shop-dev".into(), "one".into());
    (world.scope.project, world.scope.stage) = ("shop-dev".into(), "one".into());
    world.apply(&theirs).await.unwrap();
    (world.scope.project, world.scope.stage) = ("shop".into(), "dev-one".into());
    let id = updraft_contract::ResourceId {
        kind: updraft_contract::Kind("gcp.schedule"),
        name: "api.schedule[0]".into(),
    };
    let live = world.read(&id).await.unwrap();
    assert!(matches!(live.owner, Owner::Other(_)), "{live:?}");
    let expect = Expect::Unchanged(live.version.clone());
    let taken = world.step(Verb::Delete, &id, live.fields.clone(), expect).await;
    assert!(matches!(taken.unwrap_err(), CloudError::Taken { .. }));
}

#[tokio::test]
async fn jobs_that_the_manifest_forgot_go_and_the_others_stay() {
    let mut world = World::new().await;
    let two = app(vec![function("api", vec![timer(5, None), timer(10, None)])], Vec::new());
    world.apply(&two).await.unwrap();
    let steps = world.apply(&with(timer(5, None))).await.unwrap();
    assert_eq!(steps, ["- gcp.schedule/api.schedule[1]"]);
}
