//! What can be typed into a manifest. The JSON Schema comes from here.
//!
//! The comments are shown by editors, so they speak to the person who writes a manifest.

#![expect(dead_code, reason = "some keys are only checked and described: the tree is used instead")]

use schemars::JsonSchema;
use serde::Deserialize;

use super::at::{At, Names};
use super::compound::{Clouds, Json};
use super::word::{
    AccessVerb, Architecture, Auth, HttpKind, Interval, LogFormat, Method, Retention, Size,
    StorageEvent, StreamStart,
};

/// An optional key.
pub(super) type Maybe<T> = Option<At<T>>;

/// The serverless functions of one project, and what calls them.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Manifest {
    /// What the project is called.
    pub(super) project: At<Project>,
    /// The clouds it runs on, and where.
    pub(super) provider: Maybe<Providers>,
    /// What every function has unless it says otherwise.
    pub(super) defaults: Maybe<Function>,
    /// Values that are filled in where `${var.NAME}` stands.
    pub(super) vars: Maybe<Names<Var>>,
    /// The functions.
    pub(super) function: Maybe<Names<Function>>,
    /// Object storage.
    pub(super) bucket: Maybe<Names<Resource>>,
    /// Message queues.
    pub(super) queue: Maybe<Names<Resource>>,
    /// Topics with subscribers.
    pub(super) topic: Maybe<Names<Resource>>,
    /// Partitioned streams.
    pub(super) stream: Maybe<Names<Resource>>,
    /// Key-value tables.
    pub(super) table: Maybe<Names<Resource>>,
    /// Event buses.
    pub(super) bus: Maybe<Names<Resource>>,
    /// What is different in a stage.
    pub(super) stage: Maybe<Names<Stage>>,
}

/// What the project is called.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Project {
    /// The name: the start of everything's name in the cloud.
    pub(super) name: At<String>,
}

/// The clouds a project runs on.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Providers {
    /// Amazon Web Services.
    pub(super) aws: Maybe<Aws>,
    /// Microsoft Azure. Not available in this version.
    pub(super) azure: Maybe<Azure>,
    /// Google Cloud. Not available in this version.
    pub(super) gcp: Maybe<Gcp>,
}

/// Where on Amazon Web Services.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Aws {
    /// The region, such as `eu-west-1`. Without it, the one your environment names.
    pub(super) region: Maybe<String>,
    /// The account, twelve digits. Credentials of another one are refused.
    pub(super) account: Maybe<String>,
    /// A profile of your AWS configuration files.
    pub(super) profile: Maybe<String>,
    /// How long REST APIs wait, where AWS raised that quota for the account.
    pub(super) rest_timeout: Maybe<Interval>,
}

/// Where on Microsoft Azure.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Azure {
    /// The region, such as `westeurope`.
    pub(super) region: Maybe<String>,
    /// The subscription's id.
    pub(super) subscription: Maybe<String>,
}

/// Where on Google Cloud.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Gcp {
    /// The region, such as `europe-west1`.
    pub(super) region: Maybe<String>,
    /// The project's id.
    pub(super) project: Maybe<String>,
}

/// A value set for each run with `--var NAME=VALUE`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Var {
    /// The value where none is given.
    pub(super) default: Maybe<String>,
    /// What it is for.
    pub(super) description: Maybe<String>,
    /// Whether its value is kept out of sight. Only environment variables may be filled with it.
    pub(super) secret: Maybe<bool>,
}

/// A function.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Function {
    /// The folder (or `.zip` file) with its code, relative to the manifest.
    pub(super) source: Maybe<String>,
    /// What in the folder is left out, in the patterns of `.gitignore`.
    pub(super) exclude: Maybe<Vec<At<String>>>,
    /// The entry point, such as `app.handler`.
    pub(super) handler: Maybe<String>,
    /// The language runtime, such as `python3.13`.
    pub(super) runtime: Maybe<String>,
    /// The processor. `x86_64` where it is not given.
    pub(super) architecture: Maybe<Architecture>,
    /// Memory, such as `256MiB`. `128MiB` where it is not given.
    pub(super) memory: Maybe<Size>,
    /// How long one invocation may take, such as `30s`. `3s` where it is not given.
    pub(super) timeout: Maybe<Interval>,
    /// The size of `/tmp`. `512MiB` where it is not given.
    pub(super) ephemeral_storage: Maybe<Size>,
    /// Environment variables.
    pub(super) environment: Maybe<Names<String>>,
    /// Environment variables filled from the cloud's secret store: variable to secret name.
    pub(super) secrets: Maybe<Names<String>>,
    /// A sentence for people.
    pub(super) description: Maybe<String>,
    /// Tags or labels.
    pub(super) tags: Maybe<Names<String>>,
    /// Whether invocations are traced. Off where it is not given.
    pub(super) tracing: Maybe<bool>,
    /// How log lines are written. `text` where it is not given.
    pub(super) log_format: Maybe<LogFormat>,
    /// How long log lines are kept, such as `30d`. `forever` where it is not given.
    pub(super) log_retention: Maybe<Retention>,
    /// How many invocations may run at once, reserved for this function.
    pub(super) concurrency: Maybe<u32>,
    /// What happens to asynchronous invocations that fail.
    pub(super) retry: Maybe<Retry>,
    /// The cloud it runs on, or several. Not needed where the manifest names only one.
    pub(super) provider: Maybe<Clouds>,
    /// What calls it.
    pub(super) trigger: Maybe<Vec<At<Trigger>>>,
    /// What it may use.
    pub(super) access: Maybe<Vec<At<Access>>>,
}

