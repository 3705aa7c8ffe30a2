//! What one set of permissions allows beside another, on any cloud.

use std::collections::BTreeSet;

use updraft_contract::{Cloud, Permission, Side};

use crate::{About, Comparison, Verdict, aws, roles, sets};

/// Compares what two sets of permissions allow: each cloud, function and side with its own.
///
/// Statements are counted as the permissions of either side are.
pub fn compare(old: &[Permission], new: &[Permission]) -> Comparison {
    let key = |one: &Permission| (one.cloud, one.function.clone(), one.side);
    let groups: BTreeSet<_> = old.iter().chain(new).map(key).collect();
    let mut all = Comparison::default();
    let mut rewritten = false;
    for group in groups {
        let of = |all: &[Permission]| -> (Vec<usize>, Vec<Permission>) {
            let ours = all.iter().enumerate().filter(|(_, one)| key(one) == group);
            ours.map(|(at, one)| (at, roles::filled(one, &[]))).unzip()
        };
        let ((old_places, old), (new_places, new)) = (of(old), of(new));
        let old: Vec<&Permission> = old.iter().collect();
        let new: Vec<&Permission> = new.iter().collect();
        let (cloud, function, side) = group;
        let mut one = beside(cloud, side, &old, &new);
        let cloud = cloud.word().to_owned();
        let about = Some(About { cloud, function, side: side.into() });
        for access in one.newly_allowed.iter_mut().chain(&mut one.no_longer_allowed) {
            access.about.clone_from(&about);
            moved(&mut access.old_statements, &old_places);
            moved(&mut access.new_statements, &new_places);
        }
        for undecided in &mut one.undecided {
            undecided.about.clone_from(&about);
            moved(&mut undecided.old_statements, &old_places);
            moved(&mut undecided.new_statements, &new_places);
        }
        rewritten |= one.rewritten;
        all.verdict = worse(all.verdict, one.verdict);
        all.newly_allowed.extend(one.newly_allowed);
        all.no_longer_allowed.extend(one.no_longer_allowed);
        all.undecided.extend(one.undecided);
    }
    let less = !all.no_longer_allowed.is_empty() || !all.undecided.is_empty();
    all.rewritten = rewritten && all.verdict == Verdict::NoNewAccess && !less;
    all
}

/// Replaces places within a group by those within the whole.
fn moved(all: &mut Vec<usize>, places: &[usize]) {
    *all = all.iter().filter_map(|at| places.get(*at)).copied().collect();
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
