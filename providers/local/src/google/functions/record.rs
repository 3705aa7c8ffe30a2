//! A function as it is kept, and what time makes of it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::Moment;
use crate::cloud::Context;
use crate::google::refusals::not_found;
use crate::google::run::Target;
use crate::store::{Place, Tx};
use crate::wire::{Refusal, Request};

/// Names a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Name {
    /// Its project.
    pub(super) project: String,
    /// Its region.
    pub(super) location: String,
    /// Its id.
    pub(super) id: String,
}

/// A function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Function {
    /// Which.
    pub(super) name: Name,
    /// What was sent, defaults filled in.
    pub(super) config: Value,
    /// The SHA-256 of its source archive.
    pub(super) digest: String,
    /// How often it was deployed.
    pub(super) deployments: u64,
    /// When it was made.
    pub(super) created: Moment,
    /// When it was last written.
    pub(super) updated: Moment,
    /// Until when the last deployment goes on.
    pub(super) settles: Moment,
    /// Why the last deployment fails.
    pub(super) broken: Option<String>,
    /// What it is again once an update has failed.
    pub(super) before: Option<Box<Function>>,
    /// When it goes.
    pub(super) gone: Option<Moment>,
}

impl Name {
    /// The function a path names.
    pub(super) fn of(request: &Request) -> Self {
        Self::new(request, request.label("function"))
    }

    /// A function of the path's project and region.
    pub(super) fn new(request: &Request, id: &str) -> Self {
        Self {
            project: request.account.clone(),
            location: request.region.clone(),
            id: id.to_owned(),
        }
    }

    /// Its resource name.
    pub(super) fn full(&self) -> String {
        let Self { project, location, id } = self;
        format!("projects/{project}/locations/{location}/functions/{id}")
    }

    /// The Run service it runs as.
    pub(super) fn target(&self) -> Target {
        Target {
            project: self.project.clone(),
            location: self.location.clone(),
            service: self.id.to_ascii_lowercase().replace('_', "-"),
        }
    }

    fn key(&self) -> String {
        place(&self.project).key("function", &[&self.location, &self.id])
    }
}

fn place(project: &str) -> Place {
    Place::new("google", project, "functions")
}

/// Returns a function, be it on its way out.
pub(super) fn find(
    tx: &Tx,
    context: &Context<'_>,
    name: &Name,
) -> Result<Option<Function>, Refusal> {
    let found: Option<Function> = tx.get(&name.key())?;
    Ok(found.and_then(|function| function.at(context.now)))
}

/// Returns a function or says that there is none.
pub(super) fn load(tx: &Tx, context: &Context<'_>, name: &Name) -> Result<Function, Refusal> {
    find(tx, context, name)?
        .ok_or_else(|| not_found(format!("Resource '{}' was not found", name.full())))
}

/// Every function of a project, in one location or all (`-`).
pub(super) fn all(
    tx: &Tx,
    context: &Context<'_>,
    (project, location): (&str, &str),
) -> Result<Vec<Function>, Refusal> {
    let within = if location == "-" { vec![] } else { vec![location] };
    let all: Vec<Function> = tx.list(&place(project).prefix("function", &within))?;
    Ok(all.into_iter().filter_map(|function| function.at(context.now)).collect())
}

/// Writes a function.
pub(super) fn save(tx: &mut Tx, function: &Function) -> Result<(), Refusal> {
    Ok(tx.put(&function.name.key(), function)?)
}

/// Removes a function that is gone at once.
pub(super) fn forget(tx: &mut Tx, function: &Function) -> Result<(), Refusal> {
    tx.remove(&function.name.key())?;
    Ok(())
}

impl Function {
    /// The function as it is at a time; `None` once it is gone.
    fn at(self, now: Moment) -> Option<Self> {
        if self.gone.is_some_and(|gone| gone <= now) {
            return None;
        }
        match self.before {
            Some(before) if self.broken.is_some() && self.settles <= now => Some(*before),
            before => Some(Self { before, ..self }),
        }
    }

    /// `DEPLOYING`, `ACTIVE`, `FAILED` or `DELETING`.
    pub(super) fn state(&self, now: Moment) -> &'static str {
        if self.gone.is_some() {
            "DELETING"
        } else if self.settles > now {
            "DEPLOYING"
        } else if self.broken.is_some() {
            "FAILED"
        } else {
            "ACTIVE"
        }
    }

    /// The text at a JSON pointer of its configuration; empty if there is none.
    pub(super) fn text(&self, pointer: &str) -> &str {
        self.config.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// The whole number at a JSON pointer of its configuration.
    pub(super) fn number(&self, pointer: &str) -> u64 {
        self.config.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
    }

    /// The texts by name at a JSON pointer of its configuration.
    pub(super) fn map(&self, pointer: &str) -> std::collections::BTreeMap<String, String> {
        let found = self.config.pointer(pointer).cloned().unwrap_or_else(|| json!({}));
        serde_json::from_value(found).unwrap_or_default()
    }

    /// Whether events call it.
    pub(super) fn has_trigger(&self) -> bool {
        self.config.get("eventTrigger").is_some()
    }

    /// The name of what is deployed: `shop-api-00003-k7f`.
    pub(super) fn revision(&self) -> String {
        let service = self.name.target().service;
        let count = self.deployments;
        let ending = crate::google::project::number(&format!("{service}{count}"));
        let letters: String =
            ending.bytes().take(3).map(|digit| char::from(b'a' + (digit - b'0') * 2)).collect();
        format!("{service}-{count:05}-{letters}")
    }
}
