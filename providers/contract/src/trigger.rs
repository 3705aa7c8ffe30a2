//! What calls a function, in words every cloud shares.

use std::fmt;
use std::time::Duration;

use crate::{Origin, Schedule};

/// One trigger of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriggerEntry {
    /// What calls.
    pub trigger: Trigger,
    /// Where the manifest declares it.
    pub origin: Origin,
}

/// What calls a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A request over HTTP.
    Http {
        /// The front door.
        kind: HttpKind,
        /// The method, `ANY` for all.
        method: Method,
        /// The path, such as `/photos/{id}`. `/` for a function URL.
        path: String,
        /// Who may call.
        auth: Auth,
        /// The callers that [`Auth::Iam`] lets in, in the cloud's own notation. Empty: whoever
        /// was given the permission elsewhere.
        callers: Vec<String>,
    },
    /// The clock.
    Schedule {
        /// When.
        schedule: Schedule,
        /// The event the function receives, as JSON.
        input: Option<String>,
    },
    /// A change of an object in storage.
    Storage {
        /// The bucket, as a manifest reference or a name.
        bucket: String,
        /// What happens to the object, such as `created`.
        events: Vec<String>,
        /// What the object's key starts with.
        prefix: Option<String>,
        /// What the object's key ends with.
        suffix: Option<String>,
    },
    /// Messages in a queue.
    Queue {
        /// The queue, as a manifest reference or a name.
        queue: String,
        /// The most messages one invocation receives.
        batch_size: Option<u32>,
        /// How long messages are gathered.
        batch_window: Option<Duration>,
        /// The most invocations that messages of this queue may cause at once.
        max_concurrency: Option<u32>,
        /// Whether the function names the messages of a batch that failed, so that only those
        /// come back.
        partial_failures: bool,
        /// Which messages, in the cloud's filter language.
        filter: Option<String>,
        /// How long a message that failed rests before it comes back: least and most.
        backoff: Option<(Duration, Duration)>,
    },
    /// Messages published to a topic.
    Topic {
        /// The topic, as a manifest reference or a name.
        topic: String,
        /// Which messages, in the cloud's filter language, as JSON.
        filter: Option<String>,
    },
    /// Records of a stream.
    Stream {
        /// The stream, as a manifest reference or a name.
        stream: String,
        /// The most records one invocation receives.
        batch_size: Option<u32>,
        /// Where reading starts: `latest` or `oldest`.
        start: Option<String>,
    },
    /// Changes of a table's items.
    Database {
        /// The table, as a manifest reference or a name.
        table: String,
        /// The most changes one invocation receives.
        batch_size: Option<u32>,
    },
    /// Events on a bus.
    Event {
        /// The bus, as a manifest reference or a name; the cloud's default one if absent.
        bus: Option<String>,
        /// Which events, in the cloud's pattern language, as JSON.
        pattern: String,
    },
    /// Messages from devices.
    Iot {
        /// The topic filter or query that selects messages.
        topic: String,
    },
}

/// The nine types of trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is documented at the variant of `Trigger` of the same name")]
pub enum TriggerType {
    Http,
    Schedule,
    Storage,
    Queue,
    Topic,
    Stream,
    Database,
    Event,
    Iot,
}

impl TriggerType {
    /// Every type, in the order they are shown.
    pub const ALL: [TriggerType; 9] = [
        TriggerType::Http,
        TriggerType::Schedule,
        TriggerType::Storage,
        TriggerType::Queue,
        TriggerType::Topic,
        TriggerType::Stream,
        TriggerType::Database,
        TriggerType::Event,
        TriggerType::Iot,
    ];

    /// Returns the word the manifest uses.
    pub fn word(self) -> &'static str {
        match self {
            TriggerType::Http => "http",
            TriggerType::Schedule => "schedule",
            TriggerType::Storage => "storage",
            TriggerType::Queue => "queue",
            TriggerType::Topic => "topic",
            TriggerType::Stream => "stream",
            TriggerType::Database => "database",
            TriggerType::Event => "event",
            TriggerType::Iot => "iot",
        }
    }
}

impl Trigger {
    /// Returns the trigger's type.
    pub fn trigger_type(&self) -> TriggerType {
        match self {
            Trigger::Http { .. } => TriggerType::Http,
            Trigger::Schedule { .. } => TriggerType::Schedule,
            Trigger::Storage { .. } => TriggerType::Storage,
            Trigger::Queue { .. } => TriggerType::Queue,
            Trigger::Topic { .. } => TriggerType::Topic,
            Trigger::Stream { .. } => TriggerType::Stream,
            Trigger::Database { .. } => TriggerType::Database,
            Trigger::Event { .. } => TriggerType::Event,
            Trigger::Iot { .. } => TriggerType::Iot,
        }
    }
}

/// The front door of an HTTP trigger. Clouds with a single one ignore it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HttpKind {
    /// API Gateway REST API, on AWS.
    RestApi,
    /// API Gateway HTTP API, on AWS.
    HttpApi,
    /// The function's own URL.
    Url,
}

/// Who may call over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Auth {
    /// Everyone.
    None,
    /// Callers that the cloud's identity service allows.
    Iam,
    /// Callers that know the function's key, where the cloud gives functions keys.
    Key,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of RFC 9110, and ANY is all of them")]
pub enum Method {
    Any,
    Delete,
    Get,
    Head,
    Options,
    Patch,
    Post,
    Put,
}

impl Method {
    /// Every method.
    pub const ALL: [Method; 8] = [
        Method::Any,
        Method::Delete,
        Method::Get,
        Method::Head,
        Method::Options,
        Method::Patch,
        Method::Post,
        Method::Put,
    ];

    /// Returns the method as it is sent.
    pub fn word(self) -> &'static str {
        match self {
            Method::Any => "ANY",
            Method::Delete => "DELETE",
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Options => "OPTIONS",
            Method::Patch => "PATCH",
            Method::Post => "POST",
            Method::Put => "PUT",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
