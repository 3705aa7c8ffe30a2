//! `azure.service-bus-queue`: a queue of the manifest that is of Service Bus.
//!
//! Queues of Service Bus carry no mark of their own. Their namespace carries a tag for each of
//! ours, written before the queue is made and taken away after it is gone. A queue in our namespace
//! without one is a neighbour's.

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value as Json, json};
use updraft_contract::{
    Action, App, FieldSpec, Fields, Grant, KindSpec, Known, Live, Managed, Owner, Resource,
    ResourceId, ResourceType, Scope, Stages, Value, Verb,
};
use updraft_transport::{ResourceKind, known};

use super::{SERVICE_BUS_NAMESPACE, SERVICE_BUS_QUEUE, service_bus_namespace};
use crate::api::{RESOURCES, SERVICE_BUS};
use crate::client::Cloud;
use crate::errors::{Failure, gone};
use crate::kind::{Found, Made};
use crate::marks;
use crate::place::{ELSEWHERE, Names, legal};
use crate::spans;
use crate::survey::{Survey, text};
use crate::things::declared;

/// The kind, as data.
static SPEC: KindSpec = KindSpec {
    kind: SERVICE_BUS_QUEUE,
    needs: &[SERVICE_BUS_NAMESPACE],
    snapshots: &[],
    fields: &[
        // What is in a namespace goes with it.
        FieldSpec::fixed("made"),
        FieldSpec::plain("lock"),
        FieldSpec::plain("retention"),
        FieldSpec::plain("attempts"),
        FieldSpec::plain("dead-letter"),
    ],
    grants: &[
        Grant { verb: Verb::Create, permissions: &[WRITE, TAG] },
        Grant { verb: Verb::Update, permissions: &[WRITE] },
        Grant {
            verb: Verb::Delete,
            permissions: &["Microsoft.ServiceBus/namespaces/queues/delete", TAG],
        },
    ],
    reads: &["Microsoft.ServiceBus/namespaces/queues/read"],
    downtime: "the queue is away, and so are the messages in it",
    shows: &[],
};

const WRITE: &str = "Microsoft.ServiceBus/namespaces/queues/write";
const TAG: &str = "Microsoft.Resources/tags/write";

/// How many queues are read at once.
const AT_ONCE: usize = 8;

/// What the tag of a namespace starts with that marks a queue in it. Its value is the nonce of the
/// queue's creation.
const MARK: &str = "updraft-queue-";

/// How many queues of one namespace can be marked: a resource has fifty tags, four of which mark
/// the namespace itself.
pub(crate) const MOST: usize = 40;

/// How long a message is locked where the manifest does not say, in seconds, and after how many
/// deliveries it is a dead letter: Azure's own defaults.
const LOCK: u64 = 60;
const ATTEMPTS: u32 = 10;

/// Returns the address of a queue.
pub(crate) fn id(queue: &str) -> ResourceId {
    ResourceId { kind: SERVICE_BUS_QUEUE, name: queue.to_owned() }
}

/// Returns a queue of the manifest.
pub(crate) fn wanted(names: Names<'_>, app: &App, queue: &Managed) -> Resource {
    let seconds = |seconds: u64| Value::Int(i64::try_from(seconds).unwrap_or(i64::MAX));
    let lock = queue.visibility_timeout.map_or(LOCK, |it| it.as_secs());
    let dead = queue.dead_letter.as_ref();
    let mut fields = Fields::new([
        ("made", Value::output(&service_bus_namespace::id(), "made")),
        ("lock", seconds(lock)),
        ("attempts", Value::from(dead.map_or(ATTEMPTS, |dead| dead.attempts))),
    ]);
    if let Some(kept) = queue.retention {
        fields.set("retention", seconds(kept.as_secs()));
    }
    let to = dead.and_then(|dead| declared(app, ResourceType::Queue, &dead.queue));
    if let Some(to) = to {
        fields.set("dead-letter", Value::output(&id(&to.name), "name"));
    }
    let outputs =
        BTreeMap::from([("id", names.bus_queue_id(&queue.name)), ("name", legal(&queue.name))]);
    Resource { id: id(&queue.name), fields, outputs, origin: queue.origin.clone() }
}

/// Writes a queue as Service Bus takes it.
fn configured(body: &Known) -> Json {
    let span = |field: &str| {
        let seconds = body.int(field).and_then(|it| u64::try_from(it).ok());
        spans::written(seconds.unwrap_or(u64::MAX))
    };
    let mut properties = json!({
        "lockDuration": span("lock"),
        "defaultMessageTimeToLive": span("retention"),
        "maxDeliveryCount": body.int("attempts").unwrap_or_default(),
    });
    if let (Some(to), Some(all)) = (body.text("dead-letter"), properties.as_object_mut()) {
        all.insert("forwardDeadLetteredMessagesTo".to_owned(), Json::from(to));
    }
    json!({"properties": properties})
}

