//! Schedules and their group.

use std::time::Duration;

use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::types::{FlexibleTimeWindow, FlexibleTimeWindowMode, ScheduleState};
use updraft_contract::{Function, Origin, Provider, Resource, Schedule, Trigger, TriggerEntry};
use updraft_local::{FaultKind, FaultPlan};

use crate::http::somebody;
use crate::world::{World, find, function};

const GROUP: &str = "shop-dev-schedules";
const ONE: &str = "shop-dev-report-0";

fn timed(minutes: &[u64]) -> Vec<Function> {
    let entry = |minutes: &u64| TriggerEntry {
        trigger: Trigger::Schedule {
            schedule: Schedule::Rate(Duration::from_secs(60 * minutes)),
            input: Some(r#"{"what":"all"}"#.into()),
        },
        origin: Origin { path: "function.report.trigger[0]".into(), line: 1 },
    };
    vec![Function { triggers: minutes.iter().map(entry).collect(), ..function("report") }]
}

/// A world in which the function and the roles exist already.
async fn prepared(minutes: &[u64]) -> (World, Vec<Resource>) {
    let mut world = World::new().await;
    let wanted = world.lower(timed(minutes));
    let base = |resource: &&Resource| !resource.id.kind.0.starts_with("aws.schedule");
    let base: Vec<Resource> = wanted.iter().filter(base).cloned().collect();
    world.create_all(&base).await;
    (world, wanted)
}

async fn client(world: &World) -> Client {
    Client::new(&somebody(world).await)
}

#[tokio::test]
async fn schedules_are_made_and_then_nothing_is_left_to_do() {
    let (mut world, wanted) = prepared(&[5, 60]).await;
    let steps = world.reach(&wanted).await;
    let expected =
        ["+ aws.schedule-group/main", "+ aws.schedule/report.0", "+ aws.schedule/report.1"];
    assert_eq!(steps, expected);
    assert_eq!(world.reach(&wanted).await, Vec::<String>::new());
    for resource in wanted.iter().filter(|resource| resource.id.kind.0.starts_with("aws.sched")) {
        assert!(world.differences(resource).await.is_empty(), "{}", resource.id);
    }
}

#[tokio::test]
async fn a_no_change_look_reads_the_group_once_and_each_schedule_once() {
    let (mut world, wanted) = prepared(&[5, 60]).await;
    world.reach(&wanted).await;
    world.local.clear_ledger();
    world.reach(&wanted).await;
    let calls = world.local.ledger().into_iter().filter(|entry| entry.service == "scheduler");
    let mut calls: Vec<String> = calls.map(|entry| entry.operation).collect();
    calls.sort();
    let once = ["GetScheduleGroup", "ListSchedules", "ListTagsForResource"];
    assert_eq!(calls, [&["GetSchedule", "GetSchedule"][..], &once].concat());
}

#[tokio::test]
async fn each_change_is_one_step() {
    let (mut world, wanted) = prepared(&[5]).await;
    world.reach(&wanted).await;
    let wanted = world.lower(timed(&[10]));
    assert_eq!(world.reach(&wanted).await, ["~ aws.schedule/report.0 expression"]);
    let mut functions = timed(&[10]);
    if let Trigger::Schedule { input, .. } = &mut functions[0].triggers[0].trigger {
        *input = None;
    }
    let wanted = world.lower(functions);
    assert_eq!(world.reach(&wanted).await, ["~ aws.schedule/report.0 input"]);
    assert_eq!(world.reach(&wanted).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_somebody_changed_by_hand_is_seen_and_put_right() {
    let (mut world, wanted) = prepared(&[5]).await;
    world.reach(&wanted).await;
    let client = client(&world).await;
    let now = client.get_schedule().group_name(GROUP).name(ONE).send().await.unwrap();
    let window = FlexibleTimeWindow::builder()
        .mode(FlexibleTimeWindowMode::Flexible)
        .maximum_window_in_minutes(5)
        .build();
    let end = aws_smithy_types::DateTime::from_secs(4_000_000_000);
    let update =
        client.update_schedule().group_name(GROUP).name(ONE).state(ScheduleState::Disabled);
    let update = update.schedule_expression("rate(5 minutes)").set_target(now.target);
    let update = update.set_description(now.description).end_date(end);
    update.flexible_time_window(window.unwrap()).send().await.unwrap();
    let expected = "~ aws.schedule/report.0 state flexible-window bounds";
    assert_eq!(world.reach(&wanted).await, [expected]);
    assert_eq!(world.reach(&wanted).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_schedule_that_somebody_put_into_our_group_is_a_stray() {
    let (mut world, wanted) = prepared(&[5]).await;
    world.reach(&wanted).await;
    let client = client(&world).await;
    let now = client.get_schedule().group_name(GROUP).name(ONE).send().await.unwrap();
    let create = client.create_schedule().group_name(GROUP).name("mine").set_target(now.target);
    let create = create.set_flexible_time_window(now.flexible_time_window);
    create.schedule_expression("rate(5 minutes)").send().await.unwrap();
    assert_eq!(world.reach(&wanted).await, ["- aws.schedule/other.mine"]);
    assert_eq!(world.reach(&wanted).await, Vec::<String>::new());
}

#[tokio::test]
async fn everything_goes_and_comes_back() {
    let (mut world, wanted) = prepared(&[5]).await;
    world.reach(&wanted).await;
    assert_eq!(world.reach(&[]).await, ["- aws.schedule/report.0", "- aws.schedule-group/main"]);
    let groups = client(&world).await.list_schedule_groups().send().await.unwrap();
    assert!(groups.schedule_groups().iter().all(|group| group.name() == Some("default")));
    // A later run: within one, the client token would make the creation a repetition.
    world.scope.run = "run-2".into();
    assert_eq!(world.reach(&wanted).await.len(), 2);
    assert_eq!(world.reach(&wanted).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_group_of_somebody_elses_is_left_alone() {
    let (mut world, wanted) = prepared(&[5]).await;
    let client = client(&world).await;
    client.create_schedule_group().name(GROUP).send().await.unwrap();
    let group = find(&wanted, "aws.schedule-group/main");
    let live = world.read(&group.id).await.unwrap();
    assert_eq!(live.owner, updraft_contract::Owner::Other("no Updraft tags".into()));
    assert!(world.create(group).await.unwrap_err().to_string().contains("is not ours"));
    let found = world.aws.observe(&world.scope, &[]).await.unwrap();
    assert!(found.iter().all(|live| !live.id.kind.0.starts_with("aws.schedule/")));
}

#[tokio::test]
async fn a_lost_answer_anywhere_leaves_nothing_to_do() {
    for operation in ["CreateScheduleGroup", "CreateSchedule"] {
        for fault in [FaultKind::Lose, FaultKind::Drop] {
            let (mut world, wanted) = prepared(&[5]).await;
            world.local.set_faults(FaultPlan::on("scheduler", operation, fault));
            assert_eq!(world.reach(&wanted).await.len(), 2);
            assert_eq!(world.reach(&wanted).await, Vec::<String>::new(), "{operation}");
        }
    }
}
