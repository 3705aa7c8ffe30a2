//! Attributes of a queue are read and set.

use std::ops::ControlFlow;

use serde::Deserialize;
use serde_json::json;

use super::attributes::{COUNTED, is_known, lay};
use super::model::{Attributes, Earlier, Queue};
use super::redrive;
use super::refusals::{missing, unknown_attribute};
use super::shelf::Shelf;
use crate::clock::Moment;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::{StoreError, Tx};
use crate::wire::{Refusal, Reply, Request};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Get {
    queue_url: Option<String>,
    attribute_names: Option<Vec<String>>,
}

/// `GetQueueAttributes`: those asked for, as far as the queue has them; none if none are asked for.
pub(super) fn get(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let input: Get = request.read()?;
    let names = input.attribute_names.unwrap_or_default();
    let (shelf, queue) = Shelf::at(tx, context, request, input.queue_url.as_deref())?;
    if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
        return Err(unknown_attribute(unknown));
    }
    let all = names.iter().any(|name| name == "All");
    let mut found = queue.seen(context.now).clone();
    if all || names.iter().any(|name| COUNTED.contains(&name.as_str())) {
        found.extend(counted(tx, &shelf, &queue, context.now)?);
    }
    found.retain(|name, _| all || names.contains(name));
    if found.is_empty() {
        return Ok(Reply::json(json!({})));
    }
    Ok(Reply::json(json!({"Attributes": found})))
}

fn counted(tx: &Tx, shelf: &Shelf, queue: &Queue, now: Moment) -> Result<Attributes, StoreError> {
    let retention = queue.number(now, "MessageRetentionPeriod").saturating_mul(1000);
    let (mut seen, mut delayed, mut hidden) = (0, 0, 0);
    shelf.visit(tx, &queue.name, |message| {
        let kept = now < message.sent.plus(retention);
        match (kept, now < message.visible, message.received) {
            (false, ..) => {}
            (true, false, _) => seen += 1,
            (true, true, 0) => delayed += 1,
            (true, true, _) => hidden += 1,
        }
        ControlFlow::Continue(())
    })?;
    let found = [
        ("ApproximateNumberOfMessages", seen.to_string()),
        ("ApproximateNumberOfMessagesDelayed", delayed.to_string()),
        ("ApproximateNumberOfMessagesNotVisible", hidden.to_string()),
        ("CreatedTimestamp", queue.created.seconds().to_string()),
        ("LastModifiedTimestamp", queue.changed.seconds().to_string()),
        ("QueueArn", queue.arn()),
    ];
    Ok(found.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Set {
    queue_url: Option<String>,
    attributes: Option<Attributes>,
}

/// `SetQueueAttributes`: seen a while later.
pub(super) fn set(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let input: Set = request.read()?;
    let mut given = input.attributes.ok_or_else(|| missing("Attributes"))?;
    let (shelf, mut queue) = Shelf::at(tx, context, request, input.queue_url.as_deref())?;
    // What makes a queue FIFO is said when it is created, and never again.
    if given.contains_key("FifoQueue") {
        return Err(unknown_attribute("FifoQueue"));
    }
    redrive::check(tx, context, &queue, &mut given)?;
    let before = queue.seen(context.now).clone();
    let fifo = queue.is_fifo();
    lay(&mut queue.attributes, &given, fifo)?;
    let delay = context.settings.queue_attributes_ms;
    queue.earlier = Some(Earlier { until: context.now.plus(delay), attributes: before });
    queue.changed = context.now;
    shelf.save(tx, &queue)?;
    Ok(Reply::json(json!({})).did(Effect::Update, queue.object()))
}
