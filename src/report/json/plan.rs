//! A plan as one document.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use updraft_contract::{Live, OnChange, Origin, Resource};

use super::PLAN_FORMAT_VERSION;
use super::permitted::{PermissionChange, PermissionsDocument};
use super::saved::SavedDocument;
use super::value::Pieces;
use crate::diff::{Change, Edit};
use crate::exact::{self, ExactChange};
use crate::plan::Plan;

/// What `updraft plan --json` and `updraft plan -o FILE` write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Updraft plan")]
pub struct PlanDocument {
    /// The version of this format. Refuse another major number.
    pub format_version: String,
    /// The version of Updraft that made the plan.
    pub updraft_version: String,
    /// The project.
    pub project: String,
    /// The stage.
    pub stage: String,
    /// Every resource, unchanged ones included.
    pub resource_changes: Vec<ResourceChange>,
    /// How many resources are added, changed and destroyed.
    pub summary: SummaryDocument,
    /// Every permission that does not stay as it is: what functions may do, who may call them, and
    /// who may take on their identities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permission_changes: Vec<PermissionChange>,
    /// The permissions before and after, and the report on them. Absent before format 1.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<PermissionsDocument>,
    /// What it takes to carry the plan out later, and nothing else than it. Absent before format 1.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<SavedDocument>,
    /// The SHA-256 of the rest of the document, in hexadecimal: members sorted by name, without
    /// white space. It finds accidents; against somebody who writes another, the plan is made again
    /// before it is carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// What happens to one resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceChange {
    /// The address, such as `aws.function/hello`.
    pub address: String,
    /// The kind, such as `aws.function`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The name within the kind, such as `hello`.
    pub name: String,
    /// The configuration before and after.
    pub change: ChangeDocument,
    /// Why: `create_because_configured`, `update_because_changed`, `replace_because_cannot_update`
    /// or `delete_because_no_resource_config`. Absent where nothing happens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_reason: Option<String>,
    /// The manifest entry that calls for the resource, such as `function.hello`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<OriginDocument>,
    /// The same resource without what Terraform's form leaves out. Absent before format 1.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact: Option<ExactChange>,
}

/// A manifest entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OriginDocument {
    /// The dotted path.
    pub path: String,
    /// The line, counted from one.
    pub line: usize,
}

/// A configuration before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeDocument {
    /// One of `["no-op"]`, `["create"]`, `["update"]`, `["delete"]`, `["delete", "create"]`.
    pub actions: Vec<String>,
    /// The configuration found, or null. Sensitive values are null.
    pub before: Json,
    /// The configuration wanted, or null. Sensitive and unknown values are null.
    pub after: Json,
    /// True wherever `after` is known only after applying.
    pub after_unknown: Json,
    /// True wherever `before` is sensitive.
    pub before_sensitive: Json,
    /// True wherever `after` is sensitive.
    pub after_sensitive: Json,
    /// The fields that force a replacement, each as a path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replace_paths: Vec<Vec<String>>,
}

/// How many resources are added, changed and destroyed. A replacement counts as two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SummaryDocument {
    /// Created.
    pub add: usize,
    /// Changed in place.
    pub change: usize,
    /// Deleted.
    pub destroy: usize,
}

/// Writes a plan of a project's stage as a document.
pub fn plan(plan: &Plan, project: &str, stage: &str) -> PlanDocument {
    let sum = plan.summary();
    PlanDocument {
        format_version: PLAN_FORMAT_VERSION.to_owned(),
        updraft_version: env!("CARGO_PKG_VERSION").to_owned(),
        project: project.to_owned(),
        stage: stage.to_owned(),
        resource_changes: plan.changes.iter().map(resource_change).collect(),
        summary: SummaryDocument { add: sum.add, change: sum.change, destroy: sum.destroy },
        permission_changes: Vec::new(),
        permissions: None,
        saved: None,
        digest: None,
    }
}

fn resource_change(change: &Change) -> ResourceChange {
    let (actions, reason): (&[&str], _) = match change {
        Change::Create(_) => (&["create"], Some("create_because_configured")),
        Change::Update(..) => (&["update"], Some("update_because_changed")),
        Change::Replace(..) => (&["delete", "create"], Some("replace_because_cannot_update")),
        Change::Delete(_) => (&["delete"], Some("delete_because_no_resource_config")),
        Change::Keep(..) | Change::Blocked(..) => (&["no-op"], None),
    };
    let (want, live, edits) = sides(change);
    let before = live.map(|live| Pieces::named(live.fields.iter()));
    let after = want.map(|want| Pieces::named(want.fields.iter()));
    let none = || Json::Object(serde_json::Map::new());
    let (before, before_sensitive) =
        before.map_or((Json::Null, none()), |side| (side.value, side.sensitive));
    let (after, after_unknown, after_sensitive) = after
        .map_or((Json::Null, none(), none()), |side| (side.value, side.unknown, side.sensitive));
    let forcing = edits.iter().filter(|edit| edit.on_change == OnChange::Replace);
    ResourceChange {
        address: change.id().to_string(),
        kind: change.id().kind.0.to_owned(),
        name: change.id().name.clone(),
        change: ChangeDocument {
            actions: actions.iter().map(|&action| action.to_owned()).collect(),
            before,
            after,
            after_unknown,
            before_sensitive,
            after_sensitive,
            replace_paths: forcing.map(|edit| vec![edit.field.to_owned()]).collect(),
        },
        action_reason: reason.map(str::to_owned),
        origin: want.map(|want| origin(&want.origin)),
        exact: Some(exact::of(change)),
    }
}

fn sides(change: &Change) -> (Option<&Resource>, Option<&Live>, &[Edit]) {
    match change {
        Change::Create(want) => (Some(&want.resource), None, &[]),
        Change::Update(want, live, edits) | Change::Replace(want, live, edits) => {
            (Some(&want.resource), Some(live), edits)
        }
        Change::Keep(want, live) | Change::Blocked(want, live) => {
            (Some(&want.resource), Some(live), &[])
        }
        Change::Delete(live) => (None, Some(live), &[]),
    }
}

fn origin(origin: &Origin) -> OriginDocument {
    OriginDocument { path: origin.path.clone(), line: origin.line }
}
