//! Queues of a namespace.
//!
//! Source: `learn.microsoft.com/rest/api/servicebus/queues` and
//! `learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas`.

use serde_json::{Value, json};

use super::durations::{self, FOREVER};
use super::messages::DEAD;
use super::namespaces::VERSIONS;
use super::shelf::{self, Queue};
use crate::azure::engine;
use crate::azure::put::Put;
use crate::azure::refusals::invalid;
use crate::azure::service::{Method, ResourceType};
use crate::azure::shape::Shape;
use crate::azure::shelf::Resource;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::members::{set, take};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

const BODY: Shape = Shape::Object(&[(
    "properties",
    Shape::Object(&[
        ("autoDeleteOnIdle", Shape::Text),
        ("deadLetteringOnMessageExpiration", Shape::Flag),
        ("defaultMessageTimeToLive", Shape::Text),
        ("duplicateDetectionHistoryTimeWindow", Shape::Text),
        ("enableBatchedOperations", Shape::Flag),
        ("enableExpress", Shape::Flag),
        ("enablePartitioning", Shape::Flag),
        ("forwardDeadLetteredMessagesTo", Shape::Text),
        ("forwardTo", Shape::NotModelled),
        ("lockDuration", Shape::Text),
        ("maxDeliveryCount", Shape::Number),
        ("maxMessageSizeInKilobytes", Shape::Number),
        ("maxSizeInMegabytes", Shape::Number),
        ("requiresDuplicateDetection", Shape::Flag),
        ("requiresSession", Shape::Flag),
        ("status", Shape::Choice(&["Active", "Disabled", "SendDisabled", "ReceiveDisabled"])),
        ("userMetadata", Shape::NotModelled),
        ("accessedAt", Shape::ReadOnly),
        ("countDetails", Shape::ReadOnly),
        ("createdAt", Shape::ReadOnly),
        ("messageCount", Shape::ReadOnly),
        ("sizeInBytes", Shape::ReadOnly),
        ("updatedAt", Shape::ReadOnly),
    ]),
)]);

/// Properties that are durations, with the least and the most they may be in milliseconds.
const DURATIONS: &[(&str, u64, u64)] = &[
    ("lockDuration", 1000, 300_000),
    ("defaultMessageTimeToLive", 1000, u64::MAX),
    ("autoDeleteOnIdle", 300_000, u64::MAX),
    ("duplicateDetectionHistoryTimeWindow", 20_000, 604_800_000),
];

/// The sizes a queue can have, in megabytes.
const SIZES: &[u64] = &[1024, 2048, 3072, 4096, 5120];

/// The most often a message can be delivered.
const MOST_DELIVERIES: u64 = 2000;

/// The type.
pub(crate) static TYPE: ResourceType = ResourceType {
    named: name_fits,
    methods: &[
        Method::list(engine::list).query(&["$skip", "$top"]),
        Method::get(engine::read),
        Method::put(&BODY, put),
        Method::delete(delete),
    ],
    show,
    gone: |queue, tx, _| shelf::forget(tx, queue),
    ..ResourceType::child("Microsoft.ServiceBus/namespaces/queues", VERSIONS)
};

fn name_fits(name: &str) -> Result<(), Refusal> {
    let end = |letter: char| letter.is_ascii_alphanumeric();
    let inner = |letter: char| end(letter) || matches!(letter, '.' | '-' | '_' | '/' | '~');
    let fits = (1..=260).contains(&name.len())
        && name.chars().all(inner)
        && name.starts_with(end)
        && name.ends_with(end);
    if fits { Ok(()) } else { Err(bad(&format!("The specified queue name '{name}' is invalid."))) }
}

fn bad(message: &str) -> Refusal {
    invalid("BadRequest", format!("SubCode=40000. {message}"))
}

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut put = Put::begin(request, tx, context)?;
    "".clone_into(&mut put.resource.state);
    durations_fit(&mut put.resource)?;
    numbers_fit(&put.resource)?;
    for flag in
        ["requiresSession", "requiresDuplicateDetection", "enablePartitioning", "enableExpress"]
    {
        if put.resource.properties.get(flag) == Some(&json!(true)) {
            return Err(Refusal::not_modelled(&format!("{flag} of queues of Service Bus")));
        }
    }
    forwards(tx, &put.resource, request.label("namespaces"))?;
    for (name, value) in defaults() {
        if put.resource.properties.get(name).is_none_or(Value::is_null) {
            put.resource.set(name, value);
        }
    }
    put.done_with(tx, context, 200)
}

