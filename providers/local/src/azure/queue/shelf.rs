//! Messages as they are kept, in the order in which they came.

use serde::{Deserialize, Serialize};

use crate::azure::shelf::Resource;
use crate::azure::storage;
use crate::clock::Moment;
use crate::cloud::Context;
use crate::store::{self, Tx};
use crate::wire::Refusal;

/// A message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Message {
    /// Its place in the order of arrival.
    pub(super) order: String,
    /// Its id, a GUID.
    pub(super) id: String,
    /// Its text, as sent.
    pub(super) text: String,
    /// When it came.
    pub(super) inserted: Moment,
    /// When it is thrown away; never if that was asked for.
    pub(super) expires: Option<Moment>,
    /// When it can be received.
    pub(super) due: Moment,
    /// What the last receipt or update gave, to delete or update it.
    pub(super) receipt: String,
    /// How often it was received.
    pub(super) dequeues: u32,
}

/// Names a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Queue<'a> {
    /// The account.
    pub(super) account: &'a str,
    /// The queue.
    pub(super) name: &'a str,
}

fn place() -> store::Place {
    store::Place::new("azure", "queue", "global")
}

impl Queue<'_> {
    fn key(&self, order: &str) -> String {
        place().key("message", &[self.account, self.name, order])
    }

    /// Gives a new message its place in the order of arrival.
    pub(super) fn next_order(&self, tx: &mut Tx) -> Result<String, Refusal> {
        let key = place().key("count", &[self.account, self.name]);
        let count: u64 = tx.get(&key)?.unwrap_or_default();
        tx.put(&key, &(count + 1))?;
        Ok(format!("{count:020}"))
    }

    /// Every message that is not thrown away yet, in the order of arrival.
    pub(super) fn messages(&self, tx: &Tx, now: Moment) -> Result<Vec<Message>, Refusal> {
        let mut found: Vec<Message> =
            tx.list(&place().prefix("message", &[self.account, self.name]))?;
        found.retain(|message| message.expires.is_none_or(|expires| expires > now));
        Ok(found)
    }

    /// Keeps a message.
    pub(super) fn keep(&self, tx: &mut Tx, message: &Message) -> Result<(), Refusal> {
        Ok(tx.put(&self.key(&message.order), message)?)
    }

    /// Removes a message.
    pub(super) fn remove(&self, tx: &mut Tx, message: &Message) -> Result<(), Refusal> {
        tx.remove(&self.key(&message.order))?;
        Ok(())
    }

    /// Removes every message.
    pub(super) fn clear(&self, tx: &mut Tx) -> Result<(), Refusal> {
        tx.remove_all(&place().prefix("message", &[self.account, self.name]))?;
        Ok(())
    }
}

/// How many messages a queue holds, those that cannot be received now included.
pub(crate) fn count(tx: &Tx, context: &Context<'_>, queue: &Resource) -> Result<usize, Refusal> {
    let account = storage::account_of(&queue.id);
    let messages = Queue { account: &account, name: &queue.name }.messages(tx, context.now)?;
    Ok(messages.len())
}

/// Forgets the messages of a queue that is removed.
pub(crate) fn forget(tx: &mut Tx, queue: &Resource) -> Result<(), Refusal> {
    let account = storage::account_of(&queue.id);
    tx.remove(&place().key("count", &[&account, &queue.name]))?;
    Queue { account: &account, name: &queue.name }.clear(tx)
}
