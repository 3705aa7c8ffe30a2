//! Messages that were handed out are deleted, or hidden for longer or shorter.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, json};

use super::batches::{self, Answers};
use super::model::{Message, Queue};
use super::refusals::{self, because, missing};
use super::shelf::Shelf;
use crate::cloud::{Cloud, Context};
use crate::services::Pending;
use crate::store::{StoreError, Tx};
use crate::wire::{Refusal, Reply, Request};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct One {
    queue_url: Option<String>,
    receipt_handle: Option<String>,
    visibility_timeout: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Batch {
    queue_url: Option<String>,
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Entry {
    #[serde(default)]
    id: String,
    receipt_handle: Option<String>,
    visibility_timeout: Option<i64>,
}

/// `DeleteMessage`.
pub(super) fn delete(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let one: One = request.read()?;
    if one.visibility_timeout.is_some() {
        return Err(Refusal::not_modelled("DeleteMessage.VisibilityTimeout"));
    }
    let (_, queue) = Shelf::at(tx, context, request, one.queue_url.as_deref())?;
    let handle = one.receipt_handle.ok_or_else(|| missing("ReceiptHandle"))?;
    delete_one(tx, context, &queue, &handle)?;
    Ok(Reply::json(json!({})))
}

/// `DeleteMessageBatch`.
pub(super) fn delete_batch(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let batch: Batch = request.read()?;
    let ids = batch.entries.iter().map(|entry| entry.id.as_str());
    batches::check("DeleteMessageBatchRequestEntry", ids)?;
    let (_, queue) = Shelf::at(tx, context, request, batch.queue_url.as_deref())?;
    let mut answers = Answers::default();
    for entry in &batch.entries {
        let handle = entry.receipt_handle.as_deref().ok_or_else(|| missing("ReceiptHandle"))?;
        answers.note(&entry.id, delete_one(tx, context, &queue, handle).map(|()| Map::new()));
    }
    Ok(answers.reply())
}

fn delete_one(
    tx: &mut Tx,
    context: &Context<'_>,
    queue: &Queue,
    handle: &str,
) -> Result<(), Refusal> {
    let shelf = Shelf::with(queue);
    let (sequence, receipt) = read(queue, handle)?;
    // Deleting what is deleted is no error.
    let Some(message) = shelf.message(tx, &queue.name, sequence)? else { return Ok(()) };
    if queue.is_fifo() && (message.receipt != receipt || message.visible <= context.now) {
        return Err(because(handle, "ReceiptHandle", "The receipt handle has expired."));
    }
    // With the handle of an earlier time the request succeeds and the message stays (DeleteMessage reference).
    if message.receipt == receipt {
        shelf.drop(tx, &queue.name, sequence)?;
    }
    Ok(())
}

/// Removes a message that was taken, unless it was handed out again since.
pub(crate) fn remove(tx: &mut Tx, queue: &Queue, message: &Message) -> Result<(), StoreError> {
    let shelf = Shelf::with(queue);
    match shelf.message(tx, &queue.name, message.sequence)? {
        Some(found) if found.receipt == message.receipt && found.id == message.id => {
            shelf.drop(tx, &queue.name, message.sequence)
        }
        _ => Ok(()),
    }
}

/// `ChangeMessageVisibility`.
pub(super) fn visibility(request: Request, cloud: Cloud) -> Pending {
    Box::pin(async move {
        cloud.transact(|tx, context| {
            let one: One = request.read()?;
            let (_, queue) = Shelf::at(tx, context, &request, one.queue_url.as_deref())?;
            let asked = (one.receipt_handle.as_deref(), one.visibility_timeout);
            hide(tx, context, &queue, asked)
        })?;
        cloud.bell.send_replace(());
        Ok(Reply::json(json!({})))
    })
}

/// `ChangeMessageVisibilityBatch`.
pub(super) fn visibility_batch(request: Request, cloud: Cloud) -> Pending {
    Box::pin(async move {
        let answers = cloud.transact(|tx, context| {
            let batch: Batch = request.read()?;
            let ids = batch.entries.iter().map(|entry| entry.id.as_str());
            batches::check("ChangeMessageVisibilityBatchRequestEntry", ids)?;
            let (_, queue) = Shelf::at(tx, context, &request, batch.queue_url.as_deref())?;
            let mut answers = Answers::default();
            for entry in &batch.entries {
                let asked = (entry.receipt_handle.as_deref(), entry.visibility_timeout);
                answers.note(&entry.id, hide(tx, context, &queue, asked).map(|()| Map::new()));
            }
            Ok(answers)
        })?;
        cloud.bell.send_replace(());
        Ok(answers.reply())
    })
}

fn hide(
    tx: &mut Tx,
    context: &Context<'_>,
    queue: &Queue,
    (handle, seconds): (Option<&str>, Option<i64>),
) -> Result<(), Refusal> {
    let handle = handle.ok_or_else(|| missing("ReceiptHandle"))?;
    let seconds = seconds.ok_or_else(|| missing("VisibilityTimeout"))?;
    let fits = u64::try_from(seconds).ok().filter(|seconds| *seconds <= 43_200);
    let reason = "VisibilityTimeout must be an integer between 0 and 43200.";
    let fits = fits.ok_or_else(|| because(&seconds.to_string(), "VisibilityTimeout", reason))?;
    let shelf = Shelf::with(queue);
    let (sequence, receipt) = read(queue, handle)?;
    let found = shelf.message(tx, &queue.name, sequence)?;
    let in_flight = |message: &Message| message.receipt == receipt && context.now < message.visible;
    let Some(mut message) = found.filter(in_flight) else {
        let reason = "Message does not exist or is not available for visibility timeout change.";
        return Err(because(handle, "ReceiptHandle", reason));
    };
    message.visible = context.now.plus(fits * 1000);
    Ok(shelf.put(tx, &queue.name, &message)?)
}

/// The place and the receipt a handle names, if it is one of this queue.
fn read(queue: &Queue, handle: &str) -> Result<(u64, String), Refusal> {
    let refused = || refusals::handle(handle);
    let bytes = URL_SAFE_NO_PAD.decode(handle).map_err(|_| refused())?;
    let text = String::from_utf8(bytes).map_err(|_| refused())?;
    let mut parts = text.split('/');
    let (name, sequence, receipt) = (parts.next(), parts.next(), parts.next());
    let (Some(name), Some(sequence), Some(receipt)) = (name, sequence, receipt) else {
        return Err(refused());
    };
    if name != queue.name {
        return Err(refused());
    }
    Ok((sequence.parse().map_err(|_| refused())?, receipt.to_owned()))
}
