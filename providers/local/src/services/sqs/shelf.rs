//! Where queues and messages are kept.

use std::ops::ControlFlow;

use super::model::{Message, Queue};
use super::names;
use super::refusals::no_queue;
use crate::clock::Moment;
use crate::cloud::Context;
use crate::store::{Place, StoreError, Tx};
use crate::wire::{Refusal, Request};

const QUEUES: &str = "queue";
const MESSAGES: &str = "message";
const NEXT: &str = "next";
const HELD: &str = "held";
const ONCE: &str = "once";

/// The queues of one account and region.
#[derive(Clone, Debug)]
pub(super) struct Shelf {
    place: Place,
}

impl Shelf {
    /// The shelf of the caller.
    pub(super) fn of(request: &Request) -> Self {
        Self::new(&request.account, &request.region)
    }

    /// The shelf of an account and region.
    pub(super) fn new(account: &str, region: &str) -> Self {
        Self { place: Place::new("sqs", account, region) }
    }

    /// The shelf a queue is on.
    pub(super) fn with(queue: &Queue) -> Self {
        Self::new(&queue.account, &queue.region)
    }

    /// Returns a queue, be it too new to be used.
    pub(super) fn find(&self, tx: &Tx, name: &str) -> Result<Option<Queue>, StoreError> {
        tx.get(&self.place.key(QUEUES, &[name]))
    }

    /// Returns a queue that can be used.
    pub(super) fn usable(
        &self,
        tx: &Tx,
        context: &Context<'_>,
        name: &str,
    ) -> Result<Option<Queue>, StoreError> {
        let appeared =
            |queue: &Queue| queue.created.plus(context.settings.queue_appearing_ms) <= context.now;
        Ok(self.find(tx, name)?.filter(appeared))
    }

    /// Returns the queue of a URL, or refuses.
    pub(super) fn at(
        tx: &Tx,
        context: &Context<'_>,
        request: &Request,
        url: Option<&str>,
    ) -> Result<(Self, Queue), Refusal> {
        let name = names::in_url(request, url)?;
        let shelf = Self::of(request);
        let queue = shelf.usable(tx, context, name)?.ok_or_else(no_queue)?;
        Ok((shelf, queue))
    }

    /// Returns every queue that can be used, by name.
    pub(super) fn queues(&self, tx: &Tx, context: &Context<'_>) -> Result<Vec<Queue>, StoreError> {
        let all: Vec<Queue> = tx.list(&self.place.prefix(QUEUES, &[]))?;
        let appearing = context.settings.queue_appearing_ms;
        Ok(all.into_iter().filter(|one| one.created.plus(appearing) <= context.now).collect())
    }

    /// Writes a queue.
    pub(super) fn save(&self, tx: &mut Tx, queue: &Queue) -> Result<(), StoreError> {
        tx.put(&self.place.key(QUEUES, &[&queue.name]), queue)
    }

    /// Removes a queue with its messages, and holds its name for a while if that is to be.
    pub(super) fn forget(
        &self,
        tx: &mut Tx,
        name: &str,
        until: Option<Moment>,
    ) -> Result<(), StoreError> {
        tx.remove(&self.place.key(QUEUES, &[name]))?;
        tx.remove(&self.place.key(NEXT, &[name]))?;
        tx.remove_all(&self.place.prefix(ONCE, &[name]))?;
        self.empty(tx, name)?;
        match until {
            Some(until) => tx.put(&self.place.key(HELD, &[name]), &until),
            None => Ok(()),
        }
    }

    /// Whether the name of a deleted queue is still held.
    pub(super) fn is_held(
        &self,
        tx: &mut Tx,
        context: &Context<'_>,
        name: &str,
    ) -> Result<bool, StoreError> {
        let key = self.place.key(HELD, &[name]);
        let Some(until) = tx.get::<Moment>(&key)? else { return Ok(false) };
        if context.now < until {
            return Ok(true);
        }
        tx.remove(&key)?;
        Ok(false)
    }

    /// Shows the messages of a queue to `see`, in the order they were sent, until it has seen enough.
    pub(super) fn visit(
        &self,
        tx: &Tx,
        queue: &str,
        see: impl FnMut(Message) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        tx.visit(&self.place.prefix(MESSAGES, &[queue]), see)
    }

    fn message_key(&self, queue: &str, sequence: u64) -> String {
        self.place.key(MESSAGES, &[queue, &format!("{sequence:020}")])
    }

    /// Returns one message.
    pub(super) fn message(
        &self,
        tx: &Tx,
        queue: &str,
        sequence: u64,
    ) -> Result<Option<Message>, StoreError> {
        tx.get(&self.message_key(queue, sequence))
    }

    /// Writes a message.
    pub(super) fn put(
        &self,
        tx: &mut Tx,
        queue: &str,
        message: &Message,
    ) -> Result<(), StoreError> {
        tx.put(&self.message_key(queue, message.sequence), message)
    }

    /// Removes a message.
    pub(super) fn drop(&self, tx: &mut Tx, queue: &str, sequence: u64) -> Result<(), StoreError> {
        tx.remove(&self.message_key(queue, sequence))?;
        Ok(())
    }

    /// Removes every message of a queue.
    pub(super) fn empty(&self, tx: &mut Tx, queue: &str) -> Result<(), StoreError> {
        tx.remove_all(&self.place.prefix(MESSAGES, &[queue]))?;
        Ok(())
    }

    /// Returns the place of the next message of a queue.
    pub(super) fn next(&self, tx: &mut Tx, queue: &str) -> Result<u64, StoreError> {
        let key = self.place.key(NEXT, &[queue]);
        let next = tx.get::<u64>(&key)?.unwrap_or_default() + 1;
        tx.put(&key, &next)?;
        Ok(next)
    }

    /// The key under which a message of a FIFO queue is remembered against its duplicates.
    pub(super) fn once_key(&self, queue: &str, deduplication: &str) -> String {
        self.place.key(ONCE, &[queue, deduplication])
    }
}
