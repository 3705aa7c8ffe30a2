//! `CreateQueue`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::attributes::{defaults, lay};
use super::model::{Attributes, Queue};
use super::names::{self, is_fifo};
use super::refusals::{missing, name_exists, parameter, prefixed};
use super::shelf::Shelf;
use super::{redrive, tags};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::services::tagging;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    #[serde(rename = "QueueName")]
    name: Option<String>,
    #[serde(rename = "Attributes")]
    attributes: Option<Attributes>,
    tags: Option<BTreeMap<String, String>>,
}

/// `CreateQueue`: a queue of the name whose attributes are what is asked for is answered as if it were new.
pub(super) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let input: Input = request.read()?;
    let name = input.name.filter(|name| !name.is_empty()).ok_or_else(|| missing("QueueName"))?;
    names::check(&name)?;
    let tags = input.tags.unwrap_or_default();
    tags::check(&tags)?;
    let mut given = input.attributes.unwrap_or_default();
    let fifo = is_fifo(&name);
    let wants_fifo = given.get("FifoQueue").is_some_and(|value| value == "true");
    match (fifo, wants_fifo) {
        (true, false) => {
            return Err(parameter(
                "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
            ));
        }
        (false, true) => {
            return Err(parameter(
                "The name of a FIFO queue can only include alphanumeric characters, hyphens, or \
                 underscores, must end with .fifo suffix and be 1 to 80 in length.",
            ));
        }
        (true, true) | (false, false) => {}
    }
    let shelf = Shelf::of(request);
    let mut queue = Queue {
        name,
        account: request.account.clone(),
        region: request.region.clone(),
        attributes: defaults(fifo),
        earlier: None,
        tags,
        created: context.now,
        changed: context.now,
        purged: None,
    };
    redrive::check(tx, context, &queue, &mut given)?;
    lay(&mut queue.attributes, &given, fifo)?;
    let url = json!({"QueueUrl": queue.url(context.base_url)});
    if let Some(found) = shelf.find(tx, &queue.name)? {
        return match different(&found, &given) {
            Some(attribute) => Err(name_exists(attribute)),
            None => Ok(Reply::json(url)),
        };
    }
    if shelf.is_held(tx, context, &queue.name)? {
        return Err(prefixed(
            "QueueDeletedRecently",
            "You must wait 60 seconds after deleting a queue before you can create another with \
             the same name.",
        ));
    }
    shelf.save(tx, &queue)?;
    tagging::note(tx, context, queue.owner(), (&queue.arn(), &queue.tags))?;
    Ok(Reply::json(url).did(Effect::Create, queue.object()))
}

/// The first attribute that is asked for and is not so.
fn different<'g>(found: &Queue, given: &'g Attributes) -> Option<&'g str> {
    let differs = |(name, value): &(&'g String, &String)| {
        found.attributes.get(*name).map_or("", String::as_str) != value.as_str()
    };
    given.iter().find(differs).map(|(name, _)| name.as_str())
}
