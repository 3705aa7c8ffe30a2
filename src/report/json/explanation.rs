//! Who may do or use something, for programs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use updraft_permit::Line;

use super::FORMAT_VERSION;
use crate::permit::{Explanation, Link, Sense};

/// What `updraft explain --json` writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Updraft explanation")]
pub struct ExplanationDocument {
    /// The version of this format. Refuse another major number.
    pub format_version: String,
    /// What was asked.
    pub asked: String,
    /// What that was taken for: `entry`, `carrier`, `action`, `role` or `resource`.
    pub sense: String,
    /// The manifest that line numbers are of.
    pub manifest: String,
    /// Whether nobody may.
    pub nobody: bool,
    /// The permissions that are about it.
    pub permissions: Vec<ExplainedLine>,
    /// The verbs of declared access that would give it.
    pub nearest: Vec<NearestVerb>,
}

/// One permission and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedLine {
    /// The cloud: `aws`, `azure` or `gcp`.
    pub cloud: String,
    /// The function it is about.
    pub function: String,
    /// Whether the manifest calls for it.
    pub wanted: bool,
    /// Whether it is live; absent where that was not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<bool>,
    /// The permission.
    pub permission: Line,
}

/// A verb of declared access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NearestVerb {
    /// The cloud: `aws`, `azure` or `gcp`.
    pub cloud: String,
    /// The verb, such as `read`.
    pub verb: String,
    /// How the manifest names what it is done to.
    pub to: String,
    /// What of that it is.
    pub gives: String,
    /// Whether that is what was asked: always.
    pub exact: bool,
}

/// Makes the document.
pub fn explanation(explanation: &Explanation, manifest: &str) -> ExplanationDocument {
    let nearest = explanation.nearest.iter().map(|one| NearestVerb {
        cloud: one.cloud.word().to_owned(),
        verb: one.verb.verb.to_owned(),
        to: one.verb.to.to_owned(),
        gives: one.gives.to_owned(),
        exact: true,
    });
    ExplanationDocument {
        format_version: FORMAT_VERSION.to_owned(),
        asked: explanation.asked.clone(),
        sense: sense(explanation.sense).to_owned(),
        manifest: manifest.to_owned(),
        nobody: explanation.nobody(),
        permissions: explanation.links.iter().map(explained).collect(),
        nearest: nearest.collect(),
    }
}

fn explained(link: &Link) -> ExplainedLine {
    let Link { permission, line, wanted, live } = link;
    ExplainedLine {
        cloud: permission.cloud.word().to_owned(),
        function: permission.function.clone(),
        wanted: *wanted,
        live: *live,
        permission: line.clone(),
    }
}

fn sense(sense: Sense) -> &'static str {
    match sense {
        Sense::Entry => "entry",
        Sense::Carrier => "carrier",
        Sense::Action => "action",
        Sense::Role => "role",
        Sense::Resource => "resource",
    }
}
