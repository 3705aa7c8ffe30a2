//! Permissions as they stand in files: saved plans carry them, and comparisons read them back.
//!
//! What refers to something that does not exist yet is written as `${ADDRESS.OUTPUT}`; everything
//! else is read back as it was. A hidden value is never written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use updraft_contract::{Cloud, Kind, Permission, Reason, ResourceId, Value};

mod convert;
#[cfg(test)]
mod tests;

/// One permission, in the form that files have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Updraft permission")]
pub struct PermissionRecord {
    /// The cloud: `aws`, `azure` or `gcp`.
    pub cloud: String,
    /// The function it is about; empty where it is about the whole app.
    pub function: String,
    /// Which way it goes.
    pub side: SideRecord,
    /// Whose it is.
    pub who: WhoRecord,
    /// Whether it lets or keeps.
    pub effect: EffectRecord,
    /// What may be done.
    pub what: WhatRecord,
    /// To what.
    pub on: OnRecord,
    /// When it counts.
    pub when: WhenRecord,
    /// The address of the resource that carries it, such as `aws.role/hello`.
    pub carrier: String,
    /// What calls for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReasonRecord>,
}

/// Which way a permission goes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SideRecord {
    /// What the function may do.
    Does,
    /// Who may call the function.
    Called,
    /// Who may take on its identity.
    Assumed,
    /// What the identity that runs Updraft needs.
    Deploys,
}

/// Whether a permission lets or keeps.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum EffectRecord {
    /// It lets.
    Allow,
    /// It keeps.
    Deny,
}

/// Whose permission it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WhoRecord {
    /// The identity that carries it.
    Holder(ValueRecord),
    /// These, by the kind of their name.
    Named(BTreeMap<String, BTreeSet<ValueRecord>>),
    /// Everybody but these.
    AllBut(BTreeMap<String, BTreeSet<ValueRecord>>),
    /// Everybody.
    Everybody,
}

/// What may be done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WhatRecord {
    /// These actions.
    Actions(BTreeSet<String>),
    /// Every action but these.
    AllBut(BTreeSet<String>),
    /// What a role contains.
    Role(RoleRecord),
}

/// A role and what is in it.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct RoleRecord {
    /// Its id.
    pub id: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Whether it is one of ours and not the vendor's.
    #[serde(default)]
    pub custom: bool,
    /// Actions of the control plane, or permissions of Google.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub actions: BTreeSet<String>,
    /// Actions taken out of those.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub not_actions: BTreeSet<String>,
    /// Actions of the data plane.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub data_actions: BTreeSet<String>,
    /// Actions taken out of those.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub not_data_actions: BTreeSet<String>,
}

/// To what something may be done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnRecord {
    /// To these.
    These(BTreeSet<ValueRecord>),
    /// To all but these.
    AllBut(BTreeSet<ValueRecord>),
    /// To what carries it.
    Carrier,
}

/// When a permission counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WhenRecord {
    /// Always.
    Always,
    /// When every test holds.
    Tests(BTreeSet<TestRecord>),
    /// When an expression holds.
    Expression(String),
}

/// One test of a request's context.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestRecord {
    /// The operator, such as `StringLike`.
    pub operator: String,
    /// The key, such as `s3:prefix`.
    pub key: String,
    /// The values, one of which must match.
    pub values: BTreeSet<ValueRecord>,
}

/// What calls for a permission.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonRecord {
    /// In a few words.
    pub words: String,
    /// The manifest entry, such as `function.resize.access[0]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Its line in the manifest, counted from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// A name, a resource or a tested value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ValueRecord {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text; `${ADDRESS.OUTPUT}` in it stands for what is known only after applying.
    Text(String),
}

/// Why a permission in a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It names a cloud that there is not.
    #[error("`{0}` is not a cloud: aws, azure and gcp are")]
    Cloud(String),
    /// It is carried by something that is no address.
    #[error("`{0}` is not the address of a resource, such as aws.role/hello")]
    Carrier(String),
}

