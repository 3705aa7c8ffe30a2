//! Compares what handlers call with what their functions may do. It never gives a permission.
//!
//! What is called and not declared is found, what is declared and never called, and what could not be followed.

mod covered;
#[cfg(feature = "aws")]
#[cfg(test)]
mod tests;
mod unused;

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{App, Cloud, Effect, Function, Permission, Side, VerbSpec};
use updraft_permit::findings::rule;
use updraft_permit::{Finding, HandlerPlace, Severity};
use updraft_scan::{Call, Found, Place};

/// What a handler calls and its function may not do.
pub const UNDECLARED: &str = "UP911";
/// What a function may do and its handler never calls.
pub const UNUSED: &str = "UP912";
/// What could not be followed.
pub const UNRESOLVED: &str = "UP913";

/// The classes of these findings. Nothing else finds them.
pub const CLASSES: [&str; 3] = ["undeclared-use", "unused-declaration", "unresolved-use"];

/// What a scan needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The app.
    pub app: &'a App,
    /// The folders of sources, as the manifest names them, by digest.
    pub sources: &'a BTreeMap<String, String>,
    /// What the manifest gives the functions.
    pub permissions: &'a [Permission],
    /// The verbs of declared access.
    pub verbs: &'a [VerbSpec],
}

/// Scans the handlers of every function on AWS.
pub fn scan(input: &Input<'_>) -> Vec<Finding> {
    let mut done: BTreeMap<(&str, &str), Found> = BTreeMap::new();
    let mut findings = Vec::new();
    for function in input.app.functions.iter().filter(|function| function.cloud == Cloud::Aws) {
        let key = (function.code.digest.as_str(), function.handler.as_str());
        let found = done.entry(key).or_insert_with(|| read(function));
        findings.extend(compare(input, function, found));
    }
    findings
}

/// Reads a function's package.
fn read(function: &Function) -> Found {
    updraft_scan::archive(&function.code.bytes, Some(&function.handler))
        .unwrap_or_else(|error| Found { notes: vec![error.to_string()], ..Found::default() })
}

/// Compares what was found in one function with what it may do, worst first.
fn compare(input: &Input<'_>, function: &Function, found: &Found) -> Vec<Finding> {
    let may: Vec<&Permission> = input
        .permissions
        .iter()
        .filter(|one| one.cloud == Cloud::Aws && one.function == function.name)
        .filter(|one| one.side == Side::Does && one.effect == Effect::Allow)
        .collect();
    let folder = input.sources.get(&function.code.digest).map(String::as_str).unwrap_or_default();
    let scanned = Scanned { function, may: &may, found, folder };
    let mut findings: Vec<Finding> =
        found.calls.iter().filter_map(|call| scanned.undeclared(call)).collect();
    if found.files > 0 {
        findings.extend(scanned.unused(input.verbs));
    }
    findings
        .extend(found.calls.iter().filter(|call| !call.known).map(|call| scanned.unknown(call)));
    findings
        .extend(found.unresolved.iter().map(|one| scanned.at(UNRESOLVED, &one.place, &one.why)));
    findings.extend(found.notes.iter().map(|note| scanned.note(note)));
    if found.files == 0 && found.notes.is_empty() && !function.access.is_empty() {
        findings.push(scanned.note("it has no source in Python, JavaScript or TypeScript"));
    }
    findings
}

/// One function, what it may do, and what was found in it.
struct Scanned<'a> {
    function: &'a Function,
    may: &'a [&'a Permission],
    found: &'a Found,
    folder: &'a str,
}

impl Scanned<'_> {
    /// Finds fault with a call that nothing declared allows.
    fn undeclared(&self, call: &Call) -> Option<Finding> {
        let lacking: BTreeSet<&String> = call
            .actions
            .iter()
            .filter(|action| !self.covered(action, call.resource.as_ref()))
            .collect();
        let none = !call.some_of.iter().any(|action| self.covered(action, call.resource.as_ref()));
        let some = if none { call.some_of.as_slice() } else { &[] };
        if lacking.is_empty() && some.is_empty() {
            return None;
        }
        let listed = |all: Vec<&String>, word: &str| {
            all.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(word)
        };
        let takes = if lacking.is_empty() {
            listed(some.iter().collect(), " or ")
        } else {
            listed(lacking.into_iter().collect(), " and ")
        };
        let on = call
            .resource
            .as_ref()
            .map(|on| format!(" on {}", covered::shown(on)))
            .unwrap_or_default();
        let message = format!(
            "the call of {} of {}{on} takes {takes}, and nothing that is declared gives that",
            call.operation, call.service
        );
        Some(self.at(UNDECLARED, &call.place, &message))
    }

    /// Finds fault with a call whose actions are not known.
    fn unknown(&self, call: &Call) -> Finding {
        let (operation, service) = (&call.operation, &call.service);
        let message = format!("which action {operation} of {service} takes is not known");
        self.at(UNRESOLVED, &call.place, &message)
    }

    fn note(&self, note: &str) -> Finding {
        let message = format!("the source was not read completely: {note}");
        self.finding(UNRESOLVED, message)
    }

    /// Names a file by its path from the manifest.
    fn file(&self, place: &Place) -> String {
        let folder = self.folder.trim_end_matches('/');
        if folder.is_empty() || folder == "." {
            return place.file.clone();
        }
        format!("{folder}/{}", place.file)
    }

    /// Finds fault with a place in the source.
    fn at(&self, code: &str, place: &Place, message: &str) -> Finding {
        let (line, column) = (place.line, place.column);
        let handler = HandlerPlace { file: self.file(place), line, column };
        Finding { handler: Some(handler), ..self.finding(code, message.to_owned()) }
    }

    fn finding(&self, code: &str, message: String) -> Finding {
        let rule = rule(code);
        Finding {
            code: code.to_owned(),
            class: rule.map_or("", |rule| rule.class).to_owned(),
            severity: rule.map_or(Severity::Medium, |rule| rule.severity),
            message,
            remedy: rule.map_or("", |rule| rule.remedy).to_owned(),
            source: rule.map_or("", |rule| rule.source).to_owned(),
            cloud: Cloud::Aws.word().to_owned(),
            function: self.function.name.clone(),
            path: Some(self.function.origin.path.clone()),
            line: Some(self.function.origin.line),
            handler: None,
        }
    }
}
