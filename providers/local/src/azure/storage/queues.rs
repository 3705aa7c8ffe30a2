//! Queues as ARM has them: with metadata, and how many messages they hold, which a list does not tell.
//!
//! Source: `learn.microsoft.com/rest/api/storagerp/queue`.

use serde_json::{Value, json};

use super::containers::carry_over;
use super::service::VERSIONS;
use super::{check, shelf, show};
use crate::azure::put::Put;
use crate::azure::refusals::invalid;
use crate::azure::service::{Method, ResourceType};
use crate::azure::shape::Shape;
use crate::azure::{engine, paging};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

const BODY: Shape = Shape::Object(&[
    ("id", Shape::ReadOnly),
    ("name", Shape::ReadOnly),
    ("type", Shape::ReadOnly),
    (
        "properties",
        Shape::Object(&[
            ("metadata", Shape::Map(&Shape::Text)),
            ("approximateMessageCount", Shape::ReadOnly),
        ]),
    ),
]);

/// The type.
pub(crate) static TYPE: ResourceType = ResourceType {
    named: |name| {
        if check::queue_name(name) {
            return Ok(());
        }
        let message = "The specified queue name is invalid. Queue names must be 3 to 63 characters of small letters, \
                       digits and single hyphens.";
        Err(invalid("InvalidResourceName", message))
    },
    methods: &[
        Method::list(list).query(&["$maxpagesize", "$filter"]),
        Method::get(engine::read),
        Method::put(&BODY, put),
        Method::patch(&BODY, put),
        Method::delete(delete),
    ],
    show: show::queue,
    gone: |queue, tx, _| crate::azure::queue::forget(tx, queue),
    ..ResourceType::child("Microsoft.Storage/storageAccounts/queueServices/queues", VERSIONS)
};

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut put = Put::begin(request, tx, context)?;
    if put.creates() && shelf::is_name_held(tx, context, &put.resource.id)? {
        return Err(super::conflict("QueueBeingDeleted"));
    }
    if let Some(old) = &put.old {
        carry_over(old, &mut put.resource);
    }
    "".clone_into(&mut put.resource.state);
    if put.resource.properties.get("metadata").is_none_or(Value::is_null) {
        put.resource.set("metadata", json!({}));
    }
    shelf::stamp(tx, context, &mut put.resource)?;
    put.done_with(tx, context, 200)
}

/// A list tells metadata, not how many messages there are.
fn list(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let account = request.label("storageAccounts");
    let Some(account) = shelf::account(tx, account)? else {
        return paging::answer(request, context, Vec::new());
    };
    let queues = shelf::children(tx, &account, "queueServices/queues")?;
    let shown = queues.iter().map(|queue| show::queue_in_list(queue, context)).collect();
    paging::answer(request, context, shown)
}

fn delete(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let found = crate::azure::shelf::find(tx, engine::asked(request))?;
    let Some(queue) = found else { return Ok(Reply::empty(204)) };
    shelf::remove_child(tx, context, &queue)?;
    Ok(Reply::empty(204).did(Effect::Delete, queue.id))
}
