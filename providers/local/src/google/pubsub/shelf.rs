//! Topics, subscriptions and waiting messages as they are kept.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Moment;
use crate::google::refusals::not_found;
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// What a subscription's `topic` says once the topic is gone.
pub(super) const DELETED: &str = "_deleted-topic_";

/// A message that a subscription has not acknowledged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Held {
    /// The message as subscribers see it.
    pub(super) message: Value,
    /// How often it was delivered.
    pub(super) attempt: u32,
    /// When it is delivered next: now, after a lease, or after a pause.
    pub(super) due: Moment,
    /// What acknowledges the delivery under way; empty while there is none.
    pub(super) ack: String,
    /// When it is thrown away.
    pub(super) expires: Moment,
}

/// One place for all projects: what pushes looks at every subscription.
fn place() -> Place {
    Place::new("pubsub", "all", "global")
}

fn parts(name: &str) -> [&str; 2] {
    let mut parts = name.split('/');
    [parts.nth(1).unwrap_or_default(), parts.nth(1).unwrap_or_default()]
}

fn topic_key(name: &str) -> String {
    place().key("topic", &parts(name))
}

fn subscription_key(name: &str) -> String {
    place().key("subscription", &parts(name))
}

fn messages(name: &str) -> String {
    place().prefix("message", &parts(name))
}

fn message_key(name: &str, id: &str) -> String {
    let [project, subscription] = parts(name);
    place().key("message", &[project, subscription, id])
}

/// Returns a topic, if it is there.
pub(super) fn find_topic(tx: &Tx, name: &str) -> Result<Option<Value>, Refusal> {
    Ok(tx.get(&topic_key(name))?)
}

/// Returns a topic.
pub(super) fn topic(tx: &Tx, name: &str) -> Result<Value, Refusal> {
    let last = name.rsplit('/').next().unwrap_or_default();
    find_topic(tx, name)?.ok_or_else(|| not_found(format!("Resource not found (resource={last}).")))
}

/// Every topic of a project.
pub(super) fn topics(tx: &Tx, project: &str) -> Result<Vec<Value>, Refusal> {
    Ok(tx.list(&place().prefix("topic", &[project]))?)
}

/// Writes a topic.
pub(super) fn put_topic(tx: &mut Tx, name: &str, topic: &Value) -> Result<(), Refusal> {
    Ok(tx.put(&topic_key(name), topic)?)
}

/// Removes a topic.
pub(super) fn remove_topic(tx: &mut Tx, name: &str) -> Result<(), Refusal> {
    tx.remove(&topic_key(name))?;
    Ok(())
}

/// Returns a subscription, if it is there.
pub(super) fn find_subscription(tx: &Tx, name: &str) -> Result<Option<Value>, Refusal> {
    Ok(tx.get(&subscription_key(name))?)
}

/// Returns a subscription.
pub(super) fn subscription(tx: &Tx, name: &str) -> Result<Value, Refusal> {
    let last = name.rsplit('/').next().unwrap_or_default();
    find_subscription(tx, name)?
        .ok_or_else(|| not_found(format!("Resource not found (resource={last}).")))
}

/// Every subscription of a project.
pub(super) fn subscriptions(tx: &Tx, project: &str) -> Result<Vec<Value>, Refusal> {
    Ok(tx.list(&place().prefix("subscription", &[project]))?)
}

/// Every subscription.
pub(super) fn all_subscriptions(tx: &Tx) -> Result<Vec<Value>, Refusal> {
    Ok(tx.list(&place().prefix("subscription", &[]))?)
}

/// Writes a subscription.
pub(super) fn put_subscription(tx: &mut Tx, name: &str, value: &Value) -> Result<(), Refusal> {
    Ok(tx.put(&subscription_key(name), value)?)
}

/// Removes a subscription and what waits for it.
pub(super) fn remove_subscription(tx: &mut Tx, name: &str) -> Result<(), Refusal> {
    tx.remove(&subscription_key(name))?;
    tx.remove_all(&messages(name))?;
    Ok(())
}

/// What waits for a subscription, in the order of publishing.
pub(super) fn waiting(tx: &Tx, name: &str) -> Result<Vec<Held>, Refusal> {
    Ok(tx.list(&messages(name))?)
}

/// Returns one waiting message.
pub(super) fn held(tx: &Tx, name: &str, id: &str) -> Result<Option<Held>, Refusal> {
    Ok(tx.get(&message_key(name, id))?)
}

/// Writes a waiting message.
pub(super) fn hold(tx: &mut Tx, name: &str, id: &str, held: &Held) -> Result<(), Refusal> {
    Ok(tx.put(&message_key(name, id), held)?)
}

/// Removes a waiting message.
pub(super) fn release(tx: &mut Tx, name: &str, id: &str) -> Result<(), Refusal> {
    tx.remove(&message_key(name, id))?;
    Ok(())
}

/// Removes everything that waits for a subscription.
pub(super) fn purge(tx: &mut Tx, name: &str) -> Result<(), Refusal> {
    tx.remove_all(&messages(name))?;
    Ok(())
}

/// The id of the next message. Ids have one length, so they order as published.
pub(super) fn next_id(tx: &mut Tx) -> Result<String, Refusal> {
    let key = place().key("count", &[]);
    let count: u64 = tx.get(&key)?.unwrap_or_default();
    tx.put(&key, &(count + 1))?;
    Ok((10_000_000_000_000_000 + count).to_string())
}
