//! Rules about names.

use std::collections::BTreeMap;

use updraft_contract::{App, NameLimits, shortened};

use super::{Finding, Look};

/// The most characters of a project's and a stage's name: joined by a dash they fit, uncut, into
/// the 64 that the shortest names have, such as that of a schedule group.
const PROJECT_CHARS: usize = 40;
const STAGE_CHARS: usize = 20;

/// The most characters of a function's or resource's name.
const LOGICAL_CHARS: usize = 64;

/// A project has a name a cloud can carry.
pub(super) fn project(app: &App) -> Vec<Finding> {
    label("project.name", &app.project, PROJECT_CHARS).into_iter().collect()
}

/// A stage has a name a cloud can carry.
pub(super) fn stage(app: &App) -> Vec<Finding> {
    let path = format!("stage.{}", app.stage);
    label(&path, &app.stage, STAGE_CHARS).into_iter().collect()
}

fn label(path: &str, name: &str, most: usize) -> Option<Finding> {
    let what = if path.starts_with("project") { "project" } else { "stage" };
    let length = name.chars().count();
    if length > most {
        let message = format!("the {what}'s name has {length} characters, more than {most}");
        let help = "it starts every name in the cloud, and some may have only 64 characters";
        return Some(Finding::at(path, message).help(help));
    }
    let legal = name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    (!legal).then(|| {
        let message = format!("`{name}` cannot name a {what}");
        Finding::at(path, message)
            .help("lower-case letters, digits and dashes; a letter first, no dash last")
    })
}

/// Functions and resources have names a cloud can carry.
pub(super) fn characters(look: Look) -> Vec<Finding> {
    let functions = look.app.functions.iter().map(|it| ("function", it.name.as_str()));
    let managed = look.app.managed.iter().map(|it| (it.resource_type.word(), it.name.as_str()));
    let each = functions.chain(managed).filter_map(|(word, name)| {
        let path = format!("{word}.{name}");
        let length = name.chars().count();
        if length > LOGICAL_CHARS {
            let message = format!("the name has {length} characters, more than {LOGICAL_CHARS}");
            return Some(Finding::named(path, message));
        }
        let legal = name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        (!legal).then(|| {
            Finding::named(path, format!("`{name}` cannot name a {word}"))
                .help("a letter, then letters, digits, `-` and `_`")
        })
    });
    each.collect()
}

/// Names stay apart in the cloud.
///
/// Roles are told apart without regard to case:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>. What is called
/// after a function on Google Cloud has small letters and dashes only.
pub(super) fn apart(look: Look) -> Vec<Finding> {
    let Some(limits) = look.limits else { return Vec::new() };
    let most = usize::try_from(limits.names.chars.most).unwrap_or(usize::MAX);
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    let mut findings = Vec::new();
    for (logical, function) in logical_names(look.app, limits.names) {
        let physical = format!("{}-{}-{logical}", look.app.project, look.app.stage);
        let physical = shortened(&alike(&physical, limits.names), most);
        match taken.get(&physical) {
            Some(other) => {
                let message = format!("`{function}` and `{other}` would share a name in the cloud");
                findings.push(
                    Finding::named(format!("function.{function}"), message)
                        .help(format!("both need `{physical}`; rename one")),
                );
            }
            None => {
                taken.insert(physical, function);
            }
        }
    }
    findings
}

fn alike(name: &str, limits: NameLimits) -> String {
    let other = |c: char| limits.alike.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to);
    name.to_lowercase().chars().map(other).collect()
}

/// Returns the name of everything that is called after a function, and the function.
fn logical_names(app: &App, limits: NameLimits) -> Vec<(String, String)> {
    let mut names = Vec::new();
    for function in &app.functions {
        names.push((function.name.clone(), function.name.clone()));
        for (trigger, suffix) in limits.derived {
            if function.triggers.iter().any(|entry| entry.trigger.trigger_type() == *trigger) {
                names.push((format!("{}{suffix}", function.name), function.name.clone()));
            }
        }
    }
    names
}

/// There is something to deploy.
pub(super) fn nothing(app: &App) -> Vec<Finding> {
    if !app.functions.is_empty() {
        return Vec::new();
    }
    let finding = Finding::at("project", "the manifest declares no function").warning();
    vec![finding.help("whatever this project and stage have deployed would be deleted")]
}
