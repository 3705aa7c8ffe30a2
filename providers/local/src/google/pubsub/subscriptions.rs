//! The methods of subscriptions.

use serde_json::{Value, json};

use super::tables::SUBSCRIPTION;
use super::topics::RULES;
use super::{check, data, shelf};
use crate::cloud::Context;
use crate::google::mask::Mask;
use crate::google::paging::Pages;
use crate::google::policy::{self, Holder};
use crate::google::refusals::{exists, invalid};
use crate::ledger::Effect;
use crate::members::{at, set, text};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// What an update may name. The rest is settled when a subscription is made.
const UPDATABLE: &[&str] = &[
    "ackDeadlineSeconds",
    "deadLetterPolicy",
    "enableExactlyOnceDelivery",
    "expirationPolicy",
    "labels",
    "messageRetentionDuration",
    "pushConfig",
    "retainAckedMessages",
    "retryPolicy",
];

/// The name of the subscription in the path.
pub(super) fn name(request: &Request) -> String {
    format!("projects/{}/subscriptions/{}", request.account, request.label("subscription"))
}

/// `CreateSubscription`.
pub(super) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let name = name(request);
    check::id("subscription", &name)?;
    let mut subscription = request.json()?;
    let topic = text(&subscription, "topic");
    if topic.is_empty() {
        return Err(invalid("You have not specified a topic for the subscription."));
    }
    shelf::topic(tx, topic)?;
    if shelf::find_subscription(tx, &name)?.is_some() {
        let id = request.label("subscription");
        return Err(exists(format!("Resource already exists in the project (resource={id}).")));
    }
    set(&mut subscription, "name", name.as_str());
    check::subscription(tx, context, &mut subscription)?;
    policy::forget(tx, &name)?;
    shelf::purge(tx, &name)?;
    shelf::put_subscription(tx, &name, &subscription)?;
    Ok(Reply::json(subscription).did(Effect::Create, name))
}

/// `GetSubscription`.
pub(super) fn get(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    Ok(Reply::json(shelf::subscription(tx, &name(request))?))
}

/// `ListSubscriptions`.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let all = shelf::subscriptions(tx, &request.account)?;
    let items = all.into_iter().map(|one| (text(&one, "name").to_owned(), one)).collect();
    let pages = Pages { items: "subscriptions", usual: 1000, most: 1000 };
    Ok(Reply::json(Value::Object(pages.cut(request, context, items)?)))
}

/// `UpdateSubscription`.
pub(super) fn update(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let name = name(request);
    let before = shelf::subscription(tx, &name)?;
    let sent = request.json()?;
    let mask = text(&sent, "updateMask");
    if mask.is_empty() {
        return Err(invalid(
            "The update_mask in the UpdateSubscriptionRequest must be set, and must contain a non-empty paths list.",
        ));
    }
    let mask = Mask::parse(mask, &SUBSCRIPTION)?;
    let mut after = before.clone();
    mask.apply(&at(&sent, "/subscription"), &mut after);
    for (field, _) in SUBSCRIPTION.fields {
        if !UPDATABLE.contains(field) && before.get(*field) != after.get(*field) {
            return Err(invalid(format!(
                "Invalid update_mask provided in the UpdateSubscriptionRequest: '{field}' is not a known or \
                 updatable Subscription field."
            )));
        }
    }
    check::subscription(tx, context, &mut after)?;
    shelf::put_subscription(tx, &name, &after)?;
    Ok(Reply::json(after).did(Effect::Update, name))
}

/// `ModifyPushConfig`.
pub(super) fn modify_push(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let name = name(request);
    let mut subscription = shelf::subscription(tx, &name)?;
    let push = at(&request.json()?, "/pushConfig");
    set(&mut subscription, "pushConfig", if push.is_null() { json!({}) } else { push });
    check::subscription(tx, context, &mut subscription)?;
    shelf::put_subscription(tx, &name, &subscription)?;
    Ok(Reply::json(json!({})).did(Effect::Update, name))
}

/// `DetachSubscription`: what waits is dropped, and nothing comes any more.
pub(super) fn detach(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let name = name(request);
    let mut subscription = shelf::subscription(tx, &name)?;
    set(&mut subscription, "detached", true);
    shelf::purge(tx, &name)?;
    shelf::put_subscription(tx, &name, &subscription)?;
    Ok(Reply::json(json!({})).did(Effect::Update, name))
}

/// `DeleteSubscription`.
pub(super) fn delete(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let name = name(request);
    shelf::subscription(tx, &name)?;
    shelf::remove_subscription(tx, &name)?;
    policy::forget(tx, &name)?;
    Ok(Reply::json(json!({})).did(Effect::Delete, name))
}

/// `Pull`.
pub(super) fn pull(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = request.json()?;
    let received = data::pull(tx, context, &name(request), &sent)?;
    let empty = received.is_empty();
    Ok(Reply::json(if empty { json!({}) } else { json!({"receivedMessages": received}) }))
}

/// `Acknowledge`.
pub(super) fn acknowledge(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    data::acknowledge(tx, context, &name(request), &request.json()?)?;
    Ok(Reply::json(json!({})))
}

/// `ModifyAckDeadline`.
pub(super) fn modify_deadline(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    data::modify_deadline(tx, context, &name(request), &request.json()?)?;
    Ok(Reply::json(json!({})))
}

/// `GetIamPolicy`.
pub(super) fn get_policy(
    request: &Request,
    tx: &mut Tx,
    _: &Context<'_>,
) -> Result<Reply, Refusal> {
    let name = name(request);
    shelf::subscription(tx, &name)?;
    policy::get(request, tx, &Holder { name: &name, rules: &RULES })
}

/// `SetIamPolicy`.
pub(super) fn set_policy(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let name = name(request);
    shelf::subscription(tx, &name)?;
    policy::set(request, tx, context, &Holder { name: &name, rules: &RULES })
}
