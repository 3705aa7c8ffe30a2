//! Functions are run: by `Invoke`, and by other services of this cloud.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::de::IgnoredAny;

use super::checks::Checks;
use super::journal;
use super::names::{Named, from_arn};
use super::record::{Function, code_key, find, place};
use super::refusals::{invalid, no_function, pending, user};
use crate::clock::Moment;
use crate::cloud::Cloud;
use crate::judge::aws::{Acting, Session};
use crate::runtime::{Call, Deployed, Failure, Host, Line, LogStyle, Logging, Outcome};
use crate::services::Pending;
use crate::wire::{Body, Refusal, Reply, Request};

/// What an event may measure (developer guide, "Lambda quotas").
const LIMITS: [(&str, usize); 2] = [("RequestResponse", 6_291_456), ("Event", 1_048_576)];

/// How often Lambda tries a failed asynchronous event again, and how long it waits each time, in minutes. The settings
/// say how long a minute is (developer guide, "How Lambda handles errors and retries with asynchronous invocation").
const RETRIES: [u64; 2] = [1, 2];

/// How an invocation for a service ended.
#[derive(Clone, Debug)]
pub(crate) struct Invoked {
    /// What the handler returned, or the description of its failure.
    pub(crate) payload: Bytes,
    /// Whether it failed.
    pub(crate) failed: bool,
}

/// Runs a function for another service and waits for its answer. Permissions are the service's to check.
pub(crate) async fn invoke(cloud: &Cloud, arn: &str, payload: Bytes) -> Result<Invoked, Refusal> {
    let function = ready(cloud, arn)?;
    let call = Call { request_id: new_id(), payload, client_context: None };
    let outcome = run(cloud, &function, &call).await?;
    Ok(Invoked { payload: outcome.payload, failed: outcome.error.is_some() })
}

/// Hands an event to a function without waiting, trying again as Lambda does. Permissions are the service's
/// to check.
pub(crate) fn invoke_later(cloud: &Cloud, arn: &str, payload: Bytes) -> Result<(), Refusal> {
    ready(cloud, arn)?;
    let call = Call { request_id: new_id(), payload, client_context: None };
    later(cloud.clone(), arn.to_owned(), call);
    Ok(())
}

/// `Invoke`.
pub(super) fn operation(request: Request, cloud: Cloud) -> Pending {
    Box::pin(async move {
        let kind = request.header("x-amz-invocation-type").unwrap_or("RequestResponse").to_owned();
        let log = request.header("x-amz-log-type").unwrap_or("None").to_owned();
        let mut checks = Checks::default();
        let kinds = ["Event", "RequestResponse", "DryRun"];
        checks.one_of(Some(&kind), "invocationType", &kinds);
        checks.one_of(Some(&log), "logType", &["None", "Tail"]);
        checks.done()?;
        let named = Named::in_path(&request)?.latest()?;
        let function = ready(&cloud, &named.arn)?;
        let call = call(&request, &kind)?;
        match kind.as_str() {
            "DryRun" => Ok(Reply::empty(204)),
            "Event" => {
                later(cloud, named.arn, call);
                Ok(Reply::empty(202))
            }
            _ => Ok(answer(run(&cloud, &function, &call).await?, log == "Tail")),
        }
    })
}

fn answer(outcome: Outcome, tail: bool) -> Reply {
    let body = Body::Bytes(outcome.payload, "application/json".to_owned());
    let mut reply = Reply::new(200, body).header("X-Amz-Executed-Version", "$LATEST");
    if let Some(error) = outcome.error {
        reply = reply.header("X-Amz-Function-Error", error);
    }
    if tail {
        let bytes = outcome.log.as_bytes();
        let last = bytes.get(bytes.len().saturating_sub(4096)..).unwrap_or_default();
        reply = reply.header("X-Amz-Log-Result", STANDARD.encode(last));
    }
    reply
}

