//! Google's own service accounts in a project: some are always there, some only once they were asked for.
//!
//! Source: cloud.google.com/iam/docs/service-agents and, for those made on demand,
//! cloud.google.com/iam/docs/create-service-agents.

use crate::google::project;
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// The domain of a service's agent, and whether it is made only on demand.
const AGENTS: &[(&str, &str, bool)] = &[
    ("artifactregistry.googleapis.com", "gcp-sa-artifactregistry", false),
    ("cloudbuild.googleapis.com", "gcp-sa-cloudbuild", false),
    ("cloudfunctions.googleapis.com", "gcf-admin-robot", false),
    ("cloudscheduler.googleapis.com", "gcp-sa-cloudscheduler", false),
    ("eventarc.googleapis.com", "gcp-sa-eventarc", true),
    ("pubsub.googleapis.com", "gcp-sa-pubsub", true),
    ("run.googleapis.com", "serverless-robot-prod", false),
    ("storage.googleapis.com", "gs-project-accounts", true),
];

fn key(number: &str, domain: &str) -> String {
    Place::new("google", number, "global").key("agent", &[domain])
}

/// The email of the agent that `service` has in a project, named by id or number.
pub(crate) fn agent(project: &str, service: &str) -> Option<String> {
    let (_, domain, _) = AGENTS.iter().find(|(known, _, _)| *known == service)?;
    Some(format!("service-{}@{domain}.iam.gserviceaccount.com", project::number(project)))
}

/// Makes the agent of `service` in a project, if it is not there yet, and returns its email.
pub(crate) fn make_agent(
    tx: &mut Tx,
    project: &str,
    service: &str,
) -> Result<Option<String>, Refusal> {
    let Some(email) = agent(project, service) else { return Ok(None) };
    if let Some((_, domain)) = split(&email) {
        tx.put(&key(&project::number(project), domain), &true)?;
    }
    Ok(Some(email))
}

fn split(email: &str) -> Option<(&str, &str)> {
    let (local, host) = email.split_once('@')?;
    let number = local.strip_prefix("service-")?;
    Some((number, host.strip_suffix(".iam.gserviceaccount.com")?))
}

/// Whether an email is of one of Google's own accounts; `None` when it is not, else whether it exists.
pub(super) fn exists(tx: &Tx, email: &str) -> Result<Option<bool>, Refusal> {
    let host = email.split_once('@').map_or("", |(_, host)| host);
    let builtin = [
        "developer.gserviceaccount.com",
        "appspot.gserviceaccount.com",
        "cloudservices.gserviceaccount.com",
    ];
    if builtin.contains(&host) {
        return Ok(Some(true));
    }
    let Some((number, domain)) = split(email) else { return Ok(None) };
    match AGENTS.iter().find(|(_, known, _)| *known == domain) {
        None => Ok(None),
        Some((_, _, false)) => Ok(Some(true)),
        Some((_, _, true)) => Ok(Some(tx.get::<bool>(&key(number, domain))?.is_some())),
    }
}
