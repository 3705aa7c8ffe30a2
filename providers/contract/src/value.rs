//! Values that may refer to what does not exist yet.
//!
//! [`Fields`] may hold references; [`Known`] cannot. A provider's `execute` receives only
//! `Known`, so a dangling reference is a compile error there rather than a runtime surprise.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use crate::ResourceId;

/// A value in a resource's configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text.
    Text(String),
    /// Text that must not be printed unless it says so.
    Secret(Secret),
    /// A sequence whose order matters.
    List(Vec<Value>),
    /// A collection whose order does not, so that `==` needs no help.
    Set(BTreeSet<Value>),
    /// Named values: environment variables, tags, the members of a policy document.
    Map(BTreeMap<String, Value>),
    /// Text assembled from parts, at least one of which is not known yet.
    Join(Vec<Value>),
    /// Another resource's output, such as its ARN.
    Output(OutputRef),
}

/// Text that is compared but not printed, such as the value of an environment variable.
///
/// Two are equal when their text is; whether one may be shown plays no part.
#[derive(Clone)]
pub struct Secret {
    text: String,
    shown: bool,
}

impl Secret {
    /// Keeps `text` out of sight.
    pub fn hidden(text: impl Into<String>) -> Self {
        Self { text: text.into(), shown: false }
    }

    /// Wraps text that stands in the manifest in plain sight and may be printed.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), shown: true }
    }

    /// Returns whether it may be printed.
    pub fn is_shown(&self) -> bool {
        self.shown
    }

    /// Returns the text, to send it to the cloud and nowhere else.
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Secret {}

impl PartialOrd for Secret {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Secret {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.shown { &self.text } else { "(sensitive value)" })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

/// Names one output of one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutputRef {
    /// The resource that has the output.
    pub of: ResourceId,
    /// The output's name, such as `arn`.
    pub name: &'static str,
}

/// Every output known so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outputs(BTreeMap<ResourceId, BTreeMap<&'static str, String>>);

impl Outputs {
    /// Adds what `of` has made known, over what was known before.
    pub fn record(&mut self, of: ResourceId, outputs: BTreeMap<&'static str, String>) {
        self.0.entry(of).or_default().extend(outputs);
    }

    /// Returns all that is known of `of`.
    pub fn of(&self, of: &ResourceId) -> Option<&BTreeMap<&'static str, String>> {
        self.0.get(of)
    }

    fn get(&self, wanted: &OutputRef) -> Option<&str> {
        self.0.get(&wanted.of)?.get(wanted.name).map(String::as_str)
    }
}

impl Value {
    /// Refers to an output of another resource.
    pub fn output(of: &ResourceId, name: &'static str) -> Self {
        Value::Output(OutputRef { of: of.clone(), name })
    }

    /// Collects named values.
    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Value)>) -> Self {
        Value::Map(entries.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// Returns the text, if it is text; secrets are not.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            Value::Bool(_)
            | Value::Int(_)
            | Value::Secret(_)
            | Value::List(_)
            | Value::Set(_)
            | Value::Map(_)
            | Value::Join(_)
            | Value::Output(_) => None,
        }
    }

    /// Replaces every reference that `outputs` can answer and leaves the rest.
    fn settle(&self, outputs: &Outputs) -> Value {
        match self {
            Value::Output(wanted) => match outputs.get(wanted) {
                Some(text) => Value::Text(text.to_owned()),
                None => self.clone(),
            },
            Value::List(items) => Value::List(items.iter().map(|v| v.settle(outputs)).collect()),
            Value::Set(items) => Value::Set(items.iter().map(|v| v.settle(outputs)).collect()),
            Value::Map(entries) => {
                Value::Map(entries.iter().map(|(k, v)| (k.clone(), v.settle(outputs))).collect())
            }
            Value::Join(parts) => joined(parts.iter().map(|v| v.settle(outputs)).collect()),
            Value::Bool(_) | Value::Int(_) | Value::Text(_) | Value::Secret(_) => self.clone(),
        }
    }

    /// Appends the references inside this value to `found`.
    fn collect_refs<'v>(&'v self, found: &mut Vec<&'v OutputRef>) {
        match self {
            Value::Output(wanted) => found.push(wanted),
            Value::List(items) | Value::Join(items) => collect_all(items, found),
            Value::Set(items) => collect_all(items, found),
            Value::Map(entries) => collect_all(entries.values(), found),
            Value::Bool(_) | Value::Int(_) | Value::Text(_) | Value::Secret(_) => {}
        }
    }

    /// Writes the value so that different values are written differently.
    fn write_fingerprint(&self, into: &mut String) {
        match self {
            Value::Secret(secret) => {
                into.push_str("secret");
                let _ = write!(into, "{:?}", secret.reveal());
            }
            Value::List(items) | Value::Join(items) => fingerprints(items.iter(), into),
            Value::Set(items) => fingerprints(items.iter(), into),
            Value::Map(entries) => {
                into.push('{');
                for (name, value) in entries {
                    let _ = write!(into, "{name:?}:");
                    value.write_fingerprint(into);
                    into.push(',');
                }
                into.push('}');
            }
            Value::Bool(_) | Value::Int(_) | Value::Text(_) | Value::Output(_) => {
                let _ = write!(into, "{self:?}");
            }
        }
    }
}

