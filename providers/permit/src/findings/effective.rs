//! What permissions give together: all allows, wildcards included, less what is always denied.

use std::collections::BTreeSet;

use updraft_contract::{Effect, On, Permission, What, When};

use crate::data;
use crate::document::text;
use crate::sets::globs;

/// Returns whether a permission is about an action, written in the cloud's own letters.
pub(super) fn about(permission: &Permission, action: &str) -> bool {
    let lower = action.to_lowercase();
    let any =
        |all: &BTreeSet<String>| all.iter().any(|one| data::takes(&one.to_lowercase(), &lower));
    let of =
        |all: &BTreeSet<String>| all.iter().any(|one| globs::takes(&one.to_lowercase(), &lower));
    match &permission.what {
        What::Actions(actions) => any(actions),
        What::AllBut(actions) => !any(actions),
        What::Role(role) => {
            (of(&role.actions) && !of(&role.not_actions))
                || (of(&role.data_actions) && !of(&role.not_data_actions))
        }
    }
}

/// Returns the permissions that give an action on what counts, unless it is denied always and on everything.
pub(super) fn giving(
    permissions: &[&Permission],
    action: &str,
    counts: impl Fn(&Permission) -> bool,
) -> BTreeSet<usize> {
    let denied = permissions.iter().any(|one| {
        one.effect == Effect::Deny
            && one.when == When::Always
            && everywhere(one)
            && about(one, action)
    });
    if denied {
        return BTreeSet::new();
    }
    let each = permissions.iter().enumerate();
    let giving =
        each.filter(|(_, one)| one.effect == Effect::Allow && about(one, action) && counts(one));
    giving.map(|(at, _)| at).collect()
}

/// Returns whether a permission is about every resource.
pub(super) fn everywhere(permission: &Permission) -> bool {
    match &permission.on {
        On::These(these) => these.iter().map(text).any(|one| all(&one)),
        On::AllBut(_) | On::Carrier => false,
    }
}

/// Returns whether a pattern is nothing but stars, however many.
fn all(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.chars().all(|letter| letter == '*')
}
