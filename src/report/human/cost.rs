//! What carrying out a plan costs: data that is lost, and what stops for a while.

use updraft_contract::KindSpec;

use crate::diff::Change;
use crate::plan::Plan;
use crate::report::clean;

/// Names every resource that would be deleted with data in it.
pub fn lost(plan: &Plan) -> Vec<String> {
    plan.changes.iter().filter_map(losing).collect()
}

/// Says which data a change would delete.
fn losing(change: &Change) -> Option<String> {
    let address = clean(&change.id().to_string());
    Some(format!("{address} holds {}", held(change)?))
}

/// Returns the data that a change would delete, for people.
pub(super) fn held(change: &Change) -> Option<String> {
    match change {
        Change::Delete(live) | Change::Replace(_, live, _) => live.holds.as_deref().map(clean),
        Change::Create(_) | Change::Update(..) | Change::Keep(..) | Change::Blocked(..) => None,
    }
}

/// Names every resource that would be replaced, and what stops until it is there again.
pub fn stopped(plan: &Plan, kinds: &[KindSpec]) -> Vec<String> {
    let each = plan.changes.iter().filter_map(|change| {
        Some(format!("{}: {}", clean(&change.id().to_string()), downtime(change, kinds)?))
    });
    each.collect()
}

/// Returns what stops while a resource is replaced.
pub(super) fn downtime(change: &Change, kinds: &[KindSpec]) -> Option<&'static str> {
    let Change::Replace(..) = change else { return None };
    let spec = kinds.iter().find(|spec| spec.kind == change.id().kind)?;
    (!spec.downtime.is_empty()).then_some(spec.downtime)
}
