//! Rules about what functions listen to.

use updraft_contract::{Auth, Managed, Trigger};

use super::nearest::listed;
use super::{Finding, Look};

/// A storage trigger names each of its events once.
pub(super) fn events(look: Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    for function in &look.app.functions {
        for entry in &function.triggers {
            let Trigger::Storage { events, .. } = &entry.trigger else { continue };
            let path = format!("{}.storage.events", entry.origin.path);
            if events.is_empty() {
                let finding = Finding::at(&*path, "nothing that happens in the bucket is named");
                findings.push(finding.help("write `events = [\"created\"]`"));
            }
            for (index, event) in events.iter().enumerate() {
                if events.iter().take(index).any(|earlier| earlier == event) {
                    let message = format!("`{event}` is named twice");
                    findings.push(Finding::at(format!("{path}[{index}]"), message));
                }
            }
        }
    }
    findings
}

/// A setting, and whether it is there.
type Setting = (&'static str, fn(&Managed) -> bool);

/// The settings that only something that is made can have.
const SETTINGS: &[Setting] = &[
    ("visibility_timeout", |it| it.visibility_timeout.is_some()),
    ("retention", |it| it.retention.is_some()),
    ("dead_letter", |it| it.dead_letter.is_some()),
    ("tags", |it| !it.tags.is_empty()),
];

/// An existing resource keeps its settings.
pub(super) fn kept(look: Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    for managed in look.app.managed.iter().filter(|it| it.existing) {
        for (key, _) in SETTINGS.iter().filter(|(_, is_set)| is_set(managed)) {
            let word = managed.resource_type.word();
            let message = format!("an existing {word} keeps its `{key}`");
            let finding = Finding::named(format!("{}.{key}", managed.origin.path), message);
            findings.push(
                finding
                    .label("what exists is referred to, and never changed")
                    .help(format!("remove it, or have the {word} made: remove `existing`")),
            );
        }
    }
    findings
}

/// Callers are named where the cloud checks them, in a way it knows.
pub(super) fn callers(look: Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    for entry in look.app.functions.iter().flat_map(|function| &function.triggers) {
        let Trigger::Http { auth, callers, .. } = &entry.trigger else { continue };
        let path = format!("{}.http.callers", entry.origin.path);
        let open = match auth {
            Auth::None => Some("callers are named, and everyone may call"),
            Auth::Key => Some("callers are named, and whoever knows the key may call"),
            Auth::Iam => None,
        };
        if let Some(message) = open.filter(|_| !callers.is_empty()) {
            let finding = Finding::at(path, message);
            findings.push(finding.help("write `auth = \"iam\"`, or remove `callers`"));
            continue;
        }
        let Some(forms) = look.limits.and_then(|limits| limits.callers) else { continue };
        for (index, caller) in callers.iter().enumerate() {
            let form =
                |start: &&&str| caller.strip_prefix(**start).is_some_and(|it| !it.is_empty());
            if forms.words.iter().find(form).is_none() {
                let message = format!("`{caller}` is no caller that can be named");
                findings.push(
                    Finding::at(format!("{path}[{index}]"), message)
                        .help(format!("start with {}", listed(forms.words, "or")))
                        .source(forms.source),
                );
            }
        }
    }
    findings
}
