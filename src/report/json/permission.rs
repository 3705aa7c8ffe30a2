//! Comparisons of policies and the deployer's permissions, for programs. The permission report
//! itself is written as it is.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use updraft_permit::{Access, Comparison, Undecided, Verdict};

use super::FORMAT_VERSION;

/// What `updraft permissions diff --json` writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Updraft permission comparison")]
pub struct ComparisonDocument {
    /// The version of this format. Refuse another major number.
    pub format_version: String,
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

/// What `updraft deployer-policy --json` writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Updraft deployer policy")]
pub struct DeployerDocument {
    /// The version of this format. Refuse another major number.
    pub format_version: String,
    /// What the identity is to run: `plan` or `apply`.
    pub task: String,
    /// The documents of each cloud, by `aws`, `azure` or `gcp`.
    pub clouds: BTreeMap<String, Vec<DeployerPolicy>>,
}

/// One document that gives the identity which runs Updraft its permissions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeployerPolicy {
    /// A name for it.
    pub name: String,
    /// The document, in the cloud's own form.
    pub document: Json,
}

/// Makes the document of a comparison.
pub fn comparison(comparison: Comparison) -> ComparisonDocument {
    let Comparison { verdict, rewritten, newly_allowed, no_longer_allowed, undecided } = comparison;
    let format_version = FORMAT_VERSION.to_owned();
    ComparisonDocument {
        format_version,
        verdict,
        rewritten,
        newly_allowed,
        no_longer_allowed,
        undecided,
    }
}

/// Makes the document of the deployer's permissions: for each cloud, names and texts.
pub fn deployer(task: &str, clouds: BTreeMap<String, Vec<(String, String)>>) -> DeployerDocument {
    let read = |(name, text): (String, String)| {
        let document = serde_json::from_str(&text).unwrap_or(Json::String(text));
        DeployerPolicy { name, document }
    };
    let clouds = clouds
        .into_iter()
        .map(|(cloud, written)| (cloud, written.into_iter().map(read).collect()))
        .collect();
    DeployerDocument { format_version: FORMAT_VERSION.to_owned(), task: task.to_owned(), clouds }
}
