//! `azure.service-bus-namespace`: what the Service Bus queues of the manifest are in. Keys are
//! switched off.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::{Value as Json, json};
use updraft_contract::{
    Action, CloudError, FieldSpec, Fields, Grant, KindSpec, Known, Live, Origin, Resource,
    ResourceId, Scope, Stages, Value, Verb, Version,
};
use updraft_transport::{ResourceKind, known};

use super::tagged::{self, STATE};
use super::{RESOURCE_GROUP, SERVICE_BUS_NAMESPACE, service_bus_queue};
use crate::api::{NAMESPACE, SERVICE_BUS};
use crate::client::Cloud;
use crate::connect::region_name;
use crate::errors::Failure;
use crate::homes;
use crate::kind::{Found, Made};
use crate::marks;
use crate::place::Names;
use crate::survey::{Survey, text};

/// The kind, as data.
static SPEC: KindSpec = KindSpec {
    kind: SERVICE_BUS_NAMESPACE,
    needs: &[RESOURCE_GROUP],
    snapshots: &[],
    fields: &[
        FieldSpec::fixed("group"),
        FieldSpec::fixed("location"),
        STATE,
        // Basic and Standard can be changed into each other, but not into Premium.
        FieldSpec::fixed("sku"),
        FieldSpec::plain("keys"),
        FieldSpec::plain("least-tls"),
        FieldSpec::plain("tags"),
    ],
    grants: &[
        Grant { verb: Verb::Create, permissions: &[WRITE] },
        Grant { verb: Verb::Update, permissions: &[WRITE] },
        Grant { verb: Verb::Delete, permissions: &["Microsoft.ServiceBus/namespaces/delete"] },
    ],
    reads: &["Microsoft.ServiceBus/namespaces/read"],
    downtime: "the queues in it are away, and so are the messages in them",
    shows: &[],
};

const WRITE: &str = "Microsoft.ServiceBus/namespaces/write";

/// The name of its address: there is one for each project and stage.
const NAME: &str = "namespace";

/// Returns the address of the namespace.
pub(crate) fn id() -> ResourceId {
    ResourceId { kind: SERVICE_BUS_NAMESPACE, name: NAME.to_owned() }
}

/// Returns the namespace. `origin` is what first needs it.
pub(crate) fn wanted(names: Names<'_>, origin: &Origin) -> Resource {
    let mut fields = tagged::common(names, marks::tags(&BTreeMap::new()));
    // Basic has no topics and keeps messages for two weeks at most
    // (<https://learn.microsoft.com/azure/service-bus-messaging/service-bus-premium-messaging>).
    fields.set("sku", "Standard");
    fields.set("keys", false);
    fields.set("least-tls", "1.2");
    let outputs = tagged::outputs(&names.namespace_id());
    Resource { id: id(), fields, outputs, origin: origin.clone() }
}

fn configured(body: &Known, tags: &marks::Tags) -> Json {
    let sku = body.text("sku").unwrap_or_default();
    json!({
        "location": body.text("location").unwrap_or_default(),
        "sku": {"name": sku, "tier": sku},
        "tags": marks::json(tags),
        "properties": {
            "disableLocalAuth": body.get("keys") != Some(&Value::Bool(true)),
            "minimumTlsVersion": body.text("least-tls").unwrap_or_default(),
        },
    })
}

fn read_fields(names: Names<'_>, namespace: &Json) -> Fields {
    let properties = namespace.get("properties").unwrap_or(&Json::Null);
    let keyless = properties.get("disableLocalAuth").and_then(Json::as_bool).unwrap_or_default();
    let sku = namespace.get("sku").map(|sku| text(sku, "name")).unwrap_or_default();
    Fields::new([
        ("group", Value::from(names.group())),
        ("location", Value::from(region_name(text(namespace, "location")))),
        ("state", tagged::state(namespace)),
        ("sku", Value::from(sku)),
        ("keys", Value::from(!keyless)),
        ("least-tls", Value::from(text(properties, "minimumTlsVersion"))),
        ("tags", marks::field(&marks::read(namespace))),
    ])
}

/// The kind.
pub(crate) struct ServiceBusNamespace;

