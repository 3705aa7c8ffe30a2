//! Where resources are kept: one store key for each, made of its id, so that what is in a scope is a prefix; and one
//! more below its type, so that looking for all of a type reads no others.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::path::same;
use super::types;
use crate::clock::Moment;
use crate::cloud::Context;
use crate::members::set;
use crate::services::tagging;
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// A resource as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Resource {
    /// Its id, spelled as when it was made.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// Its type: `Microsoft.Web/sites`.
    pub(crate) of: String,
    /// Its location; empty for what has none.
    pub(crate) location: String,
    /// Its tags.
    pub(crate) tags: BTreeMap<String, String>,
    /// `properties`.
    pub(crate) properties: Value,
    /// The members beside: `kind`, `sku`, `identity`.
    pub(crate) members: Map<String, Value>,
    /// When it was made.
    pub(crate) created: Moment,
    /// When it was last written.
    pub(crate) changed: Moment,
    /// When what is under way on it is over.
    pub(crate) settles: Moment,
    /// What its provisioning state is until then: `Creating`.
    pub(crate) meanwhile: String,
    /// What it is afterwards: `Succeeded`; empty for what has none.
    pub(crate) state: String,
}

impl Resource {
    /// Its provisioning state at a time; empty for what has none.
    pub(crate) fn state(&self, now: Moment) -> &str {
        if now < self.settles { &self.meanwhile } else { &self.state }
    }

    /// Whether something is under way on it.
    pub(crate) fn busy(&self, now: Moment) -> bool {
        now < self.settles
    }

    /// The subscription it is in.
    pub(crate) fn subscription(&self) -> &str {
        part(&self.id, 2)
    }

    /// The group it is in; empty for what is in none.
    pub(crate) fn group(&self) -> &str {
        if same(part(&self.id, 3), "resourceGroups") { part(&self.id, 4) } else { "" }
    }

    /// A property that is text; empty if it is not there.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.properties.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Sets a property.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        set(&mut self.properties, name, value);
    }
}

fn part(id: &str, index: usize) -> &str {
    id.split('/').nth(index).unwrap_or_default()
}

fn place() -> Place {
    Place::new("azure", "arm", "global")
}

fn segments(id: &str) -> Vec<String> {
    let id = id.to_ascii_lowercase();
    id.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn key(id: &str) -> String {
    let segments = segments(id);
    place().key("resource", &segments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What a key below a type is made of.
fn by_type(of: &str, id: &str) -> Vec<String> {
    let mut parts = vec![of.to_ascii_lowercase()];
    parts.extend(segments(id));
    parts
}

fn type_key(of: &str, id: &str) -> String {
    let parts = by_type(of, id);
    place().key("of", &parts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Finds a resource.
pub(crate) fn find(tx: &Tx, id: &str) -> Result<Option<Resource>, Refusal> {
    Ok(tx.get(&key(id))?)
}

/// Keeps a resource, over what was there, and tells the index of tags.
pub(crate) fn keep(tx: &mut Tx, context: &Context<'_>, resource: &Resource) -> Result<(), Refusal> {
    tx.put(&key(&resource.id), resource)?;
    tx.put(&type_key(&resource.of, &resource.id), &resource.id)?;
    let owner = (resource.subscription(), INDEX);
    Ok(tagging::note(tx, context, owner, (&resource.id, &resource.tags))?)
}

/// The region under which the index of tags holds what is in a subscription.
pub(super) const INDEX: &str = "azure";

/// Every resource in a scope, the scope itself left out, in the order of their ids.
pub(crate) fn within(tx: &Tx, scope: &str) -> Result<Vec<Resource>, Refusal> {
    let segments = segments(scope);
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    Ok(tx.list(&place().prefix("resource", &segments))?)
}

/// Every resource of a type in a scope, the scope itself left out, in the order of their ids.
pub(crate) fn all(tx: &Tx, scope: &str, of: &str) -> Result<Vec<Resource>, Refusal> {
    let parts = by_type(of, scope);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let ids: Vec<String> = tx.list(&place().prefix("of", &parts))?;
    ids.iter().filter_map(|id| find(tx, id).transpose()).collect()
}

/// Every resource of a type whose name is `name`, wherever it is: names of accounts and sites are global.
pub(crate) fn named(tx: &Tx, of: &str, name: &str) -> Result<Option<Resource>, Refusal> {
    Ok(all(tx, "", of)?.into_iter().find(|resource| same(&resource.name, name)))
}

/// Removes a resource and what is in it; tells whether it was there.
pub(crate) fn remove(tx: &mut Tx, context: &Context<'_>, id: &str) -> Result<bool, Refusal> {
    let Some(resource) = find(tx, id)? else { return Ok(false) };
    let mut doomed = within(tx, id)?;
    // What is deepest goes first.
    doomed.reverse();
    doomed.push(resource);
    for resource in doomed {
        tx.remove(&key(&resource.id))?;
        tx.remove(&type_key(&resource.of, &resource.id))?;
        tagging::forget(tx, context, (resource.subscription(), INDEX), &resource.id)?;
        if let Some(row) = types::named(&resource.of) {
            (row.gone)(&resource, tx, context)?;
        }
    }
    Ok(true)
}
