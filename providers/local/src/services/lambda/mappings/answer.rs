//! What a function says about the messages of its batch.
//!
//! Source: developer guide, "Implementing partial batch responses", success and failure conditions.

use std::collections::BTreeSet;

use serde_json::Value;

/// Which messages of a batch failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// All: the function failed, or what it said makes no sense.
    All,
    /// These ids, or none.
    These(BTreeSet<String>),
}

impl Failed {
    /// Reads a function's answer to a batch with these ids.
    pub(super) fn read(answer: &[u8], ids: &BTreeSet<&str>) -> Self {
        let none = Self::These(BTreeSet::new());
        let Ok(answer) = serde_json::from_slice::<Value>(answer) else { return Self::All };
        let list = match &answer {
            Value::Null => return none,
            Value::Object(fields) => fields.get("batchItemFailures").unwrap_or(&Value::Null),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                return Self::All;
            }
        };
        match list {
            Value::Null => none,
            Value::Array(items) => {
                let id = |item: &Value| {
                    let id = item.get("itemIdentifier")?.as_str()?;
                    ids.contains(id).then(|| id.to_owned())
                };
                items.iter().map(id).collect::<Option<_>>().map_or(Self::All, Self::These)
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => Self::All,
        }
    }

    /// Whether a message failed.
    pub(super) fn has(&self, id: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(ids) => ids.contains(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_fails_the_whole_batch() {
        let ids = BTreeSet::from(["a", "b"]);
        let read = |text: &str| Failed::read(text.as_bytes(), &ids);
        let none = Failed::These(BTreeSet::new());
        for text in ["null", "{}", r#"{"batchItemFailures":null}"#, r#"{"batchItemFailures":[]}"#] {
            assert_eq!(read(text), none, "{text}");
        }
        let one = read(r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#);
        assert_eq!((one.has("a"), one.has("b")), (false, true));
        for text in [
            "",
            "\"done\"",
            r#"{"batchItemFailures":"b"}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"id":"b"}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"c"}]}"#,
        ] {
            assert_eq!(read(text), Failed::All, "{text}");
        }
    }
}
