//! What kinds with tags have in common whose whole configuration one document holds.

use async_trait::async_trait;
use serde_json::{Map, Value as Json, json};
use updraft_contract::{
    Action, FieldSpec, Fields, Kind, KindSpec, Known, Live, ResourceId, Scope, Stages, Value,
    Version,
};
use updraft_transport::{ResourceKind, known};

use super::resource_group;
use crate::api::{RESOURCES, Type};
use crate::client::Cloud;
use crate::connect::region_name;
use crate::errors::{Failure, get};
use crate::kind::{Found, Made};
use crate::marks::{self, Tags};
use crate::place::Names;
use crate::survey::{Survey, text};

/// The field that tells whether Azure has finished making it.
pub(crate) const STATE: FieldSpec = FieldSpec::plain("state");

/// What the field holds when all is well.
const READY: &str = "ready";

/// A kind of resource with tags.
pub(crate) struct Tagged {
    /// The kind, as data.
    pub(crate) spec: &'static KindSpec,
    /// Its type in Azure Resource Manager.
    pub(crate) of: Type,
    /// What is added to the address that removes one, such as `?force=true`.
    pub(crate) removal: &'static str,
    /// Returns the resource id that a name stands for.
    pub(crate) id_of: fn(Names<'_>, &str) -> Option<String>,
    /// Writes what makes it, beside location and tags.
    pub(crate) body: fn(&Known) -> Json,
    /// Reads the fields beside those that all have.
    pub(crate) fields: fn(Names<'_>, &Json) -> Vec<(&'static str, Value)>,
}

/// Returns the fields that all have, as wanted.
pub(crate) fn common(names: Names<'_>, tags: Value) -> Fields {
    Fields::new([
        ("group", resource_group::inside(names)),
        ("location", Value::from(names.place.region.as_str())),
        ("state", Value::from(READY)),
        ("tags", tags),
    ])
}

/// Returns the outputs that are known before it exists.
pub(crate) fn outputs(id: &str) -> Made {
    let name = id.rsplit('/').next().unwrap_or_default();
    Made::from([("id", id.to_owned()), ("name", name.to_owned())])
}

/// Writes tags, and touches nothing else of a resource
/// (<https://learn.microsoft.com/rest/api/resources/tags/update-at-scope>).
pub(crate) async fn write_tags(cloud: &Cloud, id: &str, tags: &Tags) -> Result<(), Failure> {
    let path = format!("{id}/providers/Microsoft.Resources/tags/default");
    let body = json!({"operation": "Replace", "properties": {"tags": marks::json(tags)}});
    cloud.arm.patch(&path, RESOURCES, &body, &Stages::silent()).await.map(|_| ())
}

/// Returns the state of something that was read, as the field has it.
pub(crate) fn state(resource: &Json) -> Value {
    let properties = get(resource, "properties");
    let state = properties.and_then(|it| get(it, "provisioningState")).and_then(Json::as_str);
    let state = state.unwrap_or_default().to_lowercase();
    let broken = ["failed", "canceled"].contains(&state.as_str());
    Value::from(if broken { state.as_str() } else { READY })
}

impl Tagged {
    fn kind(&self) -> Kind {
        self.spec.kind
    }

    /// Returns the resource id that an address stands for.
    fn path(&self, cloud: &Cloud, scope: &Scope, id: &ResourceId) -> Result<String, Failure> {
        let (names, name) = cloud.place.at(scope, id);
        (self.id_of)(names, name).ok_or_else(|| {
            Failure::refused("execute", "UnknownAddress", format!("there is no {id}"))
        })
    }

    fn found(&self, cloud: &Cloud, scope: &Scope, id: &ResourceId, resource: &Json) -> Found {
        let (names, name) = cloud.place.at(scope, id);
        let tags = marks::read(resource);
        let mut fields = Fields::new([
            ("group", Value::from(names.group())),
            ("location", Value::from(region_name(text(resource, "location")))),
            ("state", state(resource)),
            ("tags", marks::field(&tags)),
        ]);
        for (field, value) in (self.fields)(names, resource) {
            fields.set(field, value);
        }
        let fields = known(fields);
        let path = (self.id_of)(names, name).unwrap_or_default();
        let live = Live {
            holds: None,
            id: id.clone(),
            owner: marks::owner(scope, id, &tags),
            version: Version::of(&fields),
            outputs: outputs(&path),
            fields,
        };
        Found { live, nonce: marks::nonce_in(&tags) }
    }

    async fn put(
        &self,
        cloud: &Cloud,
        path: &str,
        (fields, tags): (&Known, &Tags),
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let mut body = Map::new();
        body.insert("location".to_owned(), json!(fields.text("location").unwrap_or_default()));
        body.insert("tags".to_owned(), marks::json(tags));
        if let Json::Object(own) = (self.body)(fields) {
            body.extend(own);
        }
        cloud.arm.put(path, self.of.api, &Json::Object(body), stages).await?;
        Ok(outputs(path))
    }
}

#[async_trait]
impl ResourceKind<Cloud, Survey> for Tagged {
    fn spec(&self) -> &'static KindSpec {
        self.spec
    }

    fn exclusive(&self) -> bool {
        false
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let found = survey.of_type(cloud, self.kind(), self.of, self.id_of).await?;
        let live = |(id, one): &(ResourceId, Json)| self.found(cloud, &survey.scope, id, one).live;
        Ok(found.iter().map(live).collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let path = self.path(cloud, scope, id)?;
        let found = cloud.arm.get(&path, self.of.api).await?;
        Ok(found.map(|resource| self.found(cloud, scope, id, &resource)))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let path = self.path(cloud, scope, &action.target)?;
        let tags = marks::with(scope, &action.target, action.body.get("tags"));
        self.put(cloud, &path, (&action.body, &tags), stages).await
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let path = self.path(cloud, scope, &action.target)?;
        // A create whose answer was lost ends here, too: it may still be under way.
        let live = cloud.arm.settled(&path, self.of.api, stages).await;
        let live = match live {
            Ok(live) => live,
            Err(failure) if broken(&failure) => cloud.arm.get(&path, self.of.api).await?,
            Err(failure) => return Err(failure),
        };
        let live = live.unwrap_or_default();
        let now = self.found(cloud, scope, &action.target, &live).live.fields;
        let tags = marks::kept(&marks::read(&live), action.body.get("tags"));
        let differs = |field: &FieldSpec| now.get(field.name) != action.body.get(field.name);
        let differing: Vec<&str> =
            self.spec.fields.iter().filter(|it| differs(it)).map(|it| it.name).collect();
        match differing.as_slice() {
            [] => Ok(found.live.outputs.clone()),
            ["tags"] => {
                write_tags(cloud, &path, &tags).await?;
                Ok(found.live.outputs.clone())
            }
            _ => self.put(cloud, &path, (&action.body, &tags), stages).await,
        }
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<(), Failure> {
        let path = self.path(cloud, scope, &found.live.id)?;
        cloud.arm.delete(&format!("{path}{}", self.removal), self.of.api, stages).await
    }
}

/// Returns whether a change ended without a usable resource: making it again may mend it.
fn broken(failure: &Failure) -> bool {
    matches!(&failure.error, updraft_contract::CloudError::Refused { code, .. }
        if code.starts_with("Provisioning"))
}
