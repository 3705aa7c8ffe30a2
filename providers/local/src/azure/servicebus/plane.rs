//! Messages through REST: send, peek-lock, receive and delete, complete, abandon, renew.
//!
//! Source: `learn.microsoft.com/rest/api/servicebus/service-bus-runtime-rest`.

use std::collections::BTreeMap;

use axum::body::Body as HttpBody;
use axum::http::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::messages::{self, DEAD, Known, New};
use super::shelf::{self, Message, Queue};
use crate::azure::rights::{self, Caller, Side};
use crate::azure::service::Plane;
use crate::azure::shelf::Resource;
use crate::azure::storage;
use crate::cloud::{Cloud, Context};
use crate::ledger::Effect;
use crate::services::Pending;
use crate::store::Tx;
use crate::wire::{Body, Refusal, Reply, Request};

/// The messages of Service Bus.
pub(crate) static PLANE: Plane = Plane {
    prefix: "_servicebus",
    name: "servicebus",
    action: |request| match Asked::of(request) {
        Some(asked) => asked.what.name().to_owned(),
        None => format!("{} {}", request.method, request.path),
    },
    open,
    wire: write,
    throttle: (503, "503"),
};

/// What sending takes.
const SEND: &str = "Microsoft.ServiceBus/namespaces/messages/send/action";
/// What receiving takes.
pub(super) const RECEIVE: &str = "Microsoft.ServiceBus/namespaces/messages/receive/action";

/// The media type of several messages in one request.
const BATCH: &str = "application/vnd.microsoft.servicebus.json";

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Send,
    PeekLock,
    Receive,
    Complete(String),
    Abandon(String),
    Renew(String),
}

impl What {
    fn name(&self) -> &'static str {
        match self {
            Self::Send => "SendMessage",
            Self::PeekLock => "PeekLockMessage",
            Self::Receive => "ReceiveAndDeleteMessage",
            Self::Complete(_) => "DeleteMessage",
            Self::Abandon(_) => "UnlockMessage",
            Self::Renew(_) => "RenewLock",
        }
    }
}

/// A request that was read.
struct Asked {
    namespace: String,
    queue: String,
    what: What,
}

impl Asked {
    fn of(request: &Request) -> Option<Self> {
        let path = percent_decode_str(&request.path).decode_utf8_lossy().into_owned();
        let rest = path.strip_prefix("/_servicebus/")?;
        let (namespace, rest) = rest.split_once('/')?;
        let (queue, rest) = rest.rsplit_once("/messages")?;
        let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
        let what = match (request.method.as_str(), parts.as_slice()) {
            ("POST", []) => What::Send,
            ("POST", ["head"]) => What::PeekLock,
            ("DELETE", ["head"]) => What::Receive,
            ("DELETE", [_, lock]) => What::Complete((*lock).to_owned()),
            ("PUT", [_, lock]) => What::Abandon((*lock).to_owned()),
            ("POST", [_, lock]) => What::Renew((*lock).to_owned()),
            _ => return None,
        };
        Some(Self { namespace: namespace.to_owned(), queue: queue.to_owned(), what })
    }
}

fn open(request: Request, cloud: Cloud) -> Pending {
    Box::pin(async move {
        let done = cloud.transact(|tx, context| answer(&request, tx, context));
        // Whoever waits for messages looks again.
        cloud.bell.send_replace(());
        done
    })
}

/// Finds a queue for who may do something with it.
pub(super) fn usable(
    tx: &Tx,
    context: &Context<'_>,
    (namespace, queue): (&str, &str),
    (caller, action): (&Caller, &str),
) -> Result<(Resource, Resource), Refusal> {
    let found = shelf::namespace(tx, namespace)?.filter(|found| !found.busy(context.now));
    let found = found.ok_or_else(|| {
        Refusal::new(404, "404", format!("The host of the namespace '{namespace}' is not known."))
    })?;
    let name = queue.strip_suffix(DEAD).map_or(queue, |name| name.trim_end_matches('/'));
    let scope = format!("{}/queues/{name}", found.id);
    if !rights::allows(tx, context, caller, (Side::Data, action, &scope))? {
        let claim = if action == SEND { "Send" } else { "Listen" };
        let message = format!(
            "Unauthorized access. '{claim}' claim(s) are required to perform this operation. Resource: '{}'.",
            context.azure_url
        );
        return Err(Refusal::new(401, "401", message));
    }
    let resource = shelf::queue(tx, &found, name)?.ok_or_else(|| {
        Refusal::new(
            404,
            "404",
            format!("SubCode=40400. The messaging entity '{name}' could not be found."),
        )
    })?;
    Ok((found, resource))
}

fn answer(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let Some(asked) = Asked::of(request) else {
        return Err(Refusal::not_modelled(&format!("{} of Service Bus", request.action)));
    };
    let caller = rights::caller(request, context.now).ok_or_else(|| {
        Refusal::new(401, "401", "MissingToken: Authorization header is missing or invalid.")
    })?;
    let action = if asked.what == What::Send { SEND } else { RECEIVE };
    let named = (asked.namespace.as_str(), asked.queue.as_str());
    let (_, resource) = usable(tx, context, named, (&caller, action))?;
    let queue = Queue { namespace: &asked.namespace, name: &asked.queue };
    act(request, tx, context, (Known { queue, resource: &resource }, &asked))
}

