//! `azure.queue`: a storage queue of the manifest, `<queue>`, and where the host of functions puts
//! messages of it that failed again and again, `<queue>.poison`.

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value as Json, json};
use updraft_contract::{
    Action, FieldSpec, Fields, Grant, KindSpec, Known, Live, Origin, Owner, Resource, ResourceId,
    Scope, Stages, Value, Verb,
};
use updraft_transport::{ResourceKind, known};

use super::{QUEUE, STORAGE_ACCOUNT, storage_account};
use crate::api::STORAGE;
use crate::client::Cloud;
use crate::errors::Failure;
use crate::ids::Id;
use crate::kind::{Found, Made};
use crate::marks;
use crate::place::{Account, ELSEWHERE, Names, queue_id};
use crate::survey::{Survey, text};
use crate::things::queue_name;

/// The kind, as data.
static SPEC: KindSpec = KindSpec {
    kind: QUEUE,
    needs: &[STORAGE_ACCOUNT],
    snapshots: &[],
    fields: &[
        // What is in an account goes with it.
        FieldSpec::fixed("made"),
        FieldSpec::plain("tags"),
    ],
    grants: &[
        Grant { verb: Verb::Create, permissions: &[WRITE] },
        Grant { verb: Verb::Update, permissions: &[WRITE] },
        Grant {
            verb: Verb::Delete,
            permissions: &["Microsoft.Storage/storageAccounts/queueServices/queues/delete"],
        },
    ],
    reads: &["Microsoft.Storage/storageAccounts/queueServices/queues/read"],
    downtime: "the queue is away, and so are the messages in it",
    shows: &["url"],
};

const WRITE: &str = "Microsoft.Storage/storageAccounts/queueServices/queues/write";

/// How many queues are read at once.
const AT_ONCE: usize = 8;

/// Returns the address of a queue.
pub(crate) fn id(address: impl Into<String>) -> ResourceId {
    ResourceId { kind: QUEUE, name: address.into() }
}

/// Returns the queue at an address.
pub(crate) fn wanted(
    names: Names<'_>,
    address: &str,
    tags: &BTreeMap<String, String>,
    origin: &Origin,
) -> Resource {
    let made = Value::output(&storage_account::id(&Account::Data), "made");
    let fields = Fields::new([("made", made), ("tags", marks::tags(tags))]);
    let outputs = BTreeMap::from([("id", path(names, address)), ("name", queue_name(address))]);
    Resource { id: id(address), fields, outputs, origin: origin.clone() }
}

/// The kind.
pub(crate) struct Queue;

