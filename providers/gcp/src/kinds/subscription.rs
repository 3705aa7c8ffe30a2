//! `gcp.subscription`: what carries a queue's messages, `<function>.<queue>` to a function and
//! `<queue>` to nobody yet, so that they are kept.

use std::collections::BTreeMap;

use async_trait::async_trait;
use google_cloud_pubsub::model::push_config::OidcToken;
use google_cloud_pubsub::model::{
    self, DeadLetterPolicy, ExpirationPolicy, PushConfig, RetryPolicy,
};
use google_cloud_wkt::{Duration, FieldMask};
use updraft_contract::{
    Action, FieldSpec, Fields, Grant, KindSpec, Known, Live, ResourceId, Scope, Stages, Value,
    Verb, Version,
};
use updraft_transport::{ResourceKind, known};

use super::{CALLERS, FUNCTION, SERVICE_ACCOUNT, SUBSCRIPTION, TOPIC, TOPIC_ACCESS};
use crate::client::Cloud;
use crate::errors::{Failure, absent};
use crate::kind::{Found, Made};
use crate::kinds::topic::ordered;
use crate::marks;
use crate::place::Names;
use crate::survey::Survey;

/// The kind, as data. A filter and a topic are for life (pubsub.googleapis.com v1,
/// `Subscription.filter`, `projects.subscriptions.patch`).
static SPEC: KindSpec = KindSpec {
    kind: SUBSCRIPTION,
    needs: &[TOPIC, TOPIC_ACCESS, FUNCTION, CALLERS, SERVICE_ACCOUNT],
    snapshots: &[],
    fields: &[
        FieldSpec::fixed("topic"),
        FieldSpec::fixed("filter"),
        FieldSpec::plain("push"),
        FieldSpec::plain("ack-deadline"),
        FieldSpec::plain("retention"),
        FieldSpec::plain("backoff"),
        FieldSpec::plain("dead-letter"),
        FieldSpec::plain("expires"),
        FieldSpec::plain("labels"),
    ],
    grants: &[
        Grant {
            verb: Verb::Create,
            permissions: &["pubsub.subscriptions.create", "pubsub.topics.attachSubscription"],
        },
        Grant { verb: Verb::Update, permissions: &["pubsub.subscriptions.update"] },
        Grant { verb: Verb::Delete, permissions: &["pubsub.subscriptions.delete"] },
    ],
    reads: &["pubsub.subscriptions.get", "pubsub.subscriptions.list"],
    downtime: "messages that were not delivered yet, and those published meanwhile, are lost",
    shows: &[],
};

/// What a subscription says that never expires. By default one does that rests for 31 days.
pub(crate) const NEVER: &str = "never";

/// Which fields of ours stand in which member of a subscription, as an update mask names it.
const MASKS: &[(&str, &str)] = &[
    ("push", "push_config"),
    ("ack-deadline", "ack_deadline_seconds"),
    ("retention", "message_retention_duration"),
    ("backoff", "retry_policy"),
    ("dead-letter", "dead_letter_policy"),
    ("expires", "expiration_policy"),
    ("labels", "labels"),
];

/// Returns the address of a subscription.
pub(crate) fn id(name: impl Into<String>) -> ResourceId {
    ResourceId { kind: SUBSCRIPTION, name: name.into() }
}

/// Returns the full name of a subscription.
pub(crate) fn name(names: Names<'_>, logical: &str) -> String {
    names.place.subscription(&names.plain_id(logical))
}

/// The kind.
pub(crate) struct Subscription;

