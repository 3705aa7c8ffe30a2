//! `azure.workspace`: the Log Analytics workspace that keeps what functions log.

use serde_json::{Value as Json, json};
use updraft_contract::{
    FieldSpec, Grant, KindSpec, Known, Origin, Resource, ResourceId, Value, Verb,
};

use super::tagged::{self, STATE, Tagged};
use super::{RESOURCE_GROUP, WORKSPACE};
use crate::api;
use crate::place::Names;

/// The kind, as data.
static SPEC: KindSpec = KindSpec {
    kind: WORKSPACE,
    needs: &[RESOURCE_GROUP],
    snapshots: &[],
    fields: &[
        FieldSpec::fixed("group"),
        FieldSpec::fixed("location"),
        FieldSpec::plain("retention-days"),
        STATE,
        FieldSpec::plain("tags"),
    ],
    grants: &[
        Grant {
            verb: Verb::Create,
            permissions: &["Microsoft.OperationalInsights/workspaces/write"],
        },
        Grant {
            verb: Verb::Update,
            permissions: &["Microsoft.OperationalInsights/workspaces/write"],
        },
        Grant {
            verb: Verb::Delete,
            permissions: &["Microsoft.OperationalInsights/workspaces/delete"],
        },
    ],
    reads: &["Microsoft.OperationalInsights/workspaces/read"],
    downtime: "what functions log is lost",
    shows: &[],
};

/// The kind.
///
/// A workspace that is deleted keeps its name for 14 days unless its removal is forced
/// (<https://learn.microsoft.com/azure/azure-monitor/logs/delete-workspace>).
pub(crate) static KIND: Tagged = Tagged {
    spec: &SPEC,
    of: api::WORKSPACE,
    removal: "?force=true",
    id_of: |names, name| (name == NAME).then(|| names.workspace_id()),
    body,
    fields,
};

/// The name of its address: there is one for each project and stage.
const NAME: &str = "logs";

/// Days for which lines are kept, which cost nothing
/// (<https://learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure>).
const RETENTION_DAYS: u32 = 30;

/// Returns the address of the workspace.
pub(crate) fn id() -> ResourceId {
    ResourceId { kind: WORKSPACE, name: NAME.to_owned() }
}

/// Returns the workspace of the project.
pub(crate) fn wanted(names: Names<'_>, origin: &Origin) -> Resource {
    let mut fields = tagged::common(names, Value::map::<String>([]));
    fields.set("retention-days", RETENTION_DAYS);
    let outputs = tagged::outputs(&names.workspace_id());
    Resource { id: id(), fields, outputs, origin: origin.clone() }
}

fn body(fields: &Known) -> Json {
    let days = fields.int("retention-days").unwrap_or_default();
    json!({"properties": {"sku": {"name": "PerGB2018"}, "retentionInDays": days}})
}

fn fields(_: Names<'_>, workspace: &Json) -> Vec<(&'static str, Value)> {
    let days = workspace.pointer("/properties/retentionInDays").and_then(Json::as_i64);
    vec![("retention-days", Value::Int(days.unwrap_or_default()))]
}
