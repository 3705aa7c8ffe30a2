//! Reads a request's JSON as proto3 JSON does, and leaves one spelling: camelCase names, enum names, 64-bit integers
//! as texts, defaults left out.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::types::{Enum, Field, Kind, Message};
use super::{camel, snake};
use crate::google::refusals::{invalid, invalid_field};
use crate::wire::Refusal;

/// Parses a body; an empty one is an empty object.
pub(crate) fn parse(body: &[u8]) -> Result<Value, Refusal> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| invalid(format!("Invalid JSON payload received. {error}")))?;
    if value.is_object() {
        return Ok(value);
    }
    Err(invalid("Invalid JSON payload received. Root element must be a message."))
}

/// Reads `value` as a `message` that stands at `path` of the request: `function.service_config`.
pub(crate) fn read(message: &Message, path: &str, value: &Value) -> Result<Value, Refusal> {
    let Value::Object(members) = value else {
        return Err(wrong(path, &format!("type.googleapis.com/{}", message.name), value));
    };
    let mut known = Map::new();
    for (name, value) in members {
        let found = message.field(name).or_else(|| message.field(&camel(name)));
        let Some((canonical, field)) = found else { return Err(unknown(name, path)) };
        if value.is_null() {
            continue;
        }
        let path = below(path, &snake(canonical));
        if let Some(value) = member(*field, &path, value)? {
            known.insert((*canonical).to_owned(), value);
        }
    }
    Ok(Value::Object(known))
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Reads one field; `None` when it holds its default, which is the same as not being there.
fn member(field: Field, path: &str, value: &Value) -> Result<Option<Value>, Refusal> {
    match field {
        Field::NotModelled => Err(Refusal::not_modelled(&format!("the field {path}"))),
        Field::One(kind) => {
            let value = one(kind, path, value)?;
            Ok((!is_default(kind, &value)).then_some(value))
        }
        Field::Many(kind) => {
            // Proto3 JSON takes a single value for a list of one nowhere; Google's front end does not either.
            let Value::Array(values) = value else { return Err(wrong(path, "list", value)) };
            let values: Result<Vec<Value>, Refusal> = values
                .iter()
                .enumerate()
                .map(|(index, value)| one(kind, &format!("{path}[{index}]"), value))
                .collect();
            let values = values?;
            Ok((!values.is_empty()).then_some(Value::Array(values)))
        }
        Field::Map(kind) => {
            let Value::Object(values) = value else { return Err(wrong(path, "map", value)) };
            let values: Result<Map<String, Value>, Refusal> = values
                .iter()
                .map(|(key, value)| {
                    Ok((key.clone(), one(kind, &format!("{path}[{key}].value"), value)?))
                })
                .collect();
            let values = values?;
            Ok((!values.is_empty()).then_some(Value::Object(values)))
        }
    }
}

/// Whether a scalar is what its absence means. An empty message is not: it is there.
fn is_default(kind: Kind, value: &Value) -> bool {
    match value {
        Value::Bool(flag) => !flag,
        Value::String(text) => match kind {
            Kind::Long => text == "0",
            Kind::Choice(choice) => choice.values.first().is_some_and(|(name, _)| name == text),
            Kind::Text | Kind::Bytes => text.is_empty(),
            Kind::Duration | Kind::Flag | Kind::Int | Kind::Message(_) | Kind::Any => false,
        },
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

fn one(kind: Kind, path: &str, value: &Value) -> Result<Value, Refusal> {
    let read = match kind {
        Kind::Text => value.as_str().map(Value::from),
        Kind::Flag => value.as_bool().map(Value::from),
        Kind::Int => integer(value).and_then(|number| i32::try_from(number).ok()).map(Value::from),
        Kind::Long => integer(value).map(|number| Value::from(number.to_string())),
        Kind::Bytes => value.as_str().and_then(bytes).map(Value::from),
        Kind::Duration => value.as_str().filter(|text| is_duration(text)).map(Value::from),
        Kind::Choice(choice) => name(choice, value).map(Value::from),
        Kind::Message(message) => return self::read(message, path, value),
        Kind::Any => value.as_object().map(|_| value.clone()),
    };
    read.ok_or_else(|| wrong(path, &kind.name(), value))
}

fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn bytes(text: &str) -> Option<String> {
    let engines = [STANDARD, URL_SAFE, STANDARD_NO_PAD, URL_SAFE_NO_PAD];
    let read = engines.iter().find_map(|engine| engine.decode(text).ok())?;
    Some(STANDARD.encode(read))
}

fn is_duration(text: &str) -> bool {
    text.strip_suffix('s').and_then(|seconds| seconds.parse::<f64>().ok()).is_some()
}

/// The name of an enum value that was sent by name or by number.
fn name(choice: &Enum, value: &Value) -> Option<&'static str> {
    let number = value.as_i64();
    let text = value.as_str();
    let found =
        choice.values.iter().find(|(name, known)| text == Some(*name) || number == Some(*known));
    found.map(|(name, _)| *name)
}

impl Kind {
    /// Its name in refusals.
    fn name(self) -> String {
        match self {
            Self::Text => "TYPE_STRING".to_owned(),
            Self::Flag => "TYPE_BOOL".to_owned(),
            Self::Int => "TYPE_INT32".to_owned(),
            Self::Long => "TYPE_INT64".to_owned(),
            Self::Bytes => "TYPE_BYTES".to_owned(),
            Self::Duration => "type.googleapis.com/google.protobuf.Duration".to_owned(),
            Self::Any => "type.googleapis.com/google.protobuf.Any".to_owned(),
            Self::Choice(Enum { name, .. }) | Self::Message(Message { name, .. }) => {
                format!("type.googleapis.com/{name}")
            }
        }
    }
}

fn unknown(name: &str, path: &str) -> Refusal {
    let place = if path.is_empty() { String::new() } else { format!(" at '{path}'") };
    let message = format!(
        "Invalid JSON payload received. Unknown name \"{name}\"{place}: Cannot find field."
    );
    invalid_field(path, message)
}

fn wrong(path: &str, kind: &str, value: &Value) -> Refusal {
    invalid_field(path, format!("Invalid value at '{path}' ({kind}), {value}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    static COLOUR: Enum =
        Enum { name: "x.Colour", values: &[("COLOUR_UNSPECIFIED", 0), ("RED", 1)] };
    static INNER: Message = Message {
        name: "x.Inner",
        fields: &[("timeoutSeconds", Field::INT), ("tags", Field::TEXTS)],
    };
    static OUTER: Message = Message {
        name: "x.Outer",
        fields: &[
            ("serviceConfig", Field::message(&INNER)),
            ("colour", Field::choice(&COLOUR)),
            ("size", Field::LONG),
            ("data", Field::BYTES),
            ("labels", Field::LABELS),
            ("later", Field::NotModelled),
        ],
    };

    #[test]
    fn one_spelling_is_left() {
        let sent = json!({
            "service_config": {"timeoutSeconds": "60", "tags": []},
            "colour": 1, "size": 7, "data": "_-8", "labels": {"a": ""},
        });
        assert_eq!(
            read(&OUTER, "outer", &sent).unwrap(),
            json!({
                "serviceConfig": {"timeoutSeconds": 60},
                "colour": "RED", "size": "7", "data": "/+8=", "labels": {"a": ""},
            })
        );
    }

    #[test]
    fn what_google_does_not_know_is_refused_in_its_words() {
        let refused = |sent: Value| read(&OUTER, "outer", &sent).unwrap_err().message;
        assert_eq!(
            refused(json!({"serviceConfig": {"speed": 1}})),
            "Invalid JSON payload received. Unknown name \"speed\" at 'outer.service_config': Cannot find field."
        );
        assert_eq!(
            refused(json!({"colour": "BLUE"})),
            "Invalid value at 'outer.colour' (type.googleapis.com/x.Colour), \"BLUE\""
        );
        assert_eq!(
            refused(json!({"serviceConfig": {"timeoutSeconds": "soon"}})),
            "Invalid value at 'outer.service_config.timeout_seconds' (TYPE_INT32), \"soon\""
        );
        assert_eq!(
            refused(json!({"later": {}})),
            "the embedded cloud does not model the field outer.later"
        );
    }
}