#[async_trait]
impl ResourceKind<Cloud, Survey> for Subscription {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let names = cloud.place.names_in(&survey.scope);
        let wanted: BTreeMap<String, &ResourceId> =
            survey.wanted(SUBSCRIPTION).map(|id| (name(names, &id.name), id)).collect();
        let place = |it: &model::Subscription| {
            let marked = || Some(id(marks::address(&survey.scope, &ordered(&it.labels))?));
            let id = wanted.get(&it.name).map(|id| (*id).clone()).or_else(marked)?;
            Some(found(&survey.scope, &id, it).live)
        };
        Ok(survey.subscriptions(cloud).await?.iter().filter_map(place).collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let it = get(cloud, &name(cloud.place.names_in(scope), &id.name)).await?;
        Ok(it.map(|it| found(scope, id, &it)))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let body = &action.body;
        let name = name(cloud.place.names_in(scope), &action.target.name);
        let labels = marks::with(scope, &action.target, body.get("labels"));
        let it = configured(body).set_name(name).set_labels(labels);
        let it = it.set_topic(body.text("topic").unwrap_or_default());
        let it = it.set_filter(body.text("filter").unwrap_or_default());
        let call = cloud.once("pubsub.subscriptions.create", |api| {
            api.subscriptions.create_subscription().with_request(it.clone()).send()
        });
        Ok(outputs(&call.await?))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let (from, to) = (&found.live.fields, &action.body);
        let differ = MASKS.iter().filter(|(field, _)| from.get(field) != to.get(field));
        let mask: Vec<&str> = differ.map(|(_, path)| *path).collect();
        if mask.is_empty() {
            return Ok(found.live.outputs.clone());
        }
        let name = name(cloud.place.names_in(scope), &action.target.name);
        let live = get(cloud, &name).await?.unwrap_or_default();
        let labels = marks::kept(&ordered(&live.labels), to.get("labels"));
        let it = configured(to).set_name(&name).set_labels(labels);
        let mask = FieldMask::default().set_paths(mask);
        let call = cloud.safe("pubsub.subscriptions.update", |api| {
            let call = api.subscriptions.update_subscription().set_subscription(it.clone());
            call.set_update_mask(mask.clone()).send()
        });
        call.await?;
        Ok(found.live.outputs.clone())
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let name = name(cloud.place.names_in(scope), &found.live.id.name);
        let call = cloud.safe("pubsub.subscriptions.delete", |api| {
            api.subscriptions.delete_subscription().set_subscription(&name).send()
        });
        call.await
    }
}

/// Reads one subscription. `None`: there is none.
pub(crate) async fn get(cloud: &Cloud, name: &str) -> Result<Option<model::Subscription>, Failure> {
    let call = cloud.safe("pubsub.subscriptions.get", |api| {
        api.subscriptions.get_subscription().set_subscription(name).send()
    });
    absent(call.await)
}

/// Returns what can be changed of a subscription, as `body` wants it.
fn configured(body: &Known) -> model::Subscription {
    let seconds = |field: &str| body.int(field).map(|seconds| Duration::clamp(seconds, 0));
    let ack = body.int("ack-deadline").and_then(|seconds| i32::try_from(seconds).ok());
    // Never to expire is said by a policy without a time.
    let expiry = (body.text("expires") == Some(NEVER)).then(ExpirationPolicy::new);
    model::Subscription::new()
        .set_push_config(body.map("push").map(push).unwrap_or_default())
        .set_ack_deadline_seconds(ack.unwrap_or_default())
        .set_or_clear_message_retention_duration(seconds("retention"))
        .set_or_clear_retry_policy(body.map("backoff").map(backoff))
        .set_or_clear_dead_letter_policy(body.map("dead-letter").map(dead_letter))
        .set_or_clear_expiration_policy(expiry)
}

type Entries = BTreeMap<String, Value>;

fn text<'a>(entries: &'a Entries, name: &str) -> &'a str {
    entries.get(name).and_then(Value::as_text).unwrap_or_default()
}

fn int(entries: &Entries, name: &str) -> i64 {
    match entries.get(name) {
        Some(Value::Int(number)) => *number,
        Some(_) | None => 0,
    }
}

fn push(entries: &Entries) -> PushConfig {
    let token = OidcToken::new()
        .set_service_account_email(text(entries, "identity"))
        .set_audience(text(entries, "audience"));
    PushConfig::new().set_push_endpoint(text(entries, "endpoint")).set_oidc_token(token)
}

fn backoff(entries: &Entries) -> RetryPolicy {
    let seconds = |name| Duration::clamp(int(entries, name), 0);
    RetryPolicy::new().set_minimum_backoff(seconds("min")).set_maximum_backoff(seconds("max"))
}

fn dead_letter(entries: &Entries) -> DeadLetterPolicy {
    DeadLetterPolicy::new()
        .set_dead_letter_topic(text(entries, "topic"))
        .set_max_delivery_attempts(i32::try_from(int(entries, "attempts")).unwrap_or_default())
}

