//! `azure.storage-account`: `host`, which the hosts of functions keep their packages, keys and
//! locks in, `host.<function>` where each has one of its own, and `data`, which holds the buckets
//! and queues of the manifest. Keys are switched off in all of them.
//!
//! Deleting an account deletes everything in it. One that holds a container or queue that is
//! somebody else's is never deleted: it is not even told to be ours when nobody wants it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::{Value as Json, json};
use updraft_contract::{
    Action, CloudError, FieldSpec, Fields, Grant, KindSpec, Known, Live, Origin, Resource,
    ResourceId, Scope, Stages, Value, Verb, Version,
};
use updraft_transport::{ResourceKind, known};

use super::tagged::{self, STATE};
use super::{RESOURCE_GROUP, STORAGE_ACCOUNT, container, queue};
use crate::api::{self, STORAGE};
use crate::client::Cloud;
use crate::connect::region_name;
use crate::errors::Failure;
use crate::ids::Id;
use crate::kind::{Found, Made};
use crate::marks;
use crate::place::{Account, Names};
use crate::survey::{Survey, text};

/// The kind, as data.
static SPEC: KindSpec = KindSpec {
    kind: STORAGE_ACCOUNT,
    needs: &[RESOURCE_GROUP],
    snapshots: &[],
    fields: &[
        FieldSpec::fixed("group"),
        FieldSpec::fixed("location"),
        FieldSpec::fixed("kind"),
        STATE,
        FieldSpec::plain("sku"),
        FieldSpec::plain("shared-keys"),
        FieldSpec::plain("public-blobs"),
        FieldSpec::plain("https-only"),
        FieldSpec::plain("least-tls"),
        FieldSpec::plain("tags"),
    ],
    grants: &[
        Grant { verb: Verb::Create, permissions: &[WRITE] },
        Grant { verb: Verb::Update, permissions: &[WRITE] },
        Grant { verb: Verb::Delete, permissions: &["Microsoft.Storage/storageAccounts/delete"] },
    ],
    // What is in an account is looked at, so that nothing is forgotten there and nobody's is deleted.
    reads: &[
        "Microsoft.Storage/storageAccounts/blobServices/containers/read",
        "Microsoft.Storage/storageAccounts/queueServices/queues/read",
        "Microsoft.Storage/storageAccounts/read",
    ],
    downtime: "what is in the account is lost, and functions that use it do not run",
    shows: &[],
};

const WRITE: &str = "Microsoft.Storage/storageAccounts/write";

/// Returns the address of an account.
pub(crate) fn id(account: &Account) -> ResourceId {
    ResourceId { kind: STORAGE_ACCOUNT, name: account.logical() }
}

/// Returns an account. `origin` is what first needs it.
pub(crate) fn wanted(names: Names<'_>, account: &Account, origin: &Origin) -> Resource {
    let mut fields = tagged::common(names, marks::tags(&BTreeMap::new()));
    fields.set("kind", "StorageV2");
    fields.set("sku", "Standard_LRS");
    fields.set("shared-keys", false);
    fields.set("public-blobs", false);
    fields.set("https-only", true);
    fields.set("least-tls", "TLS1_2");
    let outputs = tagged::outputs(&names.account_id(account));
    Resource { id: id(account), fields, outputs, origin: origin.clone() }
}

/// Returns what can be changed of an account, as `body` wants it.
fn configured(body: &Known, tags: &marks::Tags) -> Json {
    let yes = |field: &str| body.get(field) == Some(&Value::Bool(true));
    json!({
        "sku": {"name": body.text("sku").unwrap_or_default()},
        "tags": marks::json(tags),
        "properties": {
            "allowSharedKeyAccess": yes("shared-keys"),
            "allowBlobPublicAccess": yes("public-blobs"),
            "supportsHttpsTrafficOnly": yes("https-only"),
            "minimumTlsVersion": body.text("least-tls").unwrap_or_default(),
            "defaultToOAuthAuthentication": !yes("shared-keys"),
        },
    })
}

