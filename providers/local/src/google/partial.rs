//! Partial answers: the `fields` parameter, `items(name,size),nextPageToken` or `a/b`.
//!
//! Source: "Partial response" in the REST guides, cloud.google.com/storage/docs/json_api#partial-response.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

use serde_json::Value;

/// What is selected below a name; everything, where it is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Selection(BTreeMap<String, Selection>);

/// Keeps of `value` what `fields` names; all of it, when that cannot be read.
pub(super) fn select(fields: &str, value: &mut Value) {
    let mut letters = fields.chars().peekable();
    let selection = list(&mut letters);
    if letters.next().is_none() {
        keep(&selection, value);
    }
}

fn list(letters: &mut Peekable<Chars<'_>>) -> Selection {
    let mut selection = Selection::default();
    loop {
        path(letters, &mut selection);
        if letters.next_if_eq(&',').is_none() {
            return selection;
        }
    }
}

fn path(letters: &mut Peekable<Chars<'_>>, into: &mut Selection) {
    let mut name = String::new();
    while let Some(letter) = letters.next_if(|letter| !",()/".contains(*letter)) {
        name.push(letter);
    }
    let below = into.0.entry(name.trim().to_owned()).or_default();
    if letters.next_if_eq(&'/').is_some() {
        path(letters, below);
    } else if letters.next_if_eq(&'(').is_some() {
        let inner = list(letters);
        below.0.extend(inner.0);
        letters.next_if_eq(&')');
    }
}

fn keep(selection: &Selection, value: &mut Value) {
    if selection.0.is_empty() || selection.0.contains_key("*") {
        return;
    }
    match value {
        Value::Object(members) => {
            members.retain(|name, _| selection.0.contains_key(name));
            for (name, member) in members {
                if let Some(below) = selection.0.get(name) {
                    keep(below, member);
                }
            }
        }
        Value::Array(values) => {
            for value in values {
                keep(selection, value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_named_is_kept() {
        let whole = json!({"items": [{"name": "a", "size": 1, "acl": {"x": 1, "y": 2}}], "next": "t", "kind": "k"});
        let selected = |fields: &str| {
            let mut value = whole.clone();
            select(fields, &mut value);
            value
        };
        assert_eq!(
            selected("items(name,acl/x),next"),
            json!({"items": [{"name": "a", "acl": {"x": 1}}], "next": "t"})
        );
        assert_eq!(selected("items/name"), json!({"items": [{"name": "a"}]}));
        assert_eq!(selected("*"), whole);
        assert_eq!(selected("none"), json!({}));
        assert_eq!(selected("items(name))"), whole);
    }
}
