//! Whether the credentials may do what deploying takes, as far as the project's policy says.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{App, Obstacle, Verb};

use super::unknown;
use crate::client::Cloud;
use crate::kinds;
use crate::lacking::had;
use crate::place::Names;
use crate::triggers;

/// The role that brings the permissions of a service, by how they start.
const ROLES: &[(&str, &str)] = &[
    ("cloudfunctions.", "roles/cloudfunctions.developer"),
    ("cloudscheduler.", "roles/cloudscheduler.admin"),
    ("iam.serviceAccounts.actAs", "roles/iam.serviceAccountUser"),
    ("iam.", "roles/iam.serviceAccountAdmin"),
    ("pubsub.", "roles/pubsub.admin"),
    ("resourcemanager.", "roles/resourcemanager.projectIamAdmin"),
    ("run.", "roles/run.admin"),
    ("secretmanager.", "roles/secretmanager.admin"),
    ("storage.", "roles/storage.admin"),
];

/// Returns what the credentials lack, role by role.
///
/// None of it blocks: a permission may have been given on the thing itself, which the project's
/// policy does not know of.
pub(super) async fn missing(cloud: &Cloud, names: Names<'_>, app: &App) -> Vec<Obstacle> {
    let needed = needed(names, app);
    let had = match had(cloud, needed.iter().copied()).await {
        Ok(had) => had,
        Err(failure) => {
            return vec![unknown("the permissions of the credentials", failure, None)];
        }
    };
    let mut lacking: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for permission in needed.iter().filter(|permission| !had.contains(**permission)) {
        let row = ROLES.iter().find(|(start, _)| permission.starts_with(start));
        lacking.entry(row.map_or("roles/editor", |(_, role)| role)).or_default().push(permission);
    }
    let project = &cloud.place.project;
    let told = |(role, permissions): (&str, Vec<&str>)| Obstacle {
        message: format!("the credentials lack {} in {project}", permissions.join(", ")),
        mend: format!(
            "gcloud projects add-iam-policy-binding {project} \
             --member=\"user:$(gcloud config get-value account)\" --role={role}"
        ),
        origin: None,
        blocks: false,
    };
    lacking.into_iter().map(told).collect()
}

/// Returns the permissions that making and reading the app's resources takes.
fn needed(names: Names<'_>, app: &App) -> BTreeSet<&'static str> {
    let wanted = triggers::desired(names.place, app).unwrap_or_default();
    let kinds: BTreeSet<_> = wanted.into_iter().map(|resource| resource.id.kind).collect();
    let specs = kinds::specs().iter().filter(|spec| kinds.contains(&spec.kind));
    let mut needed: BTreeSet<&'static str> = specs
        .flat_map(|spec| spec.reads.iter().copied().chain(spec.permissions(Verb::Create)))
        .collect();
    if !app.functions.is_empty() {
        // Whoever gives a function its identity must be allowed to act as it.
        needed.insert("iam.serviceAccounts.actAs");
    }
    needed
}