/// Returns the fields of an account, in the form they are wanted in.
fn read_fields(names: Names<'_>, account: &Json) -> Fields {
    let properties = account.get("properties").unwrap_or(&Json::Null);
    let flag = |name: &str, absent: bool| {
        Value::from(properties.get(name).and_then(Json::as_bool).unwrap_or(absent))
    };
    let sku = account.get("sku").map(|sku| text(sku, "name")).unwrap_or_default();
    // What Azure leaves out is allowed
    // (<https://learn.microsoft.com/azure/templates/microsoft.storage/storageaccounts>).
    Fields::new([
        ("group", Value::from(names.group())),
        ("location", Value::from(region_name(text(account, "location")))),
        ("state", tagged::state(account)),
        ("kind", Value::from(text(account, "kind"))),
        ("sku", Value::from(sku)),
        ("shared-keys", flag("allowSharedKeyAccess", true)),
        ("public-blobs", flag("allowBlobPublicAccess", true)),
        ("https-only", flag("supportsHttpsTrafficOnly", true)),
        ("least-tls", Value::from(text(properties, "minimumTlsVersion"))),
        ("tags", marks::field(&marks::read(account))),
    ])
}

/// The kind.
pub(crate) struct StorageAccount;

#[async_trait]
impl ResourceKind<Cloud, Survey> for StorageAccount {
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
        let mut all = Vec::new();
        for (id, account) in listed(cloud, survey).await? {
            let wanted = survey.wanted(STORAGE_ACCOUNT).any(|wanted| *wanted == id);
            if wanted || foreign(cloud, &survey.scope, &account).await?.is_none() {
                all.push(found(cloud, &survey.scope, &id, &account)?.live);
            }
        }
        Ok(all)
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let account = get(cloud, scope, id).await?;
        account.map(|account| found(cloud, scope, id, &account)).transpose()
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let (id, body) = (&action.target, &action.body);
        let mut account = configured(body, &marks::with(scope, id, body.get("tags")));
        if let Some(account) = account.as_object_mut() {
            for field in ["location", "kind"] {
                account.insert(field.to_owned(), Json::from(body.text(field).unwrap_or_default()));
            }
        }
        let path = path(cloud, scope, id)?;
        let made = cloud.arm.put(&path, STORAGE, &account, stages).await?;
        Ok(outputs(&path, &made))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let (id, body) = (&action.target, &action.body);
        let path = path(cloud, scope, id)?;
        // A create whose answer was lost ends here, too.
        let live = cloud.arm.settled(&path, STORAGE, stages).await?.unwrap_or_default();
        if updraft_transport::same(&SPEC, &found.live.fields, body) {
            return Ok(outputs(&path, &live));
        }
        let tags = marks::kept(&marks::read(&live), body.get("tags"));
        let changed = cloud.arm.patch(&path, STORAGE, &configured(body, &tags), stages).await?;
        Ok(outputs(&path, &changed))
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<(), Failure> {
        let id = &found.live.id;
        let Some(account) = get(cloud, scope, id).await? else { return Ok(()) };
        // Whatever is in it goes with it: read what that is directly before.
        if let Some(what) = foreign(cloud, scope, &account).await? {
            return Err(CloudError::HoldsData { id: id.clone(), what }.into());
        }
        cloud.arm.delete(&path(cloud, scope, id)?, STORAGE, stages).await
    }
}

/// Returns the resource id of the account at an address.
fn path(cloud: &Cloud, scope: &Scope, id: &ResourceId) -> Result<String, Failure> {
    let (names, name) = cloud.place.at(scope, id);
    let account = Account::named(name);
    account.map(|account| names.account_id(&account)).ok_or_else(|| {
        Failure::refused("execute", "UnknownAddress", format!("{id} is no storage account"))
    })
}

/// Reads the account at an address. `None`: there is none.
async fn get(cloud: &Cloud, scope: &Scope, id: &ResourceId) -> Result<Option<Json>, Failure> {
    cloud.arm.get(&path(cloud, scope, id)?, STORAGE).await
}

/// Reads the account of ours that something is in. `None`: there is none.
pub(super) async fn holding(
    cloud: &Cloud,
    names: Names<'_>,
    account: &Account,
) -> Result<Option<Json>, Failure> {
    cloud.arm.get(&names.account_id(account), STORAGE).await
}

/// Returns the accounts of ours, and those that stand at wanted addresses, with their addresses.
pub(super) async fn listed(
    cloud: &Cloud,
    survey: &Survey,
) -> Result<Vec<(ResourceId, Json)>, Failure> {
    let id_of = |names: Names<'_>, name: &str| Some(names.account_id(&Account::named(name)?));
    survey.of_type(cloud, STORAGE_ACCOUNT, api::STORAGE_ACCOUNT, id_of).await
}

