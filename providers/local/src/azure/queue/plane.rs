//! The way of a request to the Queue service, and its operations on messages.

use serde_json::{Map, Value};

use super::messages::{self, LONGEST_INVISIBLE, New, USUAL_TTL};
use super::operations::{At, OPERATIONS, Operation};
use super::shelf::{Message, Queue};
use crate::azure::service::Plane;
use crate::azure::shelf::Resource;
use crate::azure::storage::{self, Named};
use crate::cloud::{Cloud, Context};
use crate::ledger::Effect;
use crate::services::Pending;
use crate::store::Tx;
use crate::wire::{Element, Refusal, Reply, Request, Xml};

/// The Queue service.
pub(crate) static PLANE: Plane = Plane {
    prefix: "_queue",
    name: "queue",
    action: |request| match operation(request) {
        Some(operation) => operation.name.to_owned(),
        None => format!("{} {}", request.method, request.query("comp").unwrap_or_default()),
    },
    open,
    wire: storage::write,
    throttle: (503, "ServerBusy"),
};

/// The type of queues below an account.
pub(super) const QUEUES: &str = "queueServices/queues";

/// The most messages of one answer.
const MOST: u64 = 32;

/// A request to an operation.
pub(super) struct Call<'a> {
    /// The request.
    pub(super) request: &'a Request,
    /// What its path names.
    pub(super) named: &'a Named,
    /// The account.
    pub(super) account: Resource,
}

impl Call<'_> {
    /// The queue it is about, as a resource.
    pub(super) fn load(&self, tx: &Tx) -> Result<Resource, Refusal> {
        let found = storage::child(tx, &self.account, QUEUES, &self.named.container)?;
        found.ok_or_else(|| storage::missing("QueueNotFound"))
    }

    fn queue(&self, tx: &Tx) -> Result<Queue<'_>, Refusal> {
        self.load(tx)?;
        Ok(Queue { account: &self.account.name, name: &self.named.container })
    }

    fn object(&self) -> String {
        format!("message/{}/{}", self.account.name, self.named.container)
    }

    /// The metadata in the headers.
    pub(super) fn metadata(&self) -> Value {
        let headers = self.request.headers.iter().filter_map(|(name, value)| {
            let name = name.as_str().strip_prefix("x-ms-meta-")?;
            Some((name.to_owned(), value.to_str().ok()?.into()))
        });
        Value::Object(headers.collect::<Map<_, _>>())
    }

    /// The message that the path and the receipt name.
    fn held(&self, tx: &Tx, context: &Context<'_>) -> Result<Message, Refusal> {
        let id = self.named.item.strip_prefix("messages/").unwrap_or_default();
        let Some(receipt) = self.request.query("popreceipt") else {
            let message = "A required query parameter was not specified for this request.";
            return Err(Refusal::new(400, "MissingRequiredQueryParameter", message)
                .with("QueryParameterName", "popreceipt"));
        };
        messages::held(tx, context, self.queue(tx)?, (id, receipt))
    }

    /// A whole number in the query, within bounds.
    fn number(&self, name: &str, (least, most): (u64, u64)) -> Result<Option<u64>, Refusal> {
        let Some(text) = self.request.query(name) else { return Ok(None) };
        let number = text.parse::<i64>().map_err(|_| {
            let message =
                "Value for one of the query parameters specified in the request URI is invalid.";
            Refusal::new(400, "InvalidQueryParameterValue", message)
                .with("QueryParameterName", name)
                .with("QueryParameterValue", text)
        })?;
        let number = u64::try_from(number).ok().filter(|number| (least..=most).contains(number));
        number.map(Some).ok_or_else(|| {
            let message = "One of the query parameters specified in the request URI is outside the permissible range.";
            Refusal::new(400, "OutOfRangeQueryParameterValue", message)
                .with("QueryParameterName", name)
                .with("QueryParameterValue", text)
                .with("MinimumAllowed", least.to_string())
                .with("MaximumAllowed", most.to_string())
        })
    }
}

fn operation(request: &Request) -> Option<&'static Operation> {
    let named = Named::of(&request.path);
    let at = match (named.container.as_str(), named.item.trim_end_matches('/')) {
        ("", _) => At::Service,
        (_, "") => At::Queue,
        (_, "messages") => At::Messages,
        _ => At::Message,
    };
    OPERATIONS.iter().find(|operation| {
        let (name, value) = operation.with;
        let told = if name.is_empty() {
            request.query("comp").is_none()
        } else {
            request.query(name) == Some(value)
        };
        operation.at == (request.method.as_str(), at) && told
    })
}

fn open(request: Request, cloud: Cloud) -> Pending {
    Box::pin(async move {
        let done = cloud.transact(|tx, context| answer(&request, tx, context));
        // Whoever waits for messages looks again.
        cloud.bell.send_replace(());
        done
    })
}

fn answer(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let named = Named::of(&request.path);
    storage::version(request)?;
    let (account, caller) = storage::admit(tx, context, (request, &named))?;
    let operation = operation(request);
    let work = operation.and_then(|operation| Some((operation, operation.work?)));
    let Some((operation, work)) = work else {
        return Err(Refusal::not_modelled(&format!("{} of Queue Storage", request.action)));
    };
    let scope = if named.container.is_empty() {
        account.id.clone()
    } else {
        storage::child_id(&account, QUEUES, &named.container)
    };
    storage::refuse(tx, context, &caller, (operation.needs, &scope))?;
    work(&Call { request, named: &named, account }, tx, context)
}

