//! Tags of queues.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::model::Queue;
use super::queues::One;
use super::refusals::{missing, parameter};
use super::shelf::Shelf;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::services::tagging;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// Refuses tags the service does not take. Source: SQS developer guide, "Amazon SQS cost allocation tags".
pub(super) fn check(tags: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let fits = |text: &str| {
        text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c))
    };
    for (key, value) in tags {
        if !(1..=128).contains(&key.chars().count()) || !fits(key) {
            return Err(parameter(format!("Invalid tag key: {key}.")));
        }
        if value.chars().count() > 256 || !fits(value) {
            return Err(parameter(format!("Invalid tag value for the key {key}.")));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(parameter("System tags cannot be added or changed: aws: is reserved."));
        }
    }
    if tags.len() > 50 {
        return Err(parameter(format!("Too many tags added for queue: {}.", tags.len())));
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Put {
    queue_url: Option<String>,
    tags: Option<BTreeMap<String, String>>,
}

/// `TagQueue`.
pub(super) fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let input: Put = request.read()?;
    let tags = input.tags.filter(|tags| !tags.is_empty()).ok_or_else(|| missing("Tags"))?;
    let (shelf, mut queue) = Shelf::at(tx, context, request, input.queue_url.as_deref())?;
    queue.tags.extend(tags);
    check(&queue.tags)?;
    write(tx, context, (&shelf, &queue))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Remove {
    queue_url: Option<String>,
    tag_keys: Option<Vec<String>>,
}

/// `UntagQueue`.
pub(super) fn remove(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let input: Remove = request.read()?;
    let keys = input.tag_keys.filter(|keys| !keys.is_empty()).ok_or_else(|| missing("TagKeys"))?;
    let (shelf, mut queue) = Shelf::at(tx, context, request, input.queue_url.as_deref())?;
    queue.tags.retain(|key, _| !keys.contains(key));
    write(tx, context, (&shelf, &queue))
}

/// `ListQueueTags`.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let input: One = request.read()?;
    let (_, queue) = Shelf::at(tx, context, request, input.queue_url.as_deref())?;
    if queue.tags.is_empty() {
        return Ok(Reply::json(json!({})));
    }
    Ok(Reply::json(json!({"Tags": queue.tags})))
}

fn write(
    tx: &mut Tx,
    context: &Context<'_>,
    (shelf, queue): (&Shelf, &Queue),
) -> Result<Reply, Refusal> {
    shelf.save(tx, queue)?;
    tagging::note(tx, context, queue.owner(), (&queue.arn(), &queue.tags))?;
    Ok(Reply::json(json!({})).did(Effect::Update, queue.object()))
}
