//! JSON objects put together piece by piece.

use serde_json::{Map, Value};

/// Sets a member; does nothing to what is not an object.
pub(crate) fn set(object: &mut Value, name: &str, value: impl Into<Value>) {
    if let Value::Object(members) = object {
        members.insert(name.to_owned(), value.into());
    }
}

/// Takes a member that is an object out, to be put back when it is complete; an empty one if it is not there.
pub(crate) fn take(object: &mut Value, name: &str) -> Map<String, Value> {
    match object.get_mut(name).map(Value::take) {
        Some(Value::Object(members)) => members,
        Some(_) | None => Map::new(),
    }
}