/// Returns the fields of a queue, in the form they are wanted in.
fn read_fields(queue: &Json, made: String) -> Fields {
    let properties = queue.get("properties").unwrap_or(&Json::Null);
    let span = |name: &str| spans::seconds(text(properties, name));
    let whole = |seconds: u64| Value::Int(i64::try_from(seconds).unwrap_or(i64::MAX));
    let attempts = properties.get("maxDeliveryCount").and_then(Json::as_i64);
    let mut fields = Fields::new([
        ("made", Value::Text(made)),
        ("lock", whole(span("lockDuration").unwrap_or_default())),
        ("attempts", Value::Int(attempts.unwrap_or_default())),
    ]);
    let kept = span("defaultMessageTimeToLive").filter(|kept| !spans::is_endless(*kept));
    if let Some(kept) = kept {
        fields.set("retention", whole(kept));
    }
    let dead = text(properties, "forwardDeadLetteredMessagesTo");
    if !dead.is_empty() {
        // A full address, or a name, and names compare without regard to case.
        let name = dead.trim_end_matches('/').rsplit('/').next().unwrap_or(dead);
        fields.set("dead-letter", name.to_lowercase());
    }
    fields
}

/// The kind.
pub(crate) struct ServiceBusQueue;

#[async_trait]
impl ResourceKind<Cloud, Survey> for ServiceBusQueue {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn exclusive(&self) -> bool {
        false
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let scope = &survey.scope;
        let mut ids: Vec<ResourceId> = survey.wanted(SERVICE_BUS_QUEUE).cloned().collect();
        for (namespace, found) in service_bus_namespace::listed(cloud, survey).await? {
            let elsewhere = namespace.name.split_once(ELSEWHERE).map(|(_, group)| group);
            for name in marked(&found).into_keys() {
                let name = elsewhere.map_or(name.clone(), |at| format!("{name}{ELSEWHERE}{at}"));
                if !ids.contains(&id(&name)) {
                    ids.push(id(&name));
                }
            }
        }
        let reads = stream::iter(ids).map(|id| async move {
            Ok::<_, Failure>(self.read(cloud, scope, &id).await?.map(|found| found.live))
        });
        let found: Vec<Option<Live>> = reads.buffered(AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let (names, name) = cloud.place.at(scope, id);
        let namespace = cloud.arm.get(&names.namespace_id(), SERVICE_BUS).await?;
        let Some(namespace) = namespace else { return Ok(None) };
        let queue = cloud.arm.get(&names.bus_queue_id(name), SERVICE_BUS).await?;
        Ok(queue.map(|queue| found(scope, (names, id), (&namespace, &queue))))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let (names, name) = cloud.place.at(scope, &action.target);
        let nonce = marks::nonce(scope, &action.target);
        mark(cloud, names, ("Merge", name, &nonce), stages).await?;
        let path = names.bus_queue_id(name);
        cloud.arm.put(&path, SERVICE_BUS, &configured(&action.body), stages).await?;
        Ok(outputs(names, name))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let (names, name) = cloud.place.at(scope, &action.target);
        if !updraft_transport::same(&SPEC, &found.live.fields, &action.body) {
            let path = names.bus_queue_id(name);
            cloud.arm.put(&path, SERVICE_BUS, &configured(&action.body), stages).await?;
        }
        Ok(outputs(names, name))
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<(), Failure> {
        let (names, name) = cloud.place.at(scope, &found.live.id);
        cloud.arm.delete(&names.bus_queue_id(name), SERVICE_BUS, stages).await?;
        let nonce = found.nonce.clone().unwrap_or_default();
        // A namespace that is gone has taken the mark along.
        gone(mark(cloud, names, ("Delete", name, &nonce), stages).await)
    }
}

/// Adds or takes away the tag of the namespace that marks a queue, and no other tag
/// (<https://learn.microsoft.com/rest/api/resources/tags/update-at-scope>).
async fn mark(
    cloud: &Cloud,
    names: Names<'_>,
    (operation, queue, nonce): (&str, &str, &str),
    stages: &Stages<'_>,
) -> Result<(), Failure> {
    let path = format!("{}/providers/Microsoft.Resources/tags/default", names.namespace_id());
    let tags = json!({format!("{MARK}{queue}"): nonce});
    let body = json!({"operation": operation, "properties": {"tags": tags}});
    // Two at once would be in each other's way.
    let _turn = cloud.lock(&path).await;
    cloud.arm.patch(&path, RESOURCES, &body, stages).await.map(|_| ())
}

/// Returns the queues that a namespace marks as ours, each with its nonce.
fn marked(namespace: &Json) -> marks::Tags {
    let queue = |(key, nonce): (String, String)| {
        let (mark, queue) = key.split_at_checked(MARK.len())?;
        mark.eq_ignore_ascii_case(MARK).then(|| (queue.to_owned(), nonce))
    };
    marks::read(namespace).into_iter().filter_map(queue).collect()
}

fn outputs(names: Names<'_>, queue: &str) -> Made {
    BTreeMap::from([("id", names.bus_queue_id(queue)), ("name", legal(queue))])
}

fn found(
    scope: &Scope,
    (names, id): (Names<'_>, &ResourceId),
    (namespace, queue): (&Json, &Json),
) -> Found {
    let name = crate::place::bare(&id.name);
    let nonce = marks::tag(&marked(namespace), name).map(str::to_owned);
    let ours = marks::is_ours(scope, &marks::read(namespace)) && nonce.is_some();
    let without = || Owner::Other("no Updraft tag for it on its namespace".to_owned());
    let fields = known(read_fields(queue, service_bus_namespace::made_at(namespace)));
    let count = queue.get("properties").and_then(|it| it.get("messageCount"));
    let full = count.and_then(Json::as_u64).is_some_and(|count| count > 0);
    let live = Live {
        holds: full.then(|| "messages".to_owned()),
        id: id.clone(),
        owner: if ours { Owner::Us } else { without() },
        version: super::version(&fields),
        outputs: outputs(names, name),
        fields,
    };
    Found { live, nonce }
}

/// Returns a queue in a namespace that is not ours, for people; `None`: all are.
pub(super) async fn foreign(cloud: &Cloud, namespace: &Json) -> Result<Option<String>, Failure> {
    let all = format!("{}/queues", text(namespace, "id"));
    let marked = marked(namespace);
    let ours = |name: &str| marked.keys().any(|queue| legal(queue).eq_ignore_ascii_case(name));
    let every = cloud.arm.list(&all, SERVICE_BUS).await?;
    let other = every.iter().map(|queue| text(queue, "name")).find(|name| !ours(name));
    Ok(other.map(|name| format!("the queue {name}, which is not ours")))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value as Json, json};
    use updraft_contract::{Managed, Outputs, Owner, Value};
    use updraft_transport::known;

    use super::{SPEC, configured, found, id, read_fields, wanted};
    use crate::marks::{self, tests::scope};
    use crate::place::tests::place;
    use crate::things::tests::{app, failing, queue};

    fn sent(managed: Vec<Managed>) -> (updraft_contract::Fields, Json) {
        let place = place();
        let app = app(managed);
        let names = place.names("shop", "dev");
        let wanted = wanted(names, &app, &app.managed[0]);
        let mut outputs = Outputs::default();
        outputs.record(id("failed"), [("name", "failed".to_owned())].into());
        outputs.record(super::service_bus_namespace::id(), [("made", "n".to_owned())].into());
        let fields = wanted.fields.settle(&outputs);
        let body = configured(&known(fields.clone()));
        (fields, body)
    }

    #[test]
    fn what_is_sent_is_what_is_read() {
        let slow = Managed {
            visibility_timeout: Some(Duration::from_mins(5)),
            retention: Some(Duration::from_hours(14 * 24)),
            ..failing("jobs", "failed")
        };
        for managed in [vec![queue("jobs")], vec![slow, queue("failed")]] {
            let (wanted, sent) = sent(managed);
            let read = read_fields(&sent, "n".into());
            for field in SPEC.fields {
                assert_eq!(read.get(field.name), wanted.get(field.name), "{}", field.name);
            }
        }
    }

    #[test]
    fn a_queue_without_a_tag_on_its_namespace_is_a_neighbours() {
        let place = place();
        let names = place.names("shop", "dev");
        let queue = json!({"properties": {"messageCount": 2}});
        let live = |tags: Json| {
            found(&scope(), (names, &id("jobs")), (&json!({"tags": tags}), &queue)).live
        };
        let mut tags = marks::json(&marks::of(&scope(), &super::service_bus_namespace::id()));
        assert!(matches!(live(tags.clone()).owner, Owner::Other(_)));
        tags["updraft-queue-jobs"] = json!("n1");
        assert_eq!(live(tags.clone()).owner, Owner::Us);
        assert_eq!(live(tags).holds.as_deref(), Some("messages"));
        assert!(matches!(live(json!({"updraft-queue-jobs": "n1"})).owner, Owner::Other(_)));
    }

    #[test]
    fn a_message_is_kept_for_good_unless_the_manifest_says_otherwise() {
        let (wanted, sent) = sent(vec![queue("jobs")]);
        assert_eq!(wanted.get("retention"), None);
        assert_eq!(sent["properties"]["defaultMessageTimeToLive"], crate::spans::ENDLESS);
        assert_eq!(wanted.get("lock"), Some(&Value::Int(60)));
    }
}
