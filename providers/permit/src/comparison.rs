//! What one set of permissions allows that another does not.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Level;
use crate::document::SideRecord;

/// How two sets of permissions differ in what they allow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Updraft permission comparison")]
pub struct Comparison {
    /// The result in one word.
    pub verdict: Verdict,
    /// Whether both allow the same and are written differently.
    pub rewritten: bool,
    /// What the new one allows and the old one does not.
    pub newly_allowed: Vec<Access>,
    /// What the old one allows and the new one does not.
    pub no_longer_allowed: Vec<Access>,
    /// What could not be decided.
    pub undecided: Vec<Undecided>,
}

/// The result of a comparison in one word.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The new one allows nothing that the old one does not.
    #[default]
    NoNewAccess,
    /// Nothing is known to be newly allowed, and something may be.
    Undecided,
    /// The new one allows something that the old one does not.
    NewAccess,
}

/// Whose permissions differ, where those of several functions are compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct About {
    /// The cloud: `aws`, `azure` or `gcp`.
    pub cloud: String,
    /// The function's name in the manifest; empty where it is about the whole app.
    pub function: String,
    /// Which way it goes.
    pub side: SideRecord,
}

/// Something that one side allows and the other does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Access {
    /// Whose it is. Absent where two policy documents are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// The action, such as `s3:GetObject`; a pattern where it covers actions that are not known yet.
    pub action: String,
    /// The resource, as the statement that allows it names it.
    pub resource: String,
    /// The condition under which it is allowed, if any: JSON on AWS, an expression elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Who may, where the policy itself names that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// What kind of access it is, where the action is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// A request that shows it.
    pub witness: Witness,
    /// The statements of the old side that are about it, counted from zero.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub old_statements: Vec<usize>,
    /// The statements of the new side that are about it, counted from zero.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub new_statements: Vec<usize>,
}

/// One request that one side allows and the other does not.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct Witness {
    /// Who asks, where that matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// What is asked for.
    pub action: String,
    /// Of what.
    pub resource: String,
    /// The context: keys and their values. A key that is not here is absent from the request.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub context: BTreeMap<String, Vec<String>>,
}

/// Which way access may change.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// The new side may allow what the old one does not.
    #[default]
    NewlyAllowed,
    /// The old side may allow what the new one does not.
    NoLongerAllowed,
}

/// Something that could not be decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Undecided {
    /// Whose it is. Absent where two policy documents are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// The action, or a pattern of actions.
    pub action: String,
    /// The resource, or a pattern of resources.
    pub resource: String,
    /// Why it could not be decided.
    pub why: String,
    /// What it may be.
    #[serde(default)]
    pub change: Change,
    /// The statements of the old side that are about it, counted from zero.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub old_statements: Vec<usize>,
    /// The statements of the new side that are about it, counted from zero.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub new_statements: Vec<usize>,
}
