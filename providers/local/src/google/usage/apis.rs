//! The APIs of a project.

use crate::cloud::Context;
use crate::google::project;
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// The APIs a list shows; every other one of Google's can be asked for by name.
pub(super) const LISTED: &[&str] = &[
    "artifactregistry.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudfunctions.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "cloudscheduler.googleapis.com",
    "eventarc.googleapis.com",
    "iam.googleapis.com",
    "iamcredentials.googleapis.com",
    "logging.googleapis.com",
    "pubsub.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "serviceusage.googleapis.com",
    "storage-component.googleapis.com",
    "storage.googleapis.com",
];

fn key(project: &str, api: &str) -> String {
    Place::new("google", &project::number(project), "global").key("enabled", &[api])
}

/// Whether an API is enabled in a project, named by id or number.
pub(crate) fn is_enabled(
    tx: &Tx,
    context: &Context<'_>,
    (project, api): (&str, &str),
) -> Result<bool, Refusal> {
    if !context.settings.disabled_apis.contains(api) {
        return Ok(true);
    }
    Ok(tx.get::<bool>(&key(project, api))?.is_some())
}

/// Enables an API.
pub(super) fn enable(tx: &mut Tx, (project, api): (&str, &str)) -> Result<(), Refusal> {
    Ok(tx.put(&key(project, api), &true)?)
}
