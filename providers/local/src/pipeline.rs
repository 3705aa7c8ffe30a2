//! The way of every request: read, find the operation, play its fault, run it, write the answer, enter the ledger.

use std::time::Duration;

use axum::body::Body as HttpBody;
use axum::extract::{ConnectInfo, State};
use axum::http::{Response, request::Parts};
use bytes::Bytes;

use crate::azure;
use crate::call::{Call, Meant, Side};
use crate::clock::Moment;
use crate::cloud::Cloud;
use crate::endpoint::HEALTH;
use crate::faults::FaultKind;
use crate::google;
use crate::judge;
use crate::ledger::{Effect, Entry};
use crate::limits::Caller;
use crate::services::Handle;
use crate::socket::Scissors;
use crate::wire::{Refusal, Reply, Request};

/// The most a request may carry; more than any service modelled here takes.
const MOST: usize = 256 << 20;

/// What the server holds for every request.
#[derive(Clone)]
pub(crate) struct Desk {
    /// The cloud.
    pub(crate) cloud: Cloud,
    /// What it answers at its health path.
    pub(crate) token: String,
    /// Whose services are behind this listener.
    pub(crate) side: Side,
    /// Whether only deployed code is told its address.
    pub(crate) inside: bool,
}

/// Answers one HTTP request.
pub(crate) async fn answer(
    State(desk): State<Desk>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    http: axum::extract::Request,
) -> Response<HttpBody> {
    let (parts, body) = http.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MOST).await else {
        scissors.cut();
        return Response::new(HttpBody::empty());
    };
    if parts.uri.path() == HEALTH {
        return Response::new(HttpBody::from(desk.token));
    }
    if parts.uri.path() == "/_updraft/ledger" {
        let entries = serde_json::to_vec(&desk.cloud.ledger.entries()).unwrap_or_default();
        return Response::new(HttpBody::from(entries));
    }
    // A task of its own: a client that goes away does not undo what it asked for.
    let request = (desk.side, Request { inside: desk.inside, ..read(&parts, body) });
    let work = tokio::spawn(serve(desk.cloud, request, scissors.clone()));
    let Ok(response) = work.await else {
        scissors.cut();
        return Response::new(HttpBody::empty());
    };
    response
}

fn read(parts: &Parts, body: Bytes) -> Request {
    let raw_query = parts.uri.query().unwrap_or_default().to_owned();
    Request {
        method: parts.method.clone(),
        path: parts.uri.path().to_owned(),
        query: serde_urlencoded::from_str(&raw_query).unwrap_or_default(),
        raw_query,
        headers: parts.headers.clone(),
        body,
        account: String::new(),
        region: String::new(),
        key: String::new(),
        service: String::new(),
        action: String::new(),
        labels: std::collections::BTreeMap::new(),
        inside: false,
        id: uuid::Uuid::new_v4().to_string(),
    }
}

async fn serve(
    cloud: Cloud,
    (side, mut request): (Side, Request),
    scissors: Scissors,
) -> Response<HttpBody> {
    let seq = cloud.ledger.arrive();
    let Meant { call, refusal } = side.identify(&mut request);
    let fault = cloud.faults.judge(&request.service, &request.action);
    let run = Run { cloud: cloud.clone(), call, refusal };
    let mut entry = entry(seq, &request, call, fault.as_ref());
    let outcome = match fault {
        None => run.go(request.clone()).await,
        Some(FaultKind::Delay { ms }) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            run.go(request.clone()).await
        }
        Some(FaultKind::Fail { status, code, message }) => Err(Refusal::new(status, code, message)),
        Some(FaultKind::Throttle { retry_after }) => Err(call.throttled(&request, retry_after)),
        Some(FaultKind::Drop) => {
            scissors.cut();
            Ok(Reply::empty(0))
        }
        Some(FaultKind::Lose) => {
            scissors.cut();
            run.go(request.clone()).await
        }
        Some(FaultKind::Late { ms }) => {
            scissors.cut();
            let late = late(cloud.clone(), run, request.clone(), (entry.clone(), ms));
            tokio::spawn(late);
            return Response::new(HttpBody::empty());
        }
    };
    entry.close(&outcome);
    if scissors.is_cut() {
        entry.status = 0;
    }
    cloud.ledger.record(entry);
    call.write(outcome, &request)
}

