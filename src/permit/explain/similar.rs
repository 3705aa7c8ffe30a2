//! Names that something misspelt may have been meant for.

use std::collections::BTreeSet;

use updraft_contract::{Cloud, On, What};
use updraft_permit::{data, roles};

use super::Facts;
use super::question::{is_action, managed, named};

/// How alike two names must be.
const ALIKE: f64 = 0.88;

/// How many names are told.
const TOLD: usize = 3;

/// Returns whether a word is the name of an action or a role, whoever may do it. AWS's actions are all in a table; of
/// Azure's and Google's only those in known roles are, so that a word of their form is taken for one.
pub(super) fn is_known(asked: &str) -> bool {
    if asked.contains(':') {
        return !data::matching(asked).is_empty();
    }
    if asked.starts_with("roles/") {
        return roles::google(asked).is_some();
    }
    is_action(asked) && !is_entry(asked)
        || titles(Cloud::Azure).iter().any(|title| title.eq_ignore_ascii_case(asked))
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
    names.extend(titles(Cloud::Azure));
    names.extend(roles::all(Cloud::Gcp).map(|role| role.id));
    names.remove("");
    names
}

fn titles(cloud: Cloud) -> Vec<String> {
    roles::all(cloud).map(|role| role.title).collect()
}
