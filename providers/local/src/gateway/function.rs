//! Runs the function behind a route, if its policy lets API Gateway.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::cloud::Cloud;
use crate::services::lambda::{Invoked, Source, invoke, permits};
use crate::wire::{NOT_MODELLED, Refusal};

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
pub(crate) async fn run(cloud: &Cloud, run: Run, event: &Value) -> Result<Ran, Refusal> {
    let Run { function, source, account, patience_ms } = run;
    let source = Source { service: "apigateway.amazonaws.com", arn: &source, account: &account };
    if !cloud.transact(|tx, _| Ok(permits(tx, &function, &source)?))? {
        return Ok(Ran::Refused);
    }
    let payload = Bytes::from(event.to_string());
    let cloud = cloud.clone();
    // A task of its own: the function runs on when the gateway gives up.
    let work = tokio::spawn(async move { invoke(&cloud, &function, payload).await });
    match tokio::time::timeout(Duration::from_millis(patience_ms), work).await {
        Err(_) => Ok(Ran::Late),
        Ok(Ok(Ok(Invoked { failed: false, payload }))) => Ok(Ran::Done(payload)),
        Ok(Ok(Ok(Invoked { failed: true, .. })) | Err(_)) => Ok(Ran::Failed),
        // What this cloud cannot run is told to whoever asks, not hidden behind the gateway's own words.
        Ok(Ok(Err(refusal))) if refusal.code == NOT_MODELLED => Err(refusal),
        Ok(Ok(Err(_))) => Ok(Ran::Refused),
    }
}
