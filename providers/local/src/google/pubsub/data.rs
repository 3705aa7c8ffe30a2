//! Messages: published to a topic, held for each of its subscriptions, delivered until they are acknowledged.

use serde_json::{Map, Value, json};

use super::check::seconds;
use super::dead;
use super::filter::Filter;
use super::shelf::{self, Held};
use crate::clock::Moment;
use crate::cloud::Context;
use crate::google::refusals::{invalid, precondition};
use crate::members::{at, flag, set, text};
use crate::store::Tx;
use crate::wire::Refusal;

/// The most messages of one request.
const MOST: usize = 1000;

/// The most a message may hold, ten megabytes (`cloud.google.com/pubsub/quotas#resource_limits`).
const LARGEST: usize = 10_000_000;

/// Publishes messages to a topic; returns their ids.
pub(super) fn publish(
    tx: &mut Tx,
    context: &Context<'_>,
    topic: &str,
    sent: &Value,
) -> Result<Vec<String>, Refusal> {
    shelf::topic(tx, topic)?;
    let messages = sent.get("messages").and_then(Value::as_array).cloned().unwrap_or_default();
    if messages.is_empty() || messages.len() > MOST {
        return Err(invalid(format!(
            "The value for message_count must be between 1 and {MOST}: {} messages were sent.",
            messages.len()
        )));
    }
    let mut ids = Vec::new();
    for message in messages {
        if message.to_string().len() > LARGEST {
            return Err(invalid("Request payload size exceeds the limit: 10485760 bytes."));
        }
        let has = |name: &str| message.get(name).is_some_and(|value| !value.is_null());
        if !has("data") && !has("attributes") {
            return Err(invalid(
                "One or more messages in the publish request is empty. Each message must contain either non-empty \
                 data, or at least one attribute.",
            ));
        }
        ids.push(fan_out(tx, context, topic, message)?);
    }
    Ok(ids)
}

/// Holds a message for every subscription of a topic that wants it.
pub(super) fn fan_out(
    tx: &mut Tx,
    context: &Context<'_>,
    topic: &str,
    mut message: Value,
) -> Result<String, Refusal> {
    let id = shelf::next_id(tx)?;
    set(&mut message, "messageId", id.as_str());
    set(&mut message, "publishTime", context.now.iso_millis());
    let none = Map::new();
    for subscription in shelf::all_subscriptions(tx)? {
        if text(&subscription, "topic") != topic || flag(&subscription, "/detached") {
            continue;
        }
        let attributes = message.get("attributes").and_then(Value::as_object).unwrap_or(&none);
        let filter = Filter::parse(text(&subscription, "filter"));
        if filter.is_some_and(|filter| !filter.fits(attributes)) {
            continue;
        }
        let kept = whole(seconds(&subscription, "/messageRetentionDuration").unwrap_or(604_800.0));
        let held = Held {
            message: message.clone(),
            attempt: 0,
            due: context.now,
            ack: String::new(),
            expires: context.now.plus(kept.saturating_mul(1000)),
        };
        shelf::hold(tx, text(&subscription, "name"), &id, &held)?;
    }
    Ok(id)
}

/// Whole units of a number that is not negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "durations are checked to be positive and short"
)]
fn whole(number: f64) -> u64 {
    number.max(0.0) as u64
}

/// Delivers what is due, up to `most` messages.
pub(super) fn deliver(
    tx: &mut Tx,
    context: &Context<'_>,
    subscription: &Value,
    most: usize,
) -> Result<Vec<Held>, Refusal> {
    let name = text(subscription, "name");
    let lease = subscription.get("ackDeadlineSeconds").and_then(Value::as_u64).unwrap_or(10);
    let mut delivered = Vec::new();
    for mut held in shelf::waiting(tx, name)? {
        if delivered.len() >= most {
            break;
        }
        let id = text(&held.message, "messageId").to_owned();
        if held.expires <= context.now {
            shelf::release(tx, name, &id)?;
            continue;
        }
        if held.due > context.now {
            continue;
        }
        if dead::is_over(subscription, &held) && dead::forward(tx, context, subscription, &held)? {
            shelf::release(tx, name, &id)?;
            continue;
        }
        held.attempt += 1;
        held.due = context.now.plus(lease * 1000);
        held.ack = format!("{id}:{}", uuid::Uuid::new_v4().simple());
        shelf::hold(tx, name, &id, &held)?;
        delivered.push(held);
    }
    Ok(delivered)
}

/// A delivery counts its attempts only for subscriptions with dead letters.
pub(super) fn attempt(subscription: &Value, held: &Held) -> Option<u32> {
    subscription.get("deadLetterPolicy").map(|_| held.attempt)
}

