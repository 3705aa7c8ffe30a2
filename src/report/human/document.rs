//! Documents such as policies: readable JSON, compared line by line.

use std::fmt::Write as _;

use serde_json::Value as Json;
use similar::{ChangeTag, TextDiff};
use updraft_contract::Value;

use super::page::{Mark, Page};
use super::value::{Place, UNKNOWN, joined};
use crate::report::clean_lines;

/// How many unchanged lines stand around a changed one.
const CONTEXT: usize = 3;

/// Writes a document whole, every line marked.
pub(crate) fn whole(page: &mut Page, place: Place<'_>, mark: Mark, document: &Value) {
    let gone = if mark == Mark::Remove { " -> null" } else { "" };
    let Place { level, label, tail } = place;
    let shape = Shape::of(document);
    page.row(level, mark, &format!("{label}{}", shape.open));
    for line in shape.inside.lines() {
        page.row(level + 1, mark, line);
    }
    page.plain(level, &format!("{}{gone}{tail}", shape.close));
}

/// Writes the lines that differ, with a few around them.
pub(crate) fn changed(page: &mut Page, place: Place<'_>, from: &Value, to: &Value) {
    let (old, new) = (Shape::of(from), Shape::of(to));
    let Place { level, label, tail } = place;
    if old.open != new.open {
        whole(page, Place { tail: "", ..place }, Mark::Remove, from);
        return whole(page, place, Mark::Add, to);
    }
    let diff = TextDiff::from_lines(&old.inside, &new.inside);
    let equal = diff.iter_all_changes().filter(|change| change.tag() == ChangeTag::Equal).count();
    let mut shown = 0;
    page.row(level, Mark::Change, &format!("{label}{}", new.open));
    for (at, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if at > 0 {
            page.plain(level + 1, "...");
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let mark = match change.tag() {
                ChangeTag::Equal => Mark::Keep,
                ChangeTag::Delete => Mark::Remove,
                ChangeTag::Insert => Mark::Add,
            };
            shown += usize::from(mark == Mark::Keep);
            page.row(level + 1, mark, change.value().trim_end_matches('\n'));
        }
    }
    page.hidden(level + 1, equal.saturating_sub(shown), "line");
    page.plain(level, &format!("{}{tail}", new.close));
}

/// A document on several lines, apart from its outermost brackets.
struct Shape {
    open: &'static str,
    inside: String,
    close: &'static str,
}

impl Shape {
    fn of(document: &Value) -> Self {
        let json = json(document);
        let (open, close) = match json {
            Json::Object(_) => ("{", "}"),
            Json::Array(_) => ("[", "]"),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => ("", ""),
        };
        let mut inside = String::new();
        if open.is_empty() {
            let _ = writeln!(inside, "{json}");
        } else {
            elements(&mut inside, 0, &json);
        }
        Self { open, inside: clean_lines(&inside), close }
    }
}

/// Writes the elements of a collection, each on lines of its own.
///
/// Every element ends with a comma, the last one too: adding one changes no other line.
fn elements(text: &mut String, depth: usize, json: &Json) {
    match json {
        Json::Array(items) => items.iter().for_each(|item| element(text, depth, "", item)),
        Json::Object(entries) => {
            for (name, value) in entries {
                element(text, depth, &format!("{}: ", Json::from(name.as_str())), value);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

fn element(text: &mut String, depth: usize, label: &str, json: &Json) {
    let indent = 2 * depth;
    let (open, close) = match json {
        Json::Array(items) if !items.is_empty() => ("[", "]"),
        Json::Object(entries) if !entries.is_empty() => ("{", "}"),
        Json::Null
        | Json::Bool(_)
        | Json::Number(_)
        | Json::String(_)
        | Json::Array(_)
        | Json::Object(_) => {
            let _ = writeln!(text, "{:indent$}{label}{json},", "");
            return;
        }
    };
    let _ = writeln!(text, "{:indent$}{label}{open}", "");
    elements(text, depth + 1, json);
    let _ = writeln!(text, "{:indent$}{close},", "");
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
