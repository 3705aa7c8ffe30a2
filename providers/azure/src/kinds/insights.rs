//! `azure.insights`: the Application Insights component that functions send their traces to. Keys
//! are switched off: only identities that were given the right may send.

use serde_json::{Value as Json, json};
use updraft_contract::{
    FieldSpec, Grant, KindSpec, Known, Origin, Resource, ResourceId, Value, Verb,
};

use super::tagged::{self, STATE, Tagged};
use super::{INSIGHTS, RESOURCE_GROUP, WORKSPACE, workspace};
use crate::api;
use crate::client::Cloud;
use crate::errors::Failure;
use crate::ids::same;
use crate::place::Names;

/// The kind, as data.
static SPEC: KindSpec = KindSpec {
    kind: INSIGHTS,
    needs: &[RESOURCE_GROUP, WORKSPACE],
    snapshots: &[],
    fields: &[
        FieldSpec::fixed("group"),
        FieldSpec::plain("keys"),
        FieldSpec::fixed("location"),
        STATE,
        FieldSpec::plain("tags"),
        FieldSpec::plain("workspace"),
    ],
    grants: &[
        Grant { verb: Verb::Create, permissions: &["Microsoft.Insights/components/write"] },
        Grant { verb: Verb::Update, permissions: &["Microsoft.Insights/components/write"] },
        Grant { verb: Verb::Delete, permissions: &["Microsoft.Insights/components/delete"] },
    ],
    reads: &["Microsoft.Insights/components/read"],
    downtime: "",
    shows: &[],
};

/// The kind.
pub(crate) static KIND: Tagged = Tagged {
    spec: &SPEC,
    of: api::INSIGHTS,
    removal: "",
    id_of: |names, name| (name == NAME).then(|| names.insights_id()),
    body,
    fields,
};

/// The name of its address: there is one for each project and stage.
const NAME: &str = "traces";

/// Returns the address of the component.
pub(crate) fn id() -> ResourceId {
    ResourceId { kind: INSIGHTS, name: NAME.to_owned() }
}

/// Returns the component of the project.
pub(crate) fn wanted(names: Names<'_>, origin: &Origin) -> Resource {
    let mut fields = tagged::common(names, Value::map::<String>([]));
    fields.set("keys", false);
    fields.set("workspace", Value::output(&workspace::id(), "id"));
    let outputs = tagged::outputs(&names.insights_id());
    Resource { id: id(), fields, outputs, origin: origin.clone() }
}

/// Reads the connection string that functions need in order to find the component. Not to be
/// shown, though it opens nothing while keys are switched off.
pub(crate) async fn connection_string(cloud: &Cloud, names: Names<'_>) -> Result<String, Failure> {
    let found = cloud.arm.get(&names.insights_id(), api::INSIGHTS.api).await?;
    let text = found.as_ref().and_then(|it| it.pointer("/properties/ConnectionString"));
    text.and_then(Json::as_str).map(str::to_owned).ok_or_else(|| {
        let message = format!("{} tells no connection string", names.insights());
        Failure::refused("Microsoft.Insights/components/read", "NotFound", message)
    })
}

fn body(fields: &Known) -> Json {
    let keys = fields.get("keys") == Some(&Value::Bool(true));
    let workspace = fields.text("workspace").unwrap_or_default();
    json!({"kind": "web", "properties": {
        "Application_Type": "web",
        "WorkspaceResourceId": workspace,
        "DisableLocalAuth": !keys,
    }})
}

fn fields(names: Names<'_>, component: &Json) -> Vec<(&'static str, Value)> {
    let no_keys = component.pointer("/properties/DisableLocalAuth").and_then(Json::as_bool);
    let linked = component.pointer("/properties/WorkspaceResourceId").and_then(Json::as_str);
    let (linked, ours) = (linked.unwrap_or_default(), names.workspace_id());
    // Ids come back in another case than they were sent in.
    let linked = if same(linked, &ours) { ours } else { linked.to_owned() };
    vec![("keys", Value::from(no_keys != Some(true))), ("workspace", Value::from(linked))]
}