fn fingerprints<'v>(values: impl Iterator<Item = &'v Value>, into: &mut String) {
    into.push('[');
    for value in values {
        value.write_fingerprint(into);
        into.push(',');
    }
    into.push(']');
}

fn collect_all<'v>(values: impl IntoIterator<Item = &'v Value>, found: &mut Vec<&'v OutputRef>) {
    for value in values {
        value.collect_refs(found);
    }
}

fn joined(parts: Vec<Value>) -> Value {
    let texts: Option<String> = parts.iter().map(Value::as_text).collect();
    texts.map_or(Value::Join(parts), Value::Text)
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Value::Bool(yes)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Value::Int(i64::from(number))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

/// A resource's configuration, possibly waiting for other resources.
///
/// A field whose name starts with an underscore is there for the provider alone, such as references
/// to what only has to come first. It is not shown to people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(BTreeMap<&'static str, Value>);

impl Fields {
    /// Collects named values.
    pub fn new(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Self {
        Self(fields.into_iter().collect())
    }

    /// Sets one field.
    pub fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        self.0.insert(name, value.into());
    }

    /// Returns the named field, if set.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Iterates over the fields that are set, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    /// Returns every reference, each an edge of the dependency graph.
    pub fn refs(&self) -> Vec<&OutputRef> {
        let mut found = Vec::new();
        self.0.values().for_each(|v| v.collect_refs(&mut found));
        found
    }

    /// Replaces every reference that `outputs` can answer and leaves the rest.
    #[must_use]
    pub fn settle(&self, outputs: &Outputs) -> Self {
        Self(self.0.iter().map(|(k, v)| (*k, v.settle(outputs))).collect())
    }

    /// Replaces every reference, or names the first that cannot be answered.
    pub fn resolve(&self, outputs: &Outputs) -> Result<Known, OutputRef> {
        let settled = self.settle(outputs);
        match settled.refs().first() {
            Some(missing) => Err((*missing).clone()),
            None => Ok(Known(settled)),
        }
    }
}

/// A configuration that waits for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known(Fields);

impl Known {
    /// Collects named values, or names the first reference among them.
    pub fn new(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Result<Self, OutputRef> {
        Fields::new(fields).resolve(&Outputs::default())
    }

    /// Returns the named field, if set.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Iterates over the fields that are set, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter()
    }

    /// Returns the named field's text, if it is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_text)
    }

    /// Returns the named field's number, if it is one.
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(Value::Int(number)) => Some(*number),
            Some(_) | None => None,
        }
    }

    /// Returns the named field's entries, if it is a map.
    pub fn map(&self, name: &str) -> Option<&BTreeMap<String, Value>> {
        match self.get(name) {
            Some(Value::Map(entries)) => Some(entries),
            Some(_) | None => None,
        }
    }

    /// Returns the configuration as fields that happen to hold no reference.
    pub fn into_fields(self) -> Fields {
        self.0
    }

    /// Writes the configuration so that different ones are written differently.
    pub(crate) fn fingerprint(&self) -> String {
        let mut written = String::new();
        for (name, value) in self.iter() {
            written.push_str(name);
            written.push('=');
            value.write_fingerprint(&mut written);
            written.push(';');
        }
        written
    }
}

impl fmt::Display for OutputRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.of, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::{Known, Secret, Value};

    #[test]
    fn a_secret_is_compared_but_never_printed() {
        let (hidden, plain) = (Secret::hidden("hunter2"), Secret::plain("hunter2"));
        assert_eq!(hidden, plain);
        assert_eq!(format!("{hidden} {hidden:?}"), "(sensitive value) \"(sensitive value)\"");
        assert!(!format!("{:?}", Value::Secret(hidden)).contains("hunter2"));
    }

    #[test]
    fn configurations_that_differ_only_in_a_secret_have_different_versions() {
        let with = |text| Known::new([("env", Value::Secret(Secret::hidden(text)))]).unwrap();
        assert_ne!(crate::Version::of(&with("a")), crate::Version::of(&with("b")));
    }
}
