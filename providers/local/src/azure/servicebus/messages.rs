//! What can be done with messages, whoever asks: sent, locked, completed, abandoned, and put aside after too many
//! deliveries.
//!
//! Source: `learn.microsoft.com/azure/service-bus-messaging/message-transfers-locks-settlement` and
//! `.../service-bus-dead-letter-queues`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::durations;
use super::shelf::{self, Message, Queue};
use crate::azure::shelf::Resource;
use crate::clock::Moment;
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::Refusal;

/// The queue below a queue that dead letters are in.
pub(super) const DEAD: &str = "$DeadLetterQueue";

/// The most a message may hold, in bytes: a quarter of a megabyte.
const LARGEST: usize = 256 << 10;

/// What is sent.
#[derive(Clone, Debug, Default)]
pub(super) struct New {
    /// The bytes, in base64.
    pub(super) body: String,
    /// The type of the content.
    pub(super) content_type: String,
    /// Properties of the broker.
    pub(super) broker: BTreeMap<String, Value>,
    /// Properties of the sender.
    pub(super) custom: BTreeMap<String, Value>,
}

/// A queue with its resource.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'a> {
    /// Where its messages are.
    pub(super) queue: Queue<'a>,
    /// How it is set up; dead letters have their queue's.
    pub(super) resource: &'a Resource,
}

impl Known<'_> {
    fn is_dead(&self) -> bool {
        self.queue.name.ends_with(DEAD)
    }

    fn millis(&self, property: &str) -> Option<u64> {
        durations::millis(self.resource.text(property))
    }
}

/// Sends a message.
pub(super) fn send(
    tx: &mut Tx,
    context: &Context<'_>,
    known: Known<'_>,
    new: &New,
) -> Result<(), Refusal> {
    if matches!(known.resource.text("status"), "Disabled" | "SendDisabled") {
        return Err(Refusal::new(403, "403", "SubCode=40300. Sending to the queue is disabled."));
    }
    // Base64 is a third longer.
    if new.body.len() > LARGEST / 3 * 4 {
        return Err(Refusal::new(
            413,
            "413",
            "SubCode=41300. The message is larger than the queue allows.",
        ));
    }
    let asked = new.broker.get("TimeToLive").and_then(Value::as_u64).map(|seconds| seconds * 1000);
    let usual = known.millis("defaultMessageTimeToLive");
    let ttl = [asked, usual].into_iter().flatten().min();
    let id = new.broker.get("MessageId").and_then(Value::as_str).map(str::to_owned);
    let message = Message {
        sequence: known.queue.next(tx)?,
        id: id.unwrap_or_else(|| uuid::Uuid::new_v4().simple().to_string()),
        body: new.body.clone(),
        content_type: new.content_type.clone(),
        broker: new.broker.clone(),
        custom: new.custom.clone(),
        enqueued: context.now,
        expires: ttl.map(|ttl| context.now.plus(ttl)),
        due: context.now,
        lock: String::new(),
        deliveries: 0,
    };
    known.queue.keep(tx, &message)
}

/// Puts aside what is over: messages that were delivered too often, and those whose time is up.
fn sweep(tx: &mut Tx, context: &Context<'_>, known: Known<'_>) -> Result<Vec<Message>, Refusal> {
    let most = known.resource.properties.get("maxDeliveryCount").and_then(Value::as_u64);
    let mut waiting = Vec::new();
    for message in known.queue.messages(tx)? {
        let locked = !message.lock.is_empty() && message.due > context.now;
        let spent = most.is_some_and(|most| message.deliveries >= most);
        let expired = message.expires.is_some_and(|expires| expires <= context.now);
        if locked || known.is_dead() {
            waiting.push(message);
        } else if spent {
            put_aside(tx, context, known, (message, "MaxDeliveryCountExceeded"))?;
        } else if expired {
            let kept = known.resource.properties.get("deadLetteringOnMessageExpiration");
            if kept == Some(&json!(true)) {
                put_aside(tx, context, known, (message, "TTLExpiredException"))?;
            } else {
                known.queue.remove(tx, &message)?;
            }
        } else {
            waiting.push(message);
        }
    }
    Ok(waiting)
}

/// Moves a message to where dead letters of its queue go.
fn put_aside(
    tx: &mut Tx,
    context: &Context<'_>,
    known: Known<'_>,
    (mut message, reason): (Message, &str),
) -> Result<(), Refusal> {
    known.queue.remove(tx, &message)?;
    let forward = known.resource.text("forwardDeadLetteredMessagesTo");
    let target = match shelf::namespace(tx, known.queue.namespace)? {
        Some(namespace) if !forward.is_empty() => shelf::queue(tx, &namespace, forward)?,
        Some(_) | None => None,
    };
    let own = format!("{}/{DEAD}", known.queue.name);
    let name = target.as_ref().map_or(own.as_str(), |target| target.name.as_str());
    let queue = Queue { namespace: known.queue.namespace, name };
    message.custom.insert("DeadLetterReason".to_owned(), reason.into());
    message.broker.insert("DeadLetterSource".to_owned(), known.queue.name.into());
    message.sequence = queue.next(tx)?;
    message.enqueued = context.now;
    message.due = context.now;
    message.expires = None;
    message.lock.clear();
    message.deliveries = 0;
    queue.keep(tx, &message)
}

/// Receives up to `most` messages and locks them.
pub(super) fn lock(
    tx: &mut Tx,
    context: &Context<'_>,
    known: Known<'_>,
    most: usize,
) -> Result<Vec<Message>, Refusal> {
    if matches!(known.resource.text("status"), "Disabled" | "ReceiveDisabled") {
        return Err(Refusal::new(
            403,
            "403",
            "SubCode=40300. Receiving from the queue is disabled.",
        ));
    }
    let lock = known.millis("lockDuration").unwrap_or(60_000);
    let waiting = sweep(tx, context, known)?.into_iter();
    let free: Vec<Message> =
        waiting.filter(|message| message.due <= context.now).take(most).collect();
    let mut locked = Vec::new();
    for mut message in free {
        message.deliveries += 1;
        message.due = context.now.plus(lock);
        message.lock = uuid::Uuid::new_v4().to_string();
        known.queue.keep(tx, &message)?;
        locked.push(message);
    }
    Ok(locked)
}

/// The message that a lock is of, while it lasts.
pub(super) fn held(tx: &Tx, now: Moment, known: Known<'_>, lock: &str) -> Result<Message, Refusal> {
    let mut messages = known.queue.messages(tx)?.into_iter();
    let found = messages.find(|message| message.lock == lock && !lock.is_empty());
    found.filter(|message| message.due > now).ok_or_else(|| {
        let message = "SubCode=40400. The lock supplied is invalid. Either the lock expired, or the message has \
                       already been removed from the queue.";
        Refusal::new(404, "404", message)
    })
}

/// Makes a message that is locked free again, or puts it aside if it was delivered often enough.
pub(super) fn free(
    tx: &mut Tx,
    context: &Context<'_>,
    known: Known<'_>,
    mut message: Message,
) -> Result<(), Refusal> {
    message.lock.clear();
    message.due = context.now;
    known.queue.keep(tx, &message)?;
    sweep(tx, context, known)?;
    Ok(())
}
