//! Secrets and their versions as they are kept.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Moment;
use crate::google::project;
use crate::google::refusals::not_found;
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// A version of a secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Version {
    /// Its number, from 1.
    pub(super) number: u64,
    /// `ENABLED`, `DISABLED` or `DESTROYED`.
    pub(super) state: String,
    /// When it was added.
    pub(super) created: Moment,
    /// When its data was destroyed.
    pub(super) destroyed: Option<Moment>,
    /// What it holds, in base64; empty once destroyed.
    pub(super) data: String,
}

fn place(project: &str) -> Place {
    Place::new("secrets", &project::number(project), "global")
}

fn key(project: &str, secret: &str) -> String {
    place(project).key("secret", &[secret])
}

/// The name of a secret: by its project's number.
pub(super) fn name(project: &str, secret: &str) -> String {
    format!("projects/{}/secrets/{secret}", project::number(project))
}

/// Returns a secret, if it is there.
pub(super) fn find(tx: &Tx, project: &str, secret: &str) -> Result<Option<Value>, Refusal> {
    Ok(tx.get(&key(project, secret))?)
}

/// Returns a secret.
pub(super) fn load(tx: &Tx, project: &str, secret: &str) -> Result<Value, Refusal> {
    find(tx, project, secret)?
        .ok_or_else(|| not_found(format!("Secret [{}] not found.", name(project, secret))))
}

/// Every secret of a project.
pub(super) fn all(tx: &Tx, project: &str) -> Result<Vec<Value>, Refusal> {
    Ok(tx.list(&place(project).prefix("secret", &[]))?)
}

/// Writes a secret.
pub(super) fn put(
    tx: &mut Tx,
    (project, secret): (&str, &str),
    value: &Value,
) -> Result<(), Refusal> {
    Ok(tx.put(&key(project, secret), value)?)
}

/// Removes a secret and its versions.
pub(super) fn remove(tx: &mut Tx, project: &str, secret: &str) -> Result<(), Refusal> {
    tx.remove(&key(project, secret))?;
    tx.remove_all(&place(project).prefix("version", &[secret]))?;
    Ok(())
}

/// Every version of a secret, the oldest first.
pub(super) fn versions(tx: &Tx, project: &str, secret: &str) -> Result<Vec<Version>, Refusal> {
    Ok(tx.list(&place(project).prefix("version", &[secret]))?)
}

/// Writes a version.
pub(super) fn put_version(
    tx: &mut Tx,
    (project, secret): (&str, &str),
    version: &Version,
) -> Result<(), Refusal> {
    let number = format!("{:010}", version.number);
    Ok(tx.put(&place(project).key("version", &[secret, &number]), version)?)
}

/// Returns a version by number or `latest`, if it is there.
pub(super) fn version(
    tx: &Tx,
    (project, secret): (&str, &str),
    wanted: &str,
) -> Result<Option<Version>, Refusal> {
    let mut all = versions(tx, project, secret)?;
    if wanted == "latest" {
        return Ok(all.pop());
    }
    Ok(all.into_iter().find(|version| version.number.to_string() == wanted))
}

/// What a version holds, if it is there and enabled.
pub(crate) fn value(
    tx: &Tx,
    named: (&str, &str),
    wanted: &str,
) -> Result<Option<Vec<u8>>, Refusal> {
    let found = version(tx, named, wanted)?.filter(|version| version.state == "ENABLED");
    Ok(found.and_then(|version| STANDARD.decode(version.data).ok()))
}
