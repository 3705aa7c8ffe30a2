//! Attributes of a queue are read and set.

use serde::Deserialize;
use serde_json::json;

use super::attributes::{COUNTED, is_known, lay};
use super::model::{Attributes, Earlier, Message, Queue};
use super::redrive;
use super::refusals::{missing, unknown_attribute};
use super::shelf::Shelf;
use crate::clock::Moment;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
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
        found.extend(counted(&queue, &shelf.messages(tx, &queue.name)?, context.now));
    }
    found.retain(|name, _| all || names.contains(name));
    if found.is_empty() {
        return Ok(Reply::json(json!({})));
    }
    Ok(Reply::json(json!({"Attributes": found})))
}

fn counted(queue: &Queue, messages: &[Message], now: Moment) -> Attributes {
    let retention = queue.number(now, "MessageRetentionPeriod").saturating_mul(1000);
    let kept = || messages.iter().filter(move |one| now < one.sent.plus(retention));
    let count = |test: fn(&Message, Moment) -> bool| {
        kept().filter(|message| test(message, now)).count().to_string()
    };
    let found = [
        ("ApproximateNumberOfMessages", count(|one, now| one.visible <= now)),
        (
            "ApproximateNumberOfMessagesDelayed",
            count(|one, now| now < one.visible && one.received == 0),
        ),
        (
            "ApproximateNumberOfMessagesNotVisible",
            count(|one, now| now < one.visible && one.received > 0),
        ),
        ("CreatedTimestamp", queue.created.seconds().to_string()),
        ("LastModifiedTimestamp", queue.changed.seconds().to_string()),
        ("QueueArn", queue.arn()),
    ];
    found.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
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
