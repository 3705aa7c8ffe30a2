//! `azure.plan`: what one function runs on: Flex Consumption, Linux. It costs nothing by itself.

use serde_json::{Value as Json, json};
use updraft_contract::{
    FieldSpec, Function, Grant, KindSpec, Known, Resource, ResourceId, Value, Verb,
};

use super::tagged::{self, STATE, Tagged};
use super::{PLAN, RESOURCE_GROUP};
use crate::api;
use crate::marks;
use crate::place::Names;

/// The kind, as data.
static SPEC: KindSpec = KindSpec {
    kind: PLAN,
    needs: &[RESOURCE_GROUP],
    snapshots: &[],
    fields: &[
        FieldSpec::fixed("group"),
        FieldSpec::fixed("location"),
        FieldSpec::fixed("sku"),
        STATE,
        FieldSpec::plain("tags"),
    ],
    grants: &[
        Grant { verb: Verb::Create, permissions: &["Microsoft.Web/serverfarms/write"] },
        Grant { verb: Verb::Update, permissions: &["Microsoft.Web/serverfarms/write"] },
        Grant { verb: Verb::Delete, permissions: &["Microsoft.Web/serverfarms/delete"] },
    ],
    reads: &["Microsoft.Web/serverfarms/read"],
    downtime: "the function does not run",
    shows: &[],
};

/// The plan, and its tier (<https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan>).
const SKU: &str = "FC1";
const TIER: &str = "FlexConsumption";

/// The kind.
pub(crate) static KIND: Tagged = Tagged {
    spec: &SPEC,
    of: api::PLAN,
    removal: "",
    id_of: |names, name| Some(names.plan_id(name)),
    body,
    fields,
};

/// Returns the address of the plan of a function.
pub(crate) fn id(function: &str) -> ResourceId {
    ResourceId { kind: PLAN, name: function.to_owned() }
}

/// Returns the plan of a function.
pub(crate) fn wanted(names: Names<'_>, function: &Function) -> Resource {
    let mut fields = tagged::common(names, marks::tags(&function.tags));
    fields.set("sku", SKU);
    let outputs = tagged::outputs(&names.plan_id(&function.name));
    Resource { id: id(&function.name), fields, outputs, origin: function.origin.clone() }
}

fn body(_: &Known) -> Json {
    json!({
        "kind": "functionapp",
        "sku": {"name": SKU, "tier": TIER},
        "properties": {"reserved": true, "zoneRedundant": false},
    })
}

fn fields(_: Names<'_>, plan: &Json) -> Vec<(&'static str, Value)> {
    let sku = plan.pointer("/sku/name").and_then(Json::as_str).unwrap_or_default();
    vec![("sku", Value::from(sku.to_uppercase()))]
}