/// Returns messages to a subscriber that asks for them.
pub(super) fn pull(
    tx: &mut Tx,
    context: &Context<'_>,
    name: &str,
    sent: &Value,
) -> Result<Vec<Value>, Refusal> {
    let subscription = shelf::subscription(tx, name)?;
    if flag(&subscription, "/detached") {
        return Err(precondition("The subscription is detached."));
    }
    let most = sent.get("maxMessages").and_then(Value::as_u64).unwrap_or_default();
    let most = usize::try_from(most).unwrap_or_default().min(MOST);
    if most == 0 {
        return Err(invalid("You have specified an invalid max_messages: it must be positive."));
    }
    let push = at(&subscription, "/pushConfig/pushEndpoint");
    if push.is_string() {
        return Err(precondition("The subscription is a push subscription: it cannot be pulled."));
    }
    let received = deliver(tx, context, &subscription, most)?;
    let shown = received.iter().map(|held| {
        let mut shown = json!({"ackId": held.ack, "message": held.message});
        if let Some(attempt) = attempt(&subscription, held) {
            set(&mut shown, "deliveryAttempt", attempt);
        }
        shown
    });
    Ok(shown.collect())
}

fn acks(sent: &Value) -> Result<Vec<String>, Refusal> {
    let ids = sent.get("ackIds").and_then(Value::as_array).into_iter().flatten();
    let ids: Vec<String> = ids.filter_map(Value::as_str).map(str::to_owned).collect();
    if ids.is_empty() {
        return Err(invalid("No ack ids specified."));
    }
    Ok(ids)
}

/// The message that an ack id is of, while its lease lasts.
fn leased(
    tx: &Tx,
    context: &Context<'_>,
    name: &str,
    ack: &str,
) -> Result<Option<(String, Held)>, Refusal> {
    let Some((id, _)) = ack.split_once(':') else {
        return Err(invalid(format!(
            "Some acknowledgement ids in the request were invalid: {ack}"
        )));
    };
    let held = shelf::held(tx, name, id)?;
    let held = held.filter(|held| held.ack == ack && held.due > context.now);
    Ok(held.map(|held| (id.to_owned(), held)))
}

/// Acknowledges messages; those whose lease is over come again.
pub(super) fn acknowledge(
    tx: &mut Tx,
    context: &Context<'_>,
    name: &str,
    sent: &Value,
) -> Result<(), Refusal> {
    shelf::subscription(tx, name)?;
    for ack in acks(sent)? {
        if let Some((id, _)) = leased(tx, context, name, &ack)? {
            shelf::release(tx, name, &id)?;
        }
    }
    Ok(())
}

/// Makes leases longer, or ends them with 0 seconds.
pub(super) fn modify_deadline(
    tx: &mut Tx,
    context: &Context<'_>,
    name: &str,
    sent: &Value,
) -> Result<(), Refusal> {
    let subscription = shelf::subscription(tx, name)?;
    let seconds = sent.get("ackDeadlineSeconds").and_then(Value::as_u64).unwrap_or_default();
    if seconds > 600 {
        return Err(invalid(format!(
            "Invalid ack deadline: {seconds}. It must be between 0 and 600 seconds."
        )));
    }
    for ack in acks(sent)? {
        let Some((id, mut held)) = leased(tx, context, name, &ack)? else { continue };
        if seconds == 0 {
            held.ack.clear();
            held.due = context.now.plus(pause(context, &subscription, held.attempt, 0));
        } else {
            held.due = context.now.plus(seconds * 1000);
        }
        shelf::hold(tx, name, &id, &held)?;
    }
    Ok(())
}

/// How long a message that was not acknowledged waits, in milliseconds: as the retry policy says, or doubling from
/// `usual` up to a minute where there is none.
pub(super) fn pause(context: &Context<'_>, subscription: &Value, attempt: u32, usual: u64) -> u64 {
    let of = |name: &str| seconds(subscription, &format!("/retryPolicy/{name}"));
    let (first, most) = match (of("minimumBackoff"), of("maximumBackoff")) {
        (Some(first), Some(most)) => (whole(first * 1000.0), whole(most * 1000.0)),
        (Some(_), None) | (None, Some(_) | None) => (usual, 60_000),
    };
    let doubled = first.saturating_mul(1 << attempt.saturating_sub(1).min(20));
    doubled.min(most) * context.settings.event_backoff_percent / 100
}

/// Ends a delivery by push: it is done, or comes again later.
pub(super) fn settle(
    tx: &mut Tx,
    context: &Context<'_>,
    (name, held): (&str, &Held),
    done: bool,
) -> Result<(), Refusal> {
    let id = text(&held.message, "messageId");
    let Some(subscription) = shelf::find_subscription(tx, name)? else { return Ok(()) };
    let Some(mut now) = shelf::held(tx, name, id)? else { return Ok(()) };
    if now.ack != held.ack {
        return Ok(());
    }
    if done {
        return shelf::release(tx, name, id);
    }
    now.ack.clear();
    now.due = context.now.plus(pause(context, &subscription, now.attempt, 100));
    shelf::hold(tx, name, id, &now)
}

/// How many deliveries of a subscription are under way.
pub(super) fn under_way(tx: &Tx, context: &Context<'_>, name: &str) -> Result<usize, Refusal> {
    let leased = |held: &&Held| !held.ack.is_empty() && held.due > context.now;
    Ok(shelf::waiting(tx, name)?.iter().filter(leased).count())
}

/// When something of a subscription is due next.
pub(super) fn next_due(tx: &Tx, name: &str) -> Result<Option<Moment>, Refusal> {
    Ok(shelf::waiting(tx, name)?.iter().map(|held| held.due).min())
}
