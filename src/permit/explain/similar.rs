//! Names that something misspelt may have been meant for.

use std::collections::BTreeSet;

use updraft_contract::{Cloud, On, What};
use updraft_permit::{data, roles};

use super::question::{is_action, managed, named};
use super::{Facts, Standing};

/// How alike two names must be.
const ALIKE: f64 = 0.88;

/// How many names are told.
const TOLD: usize = 3;

/// How many letters a slip of the hand changes: with two, `attach` is `detach`.
const SLIP: usize = 1;

/// Google's roles that are as old as projects. What is in them is no table's: nearly everything.
const BASIC: &[&str] = &["roles/editor", "roles/owner", "roles/viewer"];

/// Returns what is known of a word: AWS's actions are all in a table; of Azure's and Google's names only those of known
/// roles, and of what is in them, are.
pub(super) fn standing(asked: &str, facts: &Facts<'_>) -> Standing {
    if asked.contains(':') {
        let none = data::matching(asked).is_empty();
        return if none { Standing::Nothing } else { Standing::Known };
    }
    let contents = contents();
    if BASIC.contains(&asked) || contents.iter().any(|name| data::meet(asked, name)) {
        return Standing::Known;
    }
    if !(is_action(asked) && !is_entry(asked) || asked.starts_with("roles/")) {
        return Standing::Nothing;
    }
    let lower = asked.to_lowercase();
    // Getting and setting are a letter apart, and both are done to much.
    let got = |name: &str| name.replace("set", "get");
    let slip = |name: &String| {
        let name = name.to_lowercase();
        strsim::damerau_levenshtein(&name, &lower) <= SLIP && got(&name) != got(&lower)
    };
    let given = names(facts).into_iter().filter(|name| !name.contains(':'));
    if given.chain(contents).any(|name| slip(&name)) { Standing::Slip } else { Standing::Open }
}

/// Returns the names of known roles of Azure and Google, and of what is in them; no patterns.
fn contents() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for role in roles::all(Cloud::Azure).chain(roles::all(Cloud::Gcp)) {
        let inside = role.actions.into_iter().chain(role.data_actions);
        let outside = role.not_actions.into_iter().chain(role.not_data_actions);
        all.extend(inside.chain(outside).filter(|name| !name.contains('*')));
        all.extend([role.id, role.title]);
    }
    all
}

/// Returns whether a word begins as the entries of manifests do.
fn is_entry(asked: &str) -> bool {
    let words = ["bucket", "bus", "function", "queue", "stream", "table", "topic"];
    asked.split_once('.').is_some_and(|(word, _)| words.contains(&word))
}

/// Returns the names most like a word: entries of the manifest, addresses of the plan, names of resources, actions and
/// roles.
pub(super) fn similar(asked: &str, facts: &Facts<'_>) -> Vec<String> {
    let lower = asked.to_ascii_lowercase();
    let all = names(facts);
    let mut found: Vec<(f64, &String)> = all
        .iter()
        .filter(|name| service(name) == service(asked))
        .map(|name| (strsim::jaro_winkler(&lower, &name.to_ascii_lowercase()), name))
        .filter(|(alike, name)| *alike >= ALIKE && *name != asked)
        .collect();
    found.sort_by(|one, two| two.0.total_cmp(&one.0).then_with(|| one.1.cmp(two.1)));
    found.into_iter().take(TOLD).map(|(_, name)| name.clone()).collect()
}

/// Returns the service of an action of AWS: actions of another are not meant.
fn service(name: &str) -> Option<String> {
    let (service, _) = name.split_once(':').filter(|(service, _)| *service != "arn")?;
    Some(service.to_ascii_lowercase())
}

fn names(facts: &Facts<'_>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for function in &facts.app.functions {
        names.insert(format!("function.{}", function.name));
        for access in &function.access {
            names.extend([access.origin.path.clone(), access.to.clone()]);
        }
        for entry in &function.triggers {
            names.extend([entry.origin.path.clone(), named(&entry.trigger).to_owned()]);
        }
    }
    names.extend(facts.app.managed.iter().map(managed));
    for permission in facts.wanted.iter().chain(facts.granted.unwrap_or_default()) {
        names.insert(permission.carrier.to_string());
        if let On::These(these) = &permission.on {
            names.extend(these.iter().filter_map(|one| one.as_text()).map(str::to_owned));
        }
        if let What::Role(role) = &permission.what {
            names.extend(role.actions.iter().chain(&role.data_actions).cloned());
        }
    }
    names.extend(data::actions().map(|action| action.name.clone()));
    names.extend(contents());
    names.remove("");
    names
}
