//! `azure.resource-group`: what everything else is in, unless the manifest names a group.
//!
//! Deleting a group deletes everything in it. One that holds anything without our mark is never
//! deleted: it is not even told to be ours when nobody wants it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::{Value as Json, json};
use updraft_contract::{
    Action, CloudError, FieldSpec, Fields, Grant, KindSpec, Known, Live, Origin, Resource,
    ResourceId, Scope, Stages, Value, Verb, Version,
};
use updraft_transport::{ResourceKind, known};

use super::{RESOURCE_GROUP, service_bus_namespace, storage_account};
use crate::api::{NAMESPACE, RESOURCES, STORAGE_ACCOUNT};
use crate::client::Cloud;
use crate::connect::region_name;
use crate::errors::Failure;
use crate::ids::Id;
use crate::kind::{Found, Made};
use crate::marks;
use crate::place::{ELSEWHERE, Names, Place};
use crate::survey::{Survey, text};

/// The kind, as data.
static SPEC: KindSpec = KindSpec {
    kind: RESOURCE_GROUP,
    needs: &[],
    snapshots: &[],
    fields: &[FieldSpec::fixed("location"), FieldSpec::plain("tags")],
    grants: &[
        Grant { verb: Verb::Create, permissions: &[WRITE] },
        Grant { verb: Verb::Update, permissions: &[WRITE] },
        Grant { verb: Verb::Delete, permissions: &[DELETE, LOOK] },
    ],
    reads: &["Microsoft.Resources/subscriptions/resourceGroups/read"],
    downtime: "everything in it is made anew",
    shows: &["name"],
};

const WRITE: &str = "Microsoft.Resources/subscriptions/resourceGroups/write";
const DELETE: &str = "Microsoft.Resources/subscriptions/resourceGroups/delete";
/// What is still in a group is looked at before it goes.
const LOOK: &str = "Microsoft.Resources/subscriptions/resourceGroups/resources/read";

/// The name of its address: there is one for each project and stage.
const NAME: &str = "group";

/// What Azure makes by itself beside what we make, and deletes with it: the topic behind an Event
/// Grid subscription on an account, and the rules and the group of an Application Insights
/// component (<https://learn.microsoft.com/azure/azure-monitor/alerts/proactive-failure-diagnostics>).
const BY_ITSELF: &[(&str, &str)] = &[
    ("microsoft.alertsmanagement/smartdetectoralertrules", "failure anomalies"),
    ("microsoft.insights/actiongroups", "application insights smart detection"),
];

/// Topics that Azure makes by itself on something, and their version.
const SYSTEM_TOPIC: &str = "microsoft.eventgrid/systemtopics";
const SYSTEM_TOPIC_API: &str = "2025-02-15";

/// Returns the address of the group.
pub(crate) fn id() -> ResourceId {
    ResourceId { kind: RESOURCE_GROUP, name: NAME.to_owned() }
}

/// Returns the group that the project has of its own; nothing where the manifest names one.
pub(crate) fn wanted(names: Names<'_>, origin: &Origin) -> Option<Resource> {
    if names.place.resource_group.is_some() {
        return None;
    }
    let fields = Fields::new([
        ("location", Value::from(names.place.region.as_str())),
        ("tags", Value::map::<String>([])),
    ]);
    let outputs = outputs(names);
    Some(Resource { id: id(), fields, outputs, origin: origin.clone() })
}

/// Returns the field `group` of everything that is in the group, which makes the group first.
pub(crate) fn inside(names: Names<'_>) -> Value {
    match &names.place.resource_group {
        Some(group) => Value::from(group.as_str()),
        None => Value::output(&id(), "name"),
    }
}

fn outputs(names: Names<'_>) -> Made {
    BTreeMap::from([("name", names.group()), ("id", names.group_id())])
}

/// The kind.
pub(crate) struct ResourceGroup;

#[async_trait]
impl ResourceKind<Cloud, Survey> for ResourceGroup {
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
        let names = cloud.place.names_in(&survey.scope);
        let mut all = Vec::new();
        for id in survey.wanted(RESOURCE_GROUP) {
            all.extend(self.read(cloud, &survey.scope, id).await?.map(|found| found.live));
        }
        for group in survey.groups(cloud).await? {
            let name = text(group, "name");
            let here = name.eq_ignore_ascii_case(&names.group());
            let address = if here { NAME.to_owned() } else { format!("{NAME}{ELSEWHERE}{name}") };
            let id = ResourceId { kind: RESOURCE_GROUP, name: address };
            let known = all.iter().any(|live: &Live| live.id == id);
            // The address of the manifest's own group is nobody's.
            let given = here && cloud.place.resource_group.is_some();
            if known || given || others(cloud, &survey.scope, name).await?.is_some() {
                continue;
            }
            all.extend(self.read(cloud, &survey.scope, &id).await?.map(|found| found.live));
        }
        Ok(all)
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let (names, _) = cloud.place.at(scope, id);
        let group = cloud.arm.get(&names.group_id(), RESOURCES).await?;
        // One that is being deleted is as good as gone: creating it waits for the end of that.
        let stays = group.filter(|group| !state(group).eq_ignore_ascii_case("Deleting"));
        Ok(stays.map(|group| found(&cloud.place, scope, id, &group)))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let (names, _) = cloud.place.at(scope, &action.target);
        let tags = marks::with(scope, &action.target, action.body.get("tags"));
        put(cloud, names, (&action.body, &tags), stages).await
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let (names, _) = cloud.place.at(scope, &action.target);
        if found.live.fields.get("tags") == action.body.get("tags") {
            return Ok(found.live.outputs.clone());
        }
        let live = cloud.arm.get(&names.group_id(), RESOURCES).await?.unwrap_or_default();
        let tags = marks::kept(&marks::read(&live), action.body.get("tags"));
        put(cloud, names, (&action.body, &tags), stages).await
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<(), Failure> {
        let (names, _) = cloud.place.at(scope, &found.live.id);
        // Whatever is in it goes with it: read what that is directly before.
        if let Some(what) = foreign(cloud, scope, &names.group()).await? {
            return Err(CloudError::HoldsData { id: found.live.id.clone(), what }.into());
        }
        if let Some(what) = data(cloud, &names.group()).await? {
            return Err(CloudError::HoldsData { id: found.live.id.clone(), what }.into());
        }
        cloud.arm.delete(&names.group_id(), RESOURCES, stages).await
    }
}

