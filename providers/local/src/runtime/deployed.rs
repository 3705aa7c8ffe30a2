//! What goes into the runtime and what comes out of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::judge::aws::Session;

/// Reads a function's archive when it must be unpacked.
pub(crate) type Loader = Arc<dyn Fn() -> Result<Vec<u8>, String> + Send + Sync>;

/// Takes finished log lines of one stream, in order.
pub(crate) type Sink<'a> = &'a (dyn Fn(&str, &[Line]) + Send + Sync);

/// Whose functions these are: what an instance finds around it, and which bootstrap speaks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// AWS Lambda: an event in, an answer out.
    Lambda,
    /// Google's Cloud Run functions: an HTTP request in, a response out, both as JSON.
    CloudRun,
    /// Azure Functions: an invocation of one function of an app in, what came of it out, both as JSON.
    Functions,
}

/// A function as it is when it is started.
#[derive(Clone)]
pub(crate) struct Deployed {
    /// Whose function it is.
    pub(crate) host: Host,
    /// The region it lives in.
    pub(crate) region: String,
    /// Its name.
    pub(crate) name: String,
    /// Its unqualified ARN.
    pub(crate) arn: String,
    /// Changes whenever code or configuration change; warm instances belong to one revision.
    pub(crate) revision: String,
    /// The runtime's identifier, such as `python3.13`.
    pub(crate) runtime: String,
    /// The handler, such as `app.handler`.
    pub(crate) handler: String,
    /// The function's own variables.
    pub(crate) environment: BTreeMap<String, String>,
    /// Memory in MB.
    pub(crate) memory: u64,
    /// How long one invocation may take.
    pub(crate) timeout: Duration,
    /// Reserved concurrency, if any.
    pub(crate) concurrency: Option<u64>,
    /// The digest that names the archive's content, safe as a file name.
    pub(crate) digest: String,
    /// Reads the archive.
    pub(crate) code: Loader,
    /// Where and how it logs.
    pub(crate) logging: Logging,
    /// With what it calls other services; nothing where its cloud hands that out in another way.
    pub(crate) session: Option<Session>,
    /// The embedded cloud's URL, for calls the handler makes.
    pub(crate) endpoint: String,
}

/// Where and how a function logs.
#[derive(Clone, Debug)]
pub(crate) struct Logging {
    /// The log group's name.
    pub(crate) group: String,
    /// Plain lines or JSON objects.
    pub(crate) style: LogStyle,
    /// The lowest level of the handler's own lines, with JSON.
    pub(crate) level: Option<String>,
    /// The lowest level of platform lines, with JSON: `DEBUG`, `INFO` or `WARN`.
    pub(crate) platform: Option<String>,
}

/// How the log is written: Lambda's two formats, or without any lines of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogStyle {
    /// Plain lines.
    Text,
    /// JSON objects.
    Json,
    /// What the function prints and nothing else.
    Bare,
}

/// One event for a function.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The request id the handler sees.
    pub(crate) request_id: String,
    /// The event, a JSON text.
    pub(crate) payload: Bytes,
    /// The client context, decoded, if the caller gave one.
    pub(crate) client_context: Option<String>,
}

/// How an invocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With an answer.
    Answered,
    /// With an error that the bootstrap reports: of the handler, or while it was loaded.
    Failed,
    /// With the end of the process.
    Exited,
    /// Too late.
    TimedOut,
}

/// What an invocation came to.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// The handler's answer, or the description of the error.
    pub(crate) payload: Bytes,
    /// `Unhandled` when the function failed.
    pub(crate) error: Option<&'static str>,
    /// How it ended.
    pub(crate) ending: Ending,
    /// The invocation's log lines, joined.
    pub(crate) log: String,
}

/// Why an invocation never started.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Every reserved instance is busy.
    #[error("Rate Exceeded.")]
    Busy,
    /// The embedded cloud cannot run this function; says why and what to do.
    #[error("{0}")]
    Unable(String),
}

/// Where a line was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Standard output, and the platform's own lines.
    Out,
    /// Standard error.
    Err,
}

/// One line of a log stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Milliseconds since 1970.
    pub(crate) time: i64,
    /// The text, without the final line end.
    pub(crate) text: String,
    /// Which of the process's two streams it came from.
    pub(crate) from: Stream,
}
