//! Containers through the Blob service.

use serde_json::{Value, json};

use super::plane::{CONTAINERS, Call};
use crate::azure::shelf::Resource;
use crate::azure::storage;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply};

fn stamped(reply: Reply, container: &Resource) -> Reply {
    reply
        .header("etag", storage::quoted(container.text("etag")))
        .header("last-modified", container.changed.http())
}

/// Makes a container.
pub(super) fn create(
    call: &Call<'_>,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let name = call.named.container.as_str();
    storage::legal(name, storage::container_name)?;
    if call.request.header("x-ms-blob-public-access").is_some() {
        let message = "Public access is not permitted on this storage account.";
        return Err(Refusal::new(409, "PublicAccessNotPermitted", message));
    }
    if storage::child(tx, &call.account, CONTAINERS, name)?.is_some() {
        return Err(storage::conflict("ContainerAlreadyExists"));
    }
    if storage::is_name_held(tx, context, &storage::child_id(&call.account, CONTAINERS, name))? {
        return Err(storage::conflict("ContainerBeingDeleted"));
    }
    let made = keep(call, tx, context)?;
    Ok(stamped(Reply::empty(201), &made).did(Effect::Create, made.id))
}

fn keep(call: &Call<'_>, tx: &mut Tx, context: &Context<'_>) -> Result<Resource, Refusal> {
    let name = call.named.container.as_str();
    storage::keep_child(tx, context, (&call.account, CONTAINERS), (name, json!(call.metadata())))
}

/// Tells of a container.
pub(super) fn properties(call: &Call<'_>, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let container = call.container(tx)?;
    let mut reply = stamped(Reply::empty(200), &container)
        .header("x-ms-lease-status", "unlocked")
        .header("x-ms-lease-state", "available")
        .header("x-ms-has-immutability-policy", "false")
        .header("x-ms-has-legal-hold", "false")
        .header("x-ms-default-encryption-scope", "$account-encryption-key")
        .header("x-ms-deny-encryption-scope-override", "false");
    let metadata = container.properties.get("metadata").and_then(Value::as_object);
    for (name, value) in metadata.into_iter().flatten() {
        reply = reply.header(format!("x-ms-meta-{name}"), value.as_str().unwrap_or_default());
    }
    Ok(reply)
}

/// Replaces a container's metadata.
pub(super) fn set_metadata(
    call: &Call<'_>,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    call.container(tx)?;
    let written = keep(call, tx, context)?;
    Ok(stamped(Reply::empty(200), &written).did(Effect::Update, written.id))
}

/// Deletes a container with all blobs in it.
pub(super) fn delete(
    call: &Call<'_>,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let container = call.container(tx)?;
    storage::remove_child(tx, context, &container)?;
    Ok(Reply::empty(202).did(Effect::Delete, container.id))
}