async fn put(
    cloud: &Cloud,
    names: Names<'_>,
    (body, tags): (&Known, &marks::Tags),
    stages: &Stages<'_>,
) -> Result<Made, Failure> {
    let location = body.text("location").unwrap_or_default();
    let body = json!({"location": location, "tags": marks::json(tags)});
    cloud.arm.put(&names.group_id(), RESOURCES, &body, stages).await?;
    Ok(outputs(names))
}

/// Returns something in a group that is not ours, for people; `None`: everything is.
async fn foreign(cloud: &Cloud, scope: &Scope, group: &str) -> Result<Option<String>, Failure> {
    let path = format!("{}/resources", cloud.place.group_id(group));
    for one in cloud.arm.list(&path, RESOURCES).await? {
        if marks::is_ours(scope, &marks::read(&one)) || by_itself(cloud, group, &one).await? {
            continue;
        }
        return Ok(Some(format!("{} {}", text(&one, "type"), text(&one, "name"))));
    }
    Ok(None)
}

/// Returns whether Azure has made something by itself because of something in the same group.
async fn by_itself(cloud: &Cloud, group: &str, one: &Json) -> Result<bool, Failure> {
    let (kind, name) = (text(one, "type").to_lowercase(), text(one, "name").to_lowercase());
    if kind != SYSTEM_TOPIC {
        return Ok(BY_ITSELF.iter().any(|(of, start)| kind == *of && name.starts_with(start)));
    }
    let Some(topic) = cloud.arm.get(text(one, "id"), SYSTEM_TOPIC_API).await? else {
        return Ok(true);
    };
    let source = topic.get("properties").map(|it| text(it, "source")).unwrap_or_default();
    let (source, here) = (Id::of(source), Id::of(&cloud.place.group_id(group)));
    Ok(source.subscription == here.subscription && source.group.eq_ignore_ascii_case(group))
}

/// Returns something in a group that is not ours, for people, or in something of ours that would
/// go with the group; `None`: everything is.
async fn others(cloud: &Cloud, scope: &Scope, group: &str) -> Result<Option<String>, Failure> {
    if let Some(what) = foreign(cloud, scope, group).await? {
        return Ok(Some(what));
    }
    let at = cloud.place.group_id(group);
    if let Some(what) = storage_account::others_in(cloud, scope, &at).await? {
        return Ok(Some(what));
    }
    service_bus_namespace::others_in(cloud, &at).await
}

/// Returns something that holds data and is still in a group, for people. The list of a group may
/// hold what is gone already, so each is read.
async fn data(cloud: &Cloud, group: &str) -> Result<Option<String>, Failure> {
    let kinds = [(STORAGE_ACCOUNT, "storage account"), (NAMESPACE, "Service Bus namespace")];
    for (kind, word) in kinds {
        let all = format!("{}/providers/{}", cloud.place.group_id(group), kind.name);
        for one in cloud.arm.list(&all, kind.api).await? {
            if cloud.arm.get(text(&one, "id"), kind.api).await?.is_some() {
                return Ok(Some(format!("the {word} {}", text(&one, "name"))));
            }
        }
    }
    Ok(None)
}

fn state(group: &Json) -> &str {
    group.get("properties").map(|it| text(it, "provisioningState")).unwrap_or_default()
}

fn found(place: &Place, scope: &Scope, id: &ResourceId, group: &Json) -> Found {
    let (names, _) = place.at(scope, id);
    let tags = marks::read(group);
    let fields = known(Fields::new([
        ("location", Value::from(region_name(text(group, "location")))),
        ("tags", marks::field(&tags)),
    ]));
    let live = Live {
        holds: None,
        id: id.clone(),
        owner: marks::owner(scope, id, &tags),
        version: Version::of(&fields),
        outputs: outputs(names),
        fields,
    };
    Found { live, nonce: marks::nonce_in(&tags) }
}
