//! What is different on one of several clouds.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use super::super::read::OVER;
use super::Maybe;

/// What is different on one of its clouds.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "{T}_on")]
pub(in crate::manifest) struct On<T> {
    /// What is different on Amazon Web Services.
    pub(in crate::manifest) aws: Maybe<Over<T>>,
    /// What is different on Microsoft Azure.
    pub(in crate::manifest) azure: Maybe<Over<T>>,
    /// What is different on Google Cloud.
    pub(in crate::manifest) gcp: Maybe<Over<T>>,
}

/// A `T` without the keys that choose clouds.
#[derive(Clone, Debug)]
pub(in crate::manifest) struct Over<T>(Box<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Over<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Inner<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Inner<T> {
            type Value = Over<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<Over<T>, D::Error> {
                T::deserialize(deserializer).map(|typed| Over(Box::new(typed)))
            }
        }
        deserializer.deserialize_newtype_struct(OVER, Inner(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Over<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Over_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let whole = generator.subschema_for::<T>();
        json_schema!({ "allOf": [whole], "properties": { "provider": false, "on": false } })
    }
}
