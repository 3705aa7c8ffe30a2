//! Whatever was deployed before, however it was interrupted, deploying again gets there.

use std::collections::BTreeSet;

use proptest::prelude::*;
use updraft::apply::{Context, Outcome, apply};
use updraft::clouds::Clouds;
use updraft::desired::Desired;
use updraft::diff::{Change, diff};
use updraft::event::Event;
use updraft::plan::{Plan, Refused, targeted};
use updraft_contract::{CloudError, Known, Owner, Provider, ResourceId, Scope, Verb};

use crate::memory::{FUNCTION, KINDS, Memory, ROLE, ROUTE, STAGE, Wish, id, wanted};

fn scope() -> Scope {
    Scope {
        destroy_data: false,
        thorough: false,
        project: "shop".into(),
        stage: "test".into(),
        run: "r1".into(),
        artifacts: std::collections::BTreeMap::default(),
    }
}

/// Runs a future to its end.
fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

fn changes(cloud: &Memory, wishes: &[Wish]) -> Vec<Change> {
    let desired = Desired::arrange(wanted(wishes)).unwrap();
    let live = wait(cloud.observe(&scope(), &desired.ids())).unwrap();
    diff(&desired, live, KINDS)
}

fn planned(cloud: &Memory, wishes: &[Wish]) -> Result<Plan, Refused> {
    Plan::of(changes(cloud, wishes), KINDS)
}

fn carry_out(cloud: &Memory, plan: &Plan) -> (Outcome, Vec<Event>) {
    let (scope, mut events) = (scope(), Vec::new());
    let clouds = Clouds::of([cloud as &dyn Provider]);
    let context =
        Context { clouds: &clouds, scope: &scope, parallelism: 4, should_stop: &|| false };
    let outcome = wait(apply(plan, &context, &mut |event| events.push(event)));
    (outcome, events)
}

fn deploy(cloud: &Memory, wishes: &[Wish]) -> Outcome {
    carry_out(cloud, &planned(cloud, wishes).unwrap()).0
}

fn state(cloud: &Memory) -> (Vec<(ResourceId, Option<Known>)>, BTreeSet<String>) {
    // The stage's references to serial numbers differ between histories by design.
    let compared = |fields: Known, id: &ResourceId| (id.kind != STAGE).then_some(fields);
    let live = cloud.everything().into_iter();
    (live.map(|live| (live.id.clone(), compared(live.fields, &live.id))).collect(), cloud.served())
}

fn wish(name: &'static str) -> impl Strategy<Value = Wish> {
    let paths = prop::collection::btree_set(prop::sample::select(vec!["/a", "/b", "/c"]), 0..3);
    let region = prop::sample::select(vec!["north", "south"]);
    let allows = prop::sample::select(vec!["read", "write"]);
    (1..4u32, region, allows, paths).prop_map(move |(memory, region, allows, paths)| Wish {
        name,
        memory,
        region,
        allows,
        paths,
    })
}

fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    let some = |name| prop::option::of(wish(name));
    (some("api"), some("mail"), some("report"))
        .prop_map(|(a, b, c)| [a, b, c].into_iter().flatten().collect())
}

proptest! {
    #[test]
    fn deploying_twice_changes_nothing(wishes in wishes()) {
        let cloud = Memory::default();
        prop_assert!(deploy(&cloud, &wishes).is_complete());
        prop_assert!(planned(&cloud, &wishes).unwrap().is_empty());
    }

    #[test]
    fn any_manifest_can_follow_any_other(before in wishes(), after in wishes()) {
        let (cloud, fresh) = (Memory::default(), Memory::default());
        prop_assert!(deploy(&cloud, &before).is_complete());
        let outcome = deploy(&cloud, &after);
        prop_assert!(outcome.is_complete(), "{outcome:?}");
        deploy(&fresh, &after);
        prop_assert_eq!(state(&cloud), state(&fresh));
    }

    #[test]
    fn an_interrupted_deployment_can_be_finished(
        before in wishes(), after in wishes(), survives in 0..12u64
    ) {
        let (cloud, fresh) = (Memory::default(), Memory::default());
        deploy(&cloud, &before);
        cloud.fail_after(Some(survives));
        deploy(&cloud, &after);
        cloud.fail_after(None);
        let outcome = deploy(&cloud, &after);
        prop_assert!(outcome.is_complete(), "{outcome:?}");
        deploy(&fresh, &after);
        prop_assert_eq!(state(&cloud), state(&fresh));
    }

    #[test]
    fn a_plan_does_not_depend_on_manifest_order(wishes in wishes()) {
        let distinct: BTreeSet<_> = wishes.iter().flat_map(|w| &w.paths).collect();
        prop_assume!(distinct.len() == wishes.iter().map(|w| w.paths.len()).sum::<usize>());
        let cloud = Memory::default();
        let forwards = planned(&cloud, &wishes).unwrap();
        let backwards: Vec<Wish> = wishes.into_iter().rev().collect();
        prop_assert_eq!(forwards, planned(&cloud, &backwards).unwrap());
    }

    #[test]
    fn a_targeted_deployment_only_touches_its_target_and_what_that_needs(
        before in wishes(), after in wishes()
    ) {
        let cloud = Memory::default();
        deploy(&cloud, &before);
        cloud.take_log();
        let chosen = targeted(changes(&cloud, &after), &["memory.function/api".to_owned()]);
        let (outcome, _) = carry_out(&cloud, &Plan::of(chosen, KINDS).unwrap());
        let in_use = |(_, _, error): &(Verb, ResourceId, CloudError)| error.to_string().contains("in use");
        prop_assert!(outcome.failed.iter().all(in_use), "{outcome:?}");
        for (_, touched) in cloud.take_log() {
            prop_assert_eq!(touched.name.as_str(), "api");
            prop_assert!([FUNCTION, ROLE].contains(&touched.kind));
        }
        prop_assert!(deploy(&cloud, &after).is_complete());
    }
}

