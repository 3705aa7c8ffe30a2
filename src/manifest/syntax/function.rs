//! What can be typed about functions.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::at::{At, Names};
use super::super::compound::{Clouds, Condition, Processors};
use super::super::word::{
    AccessVerb, Architecture, Egress, Ingress, Interval, LogFormat, Retention, Size,
};
use super::{Maybe, On, Trigger};

/// A function.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct Function {
    /// The folder (or `.zip` file) with its code, relative to the manifest.
    pub(in crate::manifest) source: Maybe<String>,
    /// What in the folder is left out, in the patterns of `.gitignore`.
    pub(in crate::manifest) exclude: Maybe<Vec<At<String>>>,
    /// The entry point, such as `app.handler`.
    pub(in crate::manifest) handler: Maybe<String>,
    /// The language runtime, such as `python3.13`.
    pub(in crate::manifest) runtime: Maybe<String>,
    /// The processor. `x86_64` where it is not given.
    pub(in crate::manifest) architecture: Maybe<Architecture>,
    /// Memory, such as `512MiB`. The cloud's own choice where it is not given.
    pub(in crate::manifest) memory: Maybe<Size>,
    /// How long one invocation may take, such as `30s`. The cloud's own choice where it is not given.
    pub(in crate::manifest) timeout: Maybe<Interval>,
    /// The size of `/tmp`. `512MiB` where it is not given.
    pub(in crate::manifest) ephemeral_storage: Maybe<Size>,
    /// Environment variables.
    pub(in crate::manifest) environment: Maybe<Names<String>>,
    /// Environment variables filled from the cloud's secret store: variable to secret name.
    pub(in crate::manifest) secrets: Maybe<Names<String>>,
    /// A sentence for people.
    pub(in crate::manifest) description: Maybe<String>,
    /// Tags or labels.
    pub(in crate::manifest) tags: Maybe<Names<String>>,
    /// Whether invocations are traced. Off where it is not given.
    pub(in crate::manifest) tracing: Maybe<bool>,
    /// How log lines are written. `text` where it is not given.
    pub(in crate::manifest) log_format: Maybe<LogFormat>,
    /// How long log lines are kept, such as `30d`. `forever` where it is not given.
    pub(in crate::manifest) log_retention: Maybe<Retention>,
    /// How many invocations may run at once, reserved for this function.
    pub(in crate::manifest) concurrency: Maybe<u32>,
    /// Processors, such as `0.5` or `2`. The cloud's choice by the memory where it is not given.
    pub(in crate::manifest) cpu: Maybe<Processors>,
    /// How many requests one instance serves at once.
    pub(in crate::manifest) instance_concurrency: Maybe<u32>,
    /// How many instances are kept warm.
    pub(in crate::manifest) min_instances: Maybe<u32>,
    /// How many instances there may be.
    pub(in crate::manifest) max_instances: Maybe<u32>,
    /// Where requests may come from. `all` where it is not given.
    pub(in crate::manifest) ingress: Maybe<Ingress>,
    /// The connector to a private network: `projects/P/locations/R/connectors/C`.
    pub(in crate::manifest) vpc_connector: Maybe<String>,
    /// Which outgoing traffic takes the connector. `private-ranges` where it is not given.
    pub(in crate::manifest) vpc_egress: Maybe<Egress>,
    /// The service account that builds the code in the cloud.
    pub(in crate::manifest) build_identity: Maybe<String>,
    /// Whether the cloud installs what the code depends on, where it can also take it as packed.
    pub(in crate::manifest) remote_build: Maybe<bool>,
    /// What happens to asynchronous invocations that fail.
    pub(in crate::manifest) retry: Maybe<Retry>,
    /// The cloud it runs on, or several. Not needed where the manifest names only one.
    pub(in crate::manifest) provider: Maybe<Clouds>,
    /// What calls it.
    pub(in crate::manifest) trigger: Maybe<Vec<At<Trigger>>>,
    /// What it may use.
    pub(in crate::manifest) access: Maybe<Vec<At<Access>>>,
    /// What is different on one of its clouds.
    pub(in crate::manifest) on: Maybe<On<Function>>,
}

/// What happens to asynchronous invocations that fail.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct Retry {
    /// How often a failed invocation is tried again.
    pub(in crate::manifest) attempts: Maybe<u32>,
    /// How old an event may grow before it is dropped.
    pub(in crate::manifest) max_age: Maybe<Interval>,
    /// Where events that failed for good go, such as `queue.failed`.
    pub(in crate::manifest) dead_letter: Maybe<String>,
}

/// One use of a resource.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct Access {
    /// What is used, such as `bucket.photos`.
    pub(in crate::manifest) to: At<String>,
    /// What is done with it.
    pub(in crate::manifest) verbs: Maybe<Vec<At<AccessVerb>>>,
    /// What is done with it in the cloud's own words, where no verb fits, such as `s3:*`. Needs a `reason`.
    pub(in crate::manifest) actions: Maybe<Vec<At<String>>>,
    /// The part of it that is used, such as a key prefix.
    pub(in crate::manifest) prefix: Maybe<String>,
    /// The indexes of a table that are used beside it.
    pub(in crate::manifest) indexes: Maybe<Vec<At<String>>>,
    /// The partition keys of a table's items that are used.
    pub(in crate::manifest) keys: Maybe<Vec<At<String>>>,
    /// When it counts: operators, keys and values of AWS, or an expression of Azure or Google.
    pub(in crate::manifest) condition: Maybe<Condition>,
    /// The environment variable that is filled with its name in the cloud: a bucket's name, an SQS queue's URL, a
    /// Pub/Sub topic's full name, the URL of a container or storage queue.
    pub(in crate::manifest) env: Maybe<String>,
    /// Why, where the access is wider than it need be.
    pub(in crate::manifest) reason: Maybe<String>,
}