#[async_trait]
impl ResourceKind<Cloud, Survey> for Queue {
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
        let wanted: Vec<ResourceId> = survey.wanted(QUEUE).cloned().collect();
        let mut ids = wanted.clone();
        for (account, found) in storage_account::listed(cloud, survey).await? {
            if Account::named(crate::place::bare(&account.name)) != Some(Account::Data) {
                continue;
            }
            let elsewhere = account.name.split_once(ELSEWHERE).map(|(_, group)| group);
            for queue in every(cloud, &found).await? {
                let Some(mut name) = marks::address(scope, &tags_of(&queue)) else { continue };
                if let Some(group) = elsewhere {
                    name = format!("{name}{ELSEWHERE}{group}");
                }
                if !ids.contains(&id(name.as_str())) {
                    ids.push(id(name));
                }
            }
        }
        let reads = stream::iter(ids).map(|id| async move {
            Ok::<_, Failure>(self.read(cloud, scope, &id).await?.map(|found| found.live))
        });
        let found: Vec<Option<Live>> = reads.buffered(AT_ONCE).try_collect().await?;
        // A mark that was copied to another queue is not at its address.
        let ours = |live: &Live| live.owner == Owner::Us || wanted.contains(&live.id);
        Ok(found.into_iter().flatten().filter(ours).collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let (names, address) = cloud.place.at(scope, id);
        let account = storage_account::holding(cloud, names, &Account::Data).await?;
        let Some(account) = account else { return Ok(None) };
        let queue = cloud.arm.get(&path(names, address), STORAGE).await?;
        Ok(queue.map(|queue| found(scope, (names, id), (&account, &queue))))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let tags = marks::with(scope, &action.target, action.body.get("tags"));
        put(cloud, scope, action, (&tags, stages)).await
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        if updraft_transport::same(&SPEC, &found.live.fields, &action.body) {
            return Ok(found.live.outputs.clone());
        }
        let (names, address) = cloud.place.at(scope, &action.target);
        let live = cloud.arm.get(&path(names, address), STORAGE).await?.unwrap_or_default();
        let tags = marks::kept(&tags_of(&live), action.body.get("tags"));
        put(cloud, scope, action, (&tags, stages)).await
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<(), Failure> {
        let (names, address) = cloud.place.at(scope, &found.live.id);
        cloud.arm.delete(&path(names, address), STORAGE, stages).await
    }
}

/// Returns the resource id of the queue at an address.
fn path(names: Names<'_>, address: &str) -> String {
    queue_id(&names.account_id(&Account::Data), &queue_name(address))
}

async fn put(
    cloud: &Cloud,
    scope: &Scope,
    action: &Action<Known>,
    (tags, stages): (&marks::Tags, &Stages<'_>),
) -> Result<Made, Failure> {
    let (names, address) = cloud.place.at(scope, &action.target);
    let metadata = marks::json(&marks::to_metadata(tags));
    let body = json!({"properties": {"metadata": metadata}});
    cloud.arm.put(&path(names, address), STORAGE, &body, stages).await?;
    let account = storage_account::holding(cloud, names, &Account::Data).await?;
    Ok(outputs((names, address), &account.unwrap_or_default(), tags))
}

fn tags_of(queue: &Json) -> marks::Tags {
    let metadata = queue.get("properties").and_then(|it| it.get("metadata"));
    marks::from_metadata(&marks::strings(metadata))
}

fn outputs((names, address): (Names<'_>, &str), account: &Json, tags: &marks::Tags) -> Made {
    let endpoints = account.get("properties").and_then(|it| it.get("primaryEndpoints"));
    let endpoint = endpoints.map(|it| text(it, "queue")).unwrap_or_default();
    let name = queue_name(address);
    BTreeMap::from([
        ("id", path(names, address)),
        ("url", format!("{}/{name}", endpoint.trim_end_matches('/'))),
        ("made", marks::nonce_in(tags).unwrap_or_default()),
        ("name", name),
    ])
}

/// Only a read of one queue tells how many messages there are, and only about so many.
fn messages(queue: &Json) -> u64 {
    let count = queue.get("properties").and_then(|it| it.get("approximateMessageCount"));
    count.and_then(Json::as_u64).unwrap_or_default()
}

fn found(
    scope: &Scope,
    (names, id): (Names<'_>, &ResourceId),
    (account, queue): (&Json, &Json),
) -> Found {
    let tags = tags_of(queue);
    let fields = known(Fields::new([
        ("made", Value::from(storage_account::made_at(account))),
        ("tags", marks::field(&tags)),
    ]));
    let live = Live {
        holds: (messages(queue) > 0).then(|| "messages".to_owned()),
        id: id.clone(),
        owner: marks::owner(scope, id, &tags),
        version: super::version(&fields),
        outputs: outputs((names, crate::place::bare(&id.name)), account, &tags),
        fields,
    };
    Found { live, nonce: marks::nonce_in(&tags) }
}

/// Returns every queue in an account that was read, ours or not.
async fn every(cloud: &Cloud, account: &Json) -> Result<Vec<Json>, Failure> {
    let all = queue_id(text(account, "id"), "");
    cloud.arm.list(all.trim_end_matches('/'), STORAGE).await
}

/// Returns a queue in an account that is not ours; `None`: all are.
pub(super) async fn foreign(
    cloud: &Cloud,
    scope: &Scope,
    account: &Json,
) -> Result<Option<String>, Failure> {
    let every = every(cloud, account).await?;
    let other = every.iter().find(|queue| !marks::is_ours(scope, &tags_of(queue)));
    let at = Id::of(text(account, "id"));
    Ok(other.map(|queue| format!("{}/{}", at.name(), text(queue, "name"))))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;
    use updraft_contract::{Origin, Owner};

    use super::{found, id, wanted};
    use crate::marks::{self, tests::scope};
    use crate::place::tests::place;

    #[test]
    fn what_is_sent_is_what_is_read_and_messages_count() {
        let place = place();
        let names = place.names("shop", "dev");
        let origin = Origin { path: "queue.jobs".into(), line: 1 };
        let tags = BTreeMap::from([("team".to_owned(), "web".to_owned())]);
        let wanted = wanted(names, "jobs.poison", &tags, &origin);
        let all = marks::with(&scope(), &wanted.id, wanted.fields.get("tags"));
        let metadata = marks::json(&marks::to_metadata(&all));
        let read = |count: u64| {
            let queue =
                json!({"properties": {"metadata": metadata, "approximateMessageCount": count}});
            let account = json!({"properties": {"primaryEndpoints": {"queue": "https://x/q/"}}});
            found(&scope(), (names, &id("jobs.poison")), (&account, &queue)).live
        };
        assert_eq!(read(0).owner, Owner::Us);
        assert_eq!(read(0).fields.get("tags"), wanted.fields.get("tags"));
        assert_eq!(read(0).outputs["url"], "https://x/q/jobs-poison");
        assert_eq!((read(0).holds, read(1).holds), (None, Some("messages".into())));
    }
}
