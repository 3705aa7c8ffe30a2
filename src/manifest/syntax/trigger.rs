//! What can be typed about triggers.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::at::At;
use super::super::compound::{Filter, Json};
use super::super::word::{Auth, HttpKind, Interval, Method, StorageEvent, StreamStart};
use super::Maybe;

/// What calls a function: exactly one of these.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1, "maxProperties" = 1))]
pub(in crate::manifest) struct Trigger {
    /// A request over HTTP.
    pub(in crate::manifest) http: Maybe<Http>,
    /// The clock.
    pub(in crate::manifest) schedule: Maybe<Schedule>,
    /// A change of an object in storage.
    pub(in crate::manifest) storage: Maybe<Storage>,
    /// Messages in a queue.
    pub(in crate::manifest) queue: Maybe<QueueTrigger>,
    /// Messages published to a topic.
    pub(in crate::manifest) topic: Maybe<Topic>,
    /// Records of a stream.
    pub(in crate::manifest) stream: Maybe<StreamTrigger>,
    /// Changes of a table's items.
    pub(in crate::manifest) database: Maybe<Database>,
    /// Events on a bus.
    pub(in crate::manifest) event: Maybe<Event>,
    /// Messages from devices.
    pub(in crate::manifest) iot: Maybe<Iot>,
}

/// A request over HTTP.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = ["auth"]))]
pub(in crate::manifest) struct Http {
    /// The front door. `rest-api` where it is not given.
    pub(in crate::manifest) kind: Maybe<HttpKind>,
    /// The method, `ANY` for all. Not for `kind = "url"`.
    pub(in crate::manifest) method: Maybe<Method>,
    /// The path, such as `/photos/{id}`. Not for `kind = "url"`.
    pub(in crate::manifest) path: Maybe<String>,
    /// Who may call: `none` is everyone on the internet, `iam` is callers the cloud allows, `key` is callers that know
    /// the function's key.
    pub(in crate::manifest) auth: Maybe<Auth>,
    /// Who of the callers the cloud allows, such as `group:ops@example.com`. For `auth = "iam"`.
    pub(in crate::manifest) callers: Maybe<Vec<At<String>>>,
}

/// The clock: a rate, or a cron expression.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct Schedule {
    /// An interval in whole minutes, such as `5m`.
    pub(in crate::manifest) rate: Maybe<Interval>,
    /// Five fields: minute, hour, day of month, month, day of week.
    pub(in crate::manifest) cron: Maybe<String>,
    /// The time zone of the cron expression, such as `Europe/Paris`. UTC where it is not given.
    pub(in crate::manifest) timezone: Maybe<String>,
    /// The event the function receives.
    pub(in crate::manifest) input: Maybe<Json>,
}

/// A change of an object in storage.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct Storage {
    /// The bucket, such as `bucket.photos`.
    pub(in crate::manifest) bucket: At<String>,
    /// What happens to the object.
    pub(in crate::manifest) events: At<Vec<At<StorageEvent>>>,
    /// What the object's key starts with.
    pub(in crate::manifest) prefix: Maybe<String>,
    /// What the object's key ends with.
    pub(in crate::manifest) suffix: Maybe<String>,
}

/// Messages in a queue.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct QueueTrigger {
    /// The queue, such as `queue.jobs`.
    pub(in crate::manifest) queue: At<String>,
    /// The most messages one invocation receives.
    pub(in crate::manifest) batch_size: Maybe<u32>,
    /// How long messages are gathered.
    pub(in crate::manifest) batch_window: Maybe<Interval>,
    /// How many invocations this queue may cause at once.
    pub(in crate::manifest) max_concurrency: Maybe<u32>,
    /// Whether the function answers with the messages that failed, so that only those come back.
    pub(in crate::manifest) partial_failures: Maybe<bool>,
    /// Which messages, in the cloud's filter language.
    pub(in crate::manifest) filter: Maybe<Filter>,
    /// How long a message that failed rests before it comes back.
    pub(in crate::manifest) backoff: Maybe<Backoff>,
}

/// How long a message that failed rests before it comes back.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct Backoff {
    /// The first time. `10s` where it is not given.
    pub(in crate::manifest) min: Maybe<Interval>,
    /// At most. `10m` where it is not given.
    pub(in crate::manifest) max: Maybe<Interval>,
}

/// Messages published to a topic.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct Topic {
    /// The topic, such as `topic.orders`.
    pub(in crate::manifest) topic: At<String>,
    /// Which messages, in the cloud's filter language.
    pub(in crate::manifest) filter: Maybe<Json>,
}

/// Records of a stream.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct StreamTrigger {
    /// The stream, such as `stream.clicks`.
    pub(in crate::manifest) stream: At<String>,
    /// The most records one invocation receives.
    pub(in crate::manifest) batch_size: Maybe<u32>,
    /// Where reading starts.
    pub(in crate::manifest) start: Maybe<StreamStart>,
}

/// Changes of a table's items.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct Database {
    /// The table, such as `table.orders`.
    pub(in crate::manifest) table: At<String>,
    /// The most changes one invocation receives.
    pub(in crate::manifest) batch_size: Maybe<u32>,
}

/// Events on a bus.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct Event {
    /// The bus, such as `bus.orders`. The cloud's default one where it is not given.
    pub(in crate::manifest) bus: Maybe<String>,
    /// Which events, in the cloud's pattern language.
    pub(in crate::manifest) pattern: At<Json>,
}

/// Messages from devices.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct Iot {
    /// The topic filter that selects messages.
    pub(in crate::manifest) topic: At<String>,
}
