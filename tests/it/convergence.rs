//! On the embedded cloud, through real HTTP: whatever was deployed before, however it was
//! interrupted, deploying again gets there, and what is not ours stays as it is.

use futures::stream::{self, StreamExt as _};
use proptest::prelude::*;
use proptest::test_runner::Config as Cases;
use updraft_contract::App;
use updraft_local::{FaultKind, FaultPlan, Settings};

use crate::deploy::{site, wait};
use crate::ground::{AWS, AZURE, GCP, Ground};
use crate::world::app;

/// Compares what two clouds hold, where ids that the cloud makes up differ.
fn kinds_held(keys: &[String]) -> Vec<String> {
    let mut kinds: Vec<String> =
        keys.iter().map(|key| key.split('/').take(4).collect::<Vec<_>>().join("/")).collect();
    kinds.sort();
    kinds
}

/// Deploys `before`, then `after`, which must leave what `after` alone leaves.
async fn follow(ground: Ground, before: App, after: App) {
    let (cloud, fresh) =
        (site(ground, Settings::instant()).await, site(ground, Settings::instant()).await);
    cloud.deploy_all(&before).await;
    cloud.assert_settled(&before).await;
    cloud.deploy_all(&after).await;
    cloud.assert_settled(&after).await;
    fresh.deploy_all(&after).await;
    assert_eq!(kinds_held(&cloud.holds()), kinds_held(&fresh.holds()));
    assert_eq!(cloud.destroy().await, Vec::<String>::new());
}

/// Deploys `before`, is killed while it deploys `after`, and finishes.
async fn cut(ground: Ground, before: App, after: App, survives: u64) {
    let (cloud, fresh) =
        (site(ground, Settings::instant()).await, site(ground, Settings::instant()).await);
    cloud.deploy_all(&before).await;
    cloud.deploy_killed_after(&after, survives).await;
    cloud.deploy_all(&after).await;
    cloud.assert_settled(&after).await;
    fresh.deploy_all(&after).await;
    assert_eq!(kinds_held(&cloud.holds()), kinds_held(&fresh.holds()));
    assert_eq!(cloud.destroy().await, Vec::<String>::new());
}

/// Deploys and destroys `ours` beside `theirs`.
async fn beside(ground: Ground, theirs: App, ours: App) {
    let cloud = site(ground, Settings::instant()).await;
    let theirs = App { project: "theirs".to_owned(), ..theirs };
    cloud.deploy_all(&theirs).await;
    let before = cloud.holds();
    cloud.deploy_all(&ours).await;
    cloud.assert_settled(&theirs).await;
    assert_eq!(cloud.destroy().await, before);
    cloud.assert_settled(&theirs).await;
}

/// How many clouds a test works on at once. Most of the time each waits for a pause to end.
const AT_ONCE: usize = 8;

/// Counts the calls of a deployment, and what it leaves.
async fn reference(ground: Ground, wanted: &App) -> (u64, Vec<String>) {
    let reference = site(ground, Settings::instant()).await;
    reference.deploy_all(wanted).await;
    let calls = u64::try_from(reference.cloud.ledger().len()).unwrap();
    (calls, kinds_held(&reference.holds()))
}

/// Deploys `wanted` on new clouds while `kind` happens to one call after the other.
async fn survives_at_every_call(ground: Ground, kind: FaultKind) {
    let (wanted, kind) = (&ground.everything(), &kind);
    let (calls, held) = reference(ground, wanted).await;
    let once = |at| {
        let held = &held;
        async move {
            let cloud = site(ground, Settings::instant()).await;
            cloud.cloud.set_faults(FaultPlan::at(at, kind.clone()));
            let outcome = cloud.deploy(wanted).await.unwrap();
            let failed = outcome.failed;
            assert!(failed.is_empty(), "{kind:?} at call {at} of {calls}: {failed:#?}");
            cloud.assert_settled(wanted).await;
            assert_eq!(kinds_held(&cloud.holds()), *held, "{kind:?} at call {at}");
        }
    };
    stream::iter(1..=calls).for_each_concurrent(AT_ONCE, once).await;
}

