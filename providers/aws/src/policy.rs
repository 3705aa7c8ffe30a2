//! Policy documents as values: the same meaning is the same value, however AWS spells it.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;
use serde_json::Value as Json;
use updraft_contract::Value;

/// The members of a statement that hold one text or several, in any order.
const SETS: [&str; 4] = ["Action", "NotAction", "Resource", "NotResource"];

/// Reads a document as IAM returns it: percent-encoded JSON (RFC 3986), or plain JSON elsewhere.
///
/// What is not JSON is kept as text, so that it shows as a difference instead of stopping a plan.
pub(crate) fn parsed(document: &str) -> Value {
    let plain = if document.trim_start().starts_with('{') {
        document.to_owned()
    } else {
        percent_decode_str(document).decode_utf8_lossy().into_owned()
    };
    match serde_json::from_str::<Json>(&plain) {
        Ok(json) => normal(&json),
        Err(_) => Value::Text(plain),
    }
}

/// Turns JSON into a value in which a policy means what it equals.
///
/// A statement that stands alone and a list of one are the same, and so are `"a"` and `["a"]`
/// among actions, resources, principals and condition values (IAM user guide, policy grammar).
pub(crate) fn normal(document: &Json) -> Value {
    let Json::Object(members) = document else { return value(document) };
    let member = |(name, json): (&String, &Json)| {
        let normal = match (name.as_str(), json) {
            ("Statement", Json::Array(all)) => Value::List(all.iter().map(statement).collect()),
            ("Statement", one) => Value::List(vec![statement(one)]),
            (_, other) => value(other),
        };
        (name.clone(), normal)
    };
    Value::Map(members.iter().map(member).collect())
}

fn statement(json: &Json) -> Value {
    let Json::Object(members) = json else { return value(json) };
    let member = |(name, json): (&String, &Json)| {
        let normal = match name.as_str() {
            set if SETS.contains(&set) => several(json),
            "Principal" | "NotPrincipal" => each(json, several),
            "Condition" => each(json, |operator| each(operator, several)),
            _ => value(json),
        };
        (name.clone(), normal)
    };
    Value::Map(members.iter().map(member).collect())
}

fn each(json: &Json, normal: impl Fn(&Json) -> Value) -> Value {
    let Json::Object(members) = json else { return value(json) };
    Value::Map(members.iter().map(|(name, json)| (name.clone(), normal(json))).collect())
}

/// One text stays as it is; several become a set; a list of one becomes the one.
fn several(json: &Json) -> Value {
    let Json::Array(items) = json else { return word(json) };
    among(items.iter().map(word))
}

/// Booleans and numbers among policy values mean their text.
fn word(json: &Json) -> Value {
    match json {
        Json::Bool(yes) => Value::Text(yes.to_string()),
        Json::Number(number) => Value::Text(number.to_string()),
        Json::Null | Json::String(_) | Json::Array(_) | Json::Object(_) => value(json),
    }
}

/// Turns any JSON into a value.
pub(crate) fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Text("null".to_owned()),
        Json::Bool(yes) => Value::Bool(*yes),
        Json::Number(number) => {
            number.as_i64().map_or_else(|| Value::Text(number.to_string()), Value::Int)
        }
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(members) => {
            Value::Map(members.iter().map(|(name, json)| (name.clone(), value(json))).collect())
        }
    }
}

/// Writes a value as JSON. Open references cannot be written and become their own name.
pub(crate) fn json(value: &Value) -> Json {
    match value {
        Value::Bool(yes) => Json::Bool(*yes),
        Value::Int(number) => Json::from(*number),
        Value::Text(text) => Json::String(text.clone()),
        Value::Secret(secret) => Json::String(secret.reveal().to_owned()),
        Value::List(items) | Value::Join(items) => Json::Array(items.iter().map(json).collect()),
        Value::Set(items) => Json::Array(items.iter().map(json).collect()),
        Value::Map(entries) => {
            Json::Object(entries.iter().map(|(name, value)| (name.clone(), json(value))).collect())
        }
        Value::Output(reference) => Json::String(reference.to_string()),
    }
}

/// Returns a document of these statements.
pub(crate) fn document(statements: Vec<Value>) -> Value {
    Value::map([("Version", Value::from("2012-10-17")), ("Statement", Value::List(statements))])
}

/// Returns several values as a policy has them: the only one, or a set.
pub(crate) fn among(values: impl IntoIterator<Item = Value>) -> Value {
    let all: BTreeSet<Value> = values.into_iter().collect();
    match (all.len(), all.first()) {
        (1, Some(only)) => only.clone(),
        _ => Value::Set(all),
    }
}

#[cfg(test)]
mod tests {
    use updraft_contract::Value;

    use super::{document, parsed};

    #[test]
    fn spelling_does_not_matter() {
        let one = parsed(
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["b:X","a:Y"],
               "Resource":["*"],"Condition":{"Bool":{"k":[true]}}}}"#,
        );
        let other = parsed(
            r#"{"Statement":[{"Resource":"*","Action":["a:Y","b:X"],"Effect":"Allow",
               "Condition":{"Bool":{"k":"true"}}}],"Version":"2012-10-17"}"#,
        );
        assert_eq!(one, other);
    }

    #[test]
    fn percent_encoded_documents_are_read() {
        let encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
        assert_eq!(parsed(encoded), document(vec![]));
        assert_eq!(parsed("not json"), Value::from("not json"));
    }
}
