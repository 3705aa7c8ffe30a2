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