fn act(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
    (known, asked): (Known<'_>, &Asked),
) -> Result<Reply, Refusal> {
    let object = format!("message/{}/{}", asked.namespace, asked.queue);
    match &asked.what {
        What::Send => {
            for new in sent(request)? {
                messages::send(tx, context, known, &new)?;
            }
            Ok(Reply::empty(201).did(Effect::Create, object))
        }
        What::PeekLock | What::Receive => {
            let received = messages::lock(tx, context, known, 1)?.into_iter().next();
            let Some(message) = received else { return Ok(Reply::empty(204)) };
            if asked.what == What::Receive {
                known.queue.remove(tx, &message)?;
                return Ok(shown(&message, 200).did(Effect::Delete, object));
            }
            let here = format!(
                "{}/_servicebus/{}/{}/messages/{}/{}",
                context.azure_url, asked.namespace, asked.queue, message.sequence, message.lock
            );
            Ok(shown(&message, 201).header("location", here))
        }
        What::Complete(lock) => {
            let message = messages::held(tx, context.now, known, lock)?;
            known.queue.remove(tx, &message)?;
            Ok(Reply::empty(200).did(Effect::Delete, object))
        }
        What::Abandon(lock) => {
            let message = messages::held(tx, context.now, known, lock)?;
            messages::free(tx, context, known, message)?;
            Ok(Reply::empty(200).did(Effect::Update, object))
        }
        What::Renew(lock) => {
            let mut message = messages::held(tx, context.now, known, lock)?;
            let text = known.resource.text("lockDuration");
            let lasts = super::durations::millis(text).unwrap_or(60_000);
            message.due = context.now.plus(lasts);
            known.queue.keep(tx, &message)?;
            Ok(Reply::empty(200).did(Effect::Update, object))
        }
    }
}

fn bad(message: &str) -> Refusal {
    Refusal::new(400, "400", format!("SubCode=40000. {message}"))
}

/// The messages of a request: one, or several as JSON.
fn sent(request: &Request) -> Result<Vec<New>, Refusal> {
    let kind = request.header("content-type").unwrap_or_default();
    if !kind.starts_with(BATCH) {
        let broker = match request.header("brokerproperties") {
            Some(text) => serde_json::from_str(text)
                .map_err(|_| bad("BrokerProperties is no JSON object."))?,
            None => BTreeMap::new(),
        };
        return Ok(vec![New {
            body: STANDARD.encode(&request.body),
            content_type: kind.to_owned(),
            broker,
            custom: custom(request),
        }]);
    }
    let batch: Vec<Map<String, Value>> =
        serde_json::from_slice(&request.body).map_err(|_| bad("The batch is no JSON array."))?;
    let messages = batch.into_iter().map(|message| {
        let body = message.get("Body").and_then(Value::as_str).unwrap_or_default();
        let members = |name: &str| -> BTreeMap<String, Value> {
            let members = message.get(name).and_then(Value::as_object).cloned();
            members.into_iter().flatten().collect()
        };
        let broker = members("BrokerProperties");
        let kind = broker.get("ContentType").and_then(Value::as_str).unwrap_or_default().to_owned();
        New {
            body: STANDARD.encode(body),
            content_type: kind,
            broker,
            custom: members("UserProperties"),
        }
    });
    Ok(messages.collect())
}

/// Headers that are no properties of a message.
const PLAIN: &[&str] = &[
    "accept",
    "accept-encoding",
    "authorization",
    "brokerproperties",
    "connection",
    "content-length",
    "content-type",
    "date",
    "expect",
    "host",
    "transfer-encoding",
    "user-agent",
];

/// Properties of the sender: headers with JSON values.
fn custom(request: &Request) -> BTreeMap<String, Value> {
    let headers = request.headers.iter().filter_map(|(name, value)| {
        let (name, value) = (name.as_str(), value.to_str().ok()?);
        let is_property = !PLAIN.contains(&name) && !name.starts_with("x-ms-");
        let value = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
        is_property.then(|| (name.to_owned(), value))
    });
    headers.collect()
}

/// The bytes of a message.
pub(super) fn bytes(message: &Message) -> Vec<u8> {
    STANDARD.decode(&message.body).unwrap_or_default()
}

/// A message as it is answered: broker's properties in one header, those of the sender in one each.
fn shown(message: &Message, status: u16) -> Reply {
    let mut broker = json!(message.broker);
    for (name, value) in [
        ("MessageId", json!(message.id)),
        ("SequenceNumber", json!(message.sequence)),
        ("EnqueuedSequenceNumber", json!(message.sequence)),
        ("DeliveryCount", json!(message.deliveries)),
        ("EnqueuedTimeUtc", json!(message.enqueued.http())),
        ("LockToken", json!(message.lock)),
        ("LockedUntilUtc", json!(message.due.http())),
        ("State", json!("Active")),
    ] {
        crate::members::set(&mut broker, name, value);
    }
    let body = Body::Bytes(bytes(message).into(), message.content_type.clone());
    let mut reply = Reply::new(status, body).header("brokerproperties", broker.to_string());
    for (name, value) in &message.custom {
        reply = reply.header(name.to_lowercase(), value.to_string());
    }
    reply
}

/// Puts an answer on the wire; errors are XML with a code and a detail.
fn write(outcome: Result<Reply, Refusal>, request: &Request) -> Response<HttpBody> {
    let outcome = outcome.or_else(|refusal| {
        let document = crate::wire::Xml::new("Error")
            .and("Code", refusal.status.to_string())
            .and("Detail", format!("{} TrackingId:{}", refusal.message, request.id));
        Ok::<_, Refusal>(Reply::xml(document).status(refusal.status))
    });
    storage::write(outcome, request)
}
