//! Dead letters: what was delivered too often goes to another topic, if Google's agent may do that.
//!
//! Source: docs.cloud.google.com/pubsub/docs/dead-letter-topics.

use serde_json::Value;

use super::data::fan_out;
use super::shelf::{self, Held};
use crate::cloud::Context;
use crate::google::{accounts, policy};
use crate::members::{at, set, text};
use crate::store::Tx;
use crate::wire::Refusal;

/// Whether a message was delivered as often as its subscription allows.
pub(super) fn is_over(subscription: &Value, held: &Held) -> bool {
    let most =
        subscription.pointer("/deadLetterPolicy/maxDeliveryAttempts").and_then(Value::as_u64);
    most.is_some_and(|most| u64::from(held.attempt) >= most)
}

/// Forwards a message; `false` if the agent lacks a role or the topic is gone, and the message stays.
pub(super) fn forward(
    tx: &mut Tx,
    context: &Context<'_>,
    subscription: &Value,
    held: &Held,
) -> Result<bool, Refusal> {
    let name = text(subscription, "name");
    let topic = at(subscription, "/deadLetterPolicy/deadLetterTopic");
    let topic = topic.as_str().unwrap_or_default();
    let project = name.split('/').nth(1).unwrap_or_default();
    let Some(agent) = accounts::agent(project, "pubsub.googleapis.com") else { return Ok(false) };
    let member = format!("serviceAccount:{agent}");
    for (permission, resource) in
        [("pubsub.topics.publish", topic), ("pubsub.subscriptions.consume", name)]
    {
        let owner: Vec<&str> = resource.splitn(3, '/').take(2).collect();
        let owner = owner.join("/");
        let holders = [resource, owner.as_str()];
        let asked = policy::Asked { member: &member, permission, resource, holders: &holders };
        if !policy::permits(tx, context, asked)? {
            return Ok(false);
        }
    }
    if shelf::find_topic(tx, topic)?.is_none() {
        return Ok(false);
    }
    let mut message = held.message.clone();
    let mut attributes = at(&message, "/attributes");
    let id = name.rsplit('/').next().unwrap_or_default();
    let published = text(&message, "publishTime").to_owned();
    for (key, value) in [
        ("CloudPubSubDeadLetterSourceDeliveryCount", held.attempt.to_string()),
        ("CloudPubSubDeadLetterSourceSubscription", id.to_owned()),
        ("CloudPubSubDeadLetterSourceSubscriptionProject", project.to_owned()),
        ("CloudPubSubDeadLetterSourceTopicPublishTime", published),
    ] {
        set(&mut attributes, key, value);
    }
    set(&mut message, "attributes", attributes);
    fan_out(tx, context, topic, message)?;
    Ok(true)
}