/// Returns permissions in the form that files have, in a stable order and each once.
pub fn records(permissions: &[Permission]) -> Vec<PermissionRecord> {
    let all: BTreeSet<&Permission> = permissions.iter().collect();
    all.into_iter().map(PermissionRecord::from).collect()
}

/// Reads permissions from the form that files have.
///
/// # Errors
///
/// Names the first one that cannot be read.
pub fn permissions(records: &[PermissionRecord]) -> Result<Vec<Permission>, Unreadable> {
    records.iter().map(Permission::try_from).collect()
}

/// Returns a value as text; what is not known yet is `${ADDRESS.OUTPUT}`.
pub fn text(value: &Value) -> String {
    match value {
        Value::Bool(yes) => yes.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Secret(secret) => secret.to_string(),
        Value::Join(parts) => parts.iter().map(text).collect(),
        Value::Output(wanted) => format!("${{{wanted}}}"),
        Value::List(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        Value::Set(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        Value::Map(entries) => {
            let each = entries.iter().map(|(name, value)| format!("{name}={}", text(value)));
            each.collect::<Vec<_>>().join(",")
        }
    }
}

/// Puts what `answer` knows of `ADDRESS.OUTPUT` in the place of `${ADDRESS.OUTPUT}`.
pub fn answered(text: &str, answer: impl Fn(&str) -> Option<String>) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        written.push_str(before);
        let told = after.split_once('}').and_then(|(name, left)| Some((answer(name)?, left)));
        let (told, left) = told.unwrap_or_else(|| ("${".to_owned(), after));
        written.push_str(&told);
        rest = left;
    }
    written + rest
}

/// Returns whether a text has a part that is known only after applying, as [`text`] writes it.
/// Variables of policies, such as `${aws:PrincipalTag/team}`, have a colon in them.
pub fn is_open(text: &str) -> bool {
    let mut parts = text.split("${").skip(1).filter_map(|part| part.split('}').next());
    parts.any(|name| name.contains('/') && name.contains('.') && !name.contains(':'))
}

impl From<&Permission> for PermissionRecord {
    fn from(permission: &Permission) -> Self {
        Self {
            cloud: permission.cloud.word().to_owned(),
            function: permission.function.clone(),
            side: permission.side.into(),
            who: (&permission.who).into(),
            effect: permission.effect.into(),
            what: (&permission.what).into(),
            on: (&permission.on).into(),
            when: (&permission.when).into(),
            carrier: permission.carrier.to_string(),
            reasons: permission.reasons.iter().map(ReasonRecord::from).collect(),
        }
    }
}

impl TryFrom<&PermissionRecord> for Permission {
    type Error = Unreadable;

    fn try_from(record: &PermissionRecord) -> Result<Self, Unreadable> {
        let cloud = Cloud::ALL.into_iter().find(|cloud| cloud.word() == record.cloud);
        Ok(Self {
            cloud: cloud.ok_or_else(|| Unreadable::Cloud(record.cloud.clone()))?,
            function: record.function.clone(),
            side: record.side.into(),
            who: (&record.who).into(),
            effect: record.effect.into(),
            what: (&record.what).into(),
            on: (&record.on).into(),
            when: (&record.when).into(),
            carrier: address(&record.carrier)
                .ok_or_else(|| Unreadable::Carrier(record.carrier.clone()))?,
            reasons: record.reasons.iter().map(Reason::from).collect(),
        })
    }
}

/// The most kinds of resources that files may name; there are some sixty.
const KINDS: usize = 512;

/// Reads an address. The names of kinds live as long as the program, so only so many are taken.
fn address(text: &str) -> Option<ResourceId> {
    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let (kind, name) = text.split_once('/')?;
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    if kind.is_empty() || kind.len() > 64 || !kind.chars().all(letters) {
        return None;
    }
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let kind = match known.get(kind).copied() {
        Some(kind) => kind,
        None if known.len() >= KINDS => return None,
        None => {
            let kept: &'static str = Box::leak(kind.to_owned().into_boxed_str());
            known.insert(kept);
            kept
        }
    };
    Some(ResourceId { kind: Kind(kind), name: name.to_owned() })
}
