//! The bodies and attributes of messages: what they may be, how long they are and their MD5 digests.
//!
//! Source: SQS developer guide, "Amazon SQS message metadata", "Calculating the MD5 message digest for message
//! attributes".

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};

use super::model::Value;
use super::refusals::{contents, missing, parameter};
use crate::wire::Refusal;

/// Message attributes by name.
pub(super) type Values = BTreeMap<String, Value>;

/// Refuses a body that is empty or has characters XML does not have.
pub(super) fn check_body(body: &str) -> Result<(), Refusal> {
    if body.is_empty() {
        return Err(missing("MessageBody"));
    }
    let fits = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    match body.chars().find(|c| !fits(*c)) {
        None => Ok(()),
        Some(wrong) => Err(contents(format!(
            "Invalid binary character '#x{:X}' was found in the message body, the set of allowed \
             characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
            u32::from(wrong)
        ))),
    }
}

/// Refuses attributes the service does not take.
pub(super) fn check_values(values: &Values) -> Result<(), Refusal> {
    if values.len() > 10 {
        let count = values.len();
        return Err(parameter(format!(
            "Number of message attributes [{count}] exceeds the allowed maximum [10]."
        )));
    }
    values
        .iter()
        .try_for_each(|(name, value)| check_name(name).and_then(|()| check_value(name, value)))
}

/// Refuses attributes for AWS itself other than a trace header.
pub(super) fn check_system(values: &Values) -> Result<(), Refusal> {
    if let Some(name) = values.keys().find(|name| *name != "AWSTraceHeader") {
        return Err(parameter(format!(
            "Message system attribute name '{name}' is invalid, it can only be AWSTraceHeader."
        )));
    }
    values.iter().try_for_each(|(name, value)| check_value(name, value))
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let lower = name.to_ascii_lowercase();
    if !(1..=256).contains(&name.len()) || !name.bytes().all(fits) {
        return Err(parameter(format!(
            "The message attribute name '{name}' is invalid. Attribute name can contain A-Z, a-z, \
             0-9, underscore (_), hyphen (-), and period (.) characters."
        )));
    }
    if lower.starts_with("aws.") || lower.starts_with("amazon.") {
        return Err(parameter(
            "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'.",
        ));
    }
    if name.starts_with('.') || name.ends_with('.') || name.contains("..") {
        return Err(parameter(format!(
            "The message attribute name '{name}' is invalid: it must not start or end with a period, \
             nor have two in a row."
        )));
    }
    Ok(())
}

fn check_value(name: &str, value: &Value) -> Result<(), Refusal> {
    let Value { kind: data_type, text, bytes } = value;
    let kind = data_type.split('.').next().unwrap_or_default();
    if data_type.is_empty() {
        return Err(parameter(format!(
            "The message attribute '{name}' must contain non-empty message attribute type."
        )));
    }
    if !["String", "Number", "Binary"].contains(&kind) || data_type.len() > 256 {
        return Err(parameter(format!(
            "The message attribute '{name}' has an invalid message attribute type, the set of \
             supported type prefixes is Binary, Number, and String."
        )));
    }
    let empty = || {
        parameter(format!(
            "The message attribute '{name}' must contain non-empty message attribute value for \
             message attribute type '{data_type}'."
        ))
    };
    let fits = match (kind, text, bytes) {
        ("Binary", None, Some(bytes)) => {
            STANDARD.decode(bytes).is_ok_and(|bytes| !bytes.is_empty())
        }
        ("Number", Some(text), None) => text.parse::<f64>().is_ok(),
        ("String", Some(text), None) => !text.is_empty(),
        _ => false,
    };
    if fits { Ok(()) } else { Err(empty()) }
}

/// What a message counts for against the queue's limit, in bytes.
pub(super) fn size(body: &str, values: &Values) -> u64 {
    let attributes: usize = values
        .iter()
        .map(|(name, value)| name.len() + value.kind.len() + bytes(value).1.len())
        .sum();
    u64::try_from(body.len() + attributes).unwrap_or(u64::MAX)
}

/// The kind of value, as the digest has it, and its bytes.
fn bytes(value: &Value) -> (u8, Vec<u8>) {
    match (&value.text, &value.bytes) {
        (Some(text), _) => (1, text.clone().into_bytes()),
        (None, Some(text)) => (2, STANDARD.decode(text).unwrap_or_default()),
        (None, None) => (1, Vec::new()),
    }
}

/// The digest of a body.
pub(super) fn digest(body: &str) -> String {
    hex(&Md5::digest(body.as_bytes()))
}

/// The digest of attributes, if there are any.
pub(super) fn values_digest(values: &Values) -> Option<String> {
    if values.is_empty() {
        return None;
    }
    let mut digest = Md5::new();
    // Every part has its length before it; a value has its kind before that.
    for (name, value) in values {
        for text in [name, &value.kind] {
            digest.update(length(text.as_bytes()));
            digest.update(text.as_bytes());
        }
        let (kind, value) = bytes(value);
        digest.update([kind]);
        digest.update(length(&value));
        digest.update(value);
    }
    Some(hex(&digest.finalize()))
}

fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Value {
        Value { kind: "String".to_owned(), text: Some(value.to_owned()), bytes: None }
    }

    #[test]
    fn digests_are_those_of_the_service() {
        assert_eq!(digest("msg"), "6e2baaf3b97dbeef01c0043275f9a0e7");
        let values = Values::from([
            ("General".to_owned(), text("Kenobi")),
            ("Hello".to_owned(), text("There")),
        ]);
        assert_eq!(values_digest(&values).unwrap(), "fca026605781cb4126a1e9044df24232");
        let bytes = b"traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01";
        let binary =
            Value { kind: "Binary".to_owned(), text: None, bytes: Some(STANDARD.encode(bytes)) };
        let values = Values::from([("attr1".to_owned(), binary)]);
        assert_eq!(values_digest(&values).unwrap(), "8cbe4db156db8a94db8b801b7addb984");
        assert_eq!(values_digest(&Values::new()), None);
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        assert_eq!(check_body("").unwrap_err().code, "MissingRequiredParameterException");
        assert_eq!(check_body("a\u{1}").unwrap_err().code, "InvalidMessageContents");
        assert!(check_body("tab\tand é 🎈").is_ok());
        for (name, fine) in [("a.b", true), (".a", false), ("AWS.x", false), ("a b", false)] {
            let values = Values::from([(name.to_owned(), text("v"))]);
            assert_eq!(check_values(&values).is_ok(), fine, "{name}");
        }
        let mut wrong = text("x");
        wrong.kind = "Number".to_owned();
        assert!(check_values(&Values::from([("n".to_owned(), wrong)])).is_err());
        assert!(check_values(&Values::from([("n".to_owned(), text(""))])).is_err());
    }
}