fn api() -> Wish {
    Wish {
        name: "api",
        memory: 128,
        region: "north",
        allows: "read",
        paths: BTreeSet::from(["/a", "/b"]),
    }
}

fn done(events: &[Event]) -> Vec<String> {
    let text = |event: &Event| match event {
        Event::Finished { verb, target, .. } => Some(format!("{verb:?} {target}")),
        Event::Started { .. }
        | Event::Stage { .. }
        | Event::Failed { .. }
        | Event::Skipped { .. } => None,
    };
    events.iter().filter_map(text).collect()
}

#[test]
fn what_belongs_to_others_blocks_the_plan_all_at_once() {
    let cloud = Memory::default();
    cloud.plant(id(ROLE, "api"));
    cloud.plant(id(FUNCTION, "api"));
    let Err(Refused::Blocked(blocked)) = planned(&cloud, &[api()]) else { panic!("not blocked") };
    assert_eq!(blocked.len(), 2);
}

#[test]
fn what_belongs_to_others_is_never_deleted() {
    let cloud = Memory::default();
    cloud.plant(id(FUNCTION, "theirs"));
    deploy(&cloud, &[api()]);
    deploy(&cloud, &[]);
    let left = cloud.everything();
    assert_eq!(left.len(), 1);
    assert!(matches!(left[0].owner, Owner::Other(_)));
}

#[test]
fn a_plan_made_too_early_is_refused() {
    let cloud = Memory::default();
    deploy(&cloud, &[api()]);
    let early = planned(&cloud, &[Wish { memory: 256, ..api() }]).unwrap();
    deploy(&cloud, &[Wish { memory: 512, ..api() }]);
    let (outcome, _) = carry_out(&cloud, &early);
    let expected = CloudError::Stale(id(FUNCTION, "api"));
    assert_eq!(outcome.failed, [(Verb::Update, id(FUNCTION, "api"), expected)]);
}

#[test]
fn a_removed_route_goes_before_the_stage_is_written_and_the_function_last() {
    let cloud = Memory::default();
    let mail = Wish { name: "mail", paths: BTreeSet::from(["/c"]), ..api() };
    deploy(&cloud, &[api(), mail.clone()]);
    let (outcome, events) = carry_out(&cloud, &planned(&cloud, &[api()]).unwrap());
    assert!(outcome.is_complete());
    assert_eq!(
        done(&events),
        [
            "Delete memory.route//c",
            "Update memory.stage/main",
            "Delete memory.function/mail",
            "Delete memory.role/mail",
        ]
    );
    assert_eq!(cloud.served(), BTreeSet::from(["/a".to_owned(), "/b".to_owned()]));
}

#[test]
fn a_failure_stops_only_what_waits_for_it() {
    let cloud = Memory::default();
    let mail = Wish { name: "mail", paths: BTreeSet::new(), ..api() };
    let plan = planned(&cloud, &[api(), mail]).unwrap();
    // Someone takes the place of one function between planning and applying.
    cloud.plant(id(FUNCTION, "api"));
    let (outcome, events) = carry_out(&cloud, &plan);
    assert_eq!(outcome.failed.len(), 1);
    assert!(done(&events).contains(&"Create memory.function/mail".to_owned()));
    let skipped: Vec<_> = outcome.skipped.iter().map(|(_, id, _)| id.to_string()).collect();
    assert_eq!(skipped, ["memory.route//a", "memory.stage/main", "memory.route//b"]);
}

#[test]
fn a_run_that_is_asked_to_stop_starts_nothing_and_says_what_is_left() {
    let cloud = Memory::default();
    let plan = planned(&cloud, &[api()]).unwrap();
    let scope = scope();
    let clouds = Clouds::of([&cloud as &dyn Provider]);
    let context = Context { clouds: &clouds, scope: &scope, parallelism: 1, should_stop: &|| true };
    let outcome = wait(apply(&plan, &context, &mut |_| {}));
    assert_eq!((outcome.skipped.len(), plan.steps.len()), (5, 5));
    assert!(cloud.everything().is_empty());
}

#[test]
fn a_thousand_deletions_are_ordered_quickly() {
    let names: Vec<&'static str> =
        (0..1000).map(|n| &*Box::leak(format!("f{n:04}").into_boxed_str())).collect();
    let wishes: Vec<Wish> =
        names.iter().map(|name| Wish { name, paths: BTreeSet::new(), ..api() }).collect();
    let cloud = Memory::default();
    deploy(&cloud, &wishes);
    let plan = planned(&cloud, &[]).unwrap();
    let roles = plan.steps.iter().position(|step| step.target.kind == ROLE).unwrap();
    assert_eq!((plan.steps.len(), roles), (2000, 1000));
    assert!(plan.steps.iter().skip(roles).all(|step| step.target.kind != ROUTE));
}
