//! Queues are deleted, found, listed and emptied.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::model::Queue;
use super::redrive::Redrive;
use super::refusals::{because, denied, missing, no_queue, prefixed};
use super::shelf::Shelf;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::page::{Cut, page};
use crate::services::tagging;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// The members of operations that name a queue and nothing else.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct One {
    /// The queue.
    pub(super) queue_url: Option<String>,
}

/// `DeleteQueue`, with its messages.
pub(super) fn delete(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let input: One = request.read()?;
    let (shelf, queue) = Shelf::at(tx, context, request, input.queue_url.as_deref())?;
    let held = context.settings.queue_name_held_ms;
    let until = (held > 0).then(|| context.now.plus(held));
    shelf.forget(tx, &queue.name, until)?;
    tagging::forget(tx, context, queue.owner(), &queue.arn())?;
    Ok(Reply::json(json!({})).did(Effect::Delete, queue.object()))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    #[serde(rename = "QueueName")]
    name: Option<String>,
    #[serde(rename = "QueueOwnerAWSAccountId")]
    owner: Option<String>,
}

/// `GetQueueUrl`.
pub(super) fn url(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let input: Named = request.read()?;
    let name = input.name.filter(|name| !name.is_empty()).ok_or_else(|| missing("QueueName"))?;
    if input.owner.is_some_and(|owner| owner != request.account) {
        return Err(denied(&name));
    }
    let queue = Shelf::of(request).usable(tx, context, &name)?.ok_or_else(no_queue)?;
    Ok(Reply::json(json!({"QueueUrl": queue.url(context.base_url)})))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct List {
    queue_name_prefix: Option<String>,
    queue_url: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

/// `ListQueues`: there is a next page only for those who say how large pages are to be.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let input: List = request.read()?;
    if input.queue_url.is_some() {
        return Err(Refusal::not_modelled("ListQueues.QueueUrl"));
    }
    let prefix = input.queue_name_prefix.as_deref().unwrap_or_default();
    let mut found = Shelf::of(request).queues(tx, context)?;
    found.retain(|queue| queue.name.starts_with(prefix));
    answer(context, found, &input, "QueueUrls")
}

/// `ListDeadLetterSourceQueues`: the queues whose failed messages come to this one.
pub(super) fn sources(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let input: List = request.read()?;
    if input.queue_name_prefix.is_some() {
        return Err(Refusal::not_modelled("ListDeadLetterSourceQueues.QueueNamePrefix"));
    }
    let (shelf, queue) = Shelf::at(tx, context, request, input.queue_url.as_deref())?;
    let arn = queue.arn();
    let mut found = shelf.queues(tx, context)?;
    found.retain(|one| {
        Redrive::of(one.seen(context.now)).is_some_and(|redrive| redrive.target == arn)
    });
    // The model spells this member in lower case.
    answer(context, found, &input, "queueUrls")
}

fn answer(
    context: &Context<'_>,
    found: Vec<Queue>,
    input: &List,
    member: &str,
) -> Result<Reply, Refusal> {
    let asked = match input.max_results {
        None => None,
        Some(most) => {
            let fits = usize::try_from(most).ok().filter(|most| (1..=1000).contains(most));
            let reason = "MaxResults must be an integer between 1 and 1000.";
            Some(fits.ok_or_else(|| because(&most.to_string(), "MaxResults", reason))?)
        }
    };
    let token = input.next_token.as_deref().filter(|token| !token.is_empty());
    let cut = Cut { limit: context.page_limit(asked, 1000), token };
    let page = page(found, cut, |queue| queue.name.clone()).ok_or_else(|| {
        because(token.unwrap_or_default(), "NextToken", "Invalid or expired next token.")
    })?;
    let mut shown = Map::new();
    if !page.items.is_empty() {
        let urls: Vec<Value> =
            page.items.iter().map(|queue| queue.url(context.base_url).into()).collect();
        shown.insert(member.to_owned(), urls.into());
    }
    if let Some(next) = page.next.filter(|_| asked.is_some()) {
        shown.insert("NextToken".to_owned(), next.into());
    }
    Ok(Reply::json(shown.into()))
}

/// `PurgeQueue`.
pub(super) fn purge(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let input: One = request.read()?;
    let (shelf, mut queue) = Shelf::at(tx, context, request, input.queue_url.as_deref())?;
    let every = context.settings.queue_purge_ms;
    if queue.purged.is_some_and(|purged| context.now < purged.plus(every)) {
        let message =
            format!("Only one PurgeQueue operation on {} is allowed every 60 seconds.", queue.name);
        return Err(prefixed("PurgeQueueInProgress", message));
    }
    queue.purged = Some(context.now);
    shelf.save(tx, &queue)?;
    shelf.empty(tx, &queue.name)?;
    Ok(Reply::json(json!({})))
}
