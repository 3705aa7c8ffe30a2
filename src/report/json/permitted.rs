//! What a plan document says of permissions: both sides as they are, and what is worth a word.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use updraft_contract::Permission;
use updraft_permit::document::records;
use updraft_permit::roles::filled;
use updraft_permit::{Finding, FunctionReview, Line, PermissionRecord, Review, Status};

use super::plan::PlanDocument;

/// The permissions before and after a plan, and the report on them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PermissionsDocument {
    /// What is live.
    pub before: Vec<PermissionRecord>,
    /// What the manifest calls for, and what stays of what is live.
    pub after: Vec<PermissionRecord>,
    /// What that means: the report that `updraft permissions --plan FILE` writes.
    pub review: Review,
}

/// One permission that does not stay as it is, or that somebody else put there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PermissionChange {
    /// The cloud: `aws`, `azure` or `gcp`.
    pub cloud: String,
    /// The function's name in the manifest; empty where it is about the whole app.
    pub function: String,
    /// Which way it goes.
    pub side: ChangedSide,
    /// What changes: the same as the permission's status.
    pub change: Status,
    /// The permission. Its lines are those of the manifest that the plan was made of.
    pub permission: Line,
    /// What is worth a word about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// Which way a permission goes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ChangedSide {
    /// What the function may do.
    May,
    /// Who may call it.
    CalledBy,
    /// Who may take on its identity.
    AssumedBy,
}

/// Adds what a plan does to permissions to its document.
#[must_use]
pub fn permitted(
    mut document: PlanDocument,
    review: &Review,
    (before, after): (&[Permission], &[Permission]),
) -> PlanDocument {
    document.permission_changes = permission_changes(review);
    let (before, after, review) = (pinned(before), pinned(after), review.clone());
    document.permissions = Some(PermissionsDocument { before, after, review });
    document
}

/// Writes permissions with what is in the roles of vendors today: they may change them.
pub fn pinned(permissions: &[Permission]) -> Vec<PermissionRecord> {
    let filled: Vec<Permission> = permissions.iter().map(|one| filled(one, &[])).collect();
    records(&filled)
}

/// Returns the permissions of a report that do not stay as they are, in its order.
pub fn permission_changes(review: &Review) -> Vec<PermissionChange> {
    review.functions.iter().flat_map(|function| of_function(function, &review.findings)).collect()
}

fn of_function<'r>(
    function: &'r FunctionReview,
    findings: &'r [Finding],
) -> impl Iterator<Item = PermissionChange> + 'r {
    let sides = [
        (ChangedSide::May, &function.may),
        (ChangedSide::CalledBy, &function.called_by),
        (ChangedSide::AssumedBy, &function.assumed_by),
    ];
    let lines = sides.into_iter().flat_map(|(side, lines)| lines.iter().map(move |l| (side, l)));
    let told = lines.filter(|(_, line)| line.status != Status::Unchanged);
    told.map(move |(side, line)| PermissionChange {
        cloud: function.cloud.clone(),
        function: function.function.clone(),
        side,
        change: line.status,
        permission: line.clone(),
        findings: line.findings.iter().filter_map(|at| findings.get(*at)).cloned().collect(),
    })
}
