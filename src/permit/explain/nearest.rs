//! What in the manifest would give something that nobody has.

use std::collections::BTreeSet;

use updraft_contract::{Cloud, RoleContent, VerbSpec};
use updraft_permit::roles;

use super::question::glob;

/// How alike two actions must be for one to be worth a word.
const ALIKE: f64 = 0.85;

/// How many verbs are named.
const NAMED: usize = 3;

/// A verb of declared access that gives what was asked, or something like it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// The cloud.
    pub cloud: Cloud,
    /// The verb.
    pub verb: VerbSpec,
    /// What of that comes nearest.
    pub gives: &'static str,
    /// Whether that is what was asked.
    pub exact: bool,
}

/// Returns the verbs that give `action`, or else those that give something most like it.
pub(super) fn nearest(action: &str, verbs: &[(Cloud, &'static [VerbSpec])]) -> Vec<Nearest> {
    let mut found: Vec<(f64, Nearest)> = Vec::new();
    for (cloud, specs) in verbs {
        for spec in *specs {
            let scored = spec.gives.iter().map(|gives| {
                let inside = contains(*cloud, gives, action);
                (if inside { 1.0 } else { alike(action, gives) }, *gives)
            });
            let best = scored.max_by(|one, other| one.0.total_cmp(&other.0));
            if let Some((score, gives)) = best.filter(|(score, _)| *score >= ALIKE) {
                let exact = gives.eq_ignore_ascii_case(action) || contains(*cloud, gives, action);
                found.push((score, Nearest { cloud: *cloud, verb: *spec, gives, exact }));
            }
        }
    }
    found.sort_by(|one, other| other.0.total_cmp(&one.0));
    let exact = found.iter().any(|(_, one)| one.exact);
    let kept = found.into_iter().map(|(_, one)| one).filter(|one| one.exact || !exact);
    kept.take(NAMED).collect()
}

/// Tells whether what a verb gives is a role that has an action in it.
fn contains(cloud: Cloud, gives: &str, action: &str) -> bool {
    let named = |role: &RoleContent| role.title == gives || role.id == gives;
    let has = |all: &BTreeSet<String>| all.iter().any(|one| glob(one, action));
    roles::all(cloud).filter(named).any(|role| {
        has(&role.actions) && !has(&role.not_actions)
            || has(&role.data_actions) && !has(&role.not_data_actions)
    })
}

/// Compares two actions, the case left out; those of different services are not alike.
fn alike(one: &str, other: &str) -> f64 {
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    let service = |action: &str| action.split([':', '/', '.']).next().map(str::to_owned);
    if one != other && service(&one) != service(&other) {
        return 0.0;
    }
    strsim::jaro_winkler(&one, &other)
}
