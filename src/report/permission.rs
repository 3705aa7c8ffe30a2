//! The words in which every form of the permission report says the same.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use updraft_permit::{Finding, Level, Line, ReasonLine, Review, Severity, Source, Status, Totals};

use super::clean;

/// Returns the word for what a line says beside the other side.
pub(crate) fn status(status: Status) -> &'static str {
    match status {
        Status::New => "new",
        Status::Undecided => "undecided",
        Status::Drift => "not ours",
        Status::Removed => "removed",
        Status::Rewritten => "rewritten",
        Status::Unchanged => "unchanged",
    }
}

/// Returns the word for a kind of access.
pub(crate) fn level(level: Level) -> &'static str {
    match level {
        Level::List => "list",
        Level::Read => "read",
        Level::Tagging => "tag",
        Level::Write => "write",
        Level::PermissionsManagement => "manage permissions",
        Level::Unknown => "unknown",
    }
}

/// Returns the word for how bad a finding is.
pub(crate) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

/// Says what was reviewed, and against what.
pub(crate) fn reviewed(review: &Review) -> String {
    let manifest = clean(&review.manifest);
    match review.source {
        Source::Manifest => format!("as {manifest} asks for them; no cloud was asked"),
        Source::Plan => format!("as {manifest} asks for them, beside what is live"),
        Source::Live => "as they are live".to_owned(),
    }
}

/// Returns the kinds of access of a line, weakest first.
pub(crate) fn levels(line: &Line) -> String {
    let known = line.levels.iter().filter(|one| **one != Level::Unknown);
    known.map(|one| level(*one)).collect::<Vec<_>>().join(", ")
}

/// Says what a line is about in a few words: its role, or its actions.
pub(crate) fn subject(line: &Line) -> String {
    match &line.role {
        Some(role) => role_name(role),
        None => clean(&listed(&line.actions)),
    }
}

/// Names a role as people do. Google's go by an id; the title says more.
pub(crate) fn role_name(role: &str) -> String {
    let known = updraft_permit::roles::google(role);
    known.map_or_else(|| clean(role), |known| format!("{} ({})", known.title, known.id))
}

/// Lists words; what stands for the rest is said to.
pub(crate) fn listed(words: &[String]) -> String {
    match words.split_first() {
        Some((first, rest)) if first == ALL_BUT => format!("everything but {}", rest.join(", ")),
        Some(_) => words.join(", "),
        None => String::new(),
    }
}

/// What stands first in a list that means the rest.
pub(crate) const ALL_BUT: &str = "all but";

/// Names a manifest entry, where it stands and what it asks for, or says that the platform calls
/// for it.
pub(crate) fn reason(reason: &ReasonLine, manifest: &str) -> String {
    let words = clean(&reason.words);
    match (&reason.path, reason.line) {
        (Some(path), Some(line)) => format!("{} ({manifest}:{line}): {words}", clean(path)),
        (Some(path), None) => format!("{}: {words}", clean(path)),
        (None, _) => format!("the platform: {words}"),
    }
}

/// Says why a line is there; what nothing calls for is said to be.
pub(crate) fn reasons(line: &Line, manifest: &str) -> Vec<String> {
    if line.reasons.is_empty() {
        return vec!["nothing in the manifest".to_owned()];
    }
    line.reasons.iter().map(|one| reason(one, manifest)).collect()
}

/// Writes a condition in words, a test each. An expression stays as it is.
pub(crate) fn tests(condition: &str) -> Vec<String> {
    let read: Result<BTreeMap<String, BTreeMap<String, Json>>, _> = serde_json::from_str(condition);
    let Ok(operators) = read else { return vec![clean(condition)] };
    let each = operators.iter().flat_map(|(operator, keys)| {
        keys.iter().map(|(key, values)| {
            let values = texts(values).join(" or ");
            clean(&format!("{key} {} {values}", verb(operator)))
        })
    });
    each.collect()
}

/// Returns what an operator of AWS says in words; its own name where words would be less exact.
fn verb(operator: &str) -> &str {
    match operator {
        "StringEquals" | "ArnEquals" | "NumericEquals" | "Bool" => "is",
        "StringNotEquals" | "ArnNotEquals" | "NumericNotEquals" => "is not",
        "StringLike" | "ArnLike" => "is like",
        "StringNotLike" | "ArnNotLike" => "is not like",
        "IpAddress" => "is in",
        "NotIpAddress" => "is not in",
        other => other,
    }
}

fn texts(values: &Json) -> Vec<String> {
    match values {
        Json::Array(all) => all.iter().flat_map(texts).collect(),
        Json::String(text) => vec![text.clone()],
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => vec![values.to_string()],
    }
}

/// Counts what is not as it was: `3 new, 1 removed`. Empty where all is.
pub(crate) fn counted(totals: &Totals) -> String {
    let counts = [
        (totals.new, "new"),
        (totals.undecided, "undecided"),
        (totals.drift, "not ours"),
        (totals.removed, "removed"),
        (totals.rewritten, "rewritten"),
    ];
    let said = counts.iter().filter(|(count, _)| *count > 0);
    said.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

/// Returns how many findings there are, by severity, worst first: `1 high, 2 low`.
pub(crate) fn found(findings: &[Finding]) -> String {
    let mut counts: BTreeMap<Severity, usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.severity).or_default() += 1;
    }
    let said = counts.iter().rev().map(|(how, count)| format!("{count} {}", severity(*how)));
    said.collect::<Vec<_>>().join(", ")
}

/// Names a function as people do: `function.resize on AWS`; the project where it is none.
pub(crate) fn about(cloud: &str, function: &str) -> String {
    let cloud = title(cloud);
    match function {
        "" => format!("the project on {cloud}"),
        name => format!("function.{} on {cloud}", clean(name)),
    }
}

/// Returns what people call a cloud.
pub(crate) fn title(word: &str) -> String {
    let mut clouds = updraft_contract::Cloud::ALL.into_iter();
    let known = clouds.find(|cloud| cloud.word() == word);
    known.map_or_else(|| clean(word), |cloud| cloud.title().to_owned())
}

/// Whether a line of what may be done for a function is that another identity calls it: a schedule on AWS does, by a
/// role.
pub(crate) fn calls(line: &Line) -> bool {
    // Whoever else may call a function stands among those who may.
    let invokes = |action: &String| action.eq_ignore_ascii_case("lambda:InvokeFunction");
    line.caller.is_some() && line.actions.iter().any(invokes)
}

/// Names the identity that a line is about: the function's, or that of a role which serves it.
pub(crate) fn identity(line: &Line, about: &str) -> String {
    match line.resources.first() {
        Some(role) if role.starts_with("aws.") => format!("{}, for {about}", clean(role)),
        Some(_) | None => format!("the identity of {about}"),
    }
}

/// Says what was found, after the place in the handler's source where it is about one.
pub(crate) fn told(finding: &Finding) -> String {
    let place = finding.handler.as_ref().map(|place| format!("{}: ", clean(&place.to_string())));
    format!("{}{}", place.unwrap_or_default(), clean(&finding.message))
}

/// Writes a fragment as a sentence. A first word that is a name keeps its letters.
pub(crate) fn sentence(fragment: &str) -> String {
    let fragment = clean(fragment);
    let word = fragment.split(' ').next().unwrap_or_default();
    let plain = word.chars().all(|c| c.is_ascii_lowercase() || ",'-".contains(c));
    let mut letters = fragment.chars();
    let mut text = match letters.next() {
        Some(first) if plain => first.to_uppercase().chain(letters).collect(),
        Some(_) | None => fragment,
    };
    if !text.is_empty() && !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}
