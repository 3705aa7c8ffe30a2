//! Values that know where they stand, and named values in the order of the file.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::problem::Span;
use super::read::AT;

/// A value and its place. The value is missing where it could not be read, which was reported.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct At<T> {
    pub(super) span: Span,
    pub(super) value: Option<T>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(AT, AtVisitor(PhantomData))
    }
}

struct AtVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for AtVisitor<T> {
    type Value = At<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value with its place")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<At<T>, A::Error> {
        let (start, end) = (map.next_value()?, map.next_value()?);
        Ok(At { span: start..end, value: map.next_value().ok() })
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// One named value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Named<T> {
    pub(super) name: String,
    pub(super) name_span: Span,
    pub(super) at: At<T>,
}

/// Named values in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Names<T>(pub(super) Vec<Named<T>>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Names<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NamesVisitor(PhantomData))
    }
}

struct NamesVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for NamesVisitor<T> {
    type Value = Names<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names<T>, A::Error> {
        let mut names = Vec::new();
        while let Some((key, at)) = map.next_entry::<At<String>, At<T>>()? {
            let name = key.value.unwrap_or_default();
            names.push(Named { name, name_span: key.span, at });
        }
        Ok(Names(names))
    }
}

impl<T: JsonSchema> JsonSchema for Names<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Names_of_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let of = generator.subschema_for::<T>();
        schemars::json_schema!({ "type": "object", "additionalProperties": of })
    }
}

/// Returns the value of an optional key, if it is there and could be read.
pub(super) fn value<T>(key: Option<&At<T>>) -> Option<&T> {
    key.and_then(|at| at.value.as_ref())
}

/// Iterates over the named values of an optional table.
pub(super) fn named<T>(table: Option<&At<Names<T>>>) -> impl Iterator<Item = &Named<T>> {
    value(table).into_iter().flat_map(|names| names.0.iter())
}
