//! Log Analytics workspaces. One that is deleted without force is kept, and comes back under its old name.
//!
//! Source: <https://learn.microsoft.com/rest/api/loganalytics/workspaces> and
//! <https://learn.microsoft.com/azure/azure-monitor/logs/delete-workspace>.

use serde_json::{Value, json};

use crate::azure::engine;
use crate::azure::lro::{Begun, End, Style};
use crate::azure::path::same;
use crate::azure::put::Put;
use crate::azure::refusals::{conflict, invalid};
use crate::azure::service::{Method, ResourceType};
use crate::azure::shape::Shape;
use crate::azure::shelf::{self, Resource};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::{Place, Tx};
use crate::wire::{Refusal, Reply, Request};

/// Workspaces.
pub(in crate::azure) static WORKSPACES: ResourceType = ResourceType {
    named,
    gone: keep,
    methods: &[
        Method::list(engine::list),
        Method::get(engine::read),
        Method::put(&BODY, put),
        Method::patch(&BODY, put),
        Method::delete(delete).query(&["force"]),
    ],
    ..ResourceType::tracked(
        "Microsoft.OperationalInsights/workspaces",
        &["2022-10-01", "2023-09-01", "2025-02-01", "2025-07-01"],
    )
};

const SWITCH: Shape = Shape::Choice(&["Enabled", "Disabled"]);

static BODY: Shape = Shape::Object(&[
    ("identity", Shape::NotModelled),
    (
        "properties",
        Shape::Object(&[
            ("sku", Shape::Object(&[("name", SKU), ("lastSkuUpdate", Shape::ReadOnly)])),
            ("retentionInDays", Shape::Number),
            ("features", Shape::Any),
            ("workspaceCapping", Shape::Any),
            ("publicNetworkAccessForIngestion", SWITCH),
            ("publicNetworkAccessForQuery", SWITCH),
            ("customerId", Shape::ReadOnly),
            ("createdDate", Shape::ReadOnly),
            ("modifiedDate", Shape::ReadOnly),
            ("provisioningState", Shape::ReadOnly),
            ("forceCmkForQuery", Shape::NotModelled),
            ("defaultDataCollectionRuleResourceId", Shape::NotModelled),
            ("replication", Shape::NotModelled),
            ("failover", Shape::NotModelled),
        ]),
    ),
]);

/// The prices there are. They come back in lower case.
const SKU: Shape =
    Shape::Choice(&["PerGB2018", "Standalone", "PerNode", "CapacityReservation", "LACluster"]);

fn named(name: &str) -> Result<(), Refusal> {
    let legal = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let edge = name.starts_with('-') || name.ends_with('-');
    if (4..=63).contains(&name.len()) && name.chars().all(legal) && !edge {
        return Ok(());
    }
    let message = format!(
        "The workspace name '{name}' is invalid. It has 4 to 63 letters, digits and hyphens, and no hyphen at its ends."
    );
    Err(invalid("InvalidParameter", message))
}

/// Where a deleted workspace is kept.
fn kept(id: &str) -> String {
    Place::new("azure", "workspaces", "deleted").key("workspace", &[&id.to_ascii_lowercase()])
}

/// Keeps one that is removed, with its group too.
fn keep(workspace: &Resource, tx: &mut Tx, _: &Context<'_>) -> Result<(), Refusal> {
    Ok(tx.put(&kept(&workspace.id), workspace)?)
}

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut put = Put::begin(request, tx, context)?;
    let days = put.resource.properties.get("retentionInDays").and_then(Value::as_i64).unwrap_or(30);
    if !(30..=730).contains(&days) {
        let message = format!(
            "'RetentionInDays' property doesn't match the SKU limits: {days} is not of 30 to 730."
        );
        return Err(invalid("InvalidParameter", message));
    }
    let deleted: Option<Resource> = tx.get(&kept(request.label("id")))?;
    if let Some(deleted) = deleted.as_ref().filter(|_| put.creates()) {
        if !same(&deleted.location, &put.resource.location) {
            let message = format!(
                "The workspace '{}' was deleted in location '{}' and is kept there. Recover it, or delete it with force.",
                deleted.name, deleted.location
            );
            return Err(conflict("WorkspaceSoftDeleted", message));
        }
        tx.remove(&kept(request.label("id")))?;
    }
    fill(&mut put, deleted.as_ref(), days, context);
    if !put.creates() {
        return put.done(tx, context);
    }
    let begun = Begun {
        style: Style::State,
        status: 201,
        bodied: true,
        meanwhile: "Creating",
        ms: context.settings.operation_ms,
        end: End::Done,
    };
    put.later(tx, context, &begun)
}

/// What the service adds: an id of its own, and what was not said.
fn fill(put: &mut Put<'_>, deleted: Option<&Resource>, days: i64, context: &Context<'_>) {
    let before = put.old.as_ref().or(deleted);
    let own = before.map_or_else(
        || uuid::Uuid::new_v4().to_string(),
        |before| before.text("customerId").to_owned(),
    );
    let workspace = &mut put.resource;
    let sku = workspace.properties.pointer("/sku/name").and_then(Value::as_str);
    let sku = sku.unwrap_or("pergb2018").to_lowercase();
    workspace.set("customerId", own);
    workspace.set("retentionInDays", days);
    workspace.set("sku", json!({"name": sku, "lastSkuUpdate": workspace.created.iso_millis()}));
    workspace.set("createdDate", workspace.created.iso_millis());
    workspace.set("modifiedDate", context.now.iso_millis());
    for name in ["publicNetworkAccessForIngestion", "publicNetworkAccessForQuery"] {
        if workspace.text(name).is_empty() {
            workspace.set(name, "Enabled");
        }
    }
    let usual = [
        (
            "features",
            json!({"legacy": 0, "searchVersion": 1, "enableLogAccessUsingOnlyResourcePermissions": true}),
        ),
        ("workspaceCapping", json!({"dailyQuotaGb": -1.0, "dataIngestionStatus": "RespectQuota"})),
    ];
    for (name, value) in usual {
        if workspace.properties.get(name).is_none_or(Value::is_null) {
            workspace.set(name, value);
        }
    }
}

fn delete(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let id = request.label("id");
    let force = request.query("force").is_some_and(|force| same(force, "true"));
    let Some(workspace) = shelf::find(tx, id)? else {
        if force {
            tx.remove(&kept(id))?;
        }
        return Ok(Reply::empty(204));
    };
    shelf::remove(tx, context, id)?;
    if force {
        tx.remove(&kept(id))?;
    }
    Ok(Reply::empty(200).did(Effect::Delete, workspace.id))
}
