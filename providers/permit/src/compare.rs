//! What one set of permissions allows beside another, on any cloud.

use std::collections::BTreeSet;

use updraft_contract::{Cloud, Permission, Side};

use crate::{Comparison, Verdict, aws, roles, sets};

/// Compares what two sets of permissions allow: each cloud, function and side with its own.
///
/// Statements are counted within the permissions of the same cloud, function and side.
pub fn compare(old: &[Permission], new: &[Permission]) -> Comparison {
    let key = |one: &Permission| (one.cloud, one.function.clone(), one.side);
    let groups: BTreeSet<_> = old.iter().chain(new).map(key).collect();
    let mut all = Comparison::default();
    let mut rewritten = false;
    for group in groups {
        let of = |all: &'_ [Permission]| -> Vec<Permission> {
            let ours = all.iter().filter(|one| key(one) == group);
            ours.map(|one| roles::filled(one, &[])).collect()
        };
        let (old, new) = (of(old), of(new));
        let old: Vec<&Permission> = old.iter().collect();
        let new: Vec<&Permission> = new.iter().collect();
        let one = beside(group.0, group.2, &old, &new);
        rewritten |= one.rewritten;
        all.verdict = worse(all.verdict, one.verdict);
        all.newly_allowed.extend(one.newly_allowed);
        all.no_longer_allowed.extend(one.no_longer_allowed);
        all.undecided.extend(one.undecided);
    }
    all.rewritten =
        rewritten && all.verdict == Verdict::NoNewAccess && all.no_longer_allowed.is_empty();
    all
}

fn worse(one: Verdict, other: Verdict) -> Verdict {
    one.max(other)
}

/// Compares the permissions of one cloud, function and side.
pub(crate) fn beside(
    cloud: Cloud,
    side: Side,
    old: &[&Permission],
    new: &[&Permission],
) -> Comparison {
    match cloud {
        Cloud::Aws => aws::compare_permissions(side, old, new),
        Cloud::Azure | Cloud::Gcp => sets::compare(old, new),
    }
}