fn call(request: &Request, kind: &str) -> Result<Call, Refusal> {
    let size = request.body.len();
    let limit = LIMITS.iter().find(|(of, _)| *of == kind).map_or(6_291_456, |(_, limit)| *limit);
    if size > limit {
        let message = format!(
            "{size} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
        );
        return Err(user(413, "RequestTooLargeException", message));
    }
    let payload =
        if request.body.is_empty() { Bytes::from_static(b"{}") } else { request.body.clone() };
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(&payload) {
        let message = format!(
            "Could not parse request body into json: Could not parse payload into json: {error}"
        );
        return Err(user(400, "InvalidRequestContentException", message));
    }
    let client_context = match request.header("x-amz-client-context") {
        None => None,
        Some(text) => {
            let decoded =
                STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let refused = || invalid("Client context must be a valid Base64-encoded JSON object.");
            Some(decoded.ok_or_else(refused)?)
        }
    };
    Ok(Call { request_id: request.id.clone(), payload, client_context })
}

fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Reads a function that can be invoked now.
fn ready(cloud: &Cloud, arn: &str) -> Result<Function, Refusal> {
    let Some((account, region, name)) = from_arn(arn) else { return Err(no_function(arn)) };
    cloud.transact(|tx, context| {
        let function = find(tx, &place(account, region), name)?.ok_or_else(|| no_function(arn))?;
        if function.is_pending(context.now) { Err(pending()) } else { Ok(function) }
    })
}

/// Runs an event to its end.
async fn run(cloud: &Cloud, function: &Function, call: &Call) -> Result<Outcome, Refusal> {
    let deployed = deployed(cloud, function);
    let sink = |stream: &str, lines: &[Line]| journal::write(cloud, function, stream, lines);
    cloud.runtimes.invoke(&deployed, call, &sink).await.map_err(|failure| match failure {
        Failure::Busy => user(429, "TooManyRequestsException", "Rate Exceeded.")
            .with("Reason", "ReservedFunctionConcurrentInvocationLimitExceeded"),
        Failure::Unable(reason) => Refusal::new(501, crate::wire::NOT_MODELLED, reason),
    })
}

/// Runs an event in the background, again if the function fails or is throttled.
fn later(cloud: Cloud, arn: String, call: Call) {
    tokio::spawn(async move {
        let mut stopping = cloud.stopping();
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => {}
            () = attempts(&cloud, &arn, &call) => {}
        }
    });
}

async fn attempts(cloud: &Cloud, arn: &str, call: &Call) {
    let mut retries = RETRIES.into_iter();
    let mut throttled = Duration::from_secs(1);
    // A function that is gone takes its events with it.
    while let Ok(function) = ready(cloud, arn) {
        match run(cloud, &function, call).await {
            Ok(Outcome { error: Some(_), .. }) => match retries.next() {
                Some(minutes) => {
                    let delay = cloud.settings.async_retry_ms.saturating_mul(minutes);
                    tokio::time::sleep(Duration::from_millis(delay)).await;
                }
                None => return,
            },
            Err(refusal) if refusal.status == 429 => {
                tokio::time::sleep(throttled).await;
                throttled = (throttled * 2).min(Duration::from_mins(5));
            }
            Ok(Outcome { error: None, .. }) | Err(_) => return,
        }
    }
}

/// The function as the runtime wants it.
fn deployed(cloud: &Cloud, function: &Function) -> Deployed {
    let config = &function.config;
    let store = cloud.clone();
    let key = code_key(
        &place(&function.account, &function.region),
        &function.name,
        &function.code.digest,
    );
    let code = move || {
        let read = store.transact(|tx, _| Ok(tx.get_bytes(&key)?));
        match read {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err("the function's code was replaced meanwhile".to_owned()),
            Err(refusal) => Err(refusal.message),
        }
    };
    let acting = Acting { role: config.role.clone(), function: function.arn() };
    let session = Session::new(&function.account, &acting, Moment::now());
    Deployed {
        host: Host::Lambda,
        region: function.region.clone(),
        name: function.name.clone(),
        arn: function.arn(),
        revision: function.revision.clone(),
        runtime: config.runtime.clone(),
        handler: config.handler.clone(),
        environment: config.environment.clone(),
        memory: u64::try_from(config.memory).unwrap_or_default(),
        timeout: Duration::from_secs(u64::try_from(config.timeout).unwrap_or_default()),
        concurrency: function.reserved,
        digest: function.code.digest.clone(),
        code: Arc::new(code),
        logging: Logging {
            group: config.logging.group.clone(),
            style: if config.logging.format == "JSON" { LogStyle::Json } else { LogStyle::Text },
            level: config.logging.application.clone(),
            platform: config.logging.system.clone(),
        },
        session: Some(session),
        endpoint: cloud.base_url.clone(),
    }
}