async fn late(cloud: Cloud, run: Run, request: Request, (mut entry, ms): (Entry, u64)) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    let outcome = run.go(request).await;
    entry.close(&outcome);
    entry.status = 0;
    cloud.ledger.record(entry);
}

/// A request that is ready to be carried out.
struct Run {
    cloud: Cloud,
    call: Call,
    refusal: Option<Refusal>,
}

impl Run {
    async fn go(self, request: Request) -> Result<Reply, Refusal> {
        if let Some(refusal) = self.refusal {
            return Err(refusal);
        }
        let mut judged = None;
        let (name, handle) = match self.call {
            Call::Door(door, _) => return (door.open)(request, self.cloud).await,
            Call::Plane(plane) => {
                azure::settle(&self.cloud)?;
                return (plane.open)(request, self.cloud).await;
            }
            Call::Nothing(_) | Call::NoMethod(_) | Call::NoArm => {
                return Err(Refusal::not_modelled("this request"));
            }
            Call::Operation(service, operation) => {
                judged = judge::aws::admit(&self.cloud, service, &request)?;
                (operation.name, operation.handle)
            }
            Call::Method(service, method) => {
                google::admit(&self.cloud, service, &request)?;
                judge::google::admit(&self.cloud, service, &request)?;
                (method.name, method.handle)
            }
            Call::Arm(row, method) => {
                let left = azure::draw(&self.cloud, &request)?;
                return left.tell(match azure::admit(&self.cloud, row, method, &request) {
                    Ok(()) => carry_out(method.handle, request, self.cloud).await,
                    Err(refusal) => Err(refusal),
                });
            }
        };
        let caller = Caller { account: &request.account, region: &request.region };
        let limited = self.cloud.settings.rate_limits
            && !self.cloud.limits.admit(&request.service, name, caller, Moment::now());
        if limited {
            return Err(self.call.throttled(&request, None));
        }
        let Some(judged) = judged else { return carry_out(handle, request, self.cloud).await };
        let (cloud, asked) = (self.cloud.clone(), request.clone());
        judged.hide(&cloud, &asked, carry_out(handle, request, self.cloud).await)
    }
}

/// Does what a request asks for.
async fn carry_out(handle: Handle, request: Request, cloud: Cloud) -> Result<Reply, Refusal> {
    match handle {
        Handle::Work(work) => cloud.transact(|tx, context| work(&request, tx, context)),
        Handle::Task(task) => task(request, cloud).await,
        Handle::Write(work, label) => {
            let thing = format!("{}/{}/{}", request.account, request.service, request.label(label));
            let Some(_under_way) = cloud.held.take(thing) else {
                return Err(concurrent());
            };
            let done = cloud.transact(|tx, context| work(&request, tx, context));
            tokio::time::sleep(Duration::from_millis(cloud.settings.api_write_ms)).await;
            done
        }
    }
}

/// API Gateway's refusal of a write while another one to the same API is under way.
fn concurrent() -> Refusal {
    let message =
        "Unable to complete operation due to concurrent modification. Please try again later.";
    Refusal::new(409, "ConflictException", message)
}

fn entry(seq: u64, request: &Request, call: Call, fault: Option<&FaultKind>) -> Entry {
    Entry {
        seq,
        service: request.service.clone(),
        operation: request.action.clone(),
        method: request.method.to_string(),
        path: call.path(request).to_owned(),
        account: request.account.clone(),
        region: request.region.clone(),
        status: 0,
        error: None,
        effect: Effect::None,
        object: None,
        fault: fault.map(|kind| kind.name().to_owned()),
    }
}

impl Entry {
    fn close(&mut self, outcome: &Result<Reply, Refusal>) {
        match outcome {
            Ok(Reply { status, effect, object, body: _, headers: _ }) => {
                self.status = *status;
                self.effect = *effect;
                self.object.clone_from(object);
            }
            Err(refusal) => {
                self.status = refusal.status;
                self.error = Some(refusal.code.clone());
                self.object = refusal.about.as_deref().map(str::to_owned);
            }
        }
    }
}
