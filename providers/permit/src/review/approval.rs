//! What to approve: everything newly allowed or undecided, by one digest.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use updraft_contract::{Cloud, Effect, On, Permission, Side, Value, What, When, Who, hex};

use super::line::condition;
use crate::compare::beside;
use crate::document::text;
use crate::{Verdict, data, roles};

/// Returns the parts of `new` that `old` does not certainly allow, each as one line of text.
///
/// A part is one who, one action and one resource under one condition, so that it does not matter
/// how permissions are joined or split. Manifest lines and the names of identities play no part.
pub(super) fn parts(
    key: (Cloud, Side),
    function: &str,
    old: &[&Permission],
    new: &[&Permission],
) -> BTreeSet<String> {
    let denies: Vec<&Permission> =
        new.iter().copied().filter(|one| one.effect == Effect::Deny).collect();
    let mut open: Vec<Permission> = Vec::new();
    for line in new.iter().filter(|one| one.effect == Effect::Allow) {
        for part in apart(line) {
            let side: Vec<&Permission> =
                std::iter::once(&part).chain(denies.iter().copied()).collect();
            // Comparing takes a while, and most of what is new is like nothing that was there.
            let near = old.iter().any(|one| reaches(one, &part) || reaches(&part, one));
            if !near || beside(key.0, key.1, old, &side).verdict != Verdict::NoNewAccess {
                open.push(part);
            }
        }
    }
    let lean = open.iter().enumerate().filter(|(at, part)| !redundant(key, *at, part, &open));
    lean.map(|(_, part)| written(function, part)).collect()
}

/// Returns whether another part, or an equal one further on, allows all that this one does.
fn redundant(key: (Cloud, Side), at: usize, part: &Permission, all: &[Permission]) -> bool {
    all.iter().enumerate().any(|(other_at, other)| {
        let covers = |one: &Permission, two: &Permission| {
            reaches(one, two)
                && holds(one, two)
                && beside(key.0, key.1, &[one], &[two]).verdict == Verdict::NoNewAccess
        };
        other_at != at && covers(other, part) && (other_at > at || !covers(part, other))
    })
}

/// Returns whether a permission may allow all actions of a part, as far as their names tell.
fn reaches(one: &Permission, part: &Permission) -> bool {
    let (What::Actions(all), What::Actions(parts)) = (&one.what, &part.what) else { return true };
    parts.iter().any(|part| {
        let part = part.to_lowercase();
        all.iter().any(|action| data::takes(&action.to_lowercase(), &part))
    })
}

/// Returns whether a part may be about all resources of another, as far as their names tell.
fn holds(one: &Permission, part: &Permission) -> bool {
    let (On::These(all), On::These(parts)) = (&one.on, &part.on) else { return true };
    let names = |these: &BTreeSet<Value>| -> Vec<String> {
        these.iter().map(|name| text(name).to_lowercase()).collect()
    };
    let below = |name: &String, on: &String| data::takes(on, name) || name.starts_with(on.as_str());
    let all = names(all);
    names(parts).iter().all(|name| all.iter().any(|on| below(name, on)))
}

/// Returns the digest of all parts; empty where there is none.
pub(super) fn digest(parts: &BTreeSet<String>) -> String {
    if parts.is_empty() {
        return String::new();
    }
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_string());
        hasher.update(":");
        hasher.update(part);
    }
    hex(&hasher.finalize())
}

/// Takes a permission apart; what cannot be taken apart stays whole.
fn apart(permission: &Permission) -> Vec<Permission> {
    let mut all = Vec::new();
    for who in people(&permission.who) {
        for what in actions(&permission.what) {
            for on in places(&permission.on) {
                all.push(Permission {
                    who: who.clone(),
                    what: what.clone(),
                    on,
                    ..permission.clone()
                });
            }
        }
    }
    all
}

fn people(who: &Who) -> Vec<Who> {
    match who {
        Who::Named(names) => {
            let each = names.iter().flat_map(|(kind, all)| {
                all.iter()
                    .map(|name| Who::Named(BTreeMap::from([(kind.clone(), [name.clone()].into())])))
            });
            each.collect()
        }
        Who::Holder(_) | Who::AllBut(_) | Who::Everybody => vec![who.clone()],
    }
}

fn actions(what: &What) -> Vec<What> {
    match what {
        What::Actions(actions) => {
            actions.iter().map(|action| What::Actions([action.clone()].into())).collect()
        }
        What::AllBut(_) | What::Role(_) => vec![what.clone()],
    }
}

fn places(on: &On) -> Vec<On> {
    match on {
        On::These(these) => these.iter().map(|one| On::These([one.clone()].into())).collect(),
        On::AllBut(_) | On::Carrier => vec![on.clone()],
    }
}

/// Writes a part so that different ones are written differently.
fn written(function: &str, part: &Permission) -> String {
    let fold = |text: &str| match part.cloud {
        Cloud::Aws | Cloud::Azure => text.to_lowercase(),
        Cloud::Gcp => text.to_owned(),
    };
    let all = |set: &BTreeSet<String>| set.iter().map(|one| fold(one)).collect::<BTreeSet<_>>();
    let what = match &part.what {
        What::Actions(actions) => format!("{:?}", all(actions)),
        What::AllBut(actions) => format!("all but {:?}", all(actions)),
        What::Role(role) if roles::empty(role) => format!("role {}", fold(&role.id)),
        What::Role(role) => format!(
            "{:?} but {:?}, data {:?} but {:?}",
            all(&role.actions),
            all(&role.not_actions),
            all(&role.data_actions),
            all(&role.not_data_actions)
        ),
    };
    let places = |these: &BTreeSet<Value>| {
        let each = these.iter().map(text).map(|place| match part.cloud {
            Cloud::Azure => place.to_lowercase(),
            Cloud::Aws | Cloud::Gcp => place,
        });
        each.collect::<BTreeSet<_>>()
    };
    let on = match &part.on {
        On::These(these) => format!("{:?}", places(these)),
        On::AllBut(these) => format!("all but {:?}", places(these)),
        On::Carrier => "what carries it".to_owned(),
    };
    let who = match &part.who {
        Who::Holder(_) => "the function".to_owned(),
        Who::Named(_) | Who::AllBut(_) | Who::Everybody => format!("{:?}", part.who),
    };
    let when = match &part.when {
        When::Always => "always".to_owned(),
        When::Tests(_) | When::Expression(_) => format!("{:?}", condition(&part.when)),
    };
    let (cloud, side) = (part.cloud.word(), part.side);
    format!("{cloud} {function:?} {side:?} {who} {what} {on} {when}")
}
