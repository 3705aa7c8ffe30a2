//! Serves the Lambda Runtime API to one instance, on a loopback port of its own.
//!
//! Source: docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html.

use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

use super::deployed::Host;

/// The answer Lambda takes at most: 6 MB and what its envelope needs.
const LAMBDA_LIMIT: usize = 6_291_556;

/// The response Cloud Run takes at most, 32 MiB (docs.cloud.google.com/run/quotas), as base64 in JSON.
const CLOUD_RUN_LIMIT: usize = 45_000_000;

/// The answer an Azure function gives at most, 100 MB as base64 in JSON
/// (learn.microsoft.com/azure/azure-functions/functions-scale#service-limits).
const FUNCTIONS_LIMIT: usize = 140_000_000;

/// One event on its way to the bootstrap.
#[derive(Debug)]
pub(crate) struct Offer {
    /// The request id.
    pub(crate) id: String,
    /// When the invocation times out, in milliseconds since 1970.
    pub(crate) deadline: i64,
    /// The ARN that was invoked.
    pub(crate) arn: String,
    /// The trace header.
    pub(crate) trace: String,
    /// The client context, decoded.
    pub(crate) client_context: Option<String>,
    /// The event.
    pub(crate) payload: Bytes,
}

/// What the bootstrap said.
#[derive(Debug)]
pub(crate) enum Answer {
    /// It asked for the next event: it is initialised and idle.
    Ready,
    /// The handler returned.
    Returned { id: String, payload: Bytes },
    /// The handler failed.
    Failed { id: String, payload: Bytes },
    /// The handler could not be loaded.
    Unloadable { payload: Bytes },
}

/// The server of one instance; it ends when this is dropped.
pub(crate) struct RuntimeApi {
    /// `host:port`, as `AWS_LAMBDA_RUNTIME_API` wants it.
    pub(crate) address: String,
    /// Events for the bootstrap.
    pub(crate) offers: mpsc::UnboundedSender<Offer>,
    /// What the bootstrap answered.
    pub(crate) answers: mpsc::UnboundedReceiver<Answer>,
    task: JoinHandle<()>,
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Ends {
    limit: usize,
    offers: Mutex<mpsc::UnboundedReceiver<Offer>>,
    answers: mpsc::UnboundedSender<Answer>,
}

impl RuntimeApi {
    /// Starts the server on a free loopback port.
    pub(crate) async fn start(host: Host) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?.to_string();
        let (offers, offered) = mpsc::unbounded_channel();
        let (answered, answers) = mpsc::unbounded_channel();
        let limit = match host {
            Host::Lambda => LAMBDA_LIMIT,
            Host::CloudRun => CLOUD_RUN_LIMIT,
            Host::Functions => FUNCTIONS_LIMIT,
        };
        let ends = Arc::new(Ends { limit, offers: Mutex::new(offered), answers: answered });
        let base = "/2018-06-01/runtime";
        let router = Router::new()
            .route(&format!("{base}/invocation/next"), get(next))
            .route(&format!("{base}/invocation/{{id}}/response"), post(returned))
            .route(&format!("{base}/invocation/{{id}}/error"), post(failed))
            .route(&format!("{base}/init/error"), post(unloadable))
            .layer(DefaultBodyLimit::disable())
            .with_state(ends);
        let task = tokio::spawn(async move {
            // It ends with the instance; there is nobody left to tell of an error.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, offers, answers, task })
    }
}

async fn next(State(ends): State<Arc<Ends>>) -> Response<Body> {
    let _ = ends.answers.send(Answer::Ready);
    let Some(offer) = ends.offers.lock().await.recv().await else {
        return status(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let mut response = Response::builder()
        .header("Content-Type", "application/json")
        .header("Lambda-Runtime-Aws-Request-Id", offer.id)
        .header("Lambda-Runtime-Deadline-Ms", offer.deadline.to_string())
        .header("Lambda-Runtime-Invoked-Function-Arn", offer.arn)
        .header("Lambda-Runtime-Trace-Id", offer.trace);
    if let Some(context) = offer.client_context {
        response = response.header("Lambda-Runtime-Client-Context", context);
    }
    let body = Body::from(offer.payload);
    response.body(body).unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
}

async fn returned(
    State(ends): State<Arc<Ends>>,
    Path(id): Path<String>,
    payload: Bytes,
) -> Response<Body> {
    let limit = ends.limit;
    if payload.len() > limit {
        let message =
            format!("Response payload size exceeded maximum allowed payload size ({limit} bytes).");
        let error = serde_json::json!({
            "errorMessage": message, "errorType": "Function.ResponseSizeTooLarge",
        });
        let _ = ends.answers.send(Answer::Failed { id, payload: error.to_string().into() });
        return status(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let _ = ends.answers.send(Answer::Returned { id, payload });
    status(StatusCode::ACCEPTED)
}

async fn failed(
    State(ends): State<Arc<Ends>>,
    Path(id): Path<String>,
    payload: Bytes,
) -> Response<Body> {
    let _ = ends.answers.send(Answer::Failed { id, payload });
    status(StatusCode::ACCEPTED)
}

async fn unloadable(State(ends): State<Arc<Ends>>, payload: Bytes) -> Response<Body> {
    let _ = ends.answers.send(Answer::Unloadable { payload });
    status(StatusCode::ACCEPTED)
}

fn status(code: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::from("{\"status\":\"OK\"}"));
    *response.status_mut() = code;
    response
}
