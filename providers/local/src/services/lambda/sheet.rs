//! An input object whose members are taken one by one; what is left at the end is not modelled.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::wire::{Refusal, Request};

/// The members of an input that were not taken yet.
pub(super) struct Sheet {
    action: String,
    members: Map<String, Value>,
}

impl Sheet {
    /// Reads the body of a request.
    pub(super) fn read(request: &Request) -> Result<Self, Refusal> {
        let members = match request.json()? {
            Value::Object(members) => members,
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Map::new(),
        };
        Ok(Self { action: request.action.clone(), members })
    }

    /// Takes a member; null is as good as absent.
    pub(super) fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, Refusal> {
        match self.members.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => serde_json::from_value(value).map(Some).map_err(|error| {
                Refusal::new(400, "SerializationException", format!("{name}: {error}"))
            }),
        }
    }

    /// Takes an object member as a sheet of its own.
    pub(super) fn nested(&mut self, name: &str) -> Result<Option<Sheet>, Refusal> {
        let members: Option<Map<String, Value>> = self.take(name)?;
        Ok(members.map(|members| Sheet { action: format!("{}.{name}", self.action), members }))
    }

    /// Refuses what is left, unless it asks for nothing.
    pub(super) fn end(self) -> Result<(), Refusal> {
        match self.members.iter().find(|(_, value)| !asks_for_nothing(value)) {
            Some((name, _)) => Err(Refusal::not_modelled(&format!("{}.{name}", self.action))),
            None => Ok(()),
        }
    }
}

fn asks_for_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) | Value::Number(_) => false,
        Value::String(text) => text.is_empty() || text == "None",
        Value::Array(items) => items.iter().all(asks_for_nothing),
        Value::Object(members) => members.values().all(asks_for_nothing),
    }
}