/// What happens to asynchronous invocations that fail.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Retry {
    /// How often a failed invocation is tried again.
    pub(super) attempts: Maybe<u32>,
    /// How old an event may grow before it is dropped.
    pub(super) max_age: Maybe<Interval>,
    /// Where events that failed for good go, such as `queue.failed`.
    pub(super) dead_letter: Maybe<String>,
}

/// One use of a resource.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Access {
    /// What is used, such as `bucket.photos`.
    pub(super) to: At<String>,
    /// What is done with it.
    pub(super) verbs: At<Vec<At<AccessVerb>>>,
    /// The part of it that is used, such as a key prefix.
    pub(super) prefix: Maybe<String>,
    /// Why, where the access is wider than it need be.
    pub(super) reason: Maybe<String>,
}

/// A resource that functions use.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Resource {
    /// Whether it exists already: then it is only referred to, and never created or deleted.
    pub(super) existing: Maybe<bool>,
    /// Its name in the cloud, where that is not derived from the project's.
    pub(super) name: Maybe<String>,
}

/// What is different in a stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "stages are laid over the base before it is resolved; this checks them"
)]
pub(super) struct Stage {
    /// The clouds it runs on, and where.
    pub(super) provider: Maybe<Providers>,
    /// What every function has unless it says otherwise.
    pub(super) defaults: Maybe<Function>,
    /// Values that are filled in where `${var.NAME}` stands.
    pub(super) vars: Maybe<Names<Var>>,
    /// The functions.
    pub(super) function: Maybe<Names<Function>>,
    /// Object storage.
    pub(super) bucket: Maybe<Names<Resource>>,
    /// Message queues.
    pub(super) queue: Maybe<Names<Resource>>,
    /// Topics with subscribers.
    pub(super) topic: Maybe<Names<Resource>>,
    /// Partitioned streams.
    pub(super) stream: Maybe<Names<Resource>>,
    /// Key-value tables.
    pub(super) table: Maybe<Names<Resource>>,
    /// Event buses.
    pub(super) bus: Maybe<Names<Resource>>,
}

/// What calls a function: exactly one of these.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1, "maxProperties" = 1))]
pub(super) struct Trigger {
    /// A request over HTTP.
    pub(super) http: Maybe<Http>,
    /// The clock.
    pub(super) schedule: Maybe<Schedule>,
    /// A change of an object in storage.
    pub(super) storage: Maybe<Storage>,
    /// Messages in a queue.
    pub(super) queue: Maybe<QueueTrigger>,
    /// Messages published to a topic.
    pub(super) topic: Maybe<Topic>,
    /// Records of a stream.
    pub(super) stream: Maybe<StreamTrigger>,
    /// Changes of a table's items.
    pub(super) database: Maybe<Database>,
    /// Events on a bus.
    pub(super) event: Maybe<Event>,
    /// Messages from devices.
    pub(super) iot: Maybe<Iot>,
}

/// A request over HTTP.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = ["auth"]))]
pub(super) struct Http {
    /// The front door. `rest-api` where it is not given.
    pub(super) kind: Maybe<HttpKind>,
    /// The method, `ANY` for all. Not for `kind = "url"`.
    pub(super) method: Maybe<Method>,
    /// The path, such as `/photos/{id}`. Not for `kind = "url"`.
    pub(super) path: Maybe<String>,
    /// Who may call: `none` is everyone on the internet, `iam` is callers the cloud allows.
    pub(super) auth: Maybe<Auth>,
}

/// The clock: a rate, or a cron expression.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Schedule {
    /// An interval in whole minutes, such as `5m`.
    pub(super) rate: Maybe<Interval>,
    /// Five fields: minute, hour, day of month, month, day of week.
    pub(super) cron: Maybe<String>,
    /// The time zone of the cron expression, such as `Europe/Paris`. UTC where it is not given.
    pub(super) timezone: Maybe<String>,
    /// The event the function receives.
    pub(super) input: Maybe<Json>,
}

/// A change of an object in storage.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Storage {
    /// The bucket, such as `bucket.photos`.
    pub(super) bucket: At<String>,
    /// What happens to the object.
    pub(super) events: At<Vec<At<StorageEvent>>>,
    /// What the object's key starts with.
    pub(super) prefix: Maybe<String>,
    /// What the object's key ends with.
    pub(super) suffix: Maybe<String>,
}

/// Messages in a queue.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct QueueTrigger {
    /// The queue, such as `queue.jobs`.
    pub(super) queue: At<String>,
    /// The most messages one invocation receives.
    pub(super) batch_size: Maybe<u32>,
    /// How long messages are gathered.
    pub(super) batch_window: Maybe<Interval>,
}

/// Messages published to a topic.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Topic {
    /// The topic, such as `topic.orders`.
    pub(super) topic: At<String>,
    /// Which messages, in the cloud's filter language.
    pub(super) filter: Maybe<Json>,
}

/// Records of a stream.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct StreamTrigger {
    /// The stream, such as `stream.clicks`.
    pub(super) stream: At<String>,
    /// The most records one invocation receives.
    pub(super) batch_size: Maybe<u32>,
    /// Where reading starts.
    pub(super) start: Maybe<StreamStart>,
}

/// Changes of a table's items.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Database {
    /// The table, such as `table.orders`.
    pub(super) table: At<String>,
    /// The most changes one invocation receives.
    pub(super) batch_size: Maybe<u32>,
}

/// Events on a bus.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Event {
    /// The bus, such as `bus.orders`. The cloud's default one where it is not given.
    pub(super) bus: Maybe<String>,
    /// Which events, in the cloud's pattern language.
    pub(super) pattern: At<Json>,
}

/// Messages from devices.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Iot {
    /// The topic filter that selects messages.
    pub(super) topic: At<String>,
}