#[async_trait]
impl ResourceKind<Cloud, Survey> for ServiceBusNamespace {
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
        for (id, namespace) in listed(cloud, survey).await? {
            let wanted = survey.wanted(SERVICE_BUS_NAMESPACE).any(|wanted| *wanted == id);
            if wanted || service_bus_queue::foreign(cloud, &namespace).await?.is_none() {
                all.push(found(cloud, &survey.scope, &id, &namespace).live);
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
        let namespace = cloud.arm.get(&path(cloud, scope, id), SERVICE_BUS).await?;
        Ok(namespace.map(|namespace| found(cloud, scope, id, &namespace)))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let (id, body) = (&action.target, &action.body);
        let body = configured(body, &marks::with(scope, id, body.get("tags")));
        let path = path(cloud, scope, id);
        Ok(outputs(&path, &cloud.arm.put(&path, SERVICE_BUS, &body, stages).await?))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let path = path(cloud, scope, &action.target);
        // A create whose answer was lost ends here, too.
        let live = cloud.arm.settled(&path, SERVICE_BUS, stages).await?.unwrap_or_default();
        if updraft_transport::same(&SPEC, &found.live.fields, &action.body) {
            return Ok(outputs(&path, &live));
        }
        let tags = marks::kept(&marks::read(&live), action.body.get("tags"));
        let body = configured(&action.body, &tags);
        Ok(outputs(&path, &cloud.arm.put(&path, SERVICE_BUS, &body, stages).await?))
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<(), Failure> {
        let path = path(cloud, scope, &found.live.id);
        let Some(namespace) = cloud.arm.get(&path, SERVICE_BUS).await? else { return Ok(()) };
        // Whatever is in it goes with it: read what that is directly before.
        if let Some(what) = service_bus_queue::foreign(cloud, &namespace).await? {
            return Err(CloudError::HoldsData { id: found.live.id.clone(), what }.into());
        }
        cloud.arm.delete(&path, SERVICE_BUS, stages).await
    }
}

fn path(cloud: &Cloud, scope: &Scope, id: &ResourceId) -> String {
    cloud.place.at(scope, id).0.namespace_id()
}

/// Returns the namespaces of ours, and those that stand at wanted addresses, with their addresses.
pub(super) async fn listed(
    cloud: &Cloud,
    survey: &Survey,
) -> Result<Vec<(ResourceId, Json)>, Failure> {
    let id_of = |names: Names<'_>, name: &str| (name == NAME).then(|| names.namespace_id());
    survey.of_type(cloud, SERVICE_BUS_NAMESPACE, NAMESPACE, id_of).await
}

/// Returns a queue that is not ours in a namespace in a group, for people; `None`: there is none.
pub(super) async fn others_in(cloud: &Cloud, group: &str) -> Result<Option<String>, Failure> {
    let all = format!("{group}/providers/{}", NAMESPACE.name);
    for namespace in cloud.arm.list(&all, SERVICE_BUS).await? {
        if let Some(what) = service_bus_queue::foreign(cloud, &namespace).await? {
            return Ok(Some(what));
        }
    }
    Ok(None)
}

/// Returns what tells a namespace from one that was made anew under its name.
pub(super) fn made_at(namespace: &Json) -> String {
    marks::nonce_in(&marks::read(namespace)).unwrap_or_default()
}

fn outputs(path: &str, namespace: &Json) -> Made {
    let mut outputs = tagged::outputs(path);
    outputs.insert("host", homes::host(namespace));
    outputs.insert("made", made_at(namespace));
    outputs
}

fn found(cloud: &Cloud, scope: &Scope, id: &ResourceId, namespace: &Json) -> Found {
    let tags = marks::read(namespace);
    let fields = known(read_fields(cloud.place.at(scope, id).0, namespace));
    let live = Live {
        holds: None,
        id: id.clone(),
        owner: marks::owner(scope, id, &tags),
        version: Version::of(&fields),
        outputs: outputs(&path(cloud, scope, id), namespace),
        fields,
    };
    Found { live, nonce: marks::nonce_in(&tags) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use updraft_contract::{Origin, Outputs};
    use updraft_transport::known;

    use super::{SPEC, configured, read_fields, wanted};
    use crate::marks::{self, tests::scope};
    use crate::place::Place;
    use crate::place::tests::place;

    #[test]
    fn what_is_sent_is_what_is_read() {
        let place = Place { resource_group: Some("g".into()), ..place() };
        let origin = Origin { path: "queue.jobs".into(), line: 1 };
        let names = place.names("shop", "dev");
        let wanted = wanted(names, &origin);
        let body = known(wanted.fields.settle(&Outputs::default()));
        let mut sent = configured(&body, &marks::with(&scope(), &wanted.id, None));
        sent["location"] = json!("West Europe");
        let read = read_fields(names, &sent);
        for field in SPEC.fields {
            assert_eq!(read.get(field.name), wanted.fields.get(field.name), "{}", field.name);
        }
    }
}
