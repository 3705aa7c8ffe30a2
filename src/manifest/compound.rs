//! Values that can be written in more than one form.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use updraft_contract as contract;

use super::at::At;
use super::word::Cloud;

/// One cloud, or several.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Clouds(pub(super) Vec<At<Cloud>>);

impl<'de> Deserialize<'de> for Clouds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Clouds;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(r#"a cloud such as "aws", or a list of them"#)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Clouds, E> {
                let word = serde::de::value::StrDeserializer::<E>::new(text);
                let cloud = Cloud::deserialize(word)?;
                Ok(Clouds(vec![At { span: 0..0, value: Some(cloud) }]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Clouds, A::Error> {
                let mut clouds = Vec::new();
                while let Some(cloud) = items.next_element()? {
                    clouds.push(cloud);
                }
                Ok(Clouds(clouds))
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

impl JsonSchema for Clouds {
    fn schema_name() -> Cow<'static, str> {
        "Clouds".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let cloud = generator.subschema_for::<Cloud>();
        json_schema!({ "anyOf": [cloud, { "type": "array", "items": cloud, "minItems": 1 }] })
    }
}

/// A JSON document: a table, or a string that holds one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Json(pub(super) String);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => match serde_json::from_str::<IgnoredAny>(&text) {
                Ok(_) => Ok(Json(text)),
                Err(error) => {
                    let advice = "write a table: { key = \"value\" }";
                    Err(D::Error::custom(format!("is not valid JSON: {error}\n{advice}")))
                }
            },
            value @ (serde_json::Value::Null
            | serde_json::Value::Bool(_)
            | serde_json::Value::Number(_)
            | serde_json::Value::Array(_)
            | serde_json::Value::Object(_)) => Ok(Json(value.to_string())),
        }
    }
}

impl JsonSchema for Json {
    fn schema_name() -> Cow<'static, str> {
        "Json".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A table, or a string that holds JSON." })
    }
}

/// Which messages: text in the cloud's filter language, or a table that is written as JSON.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Filter(pub(super) String);

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Filter(text)),
            value @ (serde_json::Value::Array(_) | serde_json::Value::Object(_)) => {
                Ok(Filter(value.to_string()))
            }
            serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {
                Err(D::Error::custom(
                    "must be text in the cloud's filter language, or a table\n\
                 write { body = { kind = [\"photo\"] } } on AWS, \
                 \"attributes.kind = \\\"photo\\\"\" on Google Cloud",
                ))
            }
        }
    }
}

impl JsonSchema for Filter {
    fn schema_name() -> Cow<'static, str> {
        "Filter".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Text in the cloud's filter language, or a table that is written as JSON.",
            "type": ["string", "object", "array"],
        })
    }
}

/// When access counts: tests of a request as policies of AWS write them, or an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition(pub(super) contract::Condition);

/// The forms of a condition.
const CONDITION: &str = "must be operators with keys and values, or an expression\n\
    write { StringEquals = { \"aws:SourceVpc\" = \"vpc-1\" } } on AWS, or text in the language of \
    conditions on Azure and Google Cloud";

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let operators = match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => {
                return Ok(Condition(contract::Condition::Expression(text)));
            }
            serde_json::Value::Object(operators) => operators,
            serde_json::Value::Null
            | serde_json::Value::Bool(_)
            | serde_json::Value::Number(_)
            | serde_json::Value::Array(_) => return Err(D::Error::custom(CONDITION)),
        };
        let read = operators.into_iter().map(|(operator, keys)| {
            let keys =
                keys.as_object()?.iter().map(|(key, values)| Some((key.clone(), several(values)?)));
            Some((operator, keys.collect::<Option<_>>()?))
        });
        let tests: Option<BTreeMap<_, _>> = read.collect();
        let tests =
            tests.filter(|tests| !tests.is_empty()).ok_or_else(|| D::Error::custom(CONDITION))?;
        Ok(Condition(contract::Condition::Tests(tests)))
    }
}

/// Reads one value of a test, or several.
fn several(json: &serde_json::Value) -> Option<Vec<String>> {
    match json {
        serde_json::Value::String(text) => Some(vec![text.clone()]),
        serde_json::Value::Bool(yes) => Some(vec![yes.to_string()]),
        serde_json::Value::Number(number) => Some(vec![number.to_string()]),
        serde_json::Value::Array(items) => {
            let each: Option<Vec<_>> = items.iter().map(several).collect();
            Some(each?.into_iter().flatten().collect())
        }
        serde_json::Value::Null | serde_json::Value::Object(_) => None,
    }
}

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let values = serde_json::json!({
            "anyOf": [
                { "type": ["string", "boolean", "number"] },
                { "type": "array", "items": { "type": ["string", "boolean", "number"] }, "minItems": 1 },
            ],
        });
        json_schema!({
            "description": "Operators of AWS, each with keys and values, or an expression of Azure or Google.",
            "anyOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": { "type": "object", "additionalProperties": values },
                },
            ],
        })
    }
}

/// A number of processors, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Processors(pub(super) u32);

impl<'de> Deserialize<'de> for Processors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = Processors;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of processors such as 0.5 or 2")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Processors, E> {
                let millis = number.checked_mul(1000).and_then(|it| u32::try_from(it).ok());
                millis.map(Processors).ok_or_else(|| too_odd())
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Processors, E> {
                // Written with three digits it is exact; anything finer is not read as less.
                let text = format!("{number:.3}");
                let millis = text.replace('.', "").parse::<u32>().map_err(|_| too_odd())?;
                if text.parse::<f64>() == Ok(number) {
                    Ok(Processors(millis))
                } else {
                    Err(too_odd())
                }
            }
        }
        deserializer.deserialize_any(Number)
    }
}

fn too_odd<E: Error>() -> E {
    E::custom("must be a number of processors, in thousandths at most\nwrite 0.5, 1 or 2")
}

impl JsonSchema for Processors {
    fn schema_name() -> Cow<'static, str> {
        "Processors".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "exclusiveMinimum": 0 })
    }
}
