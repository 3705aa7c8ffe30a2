//! Queues through the Queue service.

use serde_json::{Value, json};

use super::plane::{Call, QUEUES};
use super::shelf;
use crate::azure::storage;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::page::{Cut, Page, page};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Xml};

/// The most queues of one answer.
const MOST: usize = 5000;

/// Makes a queue; one that is there with the same metadata will do.
pub(super) fn create(
    call: &Call<'_>,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let name = call.named.container.as_str();
    storage::legal(name, storage::queue_name)?;
    let metadata = call.metadata();
    if let Some(there) = storage::child(tx, &call.account, QUEUES, name)? {
        let same = there.properties.get("metadata") == Some(&metadata);
        return if same {
            Ok(Reply::empty(204).header("x-ms-error-code", "QueueAlreadyExists"))
        } else {
            Err(storage::conflict("QueueAlreadyExists"))
        };
    }
    if storage::is_name_held(tx, context, &storage::child_id(&call.account, QUEUES, name))? {
        return Err(storage::conflict("QueueBeingDeleted"));
    }
    let made = storage::keep_child(tx, context, (&call.account, QUEUES), (name, metadata))?;
    Ok(Reply::empty(201).did(Effect::Create, made.id))
}

/// Deletes a queue with all messages in it.
pub(super) fn delete(
    call: &Call<'_>,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let queue = call.load(tx)?;
    storage::remove_child(tx, context, &queue)?;
    Ok(Reply::empty(204).did(Effect::Delete, queue.id))
}

/// Tells a queue's metadata and about how many messages it holds.
pub(super) fn metadata(
    call: &Call<'_>,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let queue = call.load(tx)?;
    let count = shelf::count(tx, context, &queue)?;
    let mut reply = Reply::empty(200).header("x-ms-approximate-messages-count", count.to_string());
    let metadata = queue.properties.get("metadata").and_then(Value::as_object);
    for (name, value) in metadata.into_iter().flatten() {
        reply = reply.header(format!("x-ms-meta-{name}"), value.as_str().unwrap_or_default());
    }
    Ok(reply)
}

/// Replaces a queue's metadata.
pub(super) fn set_metadata(
    call: &Call<'_>,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let queue = call.load(tx)?;
    let written = (queue.name.as_str(), call.metadata());
    storage::keep_child(tx, context, (&call.account, QUEUES), written)?;
    Ok(Reply::empty(204).did(Effect::Update, queue.id))
}

/// The queues of an account.
pub(super) fn list(call: &Call<'_>, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let request = call.request;
    let prefix = request.query("prefix").unwrap_or_default();
    let mut found = storage::children(tx, &call.account, QUEUES)?;
    found.retain(|queue| queue.name.starts_with(prefix));
    let asked = request.query("maxresults").and_then(|most| most.parse().ok());
    let token = request.query("marker").filter(|marker| !marker.is_empty());
    let cut = Cut { limit: context.page_limit(asked, MOST), token };
    let Some(Page { items, next }) = page(found, cut, |queue| queue.name.clone()) else {
        let message =
            "Value for one of the query parameters specified in the request URI is invalid.";
        return Err(Refusal::new(400, "InvalidQueryParameterValue", message));
    };
    let with_metadata =
        request.query("include").is_some_and(|include| include.contains("metadata"));
    let listed = items.iter().map(|queue| {
        let shown = Xml::new("Queue").and("Name", queue.name.as_str());
        let none = json!({});
        let metadata = queue.properties.get("metadata").unwrap_or(&none).as_object();
        let members = metadata
            .into_iter()
            .flatten()
            .map(|(name, value)| Xml::text(name.clone(), value.as_str().unwrap_or_default()));
        if with_metadata { shown.with(Xml::new("Metadata").with_all(members)) } else { shown }
    });
    let endpoint = format!("{}/_queue/{}/", context.azure_url, call.account.name);
    let list = Xml::new("EnumerationResults")
        .attribute("ServiceEndpoint", endpoint)
        .and_some("Prefix", request.query("prefix"))
        .and_some("Marker", request.query("marker"))
        .and_some("MaxResults", request.query("maxresults"))
        .with(Xml::new("Queues").with_all(listed))
        .and("NextMarker", next.unwrap_or_default());
    Ok(Reply::xml(list))
}
