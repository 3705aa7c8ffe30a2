//! `azure.container`: the bucket of a manifest, `<bucket>`, and what the package of a function is
//! put in, `<function>.package`. Nothing in them is public.

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value as Json, json};
use updraft_contract::{
    Action, FieldSpec, Fields, Grant, KindSpec, Known, Live, Managed, Origin, Resource, ResourceId,
    Scope, Stages, Value, Verb,
};
use updraft_transport::{ResourceKind, known};

use super::{CONTAINER, STORAGE_ACCOUNT, storage_account};
use crate::api::STORAGE;
use crate::blobs;
use crate::client::Cloud;
use crate::errors::Failure;
use crate::ids::Id;
use crate::kind::{Found, Made};
use crate::marks;
use crate::place::{Account, ELSEWHERE, Names, bare, container_id};
use crate::survey::{Survey, text};
use crate::things::{container_at, is_package, package_address};

/// The kind, as data.
static SPEC: KindSpec = KindSpec {
    kind: CONTAINER,
    needs: &[STORAGE_ACCOUNT],
    snapshots: &[],
    fields: &[
        // What is in an account goes with it.
        FieldSpec::fixed("made"),
        FieldSpec::plain("public"),
        FieldSpec::plain("tags"),
    ],
    grants: &[
        Grant { verb: Verb::Create, permissions: &[WRITE] },
        Grant { verb: Verb::Update, permissions: &[WRITE] },
        Grant {
            verb: Verb::Delete,
            permissions: &["Microsoft.Storage/storageAccounts/blobServices/containers/delete"],
        },
    ],
    reads: &["Microsoft.Storage/storageAccounts/blobServices/containers/read"],
    downtime: "the container is away, and so is what is in it",
    shows: &["url"],
};

const WRITE: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/write";

/// How many containers are read at once.
const AT_ONCE: usize = 8;

/// What the host of functions calls the containers that it makes for itself.
const OF_HOST: &str = "azure-webjobs-";

/// Returns the address of a container.
pub(crate) fn id(address: impl Into<String>) -> ResourceId {
    ResourceId { kind: CONTAINER, name: address.into() }
}

/// Returns the address of the container that the package of `function` is put in.
pub(crate) fn package_id(function: &str) -> ResourceId {
    id(package_address(function))
}

/// Returns the container of a bucket of the manifest.
pub(crate) fn wanted(names: Names<'_>, bucket: &Managed) -> Resource {
    container(names, id(&bucket.name), &bucket.tags, &bucket.origin)
}

/// Returns the container that the package of `function` is put in.
pub(crate) fn package(names: Names<'_>, function: &str, origin: &Origin) -> Resource {
    container(names, package_id(function), &BTreeMap::new(), origin)
}

fn container(
    names: Names<'_>,
    id: ResourceId,
    tags: &BTreeMap<String, String>,
    origin: &Origin,
) -> Resource {
    let (account, name) = container_at(names, &id.name);
    let made = Value::output(&storage_account::id(&account), "made");
    let fields =
        Fields::new([("made", made), ("public", Value::from("None")), ("tags", marks::tags(tags))]);
    let outputs =
        BTreeMap::from([("id", container_id(&names.account_id(&account), &name)), ("name", name)]);
    Resource { id, fields, outputs, origin: origin.clone() }
}

/// The kind.
pub(crate) struct Container;

