//! Documents such as policies: readable JSON, compared line by line.

use serde_json::Value as Json;
use similar::{ChangeTag, TextDiff};
use updraft_contract::Value;

use super::page::{Mark, Page};
use super::value::{Place, UNKNOWN, joined};
use crate::report::clean;

/// How many unchanged lines stand around a changed one.
const CONTEXT: usize = 3;

/// Writes a document whole, every line marked.
pub(crate) fn whole(page: &mut Page, place: Place<'_>, mark: Mark, document: &Value) {
    let text = pretty(document);
    let gone = if mark == Mark::Remove { " -> null" } else { "" };
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let rest: Vec<&str> = lines.collect();
    let Some((last, middle)) = rest.split_last() else {
        page.row(place.level, mark, &format!("{}{first}{gone}{}", place.label, place.tail));
        return;
    };
    page.row(place.level, mark, &format!("{}{first}", place.label));
    for line in middle {
        page.row(place.level + 1, mark, dedented(line));
    }
    page.plain(place.level, &format!("{last}{gone}{}", place.tail));
}

/// Writes the lines that differ, with a few around them.
pub(crate) fn changed(page: &mut Page, place: Place<'_>, from: &Value, to: &Value) {
    let (old, new) = (pretty(from), pretty(to));
    let diff = TextDiff::from_lines(&old, &new);
    let total = diff.iter_all_changes().filter(|c| c.tag() == ChangeTag::Equal).count();
    page.row(place.level, Mark::Change, place.label.trim_end());
    let mut shown = 0;
    for (at, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if at > 0 {
            page.plain(place.level + 1, "...");
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = change.value().trim_end_matches('\n');
            let mark = match change.tag() {
                ChangeTag::Equal => {
                    shown += 1;
                    Mark::Keep
                }
                ChangeTag::Delete => Mark::Remove,
                ChangeTag::Insert => Mark::Add,
            };
            page.row(place.level + 1, mark, line);
        }
    }
    page.hidden(place.level + 1, total.saturating_sub(shown), "line");
    if !place.tail.is_empty() {
        page.plain(place.level, place.tail.trim_start());
    }
}

fn dedented(line: &str) -> &str {
    line.strip_prefix("  ").unwrap_or(line)
}

/// Writes a document as JSON on several lines, free of control characters.
fn pretty(document: &Value) -> String {
    clean(&serde_json::to_string_pretty(&json(document)).unwrap_or_default())
}

/// Reads a document as JSON; text that is itself JSON is unfolded.
fn json(value: &Value) -> Json {
    match value {
        Value::Bool(yes) => Json::Bool(*yes),
        Value::Int(number) => Json::from(*number),
        Value::Text(text) => unfolded(text),
        Value::Secret(secret) => Json::String(secret.to_string()),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Set(items) => items.iter().map(json).collect(),
        Value::Map(entries) => entries.iter().map(|(k, v)| (k.clone(), json(v))).collect(),
        Value::Join(_) => unfolded(&joined(value)),
        Value::Output(_) => Json::String(UNKNOWN.to_owned()),
    }
}

fn unfolded(text: &str) -> Json {
    match serde_json::from_str(text) {
        Ok(nested @ (Json::Object(_) | Json::Array(_))) => nested,
        _ => Json::String(text.to_owned()),
    }
}