fn durations_fit(queue: &mut Resource) -> Result<(), Refusal> {
    for (name, least, most) in DURATIONS {
        let text = queue.text(name).to_owned();
        if text.is_empty() {
            continue;
        }
        let wrong = || {
            bad(&format!(
                "The value '{text}' of the property '{name}' is out of range or no duration."
            ))
        };
        let fits =
            durations::millis(&text).is_some_and(|millis| (*least..=*most).contains(&millis));
        let printed = durations::print(&text).filter(|_| fits).ok_or_else(wrong)?;
        queue.set(name, printed);
    }
    Ok(())
}

/// A property, and whether a number fits it.
type Bounds = (&'static str, fn(u64) -> bool);

fn numbers_fit(queue: &Resource) -> Result<(), Refusal> {
    let number = |name: &str| queue.properties.get(name).filter(|value| !value.is_null());
    let fits: [Bounds; 2] = [
        ("maxDeliveryCount", |count| (1..=MOST_DELIVERIES).contains(&count)),
        ("maxSizeInMegabytes", |size| SIZES.contains(&size)),
    ];
    for (name, fits) in fits {
        if let Some(value) = number(name).filter(|value| !value.as_u64().is_some_and(fits)) {
            return Err(bad(&format!(
                "The value '{value}' of the property '{name}' is out of range."
            )));
        }
    }
    if number("maxMessageSizeInKilobytes").is_some() {
        return Err(bad(
            "The property 'maxMessageSizeInKilobytes' can be set only in Premium namespaces.",
        ));
    }
    Ok(())
}

/// What dead letters go to must be there, and the tier must forward.
fn forwards(tx: &Tx, queue: &Resource, namespace: &str) -> Result<(), Refusal> {
    let to = queue.text("forwardDeadLetteredMessagesTo");
    if to.is_empty() {
        return Ok(());
    }
    let found = shelf::namespace(tx, namespace)?;
    let Some(found) = found else { return Ok(()) };
    if found.members.get("sku").and_then(|sku| sku.get("name")) == Some(&json!("Basic")) {
        return Err(bad("Forwarding is not supported in the Basic tier."));
    }
    if to.eq_ignore_ascii_case(&queue.name) {
        return Err(bad("An entity cannot forward to itself."));
    }
    if shelf::queue(tx, &found, to)?.is_none() {
        return Err(bad(&format!(
            "The dead-letter forwarding destination entity '{to}' of '{}' does not exist.",
            queue.name
        )));
    }
    Ok(())
}

fn defaults() -> [(&'static str, Value); 12] {
    [
        ("autoDeleteOnIdle", json!(FOREVER)),
        ("deadLetteringOnMessageExpiration", json!(false)),
        ("defaultMessageTimeToLive", json!(FOREVER)),
        ("duplicateDetectionHistoryTimeWindow", json!("PT10M")),
        ("enableBatchedOperations", json!(true)),
        ("enableExpress", json!(false)),
        ("enablePartitioning", json!(false)),
        ("lockDuration", json!("PT1M")),
        ("maxDeliveryCount", json!(10)),
        ("maxSizeInMegabytes", json!(1024)),
        ("requiresDuplicateDetection", json!(false)),
        ("status", json!("Active")),
    ]
}

fn delete(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let found = crate::azure::shelf::find(tx, engine::asked(request))?;
    let Some(queue) = found else { return Ok(Reply::empty(204)) };
    crate::azure::shelf::remove(tx, context, &queue.id)?;
    Ok(Reply::empty(200).did(Effect::Delete, queue.id))
}

fn show(queue: &Resource, tx: &Tx, context: &Context<'_>) -> Result<Value, Refusal> {
    let mut shown = engine::envelope(queue, context);
    let namespace = shelf::namespace_of(&queue.id);
    let count = |name: &str| -> Result<usize, Refusal> {
        Ok(Queue { namespace: &namespace, name }.messages(tx)?.len())
    };
    let (active, dead) = (count(&queue.name)?, count(&format!("{}/{DEAD}", queue.name))?);
    let mut properties = take(&mut shown, "properties");
    for (name, value) in [
        ("requiresSession", json!(false)),
        ("sizeInBytes", json!(0)),
        ("messageCount", json!(active + dead)),
        (
            "countDetails",
            json!({
                "activeMessageCount": active,
                "deadLetterMessageCount": dead,
                "scheduledMessageCount": 0,
                "transferDeadLetterMessageCount": 0,
                "transferMessageCount": 0,
            }),
        ),
        ("createdAt", json!(queue.created.iso_millis())),
        ("updatedAt", json!(queue.changed.iso_millis())),
        ("accessedAt", json!("0001-01-01T00:00:00Z")),
    ] {
        properties.insert(name.to_owned(), value);
    }
    set(&mut shown, "properties", properties);
    Ok(shown)
}
