//! Values that can be written in more than one form.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, SeqAccess, Visitor};

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
