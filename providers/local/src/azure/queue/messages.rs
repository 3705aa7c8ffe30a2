//! What can be done with messages, whoever asks.
//!
//! Source: `learn.microsoft.com/rest/api/storageservices/operations-on-messages`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::shelf::{Message, Queue};
use crate::azure::storage::missing;
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::Refusal;

/// How long a message is kept if nothing is said, in seconds: a week.
pub(super) const USUAL_TTL: u64 = 604_800;

/// The longest a message can be invisible, in seconds: a week.
pub(super) const LONGEST_INVISIBLE: u64 = 604_800;

/// The most a message may hold, in bytes.
pub(super) const LARGEST: usize = 64 << 10;

/// What is put.
pub(super) struct New<'a> {
    /// Its text.
    pub(super) text: &'a str,
    /// How long it is kept, in seconds; forever if nothing is given.
    pub(super) ttl: Option<u64>,
    /// How long it is invisible at first, in seconds.
    pub(super) invisible: u64,
}

fn receipt() -> String {
    STANDARD.encode(uuid::Uuid::new_v4().as_bytes())
}

/// Puts a message.
pub(super) fn put(
    tx: &mut Tx,
    context: &Context<'_>,
    queue: Queue<'_>,
    new: &New<'_>,
) -> Result<Message, Refusal> {
    if new.text.len() > LARGEST {
        let message = "The request body is too large and exceeds the maximum permissible limit.";
        return Err(Refusal::new(413, "RequestBodyTooLarge", message));
    }
    let message = Message {
        order: queue.next_order(tx)?,
        id: uuid::Uuid::new_v4().to_string(),
        text: new.text.to_owned(),
        inserted: context.now,
        expires: new.ttl.map(|seconds| context.now.plus(seconds * 1000)),
        due: context.now.plus(new.invisible * 1000),
        receipt: receipt(),
        dequeues: 0,
    };
    queue.keep(tx, &message)?;
    Ok(message)
}

/// Receives up to `most` messages and hides them for `invisible` milliseconds.
pub(super) fn receive(
    tx: &mut Tx,
    context: &Context<'_>,
    queue: Queue<'_>,
    (most, invisible): (usize, u64),
) -> Result<Vec<Message>, Refusal> {
    let due = queue.messages(tx, context.now)?.into_iter();
    let due: Vec<Message> = due.filter(|message| message.due <= context.now).take(most).collect();
    let mut received = Vec::new();
    for mut message in due {
        message.dequeues += 1;
        message.due = context.now.plus(invisible);
        message.receipt = receipt();
        queue.keep(tx, &message)?;
        received.push(message);
    }
    Ok(received)
}

/// Shows up to `most` messages that could be received, and changes nothing.
pub(super) fn peek(
    tx: &Tx,
    context: &Context<'_>,
    queue: Queue<'_>,
    most: usize,
) -> Result<Vec<Message>, Refusal> {
    let messages = queue.messages(tx, context.now)?.into_iter();
    Ok(messages.filter(|message| message.due <= context.now).take(most).collect())
}

/// The message that an id and a receipt name.
pub(super) fn held(
    tx: &Tx,
    context: &Context<'_>,
    queue: Queue<'_>,
    (id, receipt): (&str, &str),
) -> Result<Message, Refusal> {
    let found = queue.messages(tx, context.now)?.into_iter().find(|message| message.id == id);
    let found = found.ok_or_else(|| missing("MessageNotFound"))?;
    if found.receipt == receipt {
        return Ok(found);
    }
    Err(Refusal::new(
        400,
        "PopReceiptMismatch",
        "The specified pop receipt did not match the pop receipt for a dequeued message.",
    ))
}

/// Hides a message that was received for `invisible` milliseconds more, with a new text if there is one.
pub(super) fn update(
    tx: &mut Tx,
    context: &Context<'_>,
    (queue, mut message): (Queue<'_>, Message),
    (invisible, text): (u64, Option<&str>),
) -> Result<Message, Refusal> {
    message.due = context.now.plus(invisible);
    message.receipt = receipt();
    if let Some(text) = text {
        text.clone_into(&mut message.text);
    }
    queue.keep(tx, &message)?;
    Ok(message)
}
