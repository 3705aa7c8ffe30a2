//! The methods of topics.

use serde_json::{Value, json};

use super::tables::TOPIC;
use super::{check, data, shelf};
use crate::cloud::Context;
use crate::google::mask::Mask;
use crate::google::paging::Pages;
use crate::google::policy::{self, Holder, Rules};
use crate::google::refusals::{exists, invalid};
use crate::ledger::Effect;
use crate::members::{at, set, text};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// What the policy of a topic or subscription may say.
pub(super) static RULES: Rules =
    Rules { public: true, conditions: false, roles: &["roles/pubsub."] };

/// The name of the topic in the path.
pub(super) fn name(request: &Request) -> String {
    format!("projects/{}/topics/{}", request.account, request.label("topic"))
}

/// `CreateTopic`.
pub(super) fn create(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let name = name(request);
    check::id("topic", &name)?;
    if shelf::find_topic(tx, &name)?.is_some() {
        let id = request.label("topic");
        return Err(exists(format!("Resource already exists in the project (resource={id}).")));
    }
    let mut topic = request.json()?;
    set(&mut topic, "name", name.as_str());
    check::topic(&topic)?;
    set(&mut topic, "state", "ACTIVE");
    policy::forget(tx, &name)?;
    shelf::put_topic(tx, &name, &topic)?;
    Ok(Reply::json(topic).did(Effect::Create, name))
}

/// `GetTopic`.
pub(super) fn get(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    Ok(Reply::json(shelf::topic(tx, &name(request))?))
}

/// `ListTopics`.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let all = shelf::topics(tx, &request.account)?;
    let items = all.into_iter().map(|topic| (text(&topic, "name").to_owned(), topic)).collect();
    let pages = Pages { items: "topics", usual: 1000, most: 1000 };
    Ok(Reply::json(Value::Object(pages.cut(request, context, items)?)))
}

/// `UpdateTopic`.
pub(super) fn update(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let name = name(request);
    let mut topic = shelf::topic(tx, &name)?;
    let sent = request.json()?;
    let mask = text(&sent, "updateMask");
    if mask.is_empty() {
        return Err(invalid(
            "The update_mask in the UpdateTopicRequest must be set, and must contain a non-empty paths list.",
        ));
    }
    Mask::parse(mask, &TOPIC)?.apply(&at(&sent, "/topic"), &mut topic);
    set(&mut topic, "name", name.as_str());
    check::topic(&topic)?;
    shelf::put_topic(tx, &name, &topic)?;
    Ok(Reply::json(topic).did(Effect::Update, name))
}

/// `DeleteTopic`: its subscriptions stay, without a topic.
pub(super) fn delete(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let name = name(request);
    shelf::topic(tx, &name)?;
    for mut subscription in shelf::all_subscriptions(tx)? {
        if text(&subscription, "topic") == name {
            set(&mut subscription, "topic", shelf::DELETED);
            let of = text(&subscription, "name").to_owned();
            shelf::put_subscription(tx, &of, &subscription)?;
        }
    }
    shelf::remove_topic(tx, &name)?;
    policy::forget(tx, &name)?;
    Ok(Reply::json(json!({})).did(Effect::Delete, name))
}

/// `ListTopicSubscriptions`.
pub(super) fn subscriptions(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let name = name(request);
    shelf::topic(tx, &name)?;
    let all = shelf::all_subscriptions(tx)?;
    let items = all.iter().filter(|subscription| text(subscription, "topic") == name);
    let items = items.map(|subscription| {
        let name = text(subscription, "name");
        (name.to_owned(), Value::from(name))
    });
    let pages = Pages { items: "subscriptions", usual: 1000, most: 1000 };
    Ok(Reply::json(Value::Object(pages.cut(request, context, items.collect())?)))
}

/// `Publish`.
pub(super) fn publish(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = request.json()?;
    let ids = data::publish(tx, context, &name(request), &sent)?;
    Ok(Reply::json(json!({"messageIds": ids})))
}

/// `GetIamPolicy`.
pub(super) fn get_policy(
    request: &Request,
    tx: &mut Tx,
    _: &Context<'_>,
) -> Result<Reply, Refusal> {
    let name = name(request);
    shelf::topic(tx, &name)?;
    policy::get(request, tx, &Holder { name: &name, rules: &RULES })
}

/// `SetIamPolicy`.
pub(super) fn set_policy(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let name = name(request);
    shelf::topic(tx, &name)?;
    policy::set(request, tx, context, &Holder { name: &name, rules: &RULES })
}

/// `TestIamPermissions`.
pub(super) fn test_permissions(
    request: &Request,
    _: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    policy::test(request, context)
}
