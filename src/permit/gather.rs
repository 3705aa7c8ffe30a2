//! Collects permissions: those the manifest calls for, and those that live resources give.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{
    App, Cloud, Fields, Live, On, Outputs, Permission, ResourceId, Test, Value, When, Who,
};

use crate::clouds::Clouds;
use crate::desired::Desired;
use crate::diff::Change;
use crate::plan::Plan;

/// What an app may do once the manifest holds, beside what it may do now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    /// What the manifest calls for, and what stays of what is live.
    pub wanted: Vec<Permission>,
    /// What is live.
    pub granted: Vec<Permission>,
    /// The resources of ours that are live. What another one carries somebody else put there.
    pub ours: BTreeSet<ResourceId>,
}

/// Returns what the manifest calls for, without asking a cloud.
///
/// Clouds that cannot host the app say nothing; why is told when it is planned.
pub fn wanted(clouds: &Clouds<'_>, app: &App) -> Vec<Permission> {
    let mut wanted = Vec::new();
    for provider in clouds.providers() {
        let part = app.on(provider.cloud());
        let arranged = provider.desired(&part).ok().and_then(|all| Desired::arrange(all).ok());
        let known = arranged.map(|desired| desired.predicted()).unwrap_or_default();
        wanted.extend(provider.permissions(&part).iter().map(|one| settled(one, &known)));
    }
    wanted
}

/// Returns both sides of a plan. What a targeted plan leaves out, both sides do. `others` is what
/// somebody else put beside what the plan is about.
pub fn planned(clouds: &Clouds<'_>, app: &App, plan: &Plan, others: &[Live]) -> Sides {
    let covered: BTreeSet<&ResourceId> =
        plan.changes.iter().filter_map(|change| Some(&change.wanted()?.resource.id)).collect();
    let mut live = found(plan, clouds);
    let ours = live.values().flatten().map(|live| live.id.clone()).collect();
    let mut sides = Sides { ours, ..Sides::default() };
    for provider in clouds.providers() {
        let part = app.on(provider.cloud());
        let all: BTreeSet<ResourceId> =
            provider.desired(&part).into_iter().flatten().map(|resource| resource.id).collect();
        let left_out = |id: &ResourceId| all.contains(id) && !covered.contains(id);
        let called_for = provider.permissions(&part);
        let called_for = called_for.iter().filter(|one| !left_out(&one.carrier));
        sides.wanted.extend(called_for.map(|one| settled(one, &plan.known)));
        let mut there = live.remove(&provider.cloud()).unwrap_or_default();
        for stays in provider.lasting(&there) {
            if !sides.wanted.iter().any(|one| same(one, &stays)) {
                sides.wanted.push(stays);
            }
        }
        let has = |live: &&Live| provider.kinds().iter().any(|spec| spec.kind == live.id.kind);
        there.extend(others.iter().filter(has).cloned());
        sides.granted.extend(provider.granted(&there));
    }
    sides
}

/// Returns whether two permissions are the same, whatever calls for them.
fn same(one: &Permission, other: &Permission) -> bool {
    *one == Permission { reasons: one.reasons.clone(), ..other.clone() }
}

/// Returns what is live, by cloud.
fn found(plan: &Plan, clouds: &Clouds<'_>) -> BTreeMap<Cloud, Vec<Live>> {
    let mut found: BTreeMap<Cloud, Vec<Live>> = BTreeMap::new();
    for change in &plan.changes {
        let live = match change {
            Change::Update(_, live, _)
            | Change::Replace(_, live, _)
            | Change::Keep(_, live)
            | Change::Delete(live) => live,
            Change::Create(_) | Change::Blocked(..) => continue,
        };
        if let Some(provider) = clouds.that_has(live.id.kind) {
            found.entry(provider.cloud()).or_default().push(live.clone());
        }
    }
    found
}

/// Replaces every reference that can be answered before applying.
fn settled(permission: &Permission, known: &Outputs) -> Permission {
    let value = |value: &Value| answered(value, known);
    let set = |values: &BTreeSet<Value>| values.iter().map(value).collect::<BTreeSet<Value>>();
    let each = |names: &BTreeMap<String, BTreeSet<Value>>| {
        names.iter().map(|(kind, of)| (kind.clone(), set(of))).collect()
    };
    let who = match &permission.who {
        Who::Holder(holder) => Who::Holder(value(holder)),
        Who::Named(names) => Who::Named(each(names)),
        Who::AllBut(names) => Who::AllBut(each(names)),
        Who::Everybody => Who::Everybody,
    };
    let on = match &permission.on {
        On::These(these) => On::These(set(these)),
        On::AllBut(these) => On::AllBut(set(these)),
        On::Carrier => On::Carrier,
    };
    let when = match &permission.when {
        When::Tests(tests) => When::Tests(
            tests.iter().map(|test| Test { values: set(&test.values), ..test.clone() }).collect(),
        ),
        When::Always | When::Expression(_) => permission.when.clone(),
    };
    Permission { who, on, when, ..permission.clone() }
}

fn answered(value: &Value, known: &Outputs) -> Value {
    let whole = Fields::new([("value", value.clone())]).settle(known);
    whole.get("value").unwrap_or(value).clone()
}
