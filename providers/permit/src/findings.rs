//! What is worth a word about permissions: one table of rules, and the rules themselves.
//!
//! Rules look at permissions and not at text: a wildcard is reported only where the action can be
//! narrowed, and sets of actions are looked for in what all statements give together.

use std::collections::BTreeSet;

use updraft_contract::{Cloud, Effect, Permission, RoleContent, Side, What};

use crate::{Finding, Severity, Status, roles};

mod aws;
mod azure;
mod conditions;
mod effective;
mod escalation;
mod google;
mod idle;
mod size;
mod table;
#[cfg(test)]
mod tests;

pub use table::{RULES, Rule, rule};

/// One place where a rule fires: on which permissions, and in which words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// The code of the rule.
    pub(crate) code: &'static str,
    /// What is wrong, in one sentence.
    pub(crate) message: String,
    /// The permissions, counted from zero among those that were judged.
    pub(crate) on: BTreeSet<usize>,
}

impl Hit {
    fn on(at: usize, code: &'static str, message: String) -> Self {
        Self { code, message, on: [at].into() }
    }
}

/// Judges the permissions of one cloud, function and side; the same words about several are one.
pub(crate) fn judge(permissions: &[&Permission]) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (at, one) in permissions.iter().enumerate() {
        if one.effect == Effect::Allow {
            hits.extend(match one.cloud {
                Cloud::Aws => aws::judge(at, one),
                Cloud::Azure => azure::judge(at, one),
                Cloud::Gcp => google::judge(at, one),
            });
        }
    }
    hits.extend(escalation::judge(permissions));
    hits.extend(idle::judge(permissions));
    hits.extend(size::judge(permissions));
    joined(hits)
}

/// Returns a hit for the lines that allow something nobody declared.
pub(crate) fn surplus(lines: impl Iterator<Item = (Status, Effect)>) -> Vec<Hit> {
    let drift: BTreeSet<usize> = lines
        .enumerate()
        .filter_map(|(at, line)| (line == (Status::Drift, Effect::Allow)).then_some(at))
        .collect();
    let things = if drift.len() == 1 { "one thing that is" } else { "things that are" };
    let message = format!("the cloud allows {things} neither in the manifest nor Updraft's");
    if drift.is_empty() { Vec::new() } else { vec![Hit { code: "UP801", message, on: drift }] }
}

/// Returns a hit for each role in use that its vendor changed, by what the roles contain today.
pub(crate) fn changed(
    cloud: Cloud,
    permissions: &[&Permission],
    today: &[RoleContent],
) -> Vec<Hit> {
    let each = roles::drifts(cloud, today).into_iter();
    let hits = each.map(|drift| {
        let of = |permission: &Permission| match &permission.what {
            What::Role(role) => role.id.eq_ignore_ascii_case(&drift.id),
            What::Actions(_) | What::AllBut(_) => false,
        };
        let on = permissions.iter().enumerate().filter(|(_, one)| of(one)).map(|(at, _)| at);
        let part = |verb: &str, all: &BTreeSet<String>| {
            (!all.is_empty()).then(|| format!("{verb} {}", some(all)))
        };
        let parts = [part("gained", &drift.gained), part("lost", &drift.lost)];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let message = format!("the vendor's role `{}` {}", drift.title, parts.join(" and "));
        Hit { code: "UP802", message, on: on.collect() }
    });
    hits.filter(|hit| !hit.on.is_empty()).collect()
}

/// Makes one of hits that say the same.
fn joined(hits: Vec<Hit>) -> Vec<Hit> {
    let mut all: Vec<Hit> = Vec::new();
    for hit in hits {
        match all.iter_mut().find(|one| one.code == hit.code && one.message == hit.message) {
            Some(one) => one.on.extend(hit.on),
            None => all.push(hit),
        }
    }
    all
}

/// Returns a hit as a finding: with its rule, and with the manifest entry that is behind it.
pub(crate) fn finding(hit: &Hit, cloud: Cloud, function: &str, on: &[&Permission]) -> Finding {
    let rule = rule(hit.code);
    let mut reasons = on.iter().flat_map(|one| &one.reasons);
    let origin = reasons.find_map(|reason| reason.origin.as_ref());
    Finding {
        code: hit.code.to_owned(),
        class: rule.map_or("", |rule| rule.class).to_owned(),
        severity: rule.map_or(Severity::Medium, |rule| rule.severity),
        message: hit.message.clone(),
        remedy: rule.map_or("", |rule| rule.remedy).to_owned(),
        source: rule.map_or("", |rule| rule.source).to_owned(),
        cloud: cloud.word().to_owned(),
        function: function.to_owned(),
        path: origin.map(|origin| origin.path.clone()),
        line: origin.map(|origin| origin.line),
        handler: None,
    }
}

/// Returns whether something in the manifest calls for a permission.
fn declared(permission: &Permission) -> bool {
    permission.reasons.iter().any(|reason| reason.origin.is_some())
}

/// Returns a hit where everybody may call the function or take on its identity.
fn public(at: usize, permission: &Permission) -> Hit {
    match permission.side {
        Side::Assumed => {
            let message = "everybody may take on the identity of the function".to_owned();
            Hit::on(at, "UP101", message)
        }
        Side::Called | Side::Does | Side::Deploys => {
            let code = if declared(permission) { "UP102" } else { "UP101" };
            Hit::on(at, code, "everybody may call the function".to_owned())
        }
    }
}

/// Names some of many, for a sentence.
fn some(all: &BTreeSet<String>) -> String {
    let mut named: Vec<String> = all.iter().take(3).map(|one| format!("`{one}`")).collect();
    if all.len() > named.len() {
        named.push(format!("{} more", all.len() - named.len()));
    }
    match named.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
