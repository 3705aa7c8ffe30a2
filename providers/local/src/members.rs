//! Members of JSON objects, read and written without a panic.

use serde_json::{Map, Value};

/// Sets a member; what is no object becomes one.
pub(crate) fn set(value: &mut Value, name: &str, member: impl Into<Value>) {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    if let Value::Object(members) = value {
        members.insert(name.to_owned(), member.into());
    }
}

/// Returns a text member; empty if it is not there.
pub(crate) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Returns what is at a path, `/a/b`; null if it is not there.
pub(crate) fn at(value: &Value, path: &str) -> Value {
    value.pointer(path).cloned().unwrap_or(Value::Null)
}

/// Whether the flag at a path, `/a/b`, is there and true.
pub(crate) fn flag(value: &Value, path: &str) -> bool {
    value.pointer(path).and_then(Value::as_bool).unwrap_or_default()
}

/// Takes a member that is an object out, to be put back when it is complete; an empty one if it is not there.
pub(crate) fn take(value: &mut Value, name: &str) -> Map<String, Value> {
    match value.get_mut(name).map(Value::take) {
        Some(Value::Object(members)) => members,
        Some(_) | None => Map::new(),
    }
}
