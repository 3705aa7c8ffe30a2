//! Field masks: which fields of a message an update is about.
//!
//! Source: `google/protobuf/field_mask.proto` and AIP-134: paths in either spelling, `*` for everything, an unknown path
//! refused, a masked field that the body lacks cleared.

use serde_json::{Map, Value};

use super::refusals::invalid_field;
use super::schema::{Field, Kind, Message, camel};
use crate::wire::{Refusal, Request};

/// The fields an update is about, each the JSON names from the root down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mask(Vec<Vec<String>>);

impl Mask {
    /// The mask in the query of `request`; without one, every field of `message`.
    pub(crate) fn of(request: &Request, message: &'static Message) -> Result<Self, Refusal> {
        match request.query("updateMask") {
            Some(text) if !text.is_empty() => Self::parse(text, message),
            _ => Ok(Self::all(message)),
        }
    }

    /// A mask in its text form.
    pub(crate) fn parse(text: &str, message: &'static Message) -> Result<Self, Refusal> {
        if text == "*" {
            return Ok(Self::all(message));
        }
        let paths: Result<Vec<Vec<String>>, Refusal> =
            text.split(',').map(|path| one(path.trim(), message)).collect();
        paths.map(Self)
    }

    /// Every field of `message`.
    pub(crate) fn all(message: &'static Message) -> Self {
        Self(message.fields.iter().map(|(name, _)| vec![(*name).to_owned()]).collect())
    }

    /// Whether a change to the field at `path`, `serviceConfig.timeoutSeconds`, is meant.
    pub(crate) fn covers(&self, path: &str) -> bool {
        let path: Vec<&str> = path.split('.').collect();
        self.0.iter().any(|known| known.iter().zip(&path).all(|(a, b)| a == b))
    }

    /// Copies the masked fields of `source` over those of `target`; clears those that `source` lacks.
    pub(crate) fn apply(&self, source: &Value, target: &mut Value) {
        for path in &self.0 {
            let found = path.iter().try_fold(source, |value, name| value.get(name)).cloned();
            set(target, path, found);
        }
    }
}

fn one(path: &str, message: &'static Message) -> Result<Vec<String>, Refusal> {
    let wrong = || {
        invalid_field(
            "update_mask",
            format!("Invalid field mask: the path '{path}' is not a field of {}.", message.name),
        )
    };
    let mut names = Vec::new();
    let mut inside = Some(message);
    for name in path.split('.') {
        let message = inside.ok_or_else(wrong)?;
        let (name, field) = message.field(&camel(name)).ok_or_else(wrong)?;
        names.push((*name).to_owned());
        inside = match field {
            Field::One(Kind::Message(message)) => Some(message),
            Field::One(_) | Field::Many(_) | Field::Map(_) | Field::NotModelled => None,
        };
    }
    Ok(names)
}

fn set(target: &mut Value, path: &[String], value: Option<Value>) {
    let Some((last, above)) = path.split_last() else { return };
    let mut at = target;
    for name in above {
        let Value::Object(members) = at else { return };
        if value.is_none() && !members.contains_key(name) {
            return;
        }
        at = members.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
    }
    let Value::Object(members) = at else { return };
    match value {
        Some(value) => members.insert(last.clone(), value),
        None => members.remove(last),
    };
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    static INNER: Message =
        Message { name: "x.Inner", fields: &[("minCount", Field::INT), ("maxCount", Field::INT)] };
    static OUTER: Message = Message {
        name: "x.Outer",
        fields: &[("inner", Field::message(&INNER)), ("labels", Field::LABELS)],
    };

    #[test]
    fn masked_fields_are_copied_or_cleared_and_others_kept() {
        let mask = Mask::parse("inner.min_count,labels", &OUTER).unwrap();
        let mut target = json!({"inner": {"minCount": 1, "maxCount": 2}, "labels": {"a": "b"}});
        mask.apply(&json!({"inner": {"minCount": 5}}), &mut target);
        assert_eq!(target, json!({"inner": {"minCount": 5, "maxCount": 2}}));
        assert!(mask.covers("inner") && mask.covers("inner.minCount"));
        assert!(!mask.covers("inner.maxCount"));
    }

    #[test]
    fn unknown_paths_and_map_keys_are_refused() {
        assert!(Mask::parse("speed", &OUTER).is_err());
        assert!(Mask::parse("inner.speed", &OUTER).is_err());
        assert!(Mask::parse("labels.a", &OUTER).is_err());
        assert_eq!(Mask::parse("*", &OUTER).unwrap(), Mask::all(&OUTER));
    }
}