/// The text of a message in a body.
fn text(request: &Request) -> Result<Option<String>, Refusal> {
    if request.body.is_empty() {
        return Ok(None);
    }
    let root = Element::parse(&request.body).filter(|root| root.name == "QueueMessage");
    let root = root.ok_or_else(|| {
        Refusal::new(400, "InvalidXmlDocument", "XML specified is not syntactically valid.")
    })?;
    Ok(Some(root.text_of("MessageText").unwrap_or_default().to_owned()))
}

/// Puts a message.
pub(super) fn put(call: &Call<'_>, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let queue = call.queue(tx)?;
    let text = text(call.request)?.ok_or_else(|| {
        let message = "A required XML node was not specified in the request body.";
        Refusal::new(400, "MissingRequiredXmlNode", message)
    })?;
    let ttl = match call.request.query("messagettl") {
        Some("-1") => None,
        _ => Some(
            call.number("messagettl", (1, i64::MAX.unsigned_abs() / 1_000_000))?
                .unwrap_or(USUAL_TTL),
        ),
    };
    let invisible = call.number("visibilitytimeout", (0, LONGEST_INVISIBLE))?.unwrap_or_default();
    if ttl.is_some_and(|ttl| invisible >= ttl && invisible > 0) {
        let message = "The visibility timeout must be shorter than the time to live.";
        return Err(Refusal::new(400, "InvalidQueryParameterValue", message)
            .with("QueryParameterName", "visibilitytimeout"));
    }
    let put = messages::put(tx, context, queue, &New { text: &text, ttl, invisible })?;
    let shown = envelope(&put)
        .and("PopReceipt", put.receipt.as_str())
        .and("TimeNextVisible", put.due.http());
    let list = Xml::new("QueueMessagesList").with(shown);
    Ok(Reply::xml(list).status(201).did(Effect::Create, call.object()))
}

/// What every answer tells of a message.
fn envelope(message: &Message) -> Xml {
    let expires = message
        .expires
        .map_or_else(|| "Fri, 31 Dec 9999 23:59:59 GMT".to_owned(), crate::clock::Moment::http);
    Xml::new("QueueMessage")
        .and("MessageId", message.id.as_str())
        .and("InsertionTime", message.inserted.http())
        .and("ExpirationTime", expires)
}

fn most(call: &Call<'_>) -> Result<usize, Refusal> {
    let most = call.number("numofmessages", (1, MOST))?.unwrap_or(1);
    Ok(usize::try_from(most).unwrap_or(1))
}

/// Receives messages.
pub(super) fn receive(
    call: &Call<'_>,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let queue = call.queue(tx)?;
    let invisible = call.number("visibilitytimeout", (1, LONGEST_INVISIBLE))?.unwrap_or(30);
    let received = messages::receive(tx, context, queue, (most(call)?, invisible * 1000))?;
    let shown = received.iter().map(|message| {
        envelope(message)
            .and("PopReceipt", message.receipt.as_str())
            .and("TimeNextVisible", message.due.http())
            .and("DequeueCount", message.dequeues.to_string())
            .and("MessageText", message.text.as_str())
    });
    Ok(Reply::xml(Xml::new("QueueMessagesList").with_all(shown)))
}

/// Shows messages.
pub(super) fn peek(call: &Call<'_>, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let peeked = messages::peek(tx, context, call.queue(tx)?, most(call)?)?;
    let shown = peeked.iter().map(|message| {
        envelope(message)
            .and("DequeueCount", message.dequeues.to_string())
            .and("MessageText", message.text.as_str())
    });
    Ok(Reply::xml(Xml::new("QueueMessagesList").with_all(shown)))
}

/// Removes every message.
pub(super) fn clear(call: &Call<'_>, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    call.queue(tx)?.clear(tx)?;
    Ok(Reply::empty(204).did(Effect::Delete, call.object()))
}

/// Hides a message for a while, with a new text if there is one.
pub(super) fn update(
    call: &Call<'_>,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let queue = call.queue(tx)?;
    let Some(invisible) = call.number("visibilitytimeout", (0, LONGEST_INVISIBLE))? else {
        let message = "A required query parameter was not specified for this request.";
        return Err(Refusal::new(400, "MissingRequiredQueryParameter", message)
            .with("QueryParameterName", "visibilitytimeout"));
    };
    let held = call.held(tx, context)?;
    let text = text(call.request)?;
    let change = (invisible * 1000, text.as_deref());
    let updated = messages::update(tx, context, (queue, held), change)?;
    Ok(Reply::empty(204)
        .header("x-ms-popreceipt", updated.receipt)
        .header("x-ms-time-next-visible", updated.due.http())
        .did(Effect::Update, call.object()))
}

/// Deletes a message.
pub(super) fn delete(
    call: &Call<'_>,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let queue = call.queue(tx)?;
    let held = call.held(tx, context)?;
    queue.remove(tx, &held)?;
    Ok(Reply::empty(204).did(Effect::Delete, call.object()))
}
