//! What topics and subscriptions may say.
//!
//! Source: the reference of pubsub v1, `projects.topics` and `projects.subscriptions`; cloud.google.com/pubsub/quotas.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::filter::Filter;
use super::shelf;
use crate::cloud::Context;
use crate::google::accounts;
use crate::google::refusals::{invalid, not_found};
use crate::google::run::Target;
use crate::members::{at, set, text};
use crate::store::Tx;
use crate::wire::Refusal;

/// Refuses what cannot be the id of a topic or subscription.
pub(super) fn id(kind: &str, name: &str) -> Result<(), Refusal> {
    let id = name.rsplit('/').next().unwrap_or_default();
    let legal = |letter: u8| letter.is_ascii_alphanumeric() || b"-_.~+%".contains(&letter);
    let first = id.starts_with(|letter: char| letter.is_ascii_alphabetic());
    if first && (3..=255).contains(&id.len()) && id.bytes().all(legal) && !id.starts_with("goog") {
        return Ok(());
    }
    Err(invalid(format!("Invalid [{kind}s] name: (name={name})")))
}

/// Seconds of a duration; `None` if it is not there.
pub(super) fn seconds(value: &Value, path: &str) -> Option<f64> {
    value.pointer(path)?.as_str()?.strip_suffix('s')?.parse().ok()
}

fn within(
    value: &Value,
    path: &str,
    (range, what): (RangeInclusive<f64>, &str),
) -> Result<(), Refusal> {
    match seconds(value, path) {
        Some(seconds) if !range.contains(&seconds) => Err(invalid(format!(
            "Invalid {what}: {seconds} seconds. It must be between {} and {} seconds.",
            range.start(),
            range.end()
        ))),
        Some(_) | None => Ok(()),
    }
}

const DAY: f64 = 86_400.0;

/// Checks a topic that is about to be kept.
pub(super) fn topic(topic: &Value) -> Result<(), Refusal> {
    crate::google::storage::check_labels(topic.get("labels"))?;
    let retention = (600.0..=31.0 * DAY, "message retention duration");
    within(topic, "/messageRetentionDuration", retention)
}

/// Checks a subscription that is about to be kept, and fills in what was left out.
pub(super) fn subscription(
    tx: &Tx,
    context: &Context<'_>,
    subscription: &mut Value,
) -> Result<(), Refusal> {
    let deadline = subscription.get("ackDeadlineSeconds").and_then(Value::as_i64).unwrap_or(0);
    if deadline == 0 {
        set(subscription, "ackDeadlineSeconds", 10);
    } else if !(10..=600).contains(&deadline) {
        return Err(invalid(format!(
            "Invalid ack deadline: {deadline}. It must be between 10 and 600 seconds."
        )));
    }
    if subscription.get("messageRetentionDuration").is_none() {
        set(subscription, "messageRetentionDuration", "604800s");
    }
    let retention = (600.0..=31.0 * DAY, "message retention duration");
    within(subscription, "/messageRetentionDuration", retention)?;
    if subscription.get("expirationPolicy").is_none() {
        set(subscription, "expirationPolicy", json!({"ttl": "2678400s"}));
    }
    within(subscription, "/expirationPolicy/ttl", (DAY..=3650.0 * DAY, "expiration policy ttl"))?;
    crate::google::storage::check_labels(subscription.get("labels"))?;
    let filter = text(subscription, "filter");
    if !filter.is_empty() && Filter::parse(filter).is_none() {
        return Err(invalid(format!("Invalid filter: {filter}")));
    }
    retry(subscription)?;
    dead_letters(tx, subscription)?;
    push(tx, context, subscription)?;
    if subscription.get("pushConfig").is_none() {
        set(subscription, "pushConfig", json!({}));
    }
    set(subscription, "state", "ACTIVE");
    Ok(())
}

fn retry(subscription: &mut Value) -> Result<(), Refusal> {
    let mut policy = at(subscription, "/retryPolicy");
    if policy.is_null() {
        return Ok(());
    }
    for (name, usual) in [("minimumBackoff", "10s"), ("maximumBackoff", "600s")] {
        if policy.get(name).is_none() {
            set(&mut policy, name, usual);
        }
        within(&policy, &format!("/{name}"), (0.0..=600.0, "backoff"))?;
    }
    if seconds(&policy, "/minimumBackoff") > seconds(&policy, "/maximumBackoff") {
        return Err(invalid("The minimum backoff must not be greater than the maximum backoff."));
    }
    set(subscription, "retryPolicy", policy);
    Ok(())
}

fn dead_letters(tx: &Tx, subscription: &mut Value) -> Result<(), Refusal> {
    let mut policy = at(subscription, "/deadLetterPolicy");
    if policy.is_null() {
        return Ok(());
    }
    let topic = text(&policy, "deadLetterTopic").to_owned();
    if shelf::find_topic(tx, &topic)?.is_none() {
        return Err(not_found(format!("Resource not found (resource={topic}).")));
    }
    let attempts = policy.get("maxDeliveryAttempts").and_then(Value::as_i64).unwrap_or(0);
    if attempts == 0 {
        set(&mut policy, "maxDeliveryAttempts", 5);
    } else if !(5..=100).contains(&attempts) {
        return Err(invalid(format!(
            "Invalid max delivery attempts: {attempts}. It must be between 5 and 100."
        )));
    }
    set(subscription, "deadLetterPolicy", policy);
    Ok(())
}

/// Checks where messages are pushed. Only services of this cloud are reached.
fn push(tx: &Tx, context: &Context<'_>, subscription: &mut Value) -> Result<(), Refusal> {
    let mut push = at(subscription, "/pushConfig");
    let endpoint = text(&push, "pushEndpoint").to_owned();
    if endpoint.is_empty() {
        return Ok(());
    }
    if Target::of_uri(&endpoint, context.google_url).is_none() {
        if !endpoint.starts_with("https://") {
            return Err(invalid(format!(
                "Invalid push endpoint given (endpoint={endpoint}). Refer to \
                 https://cloud.google.com/pubsub/subscriber#create for more information."
            )));
        }
        return Err(Refusal::not_modelled("a push endpoint that is no Run service of this cloud"));
    }
    let email = push.pointer("/oidcToken/serviceAccountEmail").and_then(Value::as_str);
    if let Some(email) = email {
        if accounts::find(tx, context, email)?.is_none() {
            return Err(not_found(format!("Service account {email} does not exist.")));
        }
        if text(&at(&push, "/oidcToken"), "audience").is_empty() {
            let mut oidc = at(&push, "/oidcToken");
            set(&mut oidc, "audience", endpoint);
            set(&mut push, "oidcToken", oidc);
        }
    }
    set(subscription, "pushConfig", push);
    Ok(())
}
