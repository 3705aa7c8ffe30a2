//! The form of the file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use updraft_contract::{Obstacle, Origin};
use updraft_permit::document::RoleRecord;

use crate::exact::{self, ExactLive};

/// The version of the snapshot document.
///
/// A new field raises the minor number; readers must refuse another major number.
pub const SNAPSHOT_FORMAT_VERSION: &str = "1.0";

/// What `updraft snapshot` writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Updraft snapshot")]
pub struct SnapshotDocument {
    /// The version of this format. Refuse another major number.
    pub format_version: String,
    /// The version of Updraft that wrote it.
    pub updraft_version: String,
    /// When it was written, in RFC 3339.
    pub created: String,
    /// The project.
    pub project: String,
    /// The stage.
    pub stage: String,
    /// Whether the embedded clouds were asked.
    pub local: bool,
    /// What each cloud answered.
    pub clouds: Vec<CloudRecord>,
    /// The SHA-256 of the rest of the document, in hexadecimal: members sorted by name, without
    /// white space. It finds accidents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// What one cloud answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloudRecord {
    /// The cloud: `aws`, `azure` or `gcp`.
    pub cloud: String,
    /// The AWS account, Azure subscription or Google project.
    pub account: String,
    /// The region or location.
    pub region: String,
    /// What else the names of resources depend on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub more: BTreeMap<String, String>,
    /// The addresses that were looked at.
    pub looked: Vec<String>,
    /// What reading in bulk found.
    pub observed: Vec<FoundRecord>,
    /// What exact reads found where that is something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examined: Vec<FoundRecord>,
    /// The addresses where exact reads found nothing although reading in bulk found something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
    /// What stands in the app's way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obstacles: Vec<ObstacleRecord>,
    /// What is in the vendor's roles that the app has or gets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RoleRecord>,
}

/// One resource that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FoundRecord {
    /// Its address.
    pub address: String,
    /// What it is like.
    pub found: ExactLive,
}

/// Something outside the app that stands in its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObstacleRecord {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub mend: String,
    /// The manifest entry that relies on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The line of that entry, counted from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Whether nothing can be applied before it is gone.
    pub blocks: bool,
}

impl From<&Obstacle> for ObstacleRecord {
    fn from(obstacle: &Obstacle) -> Self {
        Self {
            message: obstacle.message.clone(),
            mend: obstacle.mend.clone(),
            path: obstacle.origin.as_ref().map(|origin| origin.path.clone()),
            line: obstacle.origin.as_ref().map(|origin| origin.line),
            blocks: obstacle.blocks,
        }
    }
}

impl From<&ObstacleRecord> for Obstacle {
    fn from(record: &ObstacleRecord) -> Self {
        let place = record.path.clone().zip(record.line);
        Self {
            message: record.message.clone(),
            mend: record.mend.clone(),
            origin: place.map(|(path, line)| Origin { path, line }),
            blocks: record.blocks,
        }
    }
}

/// Puts the digest of a document into it.
#[must_use]
pub fn sealed(mut document: SnapshotDocument) -> SnapshotDocument {
    document.digest = None;
    let json = serde_json::to_value(&document).unwrap_or(Json::Null);
    document.digest = Some(exact::digest(&json));
    document
}
