//! What SQS keeps: queues and messages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::names;
use crate::clock::Moment;

/// A queue's settable attributes by name, the service's defaults filled in.
pub(crate) type Attributes = BTreeMap<String, String>;

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Queue {
    /// Its name.
    pub(crate) name: String,
    /// Its account.
    pub(crate) account: String,
    /// Its region.
    pub(crate) region: String,
    /// Its attributes as last set.
    pub(super) attributes: Attributes,
    /// What is still seen of its attributes, if they changed lately.
    pub(super) earlier: Option<Earlier>,
    /// Its tags.
    pub(super) tags: BTreeMap<String, String>,
    /// When it was made.
    pub(super) created: Moment,
    /// When its attributes last changed.
    pub(super) changed: Moment,
    /// When it was last purged.
    pub(super) purged: Option<Moment>,
}

/// Attributes that are on their way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Earlier {
    /// Until when they are seen.
    pub(super) until: Moment,
    /// What is seen.
    pub(super) attributes: Attributes,
}

impl Queue {
    /// Its ARN.
    pub(crate) fn arn(&self) -> String {
        names::arn(&self.account, &self.region, &self.name)
    }

    /// Its URL at a server.
    pub(super) fn url(&self, base: &str) -> String {
        format!("{base}/{}/{}", self.account, self.name)
    }

    /// Its account and region, as the tag index wants them.
    pub(super) fn owner(&self) -> (&str, &str) {
        (&self.account, &self.region)
    }

    /// How the ledger names it.
    pub(super) fn object(&self) -> String {
        format!("queue/{}", self.name)
    }

    /// Whether messages are handed out in order and once.
    pub(super) fn is_fifo(&self) -> bool {
        names::is_fifo(&self.name)
    }

    /// Its attributes as they are seen now.
    pub(super) fn seen(&self, now: Moment) -> &Attributes {
        match &self.earlier {
            Some(earlier) if now < earlier.until => &earlier.attributes,
            _ => &self.attributes,
        }
    }

    /// An attribute in seconds or bytes, as it is seen now.
    pub(super) fn number(&self, now: Moment, name: &str) -> u64 {
        self.seen(now).get(name).and_then(|value| value.parse().ok()).unwrap_or_default()
    }

    /// How long a message that was handed out is hidden, in seconds.
    pub(crate) fn visibility_timeout(&self, now: Moment) -> u64 {
        self.number(now, "VisibilityTimeout")
    }
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Message {
    /// Its place in the queue.
    pub(super) sequence: u64,
    /// Its id.
    pub(crate) id: String,
    /// Its body.
    pub(crate) body: String,
    /// Its attributes.
    pub(crate) attributes: BTreeMap<String, Value>,
    /// Attributes for AWS itself: a trace header.
    pub(super) system: BTreeMap<String, Value>,
    /// Who sent it.
    pub(super) sender: String,
    /// When it was sent.
    pub(super) sent: Moment,
    /// From when on it can be handed out.
    pub(super) visible: Moment,
    /// How often it was handed out.
    pub(super) received: u64,
    /// When it was handed out first.
    pub(super) first_received: Option<Moment>,
    /// What makes the handle of the last time it was handed out different from the ones before.
    pub(super) receipt: String,
    /// Its group, in a FIFO queue.
    pub(super) group: Option<String>,
    /// What tells it from its duplicates, in a FIFO queue.
    pub(super) deduplication: Option<String>,
    /// The ARN of the queue it failed in, in a dead-letter queue.
    pub(super) source: Option<String>,
}

/// The value of a message attribute, in the shape of the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Value {
    /// `String`, `Number` or `Binary`, with or without a label of one's own.
    #[serde(rename = "DataType")]
    pub(crate) kind: String,
    /// The value of a text or a number.
    #[serde(rename = "StringValue", default, skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    /// The value of bytes, in base64.
    #[serde(rename = "BinaryValue", default, skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<String>,
}
