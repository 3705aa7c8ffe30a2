//! Where namespaces are found by name, and how messages are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::messages::DEAD;
use crate::azure::shelf::{self, Resource};
use crate::clock::Moment;
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// A message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Message {
    /// Its number in its queue.
    pub(super) sequence: u64,
    /// Its id, as sent or made.
    pub(super) id: String,
    /// Its bytes, in base64.
    pub(super) body: String,
    /// The type of its content; empty if none was sent.
    pub(super) content_type: String,
    /// The properties of the broker as sent: `CorrelationId`, `Label`.
    pub(super) broker: BTreeMap<String, Value>,
    /// Properties of its sender.
    pub(super) custom: BTreeMap<String, Value>,
    /// When it came.
    pub(super) enqueued: Moment,
    /// When it is given up; never if nothing is said.
    pub(super) expires: Option<Moment>,
    /// When it can be received.
    pub(super) due: Moment,
    /// What completes or abandons it; empty while nobody holds it.
    pub(super) lock: String,
    /// How often it was received.
    pub(super) deliveries: u64,
}

/// Names a queue, or the dead letters of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Queue<'a> {
    /// The namespace, in lower case.
    pub(super) namespace: &'a str,
    /// The queue; that of dead letters is `q/$DeadLetterQueue`.
    pub(super) name: &'a str,
}

fn place() -> Place {
    Place::new("azure", "servicebus", "global")
}

fn name_key(name: &str) -> String {
    place().key("namespace", &[&name.to_ascii_lowercase()])
}

/// Finds a namespace by its name, wherever it is.
pub(super) fn namespace(tx: &Tx, name: &str) -> Result<Option<Resource>, Refusal> {
    match tx.get::<String>(&name_key(name))? {
        Some(id) => shelf::find(tx, &id),
        None => Ok(None),
    }
}

/// Remembers whose a name is.
pub(super) fn take_name(tx: &mut Tx, namespace: &Resource) -> Result<(), Refusal> {
    Ok(tx.put(&name_key(&namespace.name), &namespace.id)?)
}

/// Forgets whose a name was.
pub(super) fn free_name(tx: &mut Tx, namespace: &Resource) -> Result<(), Refusal> {
    tx.remove(&name_key(&namespace.name))?;
    Ok(())
}

/// Finds a queue of a namespace.
pub(super) fn queue(
    tx: &Tx,
    namespace: &Resource,
    name: &str,
) -> Result<Option<Resource>, Refusal> {
    shelf::find(tx, &format!("{}/queues/{name}", namespace.id))
}

/// The name of the namespace that a queue is in, by its id, in lower case.
pub(super) fn namespace_of(id: &str) -> String {
    id.split('/').nth(8).unwrap_or_default().to_ascii_lowercase()
}

/// Forgets the messages of a queue that is removed.
pub(super) fn forget(tx: &mut Tx, queue: &Resource) -> Result<(), Refusal> {
    let namespace = namespace_of(&queue.id);
    for name in [queue.name.clone(), format!("{}/{DEAD}", queue.name)] {
        Queue { namespace: &namespace, name: &name }.clear(tx)?;
    }
    Ok(())
}

impl Queue<'_> {
    fn ids(&self) -> [String; 2] {
        [self.namespace.to_ascii_lowercase(), self.name.to_ascii_lowercase()]
    }

    fn key(&self, sequence: u64) -> String {
        let [namespace, name] = self.ids();
        place().key("message", &[&namespace, &name, &format!("{sequence:020}")])
    }

    fn prefix(&self) -> String {
        let [namespace, name] = self.ids();
        place().prefix("message", &[&namespace, &name])
    }

    /// Gives a new message its number, from 1.
    pub(super) fn next(&self, tx: &mut Tx) -> Result<u64, Refusal> {
        let [namespace, name] = self.ids();
        let key = place().key("count", &[&namespace, &name]);
        let next = tx.get::<u64>(&key)?.unwrap_or_default() + 1;
        tx.put(&key, &next)?;
        Ok(next)
    }

    /// Every message, in the order of arrival.
    pub(super) fn messages(&self, tx: &Tx) -> Result<Vec<Message>, Refusal> {
        Ok(tx.list(&self.prefix())?)
    }

    /// Keeps a message.
    pub(super) fn keep(&self, tx: &mut Tx, message: &Message) -> Result<(), Refusal> {
        Ok(tx.put(&self.key(message.sequence), message)?)
    }

    /// Removes a message.
    pub(super) fn remove(&self, tx: &mut Tx, message: &Message) -> Result<(), Refusal> {
        tx.remove(&self.key(message.sequence))?;
        Ok(())
    }

    fn clear(&self, tx: &mut Tx) -> Result<(), Refusal> {
        let [namespace, name] = self.ids();
        tx.remove(&place().key("count", &[&namespace, &name]))?;
        tx.remove_all(&self.prefix())?;
        Ok(())
    }
}
