//! What in the manifest would give something that nobody has.

use std::collections::BTreeSet;

use updraft_contract::{Cloud, RoleContent, VerbSpec};
use updraft_permit::roles;

use super::question::glob;

/// How many verbs are named.
const NAMED: usize = 3;

/// A verb of declared access that gives what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// The cloud.
    pub cloud: Cloud,
    /// The verb.
    pub verb: VerbSpec,
    /// What of that it is.
    pub gives: &'static str,
}

/// Returns the verbs that give `action`.
///
/// One that gives something else is no answer, however alike the two are written: keys are listed by no verb that
/// writes.
pub(super) fn nearest(action: &str, verbs: &[(Cloud, &'static [VerbSpec])]) -> Vec<Nearest> {
    let each = verbs.iter().flat_map(|(cloud, specs)| specs.iter().map(|spec| (*cloud, spec)));
    let giving = each.filter_map(|(cloud, spec)| {
        let is = |gives: &&&str| glob(action, gives) || contains(cloud, gives, action);
        let gives = *spec.gives.iter().find(is)?;
        Some(Nearest { cloud, verb: *spec, gives })
    });
    giving.take(NAMED).collect()
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
