//! Where accounts are found by name, and how containers and queues are kept below them.

use serde_json::{Value, json};

use crate::azure::shelf::{self, Resource};
use crate::clock::Moment;
use crate::cloud::Context;
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// The place of what ARM does not show.
pub(super) fn place() -> Place {
    Place::new("azure", "storage", "global")
}

fn name_key(name: &str) -> String {
    place().key("account", &[&name.to_ascii_lowercase()])
}

/// Finds an account by its name, wherever it is.
pub(super) fn account(tx: &Tx, name: &str) -> Result<Option<Resource>, Refusal> {
    match tx.get::<String>(&name_key(name))? {
        Some(id) => shelf::find(tx, &id),
        None => Ok(None),
    }
}

/// Remembers whose a name is.
pub(super) fn take_name(tx: &mut Tx, account: &Resource) -> Result<(), Refusal> {
    Ok(tx.put(&name_key(&account.name), &account.id)?)
}

/// Forgets whose a name was, and which names in the account are not free yet.
pub(super) fn free_name(tx: &mut Tx, account: &Resource) -> Result<(), Refusal> {
    tx.remove(&name_key(&account.name))?;
    let within = format!("{}/", account.id.to_ascii_lowercase());
    tx.remove_all(&place().key("held", &[&within]))?;
    Ok(())
}

/// The id of a container or a queue: `of` is `blobServices/containers` or `queueServices/queues`.
pub(crate) fn child_id(account: &Resource, of: &str, name: &str) -> String {
    let (service, kind) = of.split_once('/').unwrap_or((of, ""));
    format!("{}/{service}/default/{kind}/{name}", account.id)
}

/// The name of the account that a container or a queue is in, by its id.
pub(crate) fn account_of(id: &str) -> String {
    id.split('/').nth(8).unwrap_or_default().to_ascii_lowercase()
}

/// Finds a container or a queue.
pub(crate) fn child(
    tx: &Tx,
    account: &Resource,
    of: &str,
    name: &str,
) -> Result<Option<Resource>, Refusal> {
    shelf::find(tx, &child_id(account, of, name))
}

/// Every container or queue of an account, in the order of their names.
pub(crate) fn children(tx: &Tx, account: &Resource, of: &str) -> Result<Vec<Resource>, Refusal> {
    shelf::all(tx, &account.id, &format!("Microsoft.Storage/storageAccounts/{of}"))
}

/// Makes a container or a queue with metadata, or writes the metadata of the one that is there.
pub(crate) fn keep_child(
    tx: &mut Tx,
    context: &Context<'_>,
    (account, of): (&Resource, &str),
    (name, metadata): (&str, Value),
) -> Result<Resource, Refusal> {
    let old = child(tx, account, of, name)?;
    let mut resource = old.unwrap_or_else(|| Resource {
        id: child_id(account, of, name),
        name: name.to_owned(),
        of: format!("Microsoft.Storage/storageAccounts/{of}"),
        location: String::new(),
        tags: std::collections::BTreeMap::new(),
        properties: json!({}),
        members: serde_json::Map::new(),
        created: context.now,
        changed: context.now,
        settles: context.now,
        meanwhile: String::new(),
        state: String::new(),
    });
    resource.set("metadata", metadata);
    stamp(tx, context, &mut resource)?;
    shelf::keep(tx, context, &resource)?;
    Ok(resource)
}

/// Gives what was written a new `ETag` and time.
pub(super) fn stamp(
    tx: &mut Tx,
    context: &Context<'_>,
    resource: &mut Resource,
) -> Result<(), Refusal> {
    let etag = super::wire::etag(tx, context)?;
    resource.changed = context.now;
    resource.set("etag", etag);
    Ok(())
}

/// Removes a container or a queue; its name is free only after a while.
pub(crate) fn remove_child(
    tx: &mut Tx,
    context: &Context<'_>,
    resource: &Resource,
) -> Result<(), Refusal> {
    shelf::remove(tx, context, &resource.id)?;
    hold_name(tx, context, &resource.id)
}

/// Keeps the name of what was deleted from being used at once.
fn hold_name(tx: &mut Tx, context: &Context<'_>, id: &str) -> Result<(), Refusal> {
    let until = context.now.plus(context.settings.queue_name_held_ms);
    Ok(tx.put(&place().key("held", &[&id.to_ascii_lowercase()]), &until)?)
}

/// Whether the name of what was deleted cannot be used yet.
pub(crate) fn is_name_held(tx: &Tx, context: &Context<'_>, id: &str) -> Result<bool, Refusal> {
    let until: Option<Moment> = tx.get(&place().key("held", &[&id.to_ascii_lowercase()]))?;
    Ok(until.is_some_and(|until| until > context.now))
}