/// Kills a deployment after each call in turn; the next one finishes it.
async fn killed_after_each_call(ground: Ground) {
    let wanted = ground.everything();
    let (calls, held) = reference(ground, &wanted).await;
    let once = |survives| {
        let (wanted, held) = (&wanted, &held);
        async move {
            let cloud = site(ground, Settings::instant()).await;
            cloud.deploy_killed_after(wanted, survives).await;
            cloud.deploy_all(wanted).await;
            cloud.assert_settled(wanted).await;
            assert_eq!(kinds_held(&cloud.holds()), *held, "killed after call {survives}");
        }
    };
    stream::iter(1..calls).for_each_concurrent(AT_ONCE, once).await;
}

/// Kills a destruction after each call in turn; the next one finishes it.
async fn destruction_killed(ground: Ground) {
    let wanted = ground.everything();
    let once = |survives| {
        let wanted = &wanted;
        async move {
            let cloud = site(ground, Settings::instant()).await;
            cloud.deploy_all(wanted).await;
            cloud.deploy_killed_after(&app(Vec::new()), survives).await;
            assert_eq!(cloud.destroy().await, Vec::<String>::new(), "killed after {survives}");
        }
    };
    stream::iter((1..60).step_by(3)).for_each_concurrent(AT_ONCE, once).await;
}

/// Deploys and destroys on a cloud that takes its time.
async fn delays(ground: Ground) {
    let cloud = site(ground, Settings::default()).await;
    let mut functions = ground.everything().functions;
    functions.push(ground.function("idle"));
    let wanted = app(functions);
    cloud.deploy_all(&wanted).await;
    cloud.assert_settled(&wanted).await;
    let left = cloud.destroy().await;
    assert!(left.iter().all(|key| (ground.fades)(key)), "{left:?}");
}

/// The whole suite, for one cloud.
macro_rules! suite {
    ($name:ident, $ground:expr) => {
        mod $name {
            use super::*;

            proptest! {
                #![proptest_config(Cases { cases: 24, max_shrink_iters: 20, ..Cases::default() })]

                #[test]
                fn any_manifest_can_follow_any_other(
                    before in $ground.some_app(), after in $ground.some_app()
                ) {
                    wait(follow($ground, before, after));
                }

                #[test]
                fn a_deployment_cut_after_any_call_is_finished_by_the_next(
                    before in $ground.some_app(),
                    after in $ground.some_app(),
                    survives in 1..80u64
                ) {
                    wait(cut($ground, before, after, survives));
                }
            }

            proptest! {
                #![proptest_config(Cases { cases: 8, max_shrink_iters: 10, ..Cases::default() })]

                #[test]
                fn what_is_somebody_elses_survives(
                    theirs in $ground.some_app(), ours in $ground.some_app()
                ) {
                    wait(beside($ground, theirs, ours));
                }
            }

            #[test]
            fn a_lost_answer_is_adopted_and_nothing_is_made_twice() {
                wait(survives_at_every_call($ground, FaultKind::Lose));
            }

            #[test]
            fn a_dropped_call_is_made_again() {
                wait(survives_at_every_call($ground, FaultKind::Drop));
            }

            #[test]
            fn a_throttled_call_is_made_again() {
                let kind = FaultKind::Throttle { retry_after: None };
                wait(survives_at_every_call($ground, kind));
            }

            #[test]
            fn an_internal_error_is_survived() {
                wait(survives_at_every_call($ground, $ground.internal_error()));
            }

            #[test]
            fn a_run_killed_after_each_call_in_turn_is_finished_by_the_next() {
                wait(killed_after_each_call($ground));
            }

            #[test]
            fn a_destruction_killed_after_each_call_is_finished_by_the_next() {
                wait(destruction_killed($ground));
            }

            #[test]
            fn the_clouds_delays_are_waited_for() {
                wait(delays($ground));
            }
        }
    };
}

suite!(aws, AWS);
suite!(azure, AZURE);
suite!(gcp, GCP);
