//! What people do with a deployed function: call it and read its log.

use async_trait::async_trait;

use crate::{CloudError, Scope};

/// A cloud whose functions can be called and whose logs can be read.
#[async_trait]
pub trait Operate: Send + Sync {
    /// Calls a function by its logical name and waits for the answer.
    async fn invoke(
        &self,
        scope: &Scope,
        function: &str,
        payload: &[u8],
    ) -> Result<Invocation, CloudError>;

    /// Reads the log of a function: lines written at or after `since`, in milliseconds since the
    /// Unix epoch, oldest first.
    async fn logs(&self, scope: &Scope, function: &str, since: i64) -> Result<LogPage, CloudError>;
}

/// What an invocation gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The function's answer, or the runtime's description of its failure.
    pub payload: Vec<u8>,
    /// The kind of failure, such as `Unhandled`, or `None` if the function answered.
    pub error: Option<String>,
    /// The last lines of the log, where the cloud sends them along.
    pub log_tail: Option<String>,
}

/// Some lines of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPage {
    /// The lines, oldest first.
    pub lines: Vec<LogLine>,
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The cloud's identity of the line; the same line read twice has the same one.
    pub id: String,
    /// When it was written, in milliseconds since the Unix epoch.
    pub at: i64,
    /// What was written, without the newline.
    pub text: String,
}
