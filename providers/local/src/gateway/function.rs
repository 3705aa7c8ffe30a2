//! Runs the function behind a route, if its policy lets API Gateway.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::cloud::Cloud;
use crate::wire::Refusal;

/// Which function is run, on whose behalf and how long it is waited for.
pub(crate) struct Run {
    /// The function's ARN, with or without a qualifier.
    pub(crate) function: String,
    /// The route that calls it: `aws:SourceArn`.
    pub(crate) source: String,
    /// The API's account: `aws:SourceAccount`.
    pub(crate) account: String,
    /// How long the gateway waits.
    pub(crate) patience_ms: u64,
}

/// How it ended.
pub(crate) enum Ran {
    /// The function returned this.
    Done(Bytes),
    /// The function failed.
    Failed,
    /// It took longer than the gateway waits. The function runs on.
    Late,
    /// There is no such function, or API Gateway may not call it.
    Refused,
}

/// Runs the function with an event.
pub(crate) async fn run(_cloud: &Cloud, _run: Run, _event: &Value) -> Result<Ran, Refusal> {
    Ok(Ran::Refused)
}
