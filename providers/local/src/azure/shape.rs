//! What bodies are made of, and the refusal of what is in none.
//!
//! ARM reads names of members and values of enums without case; what it knows by another spelling comes out in its own.

use serde_json::{Map, Value};

use super::refusals::content;
use crate::wire::Refusal;

/// A part of a body.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A text.
    Text,
    /// True or false.
    Flag,
    /// A number.
    Number,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// An object with these members.
    Object(&'static [(&'static str, Shape)]),
    /// An array.
    List(&'static Shape),
    /// An object with members of any name.
    Map(&'static Shape),
    /// Anything at all.
    Any,
    /// What a PUT must send.
    Required(&'static Shape),
    /// What the service tells; sent, it is dropped.
    ReadOnly,
    /// What the real service knows and this one does not.
    NotModelled,
}

/// Where a check is.
#[derive(Clone, Copy)]
struct At<'a> {
    path: &'a str,
    operation: &'a str,
    partial: bool,
}

impl Shape {
    /// A body without members.
    pub(crate) const NOTHING: Shape = Shape::Object(&[]);

    /// Returns the body in the shape's own spelling. `partial` is for PATCH: nothing is required.
    pub(crate) fn read(
        &self,
        sent: &Value,
        operation: &str,
        partial: bool,
    ) -> Result<Value, Refusal> {
        self.part(sent, At { path: "", operation, partial })
    }

    fn part(&self, sent: &Value, at: At<'_>) -> Result<Value, Refusal> {
        if sent.is_null() {
            return Ok(Value::Null);
        }
        let fits = match self {
            Self::Text => sent.is_string(),
            Self::Flag => sent.is_boolean(),
            Self::Number => sent.is_number(),
            Self::Any | Self::ReadOnly => true,
            Self::Choice(known) => return choice(known, sent, at),
            Self::Required(shape) => return shape.part(sent, at),
            Self::NotModelled => {
                return Err(Refusal::not_modelled(&format!("{} of {}", at.path, at.operation)));
            }
            Self::Object(members) => return object(members, sent, at),
            Self::List(shape) => return list(shape, sent, at),
            Self::Map(shape) => return map(shape, sent, at),
        };
        if fits { Ok(sent.clone()) } else { Err(unfit(at)) }
    }
}

fn unfit(at: At<'_>) -> Refusal {
    content(&format!("Error converting the value at '{}'. Path '{}'.", at.path, at.path))
}

fn choice(known: &[&str], sent: &Value, at: At<'_>) -> Result<Value, Refusal> {
    let Some(text) = sent.as_str() else { return Err(unfit(at)) };
    let found = known.iter().find(|known| known.eq_ignore_ascii_case(text));
    found.map(|known| (*known).into()).ok_or_else(|| {
        let known = known.join(",");
        content(&format!(
            "Error converting value \"{text}\" at '{}'. The accepted values are '{known}'. Path '{}'.",
            at.path, at.path
        ))
    })
}

fn object(members: &[(&str, Shape)], sent: &Value, at: At<'_>) -> Result<Value, Refusal> {
    let Some(sent) = sent.as_object() else { return Err(unfit(at)) };
    let mut read = Map::new();
    for (name, value) in sent {
        let known = members
            .iter()
            .find(|(known, _)| known == name)
            .or_else(|| members.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)));
        let path = join(at.path, name);
        let Some((known, shape)) = known else {
            return Err(content(&format!(
                "Could not find member '{name}' on object of type 'ResourceDefinition'. Path '{path}'."
            )));
        };
        if matches!(shape, Shape::ReadOnly) {
            continue;
        }
        read.insert((*known).to_owned(), shape.part(value, At { path: &path, ..at })?);
    }
    for (name, shape) in members {
        let missing = read.get(*name).is_none_or(Value::is_null);
        if matches!(shape, Shape::Required(_)) && missing && !at.partial {
            return Err(content(&format!(
                "Required property '{name}' not found in JSON. Path '{}'.",
                at.path
            )));
        }
    }
    Ok(Value::Object(read))
}

fn list(shape: &Shape, sent: &Value, at: At<'_>) -> Result<Value, Refusal> {
    let Some(sent) = sent.as_array() else { return Err(unfit(at)) };
    let items = sent.iter().enumerate().map(|(index, item)| {
        let path = format!("{}[{index}]", at.path);
        shape.part(item, At { path: &path, partial: false, ..at })
    });
    Ok(Value::Array(items.collect::<Result<_, _>>()?))
}

fn map(shape: &Shape, sent: &Value, at: At<'_>) -> Result<Value, Refusal> {
    let Some(sent) = sent.as_object() else { return Err(unfit(at)) };
    let mut read = Map::new();
    for (name, value) in sent {
        let path = join(at.path, name);
        read.insert(name.clone(), shape.part(value, At { path: &path, ..at })?);
    }
    Ok(Value::Object(read))
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SHAPE: Shape = Shape::Object(&[
        ("kind", Shape::Choice(&["StorageV2"])),
        ("id", Shape::ReadOnly),
        ("properties", Shape::Required(&Shape::Object(&[("minTls", Shape::Text)]))),
        ("zones", Shape::NotModelled),
    ]);

    #[test]
    fn names_and_enums_come_out_in_one_spelling() {
        let read = SHAPE.read(
            &json!({"Kind": "storagev2", "id": 1, "properties": {"MinTLS": "x"}}),
            "T/write",
            false,
        );
        assert_eq!(read.unwrap(), json!({"kind": "StorageV2", "properties": {"minTls": "x"}}));
    }

    #[test]
    fn what_is_not_in_the_shape_is_refused() {
        let cases = [
            (json!({"properties": {"minTls": "x", "speed": 1}}), "Could not find member 'speed'"),
            (json!({"kind": "v3", "properties": {}}), "The accepted values are 'StorageV2'"),
            (json!({"kind": 3, "properties": {}}), "Error converting the value at 'kind'"),
            (json!({}), "Required property 'properties' not found"),
            (json!({"properties": null}), "Required property 'properties' not found"),
        ];
        for (sent, message) in cases {
            let refusal = SHAPE.read(&sent, "T/write", false).unwrap_err();
            assert_eq!(refusal.code, "InvalidRequestContent");
            assert!(refusal.message.contains(message), "{}", refusal.message);
        }
        assert_eq!(SHAPE.read(&json!({"zones": []}), "T/write", true).unwrap_err().status, 501);
        assert!(SHAPE.read(&json!({}), "T/write", true).is_ok());
    }
}
