//! Hands a request to an instance and reads its answer.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::container::{Container, Inbound, Outbound};
use super::environment::environment;
use crate::cloud::Cloud;
use crate::google::logging;
use crate::runtime::{Call, Deployed, Ending, Failure, Host, LogStyle, Logging, Outcome};

/// What the bootstraps answer.
#[derive(Deserialize)]
struct Said {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// Runs one request to its end. What goes wrong is an answer too, as Cloud Run gives it.
pub(crate) async fn respond(cloud: &Cloud, container: &Container, inbound: &Inbound) -> Outbound {
    let deployed = deployed(cloud, container);
    let call = Call {
        request_id: uuid::Uuid::new_v4().to_string(),
        payload: payload(inbound),
        client_context: None,
    };
    let source = logging::Source::of(container);
    let sink = |_: &str, lines: &[crate::runtime::Line]| logging::printed(cloud, &source, lines);
    let outcome = cloud.runtimes.invoke(&deployed, &call, &sink).await;
    let (outbound, note) = answer(outcome);
    logging::requested(cloud, &source, (inbound, outbound.status, note.as_deref()));
    outbound
}

fn payload(inbound: &Inbound) -> Bytes {
    let Inbound { method, path, query, headers, body } = inbound;
    let body = STANDARD.encode(body);
    let payload =
        json!({"method": method, "path": path, "query": query, "headers": headers, "body": body});
    payload.to_string().into()
}

/// The answer, and what Cloud Run notes about it in the log.
///
/// Texts and statuses: docs.cloud.google.com/run/docs/troubleshooting.
fn answer(outcome: Result<Outcome, Failure>) -> (Outbound, Option<String>) {
    let plain = |status, text: &str| Outbound {
        status,
        headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
        body: Bytes::from(text.to_owned()),
    };
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(Failure::Busy) => {
            let note = "The request was aborted because there was no available instance.";
            return (plain(429, "Rate exceeded."), Some(note.to_owned()));
        }
        Err(Failure::Unable(reason)) => return (plain(500, &reason), Some(reason.clone())),
    };
    match outcome.ending {
        Ending::Answered => match read(&outcome.payload) {
            Some(outbound) => (outbound, None),
            None => (plain(503, "Service Unavailable"), Some(MALFORMED.to_owned())),
        },
        Ending::Failed => (plain(503, "Service Unavailable"), Some(UNSTARTED.to_owned())),
        Ending::Exited => (plain(503, "Service Unavailable"), Some(MALFORMED.to_owned())),
        Ending::TimedOut => (plain(504, "upstream request timeout"), Some(LATE.to_owned())),
    }
}

const MALFORMED: &str = "The request failed because either the HTTP response was malformed or connection to the \
                         instance had an error.";
const UNSTARTED: &str = "The user-provided container failed to start and listen on the port defined provided by the \
                         PORT=8080 environment variable within the allocated timeout.";
const LATE: &str = "The request has been terminated because it has reached the maximum request timeout. To change \
                    this limit, see https://cloud.google.com/run/docs/configuring/request-timeout";

fn read(payload: &[u8]) -> Option<Outbound> {
    let Said { status, headers, body } = serde_json::from_slice(payload).ok()?;
    let body = STANDARD.decode(body).ok()?;
    Some(Outbound { status, headers, body: body.into() })
}

fn deployed(cloud: &Cloud, container: &Container) -> Deployed {
    Deployed {
        host: Host::CloudRun,
        region: container.region.clone(),
        name: container.service.clone(),
        arn: container.id(),
        revision: container.revision.clone(),
        runtime: program(&container.runtime),
        handler: container.target.clone(),
        environment: environment(container, &cloud.google_inside_url),
        memory: container.memory,
        timeout: container.timeout,
        concurrency: container.limit,
        digest: container.digest.clone(),
        code: Arc::clone(&container.code),
        logging: Logging {
            group: String::new(),
            style: LogStyle::Bare,
            level: None,
            platform: None,
        },
        session: None,
        endpoint: cloud.google_inside_url.clone(),
    }
}

/// Google writes `python313` where the host's program is `python3.13`.
fn program(runtime: &str) -> String {
    match runtime.strip_prefix("python3") {
        Some(minor) => format!("python3.{minor}"),
        None => runtime.to_owned(),
    }
}
