//! Values in JSON and back.
//!
//! Booleans, numbers, texts, lists and maps are written as themselves; everything else is an object
//! with one member whose name starts with a dollar sign.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};
use updraft_contract::{OutputRef, Secret, Value};

use super::words::{Unreadable, Words};

/// What stands for a hidden value that is the wanted one.
const AS_WANTED: &str = "as-wanted";

/// Writes a value on its own, so that two that differ only in what is hidden are the same.
pub fn redacted(value: &Value) -> Json {
    write(value, None)
}

/// Writes a value; hidden ones are held against what is `wanted` in the same place.
pub(super) fn write(value: &Value, wanted: Option<&Value>) -> Json {
    match value {
        Value::Bool(yes) => Json::Bool(*yes),
        Value::Int(number) => Json::from(*number),
        Value::Text(text) => Json::String(text.clone()),
        Value::Secret(secret) if secret.is_shown() => json!({ "$shown": secret.reveal() }),
        Value::Secret(secret) => match wanted {
            // Whoever reads the manifest knows it; another manifest may want another one.
            Some(Value::Secret(wanted)) if wanted == secret && wanted.is_shown() => {
                json!({ "$known": wanted.reveal() })
            }
            Some(Value::Secret(wanted)) if wanted == secret => json!({ "$sensitive": AS_WANTED }),
            Some(_) | None => json!({ "$sensitive": true }),
        },
        Value::List(items) => {
            let wanted = list(wanted);
            let items = items.iter().enumerate();
            items.map(|(at, item)| write(item, wanted.get(at))).collect()
        }
        Value::Set(items) => {
            // An element of a set has no counterpart; sets that hold hidden values are all or none.
            let same = wanted == Some(value);
            let items = items.iter().map(|item| write(item, same.then_some(item)));
            json!({ "$set": items.collect::<Vec<_>>() })
        }
        Value::Map(entries) => {
            let wanted = map(wanted);
            let written: Map<String, Json> = entries
                .iter()
                .map(|(name, entry)| {
                    (name.clone(), write(entry, wanted.and_then(|wanted| wanted.get(name))))
                })
                .collect();
            if written.keys().any(|name| name.starts_with('$')) {
                json!({ "$map": written })
            } else {
                Json::Object(written)
            }
        }
        Value::Join(parts) => {
            json!({ "$join": parts.iter().map(|part| write(part, None)).collect::<Vec<_>>() })
        }
        Value::Output(output) => {
            json!({ "$output": { "address": output.of.to_string(), "name": output.name } })
        }
    }
}

fn list(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::List(items)) => items,
        Some(_) | None => &[],
    }
}

fn map(value: Option<&Value>) -> Option<&BTreeMap<String, Value>> {
    match value {
        Some(Value::Map(entries)) => Some(entries),
        Some(_) | None => None,
    }
}

/// Reads a value. A hidden one that is not the wanted one becomes a text that nothing else is.
pub(super) fn read(
    json: &Json,
    wanted: Option<&Value>,
    at: &str,
    words: &Words<'_>,
) -> Result<Value, Unreadable> {
    match json {
        Json::Bool(yes) => Ok(Value::Bool(*yes)),
        Json::Number(number) => number.as_i64().map(Value::Int).ok_or_else(|| wrong(at)),
        Json::String(text) => Ok(Value::Text(text.clone())),
        Json::Null => Err(wrong(at)),
        Json::Array(items) => {
            let wanted = list(wanted);
            items_of(items, at, |index, item, at| read(item, wanted.get(index), at, words))
                .map(Value::List)
        }
        Json::Object(entries) => {
            if let Some((name, inside)) = special(entries) {
                return read_special((name, inside), wanted, at, words);
            }
            read_map(entries, wanted, at, words)
        }
    }
}

/// Returns the one member whose name starts with a dollar sign.
fn special(entries: &Map<String, Json>) -> Option<(&str, &Json)> {
    let mut members = entries.iter();
    match (members.next(), members.next()) {
        (Some((name, inside)), None) if name.starts_with('$') => Some((name, inside)),
        (Some(_) | None, _) => None,
    }
}

fn read_map(
    entries: &Map<String, Json>,
    wanted: Option<&Value>,
    at: &str,
    words: &Words<'_>,
) -> Result<Value, Unreadable> {
    let wanted = map(wanted);
    let mut read_entries = BTreeMap::new();
    for (name, entry) in entries {
        let wanted = wanted.and_then(|wanted| wanted.get(name));
        read_entries.insert(name.clone(), read(entry, wanted, &format!("{at}/{name}"), words)?);
    }
    Ok(Value::Map(read_entries))
}

fn read_special(
    (name, inside): (&str, &Json),
    wanted: Option<&Value>,
    at: &str,
    words: &Words<'_>,
) -> Result<Value, Unreadable> {
    match (name, inside) {
        ("$shown", Json::String(text)) => Ok(Value::Secret(Secret::plain(text))),
        ("$known", Json::String(text)) => Ok(Value::Secret(Secret::hidden(text))),
        ("$sensitive", Json::Bool(true)) => Ok(Value::Secret(Secret::hidden(format!("\0{at}")))),
        ("$sensitive", Json::String(text)) if text == AS_WANTED => match wanted {
            Some(Value::Secret(wanted)) => Ok(Value::Secret(Secret::hidden(wanted.reveal()))),
            Some(_) | None => Ok(Value::Secret(Secret::hidden(format!("\0{at}")))),
        },
        ("$set", Json::Array(items)) => {
            let wanted: Vec<&Value> = match wanted {
                Some(Value::Set(items)) => items.iter().collect(),
                Some(_) | None => Vec::new(),
            };
            let read = |index: usize, item: &Json, at: &str| {
                read(item, wanted.get(index).copied(), at, words)
            };
            items_of(items, at, read).map(|items| Value::Set(BTreeSet::from_iter(items)))
        }
        ("$join", Json::Array(parts)) => {
            items_of(parts, at, |_, part, at| read(part, None, at, words)).map(Value::Join)
        }
        ("$map", Json::Object(entries)) => read_map(entries, wanted, at, words),
        ("$output", Json::Object(output)) => {
            let part = |name: &str| output.get(name).and_then(Json::as_str);
            match (part("address"), part("name"), output.len()) {
                (Some(address), Some(name), 2) => Ok(Value::Output(OutputRef {
                    of: words.address(address)?,
                    name: words.word(name)?,
                })),
                _ => Err(wrong(at)),
            }
        }
        _ => Err(wrong(at)),
    }
}

/// Reads the elements of a collection, each under a number that keeps their order when sorted.
fn items_of(
    items: &[Json],
    at: &str,
    read: impl Fn(usize, &Json, &str) -> Result<Value, Unreadable>,
) -> Result<Vec<Value>, Unreadable> {
    let items = items.iter().enumerate();
    items.map(|(index, item)| read(index, item, &format!("{at}/{index:06}"))).collect()
}

fn wrong(at: &str) -> Unreadable {
    Unreadable::Value(at.to_owned())
}
