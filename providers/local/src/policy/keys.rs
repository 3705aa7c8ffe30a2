//! The context of a request, as conditions see it.

use std::collections::BTreeMap;

/// Keys and their values. Names are without case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keys(BTreeMap<String, Vec<String>>);

impl Keys {
    /// These keys, each with one value.
    pub(crate) fn of<const N: usize>(keys: [(&str, &str); N]) -> Self {
        let mut all = Self::default();
        for (key, value) in keys {
            all.add(key, value);
        }
        all
    }

    /// Adds a value.
    pub(crate) fn add(&mut self, key: &str, value: impl Into<String>) {
        self.0.entry(key.to_ascii_lowercase()).or_default().push(value.into());
    }

    /// Adds values; without any the key is not there.
    pub(crate) fn add_all(&mut self, key: &str, values: impl IntoIterator<Item = String>) {
        for value in values {
            self.add(key, value);
        }
    }

    /// Adds the keys of another context.
    pub(crate) fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The values of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&[String]> {
        self.0.get(&key.to_ascii_lowercase()).map(Vec::as_slice)
    }

    /// The value of a key that has exactly one.
    pub(crate) fn one(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Some([one]) => Some(one),
            Some(_) | None => None,
        }
    }
}