/// Returns the outputs of a subscription. When it was made is told by its nonce.
fn outputs(it: &model::Subscription) -> Made {
    let made = ordered(&it.labels).remove(marks::NONCE).unwrap_or_default();
    BTreeMap::from([("name", it.name.clone()), ("made", made)])
}

fn found(scope: &Scope, id: &ResourceId, it: &model::Subscription) -> Found {
    let labels = ordered(&it.labels);
    let fields = known(read(it));
    let pulled = fields.get("push").is_none();
    let live = Live {
        // Pub/Sub does not say how many there are without taking some out.
        holds: pulled.then(|| "messages that nobody has received, if there are any".to_owned()),
        id: id.clone(),
        owner: marks::owner(scope, id, &labels),
        version: Version::of(&fields),
        outputs: outputs(it),
        fields,
    };
    Found { live, nonce: labels.get(marks::NONCE).cloned() }
}

/// Returns the fields of a subscription, in the form they are wanted in.
fn read(it: &model::Subscription) -> Fields {
    let mut fields = Fields::new([
        ("topic", Value::from(it.topic.as_str())),
        ("ack-deadline", Value::Int(i64::from(it.ack_deadline_seconds))),
        ("labels", marks::field(&ordered(&it.labels))),
    ]);
    if !it.filter.is_empty() {
        fields.set("filter", it.filter.as_str());
    }
    if let Some(push) = it.push_config.as_ref().filter(|push| !push.push_endpoint.is_empty()) {
        fields.set("push", push_fields(push));
    }
    if let Some(kept) = &it.message_retention_duration {
        fields.set("retention", kept.seconds());
    }
    if let Some(policy) = &it.retry_policy {
        let seconds = |of: &Option<Duration>| Value::Int(of.as_ref().map_or(0, Duration::seconds));
        let (least, most) = (seconds(&policy.minimum_backoff), seconds(&policy.maximum_backoff));
        fields.set("backoff", Value::map([("min", least), ("max", most)]));
    }
    if let Some(policy) = it.dead_letter_policy.as_ref().filter(|p| !p.dead_letter_topic.is_empty())
    {
        let attempts = Value::Int(i64::from(policy.max_delivery_attempts));
        let topic = Value::from(policy.dead_letter_topic.as_str());
        fields.set("dead-letter", Value::map([("topic", topic), ("attempts", attempts)]));
    }
    let ttl =
        it.expiration_policy.as_ref().map(|policy| policy.ttl.as_ref().map(Duration::seconds));
    match ttl {
        Some(None | Some(0)) => fields.set("expires", NEVER),
        Some(Some(seconds)) => fields.set("expires", format!("after {seconds} s")),
        None => {}
    }
    fields
}

fn push_fields(push: &PushConfig) -> Value {
    let mut entries = vec![("endpoint", Value::from(push.push_endpoint.as_str()))];
    if let Some(token) = push.oidc_token() {
        entries.push(("identity", Value::from(token.service_account_email.as_str())));
        entries.push(("audience", Value::from(token.audience.as_str())));
    }
    Value::map(entries)
}

#[cfg(test)]
mod tests {
    use updraft_contract::{Fields, Value};
    use updraft_transport::known;

    use super::{NEVER, configured, read};

    #[test]
    fn what_is_sent_is_what_is_read() {
        let fields = Fields::new([
            ("topic", Value::from("projects/p/topics/t")),
            ("filter", Value::from("attributes.kind = \"a\"")),
            (
                "push",
                Value::map([
                    ("endpoint", Value::from("https://x.run.app")),
                    ("identity", Value::from("a@p.iam.gserviceaccount.com")),
                    ("audience", Value::from("https://x.run.app")),
                ]),
            ),
            ("ack-deadline", Value::Int(60)),
            ("retention", Value::Int(3600)),
            ("backoff", Value::map([("min", Value::Int(10)), ("max", Value::Int(600))])),
            (
                "dead-letter",
                Value::map([
                    ("topic", Value::from("projects/p/topics/d")),
                    ("attempts", Value::Int(5)),
                ]),
            ),
            ("expires", Value::from(NEVER)),
            ("labels", Value::map([("team", Value::from("web"))])),
        ]);
        let body = known(fields.clone());
        let sent = configured(&body)
            .set_topic("projects/p/topics/t")
            .set_filter("attributes.kind = \"a\"")
            .set_labels([("team", "web"), ("updraft-id", "x")]);
        assert_eq!(read(&sent), fields);
    }
}
