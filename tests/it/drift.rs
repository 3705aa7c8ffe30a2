//! A saved plan against clouds that somebody changed since: what drifted is refused with what
//! waits for it, everything else is done, and the next plan finishes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use updraft::apply::Refusals;
use updraft::event::Skip;
use updraft::exact::digest;
use updraft::plan::Plan;
use updraft::report::json;
use updraft::saved::{approve, load, plan_of};
use updraft_contract::{App, Cloud, CloudError, ResourceId, Verb};
use updraft_local::Settings;

use crate::deploy::{Site, site, wait};
use crate::ground::{AWS, AZURE, GCP, Ground};

/// How many clouds a test works on at once.
const AT_ONCE: usize = 8;

/// What somebody else did to one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Changed,
    Deleted,
}

/// The same app with every function a little different.
fn edited(app: &App, step: u32) -> App {
    let mut app = app.clone();
    for function in &mut app.functions {
        function.memory_mib = 1024 * step;
        function.timeout = Duration::from_secs(u64::from(10 + step));
        function.tags = BTreeMap::from([("step".to_owned(), step.to_string())]);
        if function.cloud == Cloud::Aws {
            function.description = Some(format!("the {step}. one"));
            function.log_retention_days = Some([7, 14, 60][step as usize % 3]);
        }
    }
    app
}

/// Saves a plan and reads it again, as between two commands.
fn saved(site: &Site, plan: &Plan) -> Plan {
    let document = json::sealed(json::plan(plan, "shop", "test"));
    let text = serde_json::to_string(&document).unwrap();
    assert_eq!(digest(&serde_json::json!(1)).len(), 64);
    plan_of(&load(text.as_bytes()).unwrap(), site.kinds()).unwrap()
}

/// Does something to one resource behind the plan's back; `false` where the cloud does not let it.
async fn drift(site: &Site, deed: Deed, before: &App, target: &ResourceId) -> bool {
    match deed {
        Deed::Deleted => site.delete(before, target).await,
        Deed::Changed => {
            let other = edited(before, 4);
            let plan = site.plan(&other).await.unwrap();
            let others = plan.steps.iter().filter(|step| step.target != *target);
            let refused: Refusals =
                others.map(|step| ((step.verb, step.target.clone()), "not ours".into())).collect();
            let outcome = site.carry_out(&other, &plan, &refused).await;
            outcome.failed.is_empty() && outcome.done.change > 0
        }
    }
}

/// Returns whether one resource needs another, directly or through others.
fn needs(plan: &Plan, user: &ResourceId, needed: &ResourceId) -> bool {
    let wanted: BTreeMap<&ResourceId, &BTreeSet<ResourceId>> = plan
        .changes
        .iter()
        .filter_map(|change| Some((change.id(), &change.wanted()?.needs)))
        .collect();
    let mut open = vec![user];
    let mut seen = BTreeSet::new();
    while let Some(next) = open.pop() {
        if next == needed {
            return true;
        }
        if seen.insert(next) {
            open.extend(wanted.get(next).into_iter().flat_map(|needs| needs.iter()));
        }
    }
    false
}

