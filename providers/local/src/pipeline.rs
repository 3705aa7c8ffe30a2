//! The way of every request: read, find the operation, play its fault, run it, write the answer, enter the ledger.

use std::time::Duration;

use axum::body::Body as HttpBody;
use axum::extract::{ConnectInfo, State};
use axum::http::{Response, request::Parts};
use bytes::Bytes;

use crate::clock::Moment;
use crate::cloud::Cloud;
use crate::doors::{Door, door};
use crate::endpoint::HEALTH;
use crate::faults::FaultKind;
use crate::ledger::{Effect, Entry};
use crate::limits::Caller;
use crate::services::{Handle, Operation, SERVICES, Service};
use crate::socket::Scissors;
use crate::wire::{Dialect, Protocol, Refusal, Reply, Request, Scope, scope};

/// The most a request may carry; more than any service modelled here takes.
const MOST: usize = 256 << 20;

/// How what no service knows is answered.
const PLAIN: Dialect = Dialect {
    protocol: Protocol::RestJson,
    namespace: "",
    target: "",
    message: "message",
    throttle: (429, "TooManyRequestsException"),
};

/// What the server holds for every request.
#[derive(Clone)]
pub(crate) struct Desk {
    /// The cloud.
    pub(crate) cloud: Cloud,
    /// What it answers at its health path.
    pub(crate) token: String,
}

/// What a request was found to be for.
#[derive(Clone, Copy)]
enum Call {
    Operation(&'static Service, &'static Operation),
    Door(&'static Door),
    /// Something to refuse.
    Nothing(Option<&'static Service>),
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
    let work = tokio::spawn(serve(desk.cloud, read(&parts, body), scissors.clone()));
    let Ok(response) = work.await else {
        scissors.cut();
        return Response::new(HttpBody::empty());
    };
    response.map(HttpBody::from)
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
        id: uuid::Uuid::new_v4().to_string(),
    }
}

async fn serve(cloud: Cloud, mut request: Request, scissors: Scissors) -> Response<Bytes> {
    let seq = cloud.ledger.arrive();
    let (call, refusal) = identify(&mut request);
    let fault = cloud.faults.judge(&request.service, &request.action);
    let dialect = call.dialect();
    let run = Run { cloud: cloud.clone(), call, refusal, throttle: dialect.throttle };
    let mut entry = entry(seq, &request, call, fault.as_ref());
    let outcome = match fault {
        None => run.go(request.clone()).await,
        Some(FaultKind::Delay { ms }) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            run.go(request.clone()).await
        }
        Some(FaultKind::Fail { status, code, message }) => Err(Refusal::new(status, code, message)),
        Some(FaultKind::Throttle { retry_after }) => Err(throttled(dialect.throttle, retry_after)),
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
            return Response::new(Bytes::new());
        }
    };
    entry.close(&outcome);
    if scissors.is_cut() {
        entry.status = 0;
    }
    cloud.ledger.record(entry);
    match outcome {
        Ok(reply) => reply.write(dialect, &request),
        Err(refusal) => refusal.write(dialect, &request),
    }
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
    throttle: (u16, &'static str),
}

impl Run {
    async fn go(self, request: Request) -> Result<Reply, Refusal> {
        if let Some(refusal) = self.refusal {
            return Err(refusal);
        }
        let operation = match self.call {
            Call::Door(door) => return (door.open)(request, self.cloud).await,
            Call::Nothing(_) => return Err(Refusal::not_modelled("this request")),
            Call::Operation(_, operation) => operation,
        };
        let caller = Caller { account: &request.account, region: &request.region };
        let limited = self.cloud.settings.rate_limits
            && !self.cloud.limits.admit(&request.service, operation.name, caller, Moment::now());
        if limited {
            return Err(throttled(self.throttle, None));
        }
        match operation.handle {
            Handle::Work(work) => self.cloud.transact(|tx, context| work(&request, tx, context)),
            Handle::Task(task) => task(request, self.cloud).await,
            Handle::Write(work, label) => {
                let thing =
                    format!("{}/{}/{}", request.account, request.service, request.label(label));
                let Some(_under_way) = self.cloud.held.take(thing) else {
                    return Err(concurrent());
                };
                let done = self.cloud.transact(|tx, context| work(&request, tx, context));
                tokio::time::sleep(Duration::from_millis(self.cloud.settings.api_write_ms)).await;
                done
            }
        }
    }
}

/// API Gateway's refusal of a write while another one to the same API is under way.
fn concurrent() -> Refusal {
    let message =
        "Unable to complete operation due to concurrent modification. Please try again later.";
    Refusal::new(409, "ConflictException", message)
}

fn throttled((status, code): (u16, &'static str), retry_after: Option<String>) -> Refusal {
    let refusal = Refusal::new(status, code, "Rate exceeded");
    match retry_after {
        Some(after) => refusal.header("retry-after", after),
        None => refusal,
    }
}

impl Call {
    fn dialect(self) -> &'static Dialect {
        match self {
            Self::Operation(service, _) | Self::Nothing(Some(service)) => &service.dialect,
            Self::Door(_) | Self::Nothing(None) => &PLAIN,
        }
    }
}

/// Finds what the request is for, and fills in who asks.
fn identify(request: &mut Request) -> (Call, Option<Refusal>) {
    if let Some(door) = door(&request.path) {
        "door".clone_into(&mut request.service);
        door.name.clone_into(&mut request.action);
        return (Call::Door(door), None);
    }
    request.action = format!("{} {}", request.method, request.path);
    let Some(scope) = scope(&request.headers, &request.query) else {
        return unsigned(request);
    };
    let Scope { account, key, region, service } = scope;
    request.account = account;
    request.key = key;
    request.region = region;
    request.service.clone_from(&service);
    let candidates: Vec<&'static Service> =
        SERVICES.iter().copied().filter(|known| known.signing == service).collect();
    for candidate in &candidates {
        let name = candidate.action(request);
        if let Some(found) = candidate.find(request, name.as_deref()) {
            candidate.name.clone_into(&mut request.service);
            found.operation.name.clone_into(&mut request.action);
            request.labels = found.labels;
            return (Call::Operation(candidate, found.operation), None);
        }
    }
    let first = candidates.first().copied();
    if let Some(name) = first.and_then(|service| service.action(request)) {
        request.action = name;
    }
    let what = format!("{} of the service {service}", request.action);
    (Call::Nothing(first), Some(Refusal::not_modelled(&what)))
}

/// Refuses a call that is not signed, in the words of the service it seems to be for.
fn unsigned(request: &mut Request) -> (Call, Option<Refusal>) {
    let meant = SERVICES.iter().copied().find(|service| {
        let name = service.action(request);
        service.find(request, name.as_deref()).is_some()
    });
    let dialect = meant.map_or(&PLAIN, |service| &service.dialect);
    let refusal = if request.headers.contains_key("authorization") {
        dialect.badly_signed()
    } else {
        dialect.unsigned()
    };
    if let Some(service) = meant {
        service.name.clone_into(&mut request.service);
    }
    (Call::Nothing(meant), Some(refusal))
}

fn entry(seq: u64, request: &Request, call: Call, fault: Option<&FaultKind>) -> Entry {
    let path = match call {
        Call::Operation(_, operation) => {
            operation.template.map_or("/", crate::wire::Template::path).to_owned()
        }
        Call::Door(_) | Call::Nothing(_) => request.path.clone(),
    };
    Entry {
        seq,
        service: request.service.clone(),
        operation: request.action.clone(),
        method: request.method.to_string(),
        path,
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
            }
        }
    }
}
