//! What the hosts of functions do with messages, as the identity of their app.

use std::collections::BTreeMap;

use serde_json::Value;

use super::messages::{self, Known};
use super::plane::{self, RECEIVE};
use super::shelf::{Message, Queue};
use crate::azure::rights::Caller;
use crate::clock::Moment;
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::Refusal;

/// A queue and who works with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// Who.
    pub(crate) caller: &'a Caller,
    /// The namespace.
    pub(crate) namespace: &'a str,
    /// The queue.
    pub(crate) queue: &'a str,
}

/// A message that was received and is locked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Received {
    /// Its id.
    pub(crate) id: String,
    /// What completes or abandons it.
    pub(crate) lock: String,
    /// Its bytes.
    pub(crate) body: Vec<u8>,
    /// The type of its content; empty if none was sent.
    pub(crate) content_type: String,
    /// The properties of the broker as sent: `CorrelationId`, `Label`.
    pub(crate) broker: BTreeMap<String, Value>,
    /// Properties of its sender.
    pub(crate) custom: BTreeMap<String, Value>,
    /// Its number in its queue.
    pub(crate) sequence: u64,
    /// How often it was received, this time included.
    pub(crate) deliveries: u64,
    /// When it came.
    pub(crate) enqueued: Moment,
    /// When the lock ends.
    pub(crate) locked_until: Moment,
}

impl From<Message> for Received {
    fn from(message: Message) -> Self {
        Self {
            body: plane::bytes(&message),
            id: message.id,
            lock: message.lock,
            content_type: message.content_type,
            broker: message.broker,
            custom: message.custom,
            sequence: message.sequence,
            deliveries: message.deliveries,
            enqueued: message.enqueued,
            locked_until: message.due,
        }
    }
}

fn at<T>(
    tx: &mut Tx,
    context: &Context<'_>,
    place: Place<'_>,
    work: impl FnOnce(&mut Tx, Known<'_>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let named = (place.namespace, place.queue);
    let (_, resource) = plane::usable(tx, context, named, (place.caller, RECEIVE))?;
    let queue = Queue { namespace: place.namespace, name: place.queue };
    work(tx, Known { queue, resource: &resource })
}

/// Receives up to `most` messages and locks them.
///
/// Refused are namespaces and queues that are not there, and who may not receive.
pub(crate) fn receive(
    tx: &mut Tx,
    context: &Context<'_>,
    place: Place<'_>,
    most: usize,
) -> Result<Vec<Received>, Refusal> {
    at(tx, context, place, |tx, known| {
        let locked = messages::lock(tx, context, known, most)?;
        Ok(locked.into_iter().map(Received::from).collect())
    })
}

/// Removes a message that was received.
///
/// Refused are messages whose lock ended, and who may not receive.
pub(crate) fn complete(
    tx: &mut Tx,
    context: &Context<'_>,
    place: Place<'_>,
    received: &Received,
) -> Result<(), Refusal> {
    at(tx, context, place, |tx, known| {
        let message = messages::held(tx, context.now, known, &received.lock)?;
        known.queue.remove(tx, &message)
    })
}

/// Frees a message that was received; after the last delivery it is put aside.
///
/// Refused are messages whose lock ended, and who may not receive.
pub(crate) fn abandon(
    tx: &mut Tx,
    context: &Context<'_>,
    place: Place<'_>,
    received: &Received,
) -> Result<(), Refusal> {
    at(tx, context, place, |tx, known| {
        let message = messages::held(tx, context.now, known, &received.lock)?;
        messages::free(tx, context, known, message)
    })
}
