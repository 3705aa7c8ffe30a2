//! `gcp.topic`: what a queue's messages are published to.
//!
//! A topic keeps nothing itself: messages rest in its subscriptions.

use std::collections::BTreeMap;

use async_trait::async_trait;
use google_cloud_pubsub::model;
use google_cloud_wkt::FieldMask;
use updraft_contract::{
    Action, FieldSpec, Fields, Grant, KindSpec, Known, Live, Managed, Resource, ResourceId, Scope,
    Stages, Value, Verb, Version,
};
use updraft_transport::{ResourceKind, known};

use super::TOPIC;
use crate::client::Cloud;
use crate::errors::{Failure, absent};
use crate::kind::{Found, Made};
use crate::marks::{self, Labels};
use crate::place::Names;
use crate::survey::Survey;

/// The kind, as data.
static SPEC: KindSpec = KindSpec {
    kind: TOPIC,
    needs: &[],
    snapshots: &[],
    fields: &[FieldSpec::plain("labels")],
    grants: &[
        Grant { verb: Verb::Create, permissions: &["pubsub.topics.create"] },
        Grant { verb: Verb::Update, permissions: &["pubsub.topics.update"] },
        Grant { verb: Verb::Delete, permissions: &["pubsub.topics.delete"] },
    ],
    reads: &["pubsub.topics.get", "pubsub.topics.list"],
    downtime: "subscriptions lose their topic",
    shows: &["name"],
};

/// Returns the address of the topic of a queue.
pub(crate) fn id(queue: &str) -> ResourceId {
    ResourceId { kind: TOPIC, name: queue.to_owned() }
}

/// Returns the topic of a queue.
pub(crate) fn wanted(names: Names<'_>, queue: &Managed) -> Resource {
    let fields = Fields::new([("labels", labels(&queue.tags))]);
    let outputs = BTreeMap::from([("name", name(names, &queue.name))]);
    Resource { id: id(&queue.name), fields, outputs, origin: queue.origin.clone() }
}

/// Returns tags of the manifest as a field.
pub(crate) fn labels(tags: &BTreeMap<String, String>) -> Value {
    Value::map(tags.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))))
}

/// Returns the labels of something read, in order.
pub(crate) fn ordered<'l>(labels: impl IntoIterator<Item = (&'l String, &'l String)>) -> Labels {
    labels.into_iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn name(names: Names<'_>, queue: &str) -> String {
    names.place.topic(&names.plain_id(queue))
}

/// The kind.
pub(crate) struct Topic;

#[async_trait]
impl ResourceKind<Cloud, Survey> for Topic {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let names = cloud.place.names_in(&survey.scope);
        let wanted: BTreeMap<String, &ResourceId> =
            survey.wanted(TOPIC).map(|id| (name(names, &id.name), id)).collect();
        let place = |topic: &model::Topic| {
            let marked = || Some(id(&marks::address(&survey.scope, &ordered(&topic.labels))?));
            let id = wanted.get(&topic.name).map(|id| (*id).clone()).or_else(marked)?;
            Some(found(&survey.scope, &id, topic).live)
        };
        Ok(survey.topics(cloud).await?.iter().filter_map(place).collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let topic = get(cloud, &name(cloud.place.names_in(scope), &id.name)).await?;
        Ok(topic.map(|topic| found(scope, id, &topic)))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let topic = model::Topic::new()
            .set_name(name(cloud.place.names_in(scope), &action.target.name))
            .set_labels(marks::with(scope, &action.target, action.body.get("labels")));
        let call = cloud.once("pubsub.topics.create", |api| {
            api.topics.create_topic().with_request(topic.clone()).send()
        });
        Ok(BTreeMap::from([("name", call.await?.name)]))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let labels = action.body.get("labels");
        if found.live.fields.get("labels") != labels {
            let name = name(cloud.place.names_in(scope), &action.target.name);
            let live = get(cloud, &name).await?.unwrap_or_default();
            let labels = marks::kept(&ordered(&live.labels), labels);
            let topic = model::Topic::new().set_name(&name).set_labels(labels);
            let mask = FieldMask::default().set_paths(["labels"]);
            let call = cloud.safe("pubsub.topics.update", |api| {
                let call = api.topics.update_topic().set_topic(topic.clone());
                call.set_update_mask(mask.clone()).send()
            });
            call.await?;
        }
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
        let call = cloud
            .safe("pubsub.topics.delete", |api| api.topics.delete_topic().set_topic(&name).send());
        call.await
    }
}

/// Reads one topic. `None`: there is none.
pub(crate) async fn get(cloud: &Cloud, name: &str) -> Result<Option<model::Topic>, Failure> {
    let call = cloud.safe("pubsub.topics.get", |api| api.topics.get_topic().set_topic(name).send());
    absent(call.await)
}

fn found(scope: &Scope, id: &ResourceId, topic: &model::Topic) -> Found {
    let labels = ordered(&topic.labels);
    let fields = known(Fields::new([("labels", marks::field(&labels))]));
    let live = Live {
        holds: None,
        id: id.clone(),
        owner: marks::owner(scope, id, &labels),
        version: Version::of(&fields),
        outputs: BTreeMap::from([("name", topic.name.clone())]),
        fields,
    };
    Found { live, nonce: labels.get(marks::NONCE).cloned() }
}