#[async_trait]
impl ResourceKind<Cloud, Survey> for Container {
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
        let wanted: Vec<ResourceId> = survey.wanted(CONTAINER).cloned().collect();
        let mut ids = wanted.clone();
        for (account, found) in storage_account::listed(cloud, survey).await? {
            let elsewhere = account.name.split_once(ELSEWHERE).map(|(_, group)| group);
            for tags in every(cloud, &found).await?.values() {
                let Some(mut name) = marks::address(scope, tags) else { continue };
                if let Some(group) = elsewhere {
                    name = format!("{name}{ELSEWHERE}{group}");
                }
                let id = id(name);
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
        }
        let reads = stream::iter(ids).map(|id| async move {
            Ok::<_, Failure>(self.read(cloud, scope, &id).await?.map(|found| found.live))
        });
        let found: Vec<Option<Live>> = reads.buffered(AT_ONCE).try_collect().await?;
        // A mark that was copied to another container is not at its address.
        let ours =
            |live: &Live| live.owner == updraft_contract::Owner::Us || wanted.contains(&live.id);
        Ok(found.into_iter().flatten().filter(ours).collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let (names, address) = cloud.place.at(scope, id);
        let (account, name) = container_at(names, address);
        let Some(account) = storage_account::holding(cloud, names, &account).await? else {
            return Ok(None);
        };
        let Some(container) = get(cloud, names, address).await? else { return Ok(None) };
        let holds = if is_package(address) {
            None
        } else {
            blobs::held(cloud, &endpoint(&account), &name).await?
        };
        let mut found = found(scope, id, (&account, &container));
        found.live.holds = holds;
        found.live.outputs = outputs((names, address), &account, &tags_of(&container));
        Ok(Some(found))
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
        let live = get(cloud, names, address).await?.unwrap_or_default();
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

/// Returns the resource id of the container at an address.
fn path(names: Names<'_>, address: &str) -> String {
    let (account, name) = container_at(names, address);
    container_id(&names.account_id(&account), &name)
}

async fn get(cloud: &Cloud, names: Names<'_>, address: &str) -> Result<Option<Json>, Failure> {
    cloud.arm.get(&path(names, address), STORAGE).await
}

async fn put(
    cloud: &Cloud,
    scope: &Scope,
    action: &Action<Known>,
    (tags, stages): (&marks::Tags, &Stages<'_>),
) -> Result<Made, Failure> {
    let (names, address) = cloud.place.at(scope, &action.target);
    let public = action.body.text("public").unwrap_or_default();
    let metadata = marks::json(&marks::to_metadata(tags));
    let body = json!({"properties": {"publicAccess": public, "metadata": metadata}});
    cloud.arm.put(&path(names, address), STORAGE, &body, stages).await?;
    let account = container_at(names, address).0;
    let account = storage_account::holding(cloud, names, &account).await?.unwrap_or_default();
    Ok(outputs((names, address), &account, tags))
}

/// Returns the marks and tags of a container that was read.
fn tags_of(container: &Json) -> marks::Tags {
    let metadata = container.get("properties").and_then(|it| it.get("metadata"));
    marks::from_metadata(&marks::strings(metadata))
}

fn endpoint(account: &Json) -> String {
    let endpoints = account.get("properties").and_then(|it| it.get("primaryEndpoints"));
    endpoints.map(|it| text(it, "blob")).unwrap_or_default().to_owned()
}

fn outputs((names, address): (Names<'_>, &str), account: &Json, tags: &marks::Tags) -> Made {
    let (id, name) = (path(names, address), container_at(names, address).1);
    let url = format!("{}/{name}", endpoint(account).trim_end_matches('/'));
    let made = marks::nonce_in(tags).unwrap_or_default();
    BTreeMap::from([("id", id), ("name", name), ("url", url), ("made", made)])
}

fn found(scope: &Scope, id: &ResourceId, (account, container): (&Json, &Json)) -> Found {
    let tags = tags_of(container);
    let public = container.get("properties").map(|it| text(it, "publicAccess"));
    let public = public.filter(|it| !it.is_empty()).unwrap_or("None");
    let fields = known(Fields::new([
        ("made", Value::from(storage_account::made_at(account))),
        ("public", Value::from(public)),
        ("tags", marks::field(&tags)),
    ]));
    let nonce = marks::nonce_in(&tags);
    let live = Live {
        holds: None,
        id: id.clone(),
        owner: marks::owner(scope, id, &tags),
        version: super::version(&fields),
        outputs: Made::new(),
        fields,
    };
    Found { live, nonce }
}

/// Returns the tags of every container in an account that was read, by name. Lists leave the
/// metadata out, so each is read.
async fn every(cloud: &Cloud, account: &Json) -> Result<BTreeMap<String, marks::Tags>, Failure> {
    let at = text(account, "id");
    let all = cloud.arm.list(container_id(at, "").trim_end_matches('/'), STORAGE).await?;
    let reads = stream::iter(all).map(|one| async move {
        let name = text(&one, "name").to_owned();
        let read = cloud.arm.get(&container_id(at, &name), STORAGE).await?;
        Ok::<_, Failure>(read.map(|container| (name, tags_of(&container))))
    });
    let found: Vec<Option<_>> = reads.buffered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

/// Returns a container in an account that is not ours; `None`: all are, or the host's own.
pub(super) async fn foreign(
    cloud: &Cloud,
    scope: &Scope,
    account: &Json,
) -> Result<Option<String>, Failure> {
    let host = marks::address(scope, &marks::read(account))
        .and_then(|name| Account::named(bare(&name)))
        .is_some_and(|account| account != Account::Data);
    let ours = |name: &str, tags: &marks::Tags| {
        marks::is_ours(scope, tags) || name.starts_with('$') || (host && name.starts_with(OF_HOST))
    };
    let every = every(cloud, account).await?;
    let mut others = every.into_iter().filter(|(name, tags)| !ours(name, tags));
    let at = Id::of(text(account, "id"));
    Ok(others.next().map(|(name, _)| format!("{}/{name}", at.name())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use updraft_contract::{Owner, ResourceType, Value};

    use super::{found, id, wanted};
    use crate::marks::{self, tests::scope};
    use crate::place::tests::place;
    use crate::things::tests::managed;

    #[test]
    fn what_is_sent_is_what_is_read() {
        let place = place();
        let mut photos = managed(ResourceType::Bucket, "photos");
        photos.tags.insert("team".into(), "web".into());
        let wanted = wanted(place.names("shop", "dev"), &photos);
        let tags = marks::with(&scope(), &wanted.id, wanted.fields.get("tags"));
        let metadata = marks::json(&marks::to_metadata(&tags));
        let container = json!({"properties": {"publicAccess": "None", "metadata": metadata}});
        let account = json!({"tags": {"updraft-nonce": "n"}});
        let found = found(&scope(), &id("photos"), (&account, &container));
        assert_eq!(found.live.owner, Owner::Us);
        assert_eq!(found.live.fields.get("tags"), wanted.fields.get("tags"));
        assert_eq!(found.live.fields.get("public"), wanted.fields.get("public"));
        assert_eq!(found.live.fields.get("made"), Some(&Value::from("n")));
        assert_eq!(found.nonce, Some(marks::nonce(&scope(), &wanted.id)));
    }

    #[test]
    fn a_container_that_azure_says_nothing_of_is_private_and_not_ours() {
        let found = found(&scope(), &id("photos"), (&json!({}), &json!({"properties": {}})));
        assert_eq!(found.live.fields.get("public"), Some(&Value::from("None")));
        assert!(matches!(found.live.owner, Owner::Other(_)));
    }
}
