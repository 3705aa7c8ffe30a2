//! What can be typed about the resources that functions use.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::at::Names;
use super::super::compound::Clouds;
use super::super::word::{Interval, QueueKind};
use super::{Maybe, On};

/// A resource that functions use.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct Resource {
    /// Whether it exists already: then it is only referred to, and never created or deleted.
    pub(in crate::manifest) existing: Maybe<bool>,
    /// Its name in the cloud, where that is not derived from the project's.
    pub(in crate::manifest) name: Maybe<String>,
}

/// A message queue.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct Queue {
    /// Whether it exists already: then it is only referred to, and never created or deleted.
    pub(in crate::manifest) existing: Maybe<bool>,
    /// Its name in the cloud, where that is not derived from the project's.
    pub(in crate::manifest) name: Maybe<String>,
    /// The queue service, where the cloud has several. `storage` on Azure where it is not given.
    pub(in crate::manifest) kind: Maybe<QueueKind>,
    /// How long a message stays out of sight once it was received, such as `3m`.
    pub(in crate::manifest) visibility_timeout: Maybe<Interval>,
    /// How long a message is kept, such as `4d`. The cloud's choice where it is not given.
    pub(in crate::manifest) retention: Maybe<Interval>,
    /// Where messages go that fail again and again.
    pub(in crate::manifest) dead_letter: Maybe<DeadLetter>,
    /// Tags or labels.
    pub(in crate::manifest) tags: Maybe<Names<String>>,
    /// The cloud it is on, or several. Those of the functions that use it where it is not given.
    pub(in crate::manifest) provider: Maybe<Clouds>,
    /// What is different on one of its clouds.
    pub(in crate::manifest) on: Maybe<On<Queue>>,
}

/// Where messages go that fail again and again.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = ["queue"]))]
pub(in crate::manifest) struct DeadLetter {
    /// The queue they go to, such as `queue.failed`.
    pub(in crate::manifest) queue: Maybe<String>,
    /// After how many deliveries. `5` where it is not given.
    pub(in crate::manifest) attempts: Maybe<u32>,
}

/// Object storage.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct Bucket {
    /// Whether it exists already: then it is only referred to, and never created or deleted.
    pub(in crate::manifest) existing: Maybe<bool>,
    /// Its name in the cloud, where that is not derived from the project's.
    pub(in crate::manifest) name: Maybe<String>,
    /// Where it is, such as `eu`. The region of the functions where it is not given.
    pub(in crate::manifest) location: Maybe<String>,
    /// Tags or labels.
    pub(in crate::manifest) tags: Maybe<Names<String>>,
    /// The cloud it is on, or several. Those of the functions that use it where it is not given.
    pub(in crate::manifest) provider: Maybe<Clouds>,
    /// What is different on one of its clouds.
    pub(in crate::manifest) on: Maybe<On<Bucket>>,
}
