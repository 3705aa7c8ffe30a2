//! Compares what two sets of statements allow.

use super::actions::{Group, groups};
use super::automaton::Budget;
use super::bits::Bits;
use super::report::Report;
use super::search::{Sides, differences};
use super::statement::{PolicyKind, Statement};
use super::universe::Universe;
use crate::Comparison;

/// Tells what `new` allows that `old` does not, and the other way round.
///
/// Everything newly or no longer allowed comes with a request that shows it. What cannot be
/// decided is undecided, with the reason; if nothing is reported, nothing differs.
pub fn compare(
    old: &[Statement],
    new: &[Statement],
    kind: PolicyKind,
    universe: &dyn Universe,
) -> Comparison {
    let sides = Sides { old, new };
    let mut report = Report::new(sides, universe);
    if old != new {
        let all = sides.all();
        let mut budget = Budget::new();
        let found = groups(&all, kind, universe, &mut budget);
        for (own, group) in &found.groups {
            compare_group(sides, own, group, &mut budget, &mut report);
        }
        if !found.complete {
            report.unknown_actions();
        }
    }
    report.finish()
}

fn compare_group(
    sides: Sides<'_>,
    own: &Bits,
    group: &Group,
    budget: &mut Budget,
    report: &mut Report<'_>,
) {
    let Some(action) = group.actions.first().or(group.unknown.as_ref()) else { return };
    match differences(sides, own, action, budget) {
        Ok(found) => report.add(group, &found),
        Err(_) => report.too_many(group, own),
    }
}
