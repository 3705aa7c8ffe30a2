//! Where vaults are found by name, and secrets as they are kept.

use serde::{Deserialize, Serialize};

use crate::azure::shelf::{self, Resource};
use crate::clock::Moment;
use crate::cloud::Context;
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// One version of a secret. Its value is shown to nobody but those who may read it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Version {
    /// Its id, 32 hexadecimal digits.
    pub(super) id: String,
    /// The value.
    pub(super) value: String,
    /// The type of its content; empty if none was sent.
    pub(super) content_type: String,
    /// Whether it can be read.
    pub(super) enabled: bool,
    /// When it was made.
    pub(super) created: Moment,
}

/// A secret: its versions, the latest last.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Secret {
    /// Its name.
    pub(super) name: String,
    /// Its versions.
    pub(super) versions: Vec<Version>,
}

fn place() -> Place {
    Place::new("azure", "vault", "global")
}

fn key(vault: &str, name: &str) -> String {
    place().key("secret", &[&vault.to_ascii_lowercase(), &name.to_ascii_lowercase()])
}

fn name_key(vault: &str) -> String {
    place().key("name", &[&vault.to_ascii_lowercase()])
}

fn deleted_key(vault: &str) -> String {
    place().key("deleted", &[&vault.to_ascii_lowercase()])
}

/// Finds a vault by its name, wherever it is.
pub(super) fn vault(tx: &Tx, name: &str) -> Result<Option<Resource>, Refusal> {
    match tx.get::<String>(&name_key(name))? {
        Some(id) => shelf::find(tx, &id),
        None => Ok(None),
    }
}

/// Remembers whose a name is.
pub(super) fn take_name(tx: &mut Tx, vault: &Resource) -> Result<(), Refusal> {
    Ok(tx.put(&name_key(&vault.name), &vault.id)?)
}

/// Puts a deleted vault aside: its secrets and its name stay until it is purged.
pub(super) fn put_aside(
    tx: &mut Tx,
    vault: &Resource,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    tx.remove(&name_key(&vault.name))?;
    Ok(tx.put(&deleted_key(&vault.name), &context.now)?)
}

/// Whether a deleted vault still has this name.
pub(super) fn is_aside(tx: &Tx, name: &str) -> Result<bool, Refusal> {
    Ok(tx.get::<Moment>(&deleted_key(name))?.is_some())
}

/// Finds a secret.
pub(super) fn secret(tx: &Tx, vault: &str, name: &str) -> Result<Option<Secret>, Refusal> {
    Ok(tx.get(&key(vault, name))?)
}

/// Every secret of a vault.
pub(super) fn secrets(tx: &Tx, vault: &str) -> Result<Vec<Secret>, Refusal> {
    Ok(tx.list(&place().prefix("secret", &[&vault.to_ascii_lowercase()]))?)
}

/// Adds a version to a secret, which is made if it is not there.
pub(super) fn add(
    tx: &mut Tx,
    vault: &str,
    name: &str,
    version: Version,
) -> Result<Secret, Refusal> {
    let found = secret(tx, vault, name)?;
    let mut found = found.unwrap_or_else(|| Secret { name: name.to_owned(), versions: Vec::new() });
    found.versions.push(version);
    tx.put(&key(vault, name), &found)?;
    Ok(found)
}

/// Removes a secret.
pub(super) fn remove(tx: &mut Tx, vault: &str, name: &str) -> Result<bool, Refusal> {
    Ok(tx.remove(&key(vault, name))?)
}

impl Version {
    /// A new version.
    pub(super) fn new(value: &str, content_type: &str, context: &Context<'_>) -> Self {
        Self {
            id: uuid::Uuid::new_v4().simple().to_string(),
            value: value.to_owned(),
            content_type: content_type.to_owned(),
            enabled: true,
            created: context.now,
        }
    }
}

impl Secret {
    /// A version by its id; the latest if there is none.
    pub(super) fn version(&self, id: &str) -> Option<&Version> {
        if id.is_empty() {
            return self.versions.last();
        }
        self.versions.iter().find(|version| version.id.eq_ignore_ascii_case(id))
    }
}