/// Approves a change of everything, lets somebody touch one resource, and carries out the approval.
async fn one(ground: Ground, deed: Deed, target: &ResourceId) -> bool {
    let (before, after) = (ground.everything(), edited(&ground.everything(), 2));
    let site = site(ground, Settings::instant()).await;
    site.deploy_all(&before).await;
    let approved = saved(&site, &site.plan(&after).await.unwrap());
    if !drift(&site, deed, &before, target).await {
        return false;
    }
    let now = site.plan(&after).await.unwrap();
    let approval = approve(&approved, &now, site.kinds());
    if approval.drifted.is_empty() && !now.steps.iter().any(|step| step.target == *target) {
        return false;
    }
    let drifted: BTreeSet<&ResourceId> =
        approval.drifted.iter().map(|drift| &drift.target).collect();
    assert!(drifted.contains(target), "{deed:?} {target}: {:#?}", approval.drifted);
    for other in &drifted {
        assert!(needs(&now, other, target), "{deed:?} {target}: {:#?}", approval.drifted);
    }
    let refused = approval.drifted.iter();
    let refused: Refusals =
        refused.map(|it| ((it.verb, it.target.clone()), it.why.clone())).collect();
    let outcome = site.carry_out(&after, &now, &refused).await;
    assert!(outcome.failed.is_empty(), "{deed:?} {target}: {:#?}", outcome.failed);
    let skipped: BTreeSet<(Verb, &ResourceId)> =
        outcome.skipped.iter().map(|(verb, id, _)| (*verb, id)).collect();
    for (verb, id, why) in &outcome.skipped {
        let waits = match why {
            Skip::Drifted(_) => refused.contains_key(&(*verb, id.clone())),
            Skip::WaitsFor(other) => skipped.iter().any(|(_, id)| *id == other),
            Skip::Stopped => false,
        };
        assert!(waits, "{deed:?} {target}: {:#?}", outcome.skipped);
    }
    let done = outcome.done.add + outcome.done.change + outcome.done.destroy;
    assert_eq!(done + skipped.len(), now.steps.len(), "{deed:?} {target}");
    let left = site.plan(&after).await.unwrap();
    assert_eq!(left.steps.len(), skipped.len(), "{deed:?} {target}: {:#?}", left.steps);
    let rest = site.deploy(&after).await.unwrap();
    if !rest.is_complete() {
        // A host that has its storage back tells of its functions again, while the plan is carried out: that is a change
        // that nobody planned with, and the next run goes on from there.
        let of_host =
            target.kind.0 == "azure.storage-account" || target.name.ends_with(".blob-owner.host");
        let stale = |(_, _, error): &(Verb, ResourceId, CloudError)| {
            of_host && matches!(error, CloudError::Stale(_))
        };
        let told = format!("{deed:?} {target}: {:#?} {:#?}", rest.failed, rest.skipped);
        assert!(rest.failed.iter().all(stale), "{told}");
        site.deploy_all(&after).await;
    }
    site.assert_settled(&after).await;
    true
}

/// Tries every resource in turn; on Azure, where each takes seconds, one of every kind.
async fn each(ground: Ground, deed: Deed, least: usize) {
    let reference = site(ground, Settings::instant()).await;
    let plan = reference.plan(&ground.everything()).await.unwrap();
    let targets = plan.changes.iter().map(|change| change.id().clone());
    let mut kinds = BTreeSet::new();
    let all = ground.cloud != Cloud::Azure || std::env::var_os("UPDRAFT_DRIFT_ALL").is_some();
    let targets: Vec<ResourceId> = targets.filter(|id| kinds.insert(id.kind) || all).collect();
    let tried = stream::iter(&targets).map(|target| async move { one(ground, deed, target).await });
    let tried: Vec<bool> = tried.buffered(AT_ONCE).collect().await;
    let drifted = tried.into_iter().filter(|drifted| *drifted).count();
    assert!(drifted >= least, "only {drifted} of {} resources drifted", targets.len());
}

/// Kills the application of a saved plan after some calls; the same plan finishes it.
async fn killed(ground: Ground, survives: u64) {
    let (before, after) = (ground.everything(), edited(&ground.everything(), 2));
    let site = site(ground, Settings::instant()).await;
    site.deploy_all(&before).await;
    let approved = saved(&site, &site.plan(&after).await.unwrap());
    site.deploy_killed_after(&after, survives).await;
    let now = site.plan(&after).await.unwrap();
    let approval = approve(&approved, &now, site.kinds());
    assert_eq!(approval.drifted, [], "killed after {survives}");
    site.deploy_all(&after).await;
    let now = site.plan(&after).await.unwrap();
    assert!(approve(&approved, &now, site.kinds()).is_spent());
}

/// The whole suite, for one cloud.
macro_rules! suite {
    ($name:ident, $ground:expr, $changed:expr, $deleted:expr) => {
        mod $name {
            use super::*;

            #[test]
            fn a_resource_that_somebody_changed_is_refused_and_the_rest_is_done() {
                wait(each($ground, Deed::Changed, $changed));
            }

            #[test]
            fn a_resource_that_somebody_deleted_is_refused_and_the_rest_is_done() {
                wait(each($ground, Deed::Deleted, $deleted));
            }

            #[test]
            fn a_plan_whose_application_was_killed_is_finished_by_the_same_plan() {
                let each = |survives| killed($ground, survives);
                let all = stream::iter((1..90).step_by(4)).for_each_concurrent(AT_ONCE, each);
                wait(all);
            }
        }
    };
}

suite!(aws, AWS, 2, 8);
suite!(azure, AZURE, 1, 3);
suite!(gcp, GCP, 2, 5);
