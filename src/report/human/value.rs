//! Field values: whole, or old against new.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::Value;

use super::page::{Mark, Page};
use crate::report::quoted;

/// What stands for a value that only applying makes known.
pub(crate) const UNKNOWN: &str = "(known after apply)";

/// Where a value is written: how deep, under which label, with what after it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'p> {
    /// How deep.
    pub(crate) level: usize,
    /// The padded name and its equals sign, or nothing for an element of a list.
    pub(crate) label: &'p str,
    /// What follows the value, such as a remark.
    pub(crate) tail: &'p str,
}

/// Writes one value whole: one that appears, or one that disappears.
pub(crate) fn whole(page: &mut Page, place: Place<'_>, mark: Mark, value: &Value) {
    let Place { level, label, tail } = place;
    let gone = if mark == Mark::Remove && label.ends_with("= ") { " -> null" } else { "" };
    match value {
        Value::Map(entries) if !entries.is_empty() => {
            page.row(level, mark, &format!("{label}{{"));
            for (name, entry) in named(entries) {
                whole(page, Place { level: level + 1, label: &name, tail: "" }, mark, entry);
            }
            page.plain(level, &format!("}}{gone}{tail}"));
        }
        Value::List(items) if !items.is_empty() => {
            elements(page, place, mark, items.iter());
        }
        Value::Set(items) if !items.is_empty() => {
            elements(page, place, mark, items.iter());
        }
        Value::Bool(_)
        | Value::Int(_)
        | Value::Text(_)
        | Value::Secret(_)
        | Value::List(_)
        | Value::Set(_)
        | Value::Map(_)
        | Value::Join(_)
        | Value::Output(_) => {
            page.row(level, mark, &format!("{label}{}{gone}{tail}", inline(value)));
        }
    }
}

fn elements<'v>(
    page: &mut Page,
    Place { level, label, tail }: Place<'_>,
    mark: Mark,
    items: impl Iterator<Item = &'v Value>,
) {
    page.row(level, mark, &format!("{label}["));
    for item in items {
        whole(page, Place { level: level + 1, label: "", tail: "," }, mark, item);
    }
    let gone = if mark == Mark::Remove && label.ends_with("= ") { " -> null" } else { "" };
    page.plain(level, &format!("]{gone}{tail}"));
}

/// Writes an old value against a new one, collections element by element.
pub(crate) fn changed(page: &mut Page, place: Place<'_>, from: &Value, to: &Value) {
    match (from, to) {
        (Value::Map(from), Value::Map(to)) => maps(page, place, from, to),
        (Value::Set(from), Value::Set(to)) => sets(page, place, from, to),
        _ => {
            let (old, new) = (inline(from), inline(to));
            let both = if old == new { old } else { format!("{old} -> {new}") };
            let Place { level, label, tail } = place;
            page.row(level, Mark::Change, &format!("{label}{both}{tail}"));
        }
    }
}

fn maps(
    page: &mut Page,
    Place { level, label, tail }: Place<'_>,
    from: &BTreeMap<String, Value>,
    to: &BTreeMap<String, Value>,
) {
    page.row(level, Mark::Change, &format!("{label}{{{tail}"));
    let differ = |name: &String| from.get(name) != to.get(name);
    let names: BTreeSet<&String> = from.keys().chain(to.keys()).filter(|n| differ(n)).collect();
    let width = names.iter().map(|name| quoted(name).chars().count()).max().unwrap_or(0);
    for name in names {
        let label = format!("{:width$} = ", quoted(name));
        let place = Place { level: level + 1, label: &label, tail: "" };
        match (from.get(name), to.get(name)) {
            (Some(old), Some(new)) => changed(page, place, old, new),
            (Some(old), None) => whole(page, place, Mark::Remove, old),
            (None, Some(new)) => whole(page, place, Mark::Add, new),
            (None, None) => {}
        }
    }
    page.hidden(level + 1, to.keys().filter(|name| !differ(name)).count(), "element");
    page.plain(level, "}");
}

fn sets(
    page: &mut Page,
    Place { level, label, tail }: Place<'_>,
    from: &BTreeSet<Value>,
    to: &BTreeSet<Value>,
) {
    page.row(level, Mark::Change, &format!("{label}[{tail}"));
    let place = Place { level: level + 1, label: "", tail: "," };
    from.difference(to).for_each(|old| whole(page, place, Mark::Remove, old));
    to.difference(from).for_each(|new| whole(page, place, Mark::Add, new));
    page.hidden(level + 1, from.intersection(to).count(), "element");
    page.plain(level, "]");
}

/// Labels entries, their equals signs in one column.
fn named(entries: &BTreeMap<String, Value>) -> Vec<(String, &Value)> {
    let width = entries.keys().map(|name| quoted(name).chars().count()).max().unwrap_or(0);
    entries.iter().map(|(name, value)| (format!("{:width$} = ", quoted(name)), value)).collect()
}

/// Writes a value on one line.
pub(crate) fn inline(value: &Value) -> String {
    match value {
        Value::Bool(yes) => yes.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => quoted(text),
        Value::Secret(secret) if secret.is_shown() => quoted(secret.reveal()),
        Value::Secret(secret) => secret.to_string(),
        Value::List(items) => format!("[{}]", listed(items.iter())),
        Value::Set(items) => format!("[{}]", listed(items.iter())),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(k, v)| format!("{} = {}", quoted(k), inline(v)));
            let entries: Vec<_> = entries.collect();
            if entries.is_empty() {
                "{}".to_owned()
            } else {
                format!("{{ {} }}", entries.join(", "))
            }
        }
        Value::Join(_) => quoted(&joined(value)),
        Value::Output(_) => UNKNOWN.to_owned(),
    }
}

fn listed<'v>(items: impl Iterator<Item = &'v Value>) -> String {
    items.map(inline).collect::<Vec<_>>().join(", ")
}

/// Writes text whose parts are not all known, with a placeholder for those that are not.
pub(crate) fn joined(value: &Value) -> String {
    match value {
        Value::Join(parts) => parts.iter().map(joined).collect(),
        Value::Text(text) => text.clone(),
        Value::Output(_) => UNKNOWN.to_owned(),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Secret(_)
        | Value::List(_)
        | Value::Set(_)
        | Value::Map(_) => inline(value),
    }
}

/// Tells whether a text is a SHA-256 digest in hexadecimal, which nobody reads to its end.
pub(crate) fn is_digest(text: &str) -> bool {
    text.len() == 64
        && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Tells whether a field says something: an empty collection does not, nor does one that is there
/// for the provider alone.
pub(crate) fn says((name, value): &(&'static str, &Value)) -> bool {
    if name.starts_with('_') {
        return false;
    }
    match value {
        Value::List(items) => !items.is_empty(),
        Value::Set(items) => !items.is_empty(),
        Value::Map(entries) => !entries.is_empty(),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Text(_)
        | Value::Secret(_)
        | Value::Join(_)
        | Value::Output(_) => true,
    }
}