/// Returns something in an account that is not ours, for people; `None`: everything is.
async fn foreign(cloud: &Cloud, scope: &Scope, account: &Json) -> Result<Option<String>, Failure> {
    if let Some(name) = container::foreign(cloud, scope, account).await? {
        return Ok(Some(format!("the container {name}, which is not ours")));
    }
    let name = queue::foreign(cloud, scope, account).await?;
    Ok(name.map(|name| format!("the queue {name}, which is not ours")))
}

/// Returns something that is not ours in an account in a group, for people; `None`: there is none.
pub(super) async fn others_in(
    cloud: &Cloud,
    scope: &Scope,
    group: &str,
) -> Result<Option<String>, Failure> {
    let all = format!("{group}/providers/{}", api::STORAGE_ACCOUNT.name);
    for account in cloud.arm.list(&all, STORAGE).await? {
        if let Some(what) = foreign(cloud, scope, &account).await? {
            return Ok(Some(what));
        }
    }
    Ok(None)
}

/// Returns the outputs of an account that is there. When it was made is told by its nonce.
fn outputs(path: &str, account: &Json) -> Made {
    let endpoints = account.get("properties").and_then(|it| it.get("primaryEndpoints"));
    let endpoint = |name: &str| endpoints.map(|it| text(it, name)).unwrap_or_default().to_owned();
    BTreeMap::from([
        ("id", path.to_owned()),
        ("name", Id::of(path).name().to_owned()),
        ("blob", endpoint("blob")),
        ("queue", endpoint("queue")),
        ("made", made_at(account)),
    ])
}

/// Returns what tells an account from one that was made anew under its name.
pub(super) fn made_at(account: &Json) -> String {
    marks::nonce_in(&marks::read(account)).unwrap_or_default()
}

fn found(cloud: &Cloud, scope: &Scope, id: &ResourceId, account: &Json) -> Result<Found, Failure> {
    let tags = marks::read(account);
    let fields = known(read_fields(cloud.place.at(scope, id).0, account));
    let live = Live {
        holds: None,
        id: id.clone(),
        owner: marks::owner(scope, id, &tags),
        version: Version::of(&fields),
        outputs: outputs(&path(cloud, scope, id)?, account),
        fields,
    };
    Ok(Found { live, nonce: marks::nonce_in(&tags) })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};
    use updraft_contract::{Origin, Value};
    use updraft_transport::known;

    use super::{configured, outputs, read_fields, wanted};
    use crate::marks::{self, tests::scope};
    use crate::place::Account;
    use crate::place::Place;
    use crate::place::tests::place;

    fn sent() -> Json {
        let place = Place { resource_group: Some("g".into()), ..place() };
        let origin = Origin { path: "function.api".into(), line: 1 };
        let wanted = wanted(place.names("shop", "dev"), &Account::Host, &origin);
        let body = known(wanted.fields.settle(&updraft_contract::Outputs::default()));
        let tags = marks::with(&scope(), &wanted.id, None);
        let mut sent = configured(&body, &tags);
        sent["location"] = json!("West Europe");
        sent["kind"] = json!("StorageV2");
        sent
    }

    #[test]
    fn what_is_sent_is_what_is_read() {
        let place = Place { resource_group: Some("g".into()), ..place() };
        let origin = Origin { path: "function.api".into(), line: 1 };
        let names = place.names("shop", "dev");
        let wanted = wanted(names, &Account::Host, &origin).fields;
        let read = read_fields(names, &sent());
        for field in super::SPEC.fields {
            assert_eq!(read.get(field.name), wanted.get(field.name), "{}", field.name);
        }
    }

    #[test]
    fn keys_that_azure_does_not_mention_are_on() {
        let place = Place { resource_group: Some("g".into()), ..place() };
        let read = read_fields(place.names("shop", "dev"), &json!({"properties": {}}));
        assert_eq!(read.get("shared-keys"), Some(&Value::Bool(true)));
    }

    #[test]
    fn endpoints_are_those_that_azure_tells() {
        let mut account = sent();
        account["properties"]["primaryEndpoints"] =
            json!({"blob": "https://x/b/", "queue": "https://x/q/"});
        let outputs = outputs(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/x",
            &account,
        );
        assert_eq!(outputs["name"], "x");
        assert_eq!(
            (outputs["blob"].as_str(), outputs["queue"].as_str()),
            ("https://x/b/", "https://x/q/")
        );
        assert!(!outputs["made"].is_empty());
    }
}
