//! A function as it is stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::names::Named;
use super::refusals::no_function;
use crate::clock::Moment;
use crate::store::{Place, StoreError, Tx};
use crate::wire::{Refusal, Request};

/// A function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Function {
    /// Its name.
    pub(super) name: String,
    /// Its account.
    pub(super) account: String,
    /// Its region.
    pub(super) region: String,
    /// What can be set when creating and updating.
    pub(super) config: Config,
    /// Its instruction set.
    pub(super) architecture: String,
    /// Its code.
    pub(super) code: Code,
    /// Its tags.
    pub(super) tags: BTreeMap<String, String>,
    /// Its reserved concurrency.
    pub(super) reserved: Option<u64>,
    /// When it last changed.
    pub(super) modified: Moment,
    /// When creating it is complete.
    pub(super) ready: Moment,
    /// When the last update is complete, if there was one.
    pub(super) updated: Option<Moment>,
    /// Its revision while it is being created or updated.
    pub(super) early_revision: String,
    /// Its revision from then on: settling is a change, too.
    pub(super) revision: String,
}

/// A function's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Config {
    /// `python3.13`.
    pub(super) runtime: String,
    /// The execution role's ARN.
    pub(super) role: String,
    /// `app.handler`.
    pub(super) handler: String,
    /// Free text.
    pub(super) description: String,
    /// Seconds.
    pub(super) timeout: i64,
    /// MB.
    pub(super) memory: i64,
    /// Its variables.
    pub(super) environment: BTreeMap<String, String>,
    /// `Active` or `PassThrough`.
    pub(super) tracing: String,
    /// MB of `/tmp`.
    pub(super) ephemeral: i64,
    /// Where and how it logs.
    pub(super) logging: Logging,
}

/// Where and how a function logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Logging {
    /// `Text` or `JSON`.
    pub(super) format: String,
    /// The lowest level of the handler's lines, with JSON.
    pub(super) application: Option<String>,
    /// The lowest level of the platform's lines, with JSON.
    pub(super) system: Option<String>,
    /// The log group.
    pub(super) group: String,
}

/// A function's archive; its bytes are stored beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Code {
    /// SHA-256, base64.
    pub(super) sha256: String,
    /// SHA-256, hexadecimal: its key.
    pub(super) digest: String,
    /// Bytes.
    pub(super) size: u64,
}

impl Function {
    /// Its unqualified ARN.
    pub(super) fn arn(&self) -> String {
        super::names::arn(&self.account, &self.region, &self.name)
    }

    /// Whether it is still being created.
    pub(super) fn is_pending(&self, now: Moment) -> bool {
        now < self.ready
    }

    /// Whether it is still being updated.
    pub(super) fn is_updating(&self, now: Moment) -> bool {
        self.updated.is_some_and(|updated| now < updated)
    }

    /// Its revision now.
    pub(super) fn revision(&self, now: Moment) -> &str {
        let settled = !self.is_pending(now) && !self.is_updating(now);
        if settled { &self.revision } else { &self.early_revision }
    }

    /// Gives it new revisions.
    pub(super) fn revise(&mut self, now: Moment) {
        self.modified = now;
        self.early_revision = uuid::Uuid::new_v4().to_string();
        self.revision = uuid::Uuid::new_v4().to_string();
    }

    /// The account and region, as the tag index wants them.
    pub(super) fn owner(&self) -> (&str, &str) {
        (&self.account, &self.region)
    }
}

/// The place of functions in the store.
pub(super) fn place(account: &str, region: &str) -> Place {
    Place::new("lambda", account, region)
}

fn key(place: &Place, name: &str) -> String {
    place.key("function", &[name])
}

/// Reads a function, if it is there.
pub(super) fn find(tx: &Tx, place: &Place, name: &str) -> Result<Option<Function>, StoreError> {
    tx.get(&key(place, name))
}

/// Reads a function that must be there.
pub(super) fn existing(tx: &Tx, request: &Request, named: &Named) -> Result<Function, Refusal> {
    find(tx, &request.place(), &named.name)?.ok_or_else(|| no_function(&named.arn))
}

/// Reads every function, by name.
pub(super) fn all(tx: &Tx, place: &Place) -> Result<Vec<Function>, StoreError> {
    tx.list(&place.prefix("function", &[]))
}

/// Writes a function.
pub(super) fn save(tx: &mut Tx, function: &Function) -> Result<(), StoreError> {
    tx.put(&key(&place(&function.account, &function.region), &function.name), function)
}

/// Removes a function and its code.
pub(super) fn remove(tx: &mut Tx, function: &Function) -> Result<(), StoreError> {
    let place = place(&function.account, &function.region);
    tx.remove(&key(&place, &function.name))?;
    tx.remove_all(&place.prefix("code", &[&function.name]))?;
    Ok(())
}

/// The key of a function's archive.
pub(super) fn code_key(place: &Place, name: &str, digest: &str) -> String {
    place.key("code", &[name, digest])
}
