//! Field values in JSON, beside what is unknown and what is sensitive in them.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use updraft_contract::Value;

/// A value in three parallel pieces, as Terraform writes them.
pub(crate) struct Pieces {
    /// The value, null where it is unknown or sensitive.
    pub(crate) value: Json,
    /// True wherever the value is unknown; false, or an object without it, elsewhere.
    pub(crate) unknown: Json,
    /// True wherever the value is sensitive.
    pub(crate) sensitive: Json,
}

impl Pieces {
    fn plain(value: Json) -> Self {
        Self { value, unknown: Json::Bool(false), sensitive: Json::Bool(false) }
    }

    /// Takes one value apart.
    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::Bool(yes) => Self::plain(Json::Bool(*yes)),
            Value::Int(number) => Self::plain(Json::from(*number)),
            Value::Text(text) => Self::plain(Json::String(text.clone())),
            Value::Secret(secret) if secret.is_shown() => {
                Self::plain(Json::String(secret.reveal().to_owned()))
            }
            Value::Secret(_) => Self { sensitive: Json::Bool(true), ..Self::plain(Json::Null) },
            Value::Join(_) | Value::Output(_) => {
                Self { unknown: Json::Bool(true), ..Self::plain(Json::Null) }
            }
            Value::List(items) => Self::listed(items.iter()),
            Value::Set(items) => Self::listed(items.iter()),
            Value::Map(entries) => Self::named(entries.iter().map(|(k, v)| (k.as_str(), v))),
        }
    }

    fn listed<'v>(items: impl Iterator<Item = &'v Value>) -> Self {
        let pieces: Vec<Pieces> = items.map(Self::of).collect();
        let flags = |flags: Vec<&Json>| {
            let any = flags.iter().any(|flag| is_set(flag));
            if any { flags.into_iter().cloned().collect() } else { Json::Bool(false) }
        };
        let unknown = flags(pieces.iter().map(|piece| &piece.unknown).collect());
        let sensitive = flags(pieces.iter().map(|piece| &piece.sensitive).collect());
        Self { value: pieces.into_iter().map(|piece| piece.value).collect(), unknown, sensitive }
    }

    /// Takes named values apart; names without anything unknown or sensitive are left out there.
    pub(crate) fn named<'n, 'v>(entries: impl Iterator<Item = (&'n str, &'v Value)>) -> Self {
        let pieces: BTreeMap<&str, Pieces> = entries.map(|(k, v)| (k, Self::of(v))).collect();
        let mut value = Map::new();
        let mut unknown = Map::new();
        let mut sensitive = Map::new();
        for (name, piece) in pieces {
            value.insert(name.to_owned(), piece.value);
            if is_set(&piece.unknown) {
                unknown.insert(name.to_owned(), piece.unknown);
            }
            if is_set(&piece.sensitive) {
                sensitive.insert(name.to_owned(), piece.sensitive);
            }
        }
        Self { value: value.into(), unknown: unknown.into(), sensitive: sensitive.into() }
    }
}

/// Tells whether a flag says anything.
fn is_set(flag: &Json) -> bool {
    match flag {
        Json::Bool(yes) => *yes,
        Json::Object(entries) => !entries.is_empty(),
        Json::Array(_) => true,
        Json::Null | Json::Number(_) | Json::String(_) => false,
    }
}
