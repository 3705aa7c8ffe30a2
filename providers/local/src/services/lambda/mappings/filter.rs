//! Filter patterns: which messages of a queue a mapping wants.
//!
//! Source: developer guide, "Using event filtering with an Amazon SQS event source" and "Filter rule syntax".

use serde_json::{Map, Value};

use super::rules::Rule;

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// The service refuses it.
    Definition,
    /// The service may take it; this cloud does not know how it works.
    NotModelled(&'static str),
}

/// A pattern: every field must fit, and one of the alternatives if there are any.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pattern {
    fields: Vec<(String, Field)>,
    either: Option<Vec<Pattern>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Field {
    /// An object with a pattern of its own.
    Inner(Pattern),
    /// A value that fits any of these.
    Any(Vec<Rule>),
}

/// Reads a pattern.
pub(super) fn read(text: &str) -> Result<Pattern, Wrong> {
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) if !fields.is_empty() => pattern(&fields),
        _ => Err(Wrong::Definition),
    }
}

fn pattern(object: &Map<String, Value>) -> Result<Pattern, Wrong> {
    let (mut fields, mut either) = (Vec::new(), None);
    for (name, value) in object {
        match (name.as_str(), value) {
            ("$or", Value::Array(all)) if all.len() > 1 => {
                let read = |one: &Value| pattern(one.as_object().ok_or(Wrong::Definition)?);
                either = Some(all.iter().map(read).collect::<Result<_, _>>()?);
            }
            (_, Value::Object(inner)) if !inner.is_empty() => {
                fields.push((name.clone(), Field::Inner(pattern(inner)?)));
            }
            (_, Value::Array(rules)) if !rules.is_empty() => {
                let rules = rules.iter().map(Rule::read).collect::<Result<_, _>>()?;
                fields.push((name.clone(), Field::Any(rules)));
            }
            _ => return Err(Wrong::Definition),
        }
    }
    Ok(Pattern { fields, either })
}

impl Pattern {
    /// Whether a record of an SQS event fits.
    ///
    /// A body that is a JSON object is looked into by patterns that are objects, and by no others; a body that is
    /// not one fits no pattern that is an object.
    pub(super) fn wants(&self, record: &Value) -> bool {
        let body = record.get("body").and_then(Value::as_str).unwrap_or_default();
        let Ok(Value::Object(parsed)) = serde_json::from_str(body) else {
            return self.fits(record);
        };
        let plain = self.fields.iter().any(|(name, field)| {
            name == "body"
                && matches!(field, Field::Any(rules) if !rules.iter().all(Rule::is_exists))
        });
        let mut record = record.clone();
        if let Some(fields) = record.as_object_mut() {
            fields.insert("body".to_owned(), Value::Object(parsed));
        }
        !plain && self.fits(&record)
    }

    fn fits(&self, value: &Value) -> bool {
        let fields = self.fields.iter().all(|(name, field)| {
            let found = value.get(name);
            match field {
                Field::Inner(inner) => inner.fits(found.unwrap_or(&Value::Null)),
                Field::Any(rules) => rules.iter().any(|rule| rule.fits(found)),
            }
        });
        fields && self.either.as_ref().is_none_or(|all| all.iter().any(|one| one.fits(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wants(pattern: &Value, body: &str) -> bool {
        let record =
            json!({"body": body, "messageAttributes": {}, "attributes": {"SenderId": "1"}});
        read(&pattern.to_string()).unwrap().wants(&record)
    }

    #[test]
    fn a_pattern_looks_into_the_body() {
        let red = json!({"body": {"colour": ["red", {"prefix": "dark"}], "count": [{"numeric": [">", 1, "<=", 5]}]}});
        assert!(wants(&red, r#"{"colour":"red","count":5,"more":true}"#));
        assert!(wants(&red, r#"{"colour":"darkish","count":2.5}"#));
        assert!(!wants(&red, r#"{"colour":"red","count":1}"#));
        assert!(!wants(&red, r#"{"colour":"red"}"#));
        assert!(!wants(&red, "red"), "a body that is no object");
        let plain = json!({"body": ["red"]});
        assert!(wants(&plain, "red"));
        assert!(!wants(&plain, r#"{"colour":"red"}"#));
        assert!(wants(&json!({"attributes": {"SenderId": ["1"]}}), "whatever"));
        let either = json!({"body": {"$or": [{"a": [1]}, {"b": [{"exists": false}]}]}});
        assert!(wants(&either, r#"{"a":1,"b":2}"#));
        assert!(wants(&either, r#"{"a":2}"#));
        assert!(!wants(&either, r#"{"a":2,"b":2}"#));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in ["", "[]", "{}", r#"{"a":1}"#, r#"{"a":[]}"#, r#"{"a":[{"like":"x"}]}"#] {
            assert_eq!(read(text), Err(Wrong::Definition), "{text}");
        }
        assert!(matches!(read(r#"{"a":[{"cidr":"10.0.0.0/8"}]}"#), Err(Wrong::NotModelled(_))));
    }
}
