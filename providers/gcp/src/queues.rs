//! Queues on Google Cloud: a topic, and the subscriptions that carry its messages. Pure.
//!
//! A subscription pushes messages to a function, each on its own. A queue of ours that calls
//! nobody gets a subscription all the same: a topic keeps nothing for those who come later.

use std::collections::BTreeMap;
use std::time::Duration;

use updraft_contract::{
    App, Bounds, Fields, Function, Managed, Origin, Resource, ResourceId, ResourceType, Trigger,
    Value,
};

use crate::kinds::service_account::caller_id;
use crate::kinds::subscription::{self, NEVER};
use crate::kinds::{CALLERS, FUNCTION, topic};
use crate::limits::QUEUES;
use crate::place::Names;
use crate::things::{Spot, Thing};

/// How long a message stays out of sight where the manifest does not say: what SQS does.
const OUT_OF_SIGHT: u64 = 30;

/// How long a message is kept where the manifest does not say: Google's default, seven days.
const RETENTION: i64 = 7 * 24 * 60 * 60;

/// How long a message rests that failed, where the manifest does not say: the default of
/// `RetryPolicy`.
const BACKOFF: (i64, i64) = (10, 600);

/// A subscription that the app needs.
pub(crate) struct Carrier<'a> {
    /// Its address: `<function>.<queue>`, or `<queue>` where it calls nobody.
    pub(crate) name: String,
    /// The queue.
    pub(crate) thing: Thing<'a>,
    /// What the manifest says of the queue, if it does.
    pub(crate) settings: Option<&'a Managed>,
    /// The function it calls, and the trigger.
    pub(crate) to: Option<(&'a Function, &'a Trigger)>,
    /// What asks for it.
    pub(crate) origin: &'a Origin,
}

/// Returns the subscriptions that the app needs.
pub(crate) fn carriers(app: &App) -> Vec<Carrier<'_>> {
    let mut carriers = Vec::new();
    for function in &app.functions {
        for entry in &function.triggers {
            let Trigger::Queue { queue, .. } = &entry.trigger else { continue };
            let thing = Thing::of(app, ResourceType::Queue, queue);
            carriers.push(Carrier {
                name: format!("{}.{}", function.name, thing.short()),
                thing,
                settings: declared(app, queue),
                to: Some((function, &entry.trigger)),
                origin: &entry.origin,
            });
        }
    }
    let idle: Vec<&Managed> = app
        .managed
        .iter()
        .filter(|it| it.resource_type == ResourceType::Queue && !it.existing)
        .filter(|it| !carriers.iter().any(|carrier| carrier.thing == Thing::Ours(it)))
        .collect();
    carriers.extend(idle.into_iter().map(|queue| Carrier {
        name: queue.name.clone(),
        thing: Thing::Ours(queue),
        settings: Some(queue),
        to: None,
        origin: &queue.origin,
    }));
    carriers
}

/// Returns what the manifest says of a queue that is referred to as `queue.name`.
pub(crate) fn declared<'a>(app: &'a App, text: &str) -> Option<&'a Managed> {
    let name = text.strip_prefix("queue.")?;
    let is = |it: &&Managed| it.resource_type == ResourceType::Queue && it.name == name;
    app.managed.iter().find(is)
}

/// Returns the topics and subscriptions that the app needs.
pub(crate) fn wanted(names: Names<'_>, app: &App) -> Vec<Resource> {
    let ours = app
        .managed
        .iter()
        .filter(|it| it.resource_type == ResourceType::Queue && !it.existing)
        .map(|queue| topic::wanted(names, queue));
    let carried = carriers(app);
    let carried = carried.iter().map(|carrier| subscription(names, app, carrier));
    ours.chain(carried).collect()
}

fn subscription(names: Names<'_>, app: &App, carrier: &Carrier<'_>) -> Resource {
    let settings = carrier.settings;
    let nothing = BTreeMap::new();
    let tags = match carrier.thing {
        Thing::Ours(queue) => &queue.tags,
        Thing::Theirs(_) => &nothing,
    };
    let topic = match carrier.thing {
        Thing::Ours(queue) => Value::output(&topic::id(&queue.name), "name"),
        Thing::Theirs(_) => Value::from(carrier.thing.topic(names)),
    };
    let kept = settings.and_then(|it| it.retention).map_or(RETENTION, whole_seconds);
    let mut fields = Fields::new([
        ("topic", topic),
        ("ack-deadline", Value::Int(ack_deadline(carrier))),
        ("retention", Value::Int(kept)),
        ("backoff", backoff(carrier)),
        ("expires", Value::from(NEVER)),
        ("labels", topic::labels(tags)),
    ]);
    if let Some(dead) = settings.and_then(|it| it.dead_letter.as_ref()) {
        let to = Thing::of(app, ResourceType::Queue, &dead.queue);
        // Through the binding that lets messages be moved there.
        let topic = Value::output(&Spot::dead_letters(names, &to).0, "topic");
        let attempts = Value::from(dead.attempts);
        fields.set("dead-letter", Value::map([("topic", topic), ("attempts", attempts)]));
    }
    if let Some((function, trigger)) = carrier.to {
        fields.set("push", push(function));
        // Who may call comes first: a message that is pushed before is refused and rests.
        let callers = ResourceId { kind: CALLERS, name: function.name.clone() };
        fields.set("after", Value::List(vec![Value::output(&callers, "service")]));
        if let Trigger::Queue { filter: Some(filter), .. } = trigger {
            fields.set("filter", filter.trim());
        }
    }
    let outputs = BTreeMap::from([("name", subscription::name(names, &carrier.name))]);
    let origin = carrier.origin.clone();
    Resource { id: subscription::id(&carrier.name), fields, outputs, origin }
}

fn push(function: &Function) -> Value {
    let id = ResourceId { kind: FUNCTION, name: function.name.clone() };
    Value::map([
        ("endpoint", Value::output(&id, "uri")),
        ("identity", Value::output(&caller_id(&function.name), "email")),
        ("audience", Value::output(&id, "uri")),
    ])
}

/// Returns how long Pub/Sub waits for an answer: as long as the function may take, or as long as
/// the manifest says.
fn ack_deadline(carrier: &Carrier<'_>) -> i64 {
    let said = carrier.settings.and_then(|it| it.visibility_timeout);
    let takes = carrier.to.map_or(OUT_OF_SIGHT, |(function, _)| function.timeout.as_secs());
    let Bounds { least, most, .. } = QUEUES.visibility;
    let seconds = said.map_or(takes, |said| said.as_secs()).clamp(least, most);
    i64::try_from(seconds).unwrap_or_default()
}

fn backoff(carrier: &Carrier<'_>) -> Value {
    let said = match carrier.to {
        Some((_, Trigger::Queue { backoff, .. })) => *backoff,
        Some(_) | None => None,
    };
    let (least, most) =
        said.map_or(BACKOFF, |(least, most)| (whole_seconds(least), whole_seconds(most)));
    Value::map([("min", Value::Int(least)), ("max", Value::Int(most))])
}

fn whole_seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
