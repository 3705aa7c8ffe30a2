//! Actions on AWS that are allowed and give nothing: their names are not known, or they are not done to what they are
//! allowed on.

use std::collections::BTreeSet;

use updraft_contract::{Cloud, Effect, On, Permission, Side, What};

use super::{Hit, effective, some};
use crate::data;
use crate::document::text;

/// How alike a known action must be to be named.
const ALIKE: f64 = 0.85;

/// Judges what a function may do by itself.
pub(super) fn judge(permissions: &[&Permission]) -> Vec<Hit> {
    let own = |one: &Permission| one.side == Side::Does && one.effect == Effect::Allow;
    let mut hits = Vec::new();
    for action in
        permissions.iter().filter(|one| one.cloud == Cloud::Aws).flat_map(|one| named(one))
    {
        let each = permissions.iter().enumerate();
        let giving = each.filter(|(_, one)| own(one) && named(one).contains(action));
        let on: BTreeSet<usize> = giving.map(|(at, _)| at).collect();
        match data::action(action) {
            None if on.is_empty() => {}
            None => hits.push(Hit { code: "UP921", message: unknown(action), on }),
            Some(known) => hits.extend(apart(permissions, &on).into_iter().filter_map(|entry| {
                let of: Vec<&Permission> =
                    entry.iter().filter_map(|at| permissions.get(*at).copied()).collect();
                let arns: BTreeSet<String> = of.iter().flat_map(|one| resources(one)).collect();
                let idle = of.iter().all(|one| is_idle(one, action));
                idle.then(|| Hit { code: "UP922", message: nowhere(known, &arns), on: entry })
            })),
        }
    }
    hits
}

/// Returns the actions that a permission names, patterns aside.
fn named(permission: &Permission) -> BTreeSet<&str> {
    match &permission.what {
        What::Actions(all) => {
            all.iter().map(String::as_str).filter(|name| !name.contains(['*', '?'])).collect()
        }
        What::AllBut(_) | What::Role(_) => BTreeSet::new(),
    }
}

/// Says that no action has a name, and which one is most like it.
fn unknown(action: &str) -> String {
    let lower = action.to_lowercase();
    let service = lower.split(':').next().unwrap_or_default();
    let of = data::actions().filter(|known| known.service().eq_ignore_ascii_case(service));
    let scored = of.map(|known| (strsim::jaro_winkler(&known.name.to_lowercase(), &lower), known));
    let best = scored.max_by(|one, other| one.0.total_cmp(&other.0));
    match best.filter(|(alike, _)| *alike >= ALIKE) {
        Some((_, known)) => {
            format!("`{action}` is no action that is known here; did you mean `{}`?", known.name)
        }
        None => format!("`{action}` is no action that is known here"),
    }
}

/// Returns permissions by what called for them. One entry, like one policy, names things and what is in them side by
/// side, and each action counts where it fits.
fn apart(permissions: &[&Permission], on: &BTreeSet<usize>) -> BTreeSet<BTreeSet<usize>> {
    let causes = |at: &usize| -> BTreeSet<String> {
        let Some(one) = permissions.get(*at) else { return BTreeSet::new() };
        let paths = one.reasons.iter().filter_map(|reason| reason.origin.as_ref());
        let paths: BTreeSet<String> = paths.map(|origin| origin.path.clone()).collect();
        if paths.is_empty() { BTreeSet::from([one.carrier.to_string()]) } else { paths }
    };
    let all: BTreeSet<String> = on.iter().flat_map(&causes).collect();
    let of = |cause: &String| on.iter().copied().filter(|at| causes(at).contains(cause)).collect();
    all.iter().map(of).collect()
}

fn resources(permission: &Permission) -> BTreeSet<String> {
    match &permission.on {
        On::These(these) => these.iter().map(text).collect(),
        On::AllBut(_) | On::Carrier => BTreeSet::new(),
    }
}

/// Returns whether an action is done to nothing of what a permission is about. What is not known yet may be anything.
fn is_idle(permission: &Permission, action: &str) -> bool {
    let on = resources(permission);
    let may_be = |arn: &String| arn.contains("${") || data::supports(action, arn);
    !on.is_empty() && !effective::everywhere(permission) && !on.iter().any(may_be)
}

/// Says that an action is done to something else.
fn nowhere(action: &data::Action, on: &BTreeSet<String>) -> String {
    let forms: BTreeSet<String> = action.resources.iter().map(|it| it.arn.to_owned()).collect();
    let takes = if forms.is_empty() { "no resource but `*`".to_owned() } else { some(&forms) };
    format!("`{}` is allowed on {}, which gives nothing: it takes {takes}", action.name, some(on))
}
