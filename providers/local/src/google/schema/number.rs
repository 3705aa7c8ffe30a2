//! Turns the enum names of an answer into numbers, for clients that ask for `enum-encoding=int`.

use serde_json::Value;

use super::types::{Field, Kind, Message};
use crate::google::services::SERVICES;

/// Turns every enum name in `value`, a `message`, into its number.
pub(crate) fn number(message: &Message, value: &mut Value) {
    let Value::Object(members) = value else { return };
    for (name, value) in members {
        let Some((_, field)) = message.field(name) else { continue };
        match (field, value) {
            (Field::One(kind), value) => one(*kind, value),
            (Field::Many(kind), Value::Array(values)) => {
                for value in values {
                    one(*kind, value);
                }
            }
            (Field::Map(kind), Value::Object(values)) => {
                for value in values.values_mut() {
                    one(*kind, value);
                }
            }
            (Field::Many(_) | Field::Map(_) | Field::NotModelled, _) => {}
        }
    }
}

fn one(kind: Kind, value: &mut Value) {
    match kind {
        Kind::Choice(choice) => {
            let found = choice.values.iter().find(|(name, _)| value.as_str() == Some(*name));
            if let Some((_, number)) = found {
                *value = Value::from(*number);
            }
        }
        Kind::Message(message) => number(message, value),
        Kind::Any => {
            if let Some(message) = value.get("@type").and_then(Value::as_str).and_then(named) {
                number(message, value);
            }
        }
        Kind::Text | Kind::Flag | Kind::Int | Kind::Long | Kind::Bytes | Kind::Duration => {}
    }
}

/// The message whose type URL this is.
fn named(url: &str) -> Option<&'static Message> {
    let (_, name) = url.rsplit_once('/')?;
    let mut types = SERVICES.iter().flat_map(|service| service.types);
    types.find(|message| message.name == name).copied()
}
