//! What the hosts of functions do with messages, as the identity of their app.

use super::messages::{self, New};
use super::operations::{ADD, CHANGE, FINISH, RECEIVE};
use super::plane::QUEUES;
use super::shelf::{Message, Queue};
use crate::azure::rights::Caller;
use crate::azure::shelf::Resource;
use crate::azure::storage::{self, Needs};
use crate::clock::Moment;
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::Refusal;

/// A queue and who works with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// Who.
    pub(crate) caller: &'a Caller,
    /// The account.
    pub(crate) account: &'a str,
    /// The queue.
    pub(crate) queue: &'a str,
}

/// A message that was received.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Received {
    /// Its id.
    pub(crate) id: String,
    /// What deletes or releases it.
    pub(crate) receipt: String,
    /// Its text, as sent.
    pub(crate) text: String,
    /// How often it was received, this time included.
    pub(crate) dequeues: u32,
    /// When it came.
    pub(crate) inserted: Moment,
    /// When it is thrown away; nothing for one that stays.
    pub(crate) expires: Option<Moment>,
    /// When it can be received again unless it is deleted.
    pub(crate) next: Moment,
}

impl Place<'_> {
    fn usable(&self, tx: &Tx, context: &Context<'_>, needs: &[Needs]) -> Result<Resource, Refusal> {
        let account = storage::usable_account(tx, context, self.account)?;
        let scope = storage::child_id(&account, QUEUES, self.queue);
        storage::refuse(tx, context, self.caller, (needs, &scope))?;
        storage::child(tx, &account, QUEUES, self.queue)?
            .ok_or_else(|| storage::missing("QueueNotFound"))
    }

    fn queue(&self) -> Queue<'_> {
        Queue { account: self.account, name: self.queue }
    }
}

impl From<Message> for Received {
    fn from(message: Message) -> Self {
        Self {
            id: message.id,
            receipt: message.receipt,
            text: message.text,
            dequeues: message.dequeues,
            inserted: message.inserted,
            expires: message.expires,
            next: message.due,
        }
    }
}

/// Receives up to `most` messages, hidden for `invisible_ms` milliseconds.
///
/// Refused are queues that are not there, and who may not process messages.
pub(crate) fn receive(
    tx: &mut Tx,
    context: &Context<'_>,
    place: Place<'_>,
    (most, invisible_ms): (usize, u64),
) -> Result<Vec<Received>, Refusal> {
    place.usable(tx, context, RECEIVE)?;
    let received = messages::receive(tx, context, place.queue(), (most, invisible_ms))?;
    Ok(received.into_iter().map(Received::from).collect())
}

/// Deletes a message that was received.
///
/// Refused are messages that came again in the meantime, and who may not delete.
pub(crate) fn delete(
    tx: &mut Tx,
    context: &Context<'_>,
    place: Place<'_>,
    received: &Received,
) -> Result<(), Refusal> {
    place.usable(tx, context, FINISH)?;
    let named = (received.id.as_str(), received.receipt.as_str());
    let message = messages::held(tx, context, place.queue(), named)?;
    place.queue().remove(tx, &message)
}

/// Lets a message be received again after `invisible_ms` milliseconds, as the host does after a failure.
///
/// Refused is who may not write messages, which Message Processor may not: the message then comes again only when
/// it was to do so anyway.
pub(crate) fn release(
    tx: &mut Tx,
    context: &Context<'_>,
    place: Place<'_>,
    (received, invisible_ms): (&Received, u64),
) -> Result<(), Refusal> {
    place.usable(tx, context, CHANGE)?;
    let named = (received.id.as_str(), received.receipt.as_str());
    let message = messages::held(tx, context, place.queue(), named)?;
    messages::update(tx, context, (place.queue(), message), (invisible_ms, None))?;
    Ok(())
}

/// Copies a message to `<queue>-poison` and deletes it, as the host does after the last attempt.
///
/// Refused are poison queues that are not there and whoever may not make one, and who may not add messages to it.
pub(crate) fn poison(
    tx: &mut Tx,
    context: &Context<'_>,
    place: Place<'_>,
    received: &Received,
) -> Result<(), Refusal> {
    let name = format!("{}-poison", place.queue);
    let poison = Place { queue: &name, ..place };
    poison.usable(tx, context, ADD)?;
    let new = New { text: &received.text, ttl: Some(messages::USUAL_TTL), invisible: 0 };
    messages::put(tx, context, poison.queue(), &new)?;
    delete(tx, context, place, received)
}
