//! `Microsoft.Web/serverfarms`: App Service plans, of which only Flex Consumption is modelled.
//!
//! Source: <https://learn.microsoft.com/rest/api/appservice/app-service-plans> and
//! <https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan>.

use serde_json::{Map, Value, json};

use super::app::SITE;
use super::refusals::{bad, conflict};
use super::regions::display;
use crate::azure::engine;
use crate::azure::lro::{Begun, End, Style};
use crate::azure::path::same;
use crate::azure::put::Put;
use crate::azure::service::{Method, ResourceType, Tongue};
use crate::azure::shape::Shape;
use crate::azure::shelf::{self, Resource};
use crate::cloud::Context;
use crate::members::{set, text};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// The versions of Microsoft.Web that know Flex Consumption.
pub(super) const VERSIONS: &[&str] =
    &["2023-12-01", "2024-04-01", "2024-11-01", "2025-03-01", "2025-05-01"];

/// The type of plans.
pub(super) const NAME: &str = "Microsoft.Web/serverfarms";

const BODY: Shape = Shape::Object(&[
    ("kind", Shape::Text),
    (
        "sku",
        Shape::Required(&Shape::Object(&[
            ("name", Shape::Required(&Shape::Text)),
            ("tier", Shape::Text),
            ("size", Shape::Text),
            ("family", Shape::Text),
            ("capacity", Shape::Number),
        ])),
    ),
    (
        "properties",
        Shape::Object(&[
            ("reserved", Shape::Flag),
            ("zoneRedundant", Shape::Flag),
            ("provisioningState", Shape::ReadOnly),
            ("status", Shape::ReadOnly),
            ("numberOfSites", Shape::ReadOnly),
            ("maximumElasticWorkerCount", Shape::NotModelled),
            ("perSiteScaling", Shape::NotModelled),
            ("hyperV", Shape::NotModelled),
            ("isXenon", Shape::NotModelled),
        ]),
    ),
    ("identity", Shape::NotModelled),
    ("extendedLocation", Shape::NotModelled),
]);

/// Plans.
pub(crate) static PLANS: ResourceType = ResourceType {
    tongue: Tongue::Web,
    show,
    methods: &[
        Method::list(engine::list),
        Method::get(engine::read),
        Method::put(&BODY, put),
        Method::delete(delete),
    ],
    ..ResourceType::tracked(NAME, VERSIONS)
};

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut put = Put::begin(request, tx, context)?;
    check_name(&put.resource.name)?;
    let sku = put.resource.members.get("sku").cloned().unwrap_or_default();
    if !text(&sku, "name").eq_ignore_ascii_case("FC1") {
        return Err(Refusal::not_modelled(&format!("plans of the SKU {}", text(&sku, "name"))));
    }
    let tier = text(&sku, "tier");
    if !tier.is_empty() && !tier.eq_ignore_ascii_case("FlexConsumption") {
        return Err(bad("51021", format!("The SKU FC1 does not belong to the tier {tier}.")));
    }
    if put.resource.properties.get("reserved") != Some(&Value::Bool(true)) {
        return Err(bad("51021", "Flex Consumption plans run on Linux: 'reserved' must be true."));
    }
    if !super::regions::find(&put.resource.location).is_some_and(|region| region.flex) {
        let region = display(&put.resource.location);
        return Err(bad("51021", format!("The SKU FC1 is not available in the region {region}.")));
    }
    put.resource.members.insert("sku".to_owned(), json!({"name": "FC1"}));
    put.resource.members.insert("kind".to_owned(), "functionapp".into());
    if put.creates() {
        let begun = Begun {
            style: Style::Location,
            status: 202,
            bodied: true,
            meanwhile: "InProgress",
            ms: context.settings.operation_ms,
            end: End::Done,
        };
        return put.later(tx, context, &begun);
    }
    put.done_with(tx, context, 200)
}

/// 1 to 60 letters, digits and hyphens.
fn check_name(name: &str) -> Result<(), Refusal> {
    let legal = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    if (1..=60).contains(&name.len()) && name.chars().all(legal) {
        return Ok(());
    }
    Err(bad(
        "51021",
        format!(
            "The name {name} of the App Service plan is invalid: 1-60 letters, digits and hyphens."
        ),
    ))
}

/// How many sites are in a plan.
pub(super) fn sites(tx: &Tx, plan: &str) -> Result<Vec<Resource>, Refusal> {
    let mut sites = shelf::all(tx, "", SITE)?;
    sites.retain(|site| same(site.text("serverFarmId"), plan));
    Ok(sites)
}

fn show(plan: &Resource, tx: &Tx, context: &Context<'_>) -> Result<Value, Refusal> {
    let mut shown = engine::envelope(plan, context);
    set(&mut shown, "location", display(&plan.location));
    set(&mut shown, "kind", "functionapp");
    let sku = json!({"name": "FC1", "tier": "FlexConsumption", "size": "FC1", "family": "FC", "capacity": 0});
    set(&mut shown, "sku", sku);
    let count = sites(tx, &plan.id)?.len();
    let told = json!({
        "name": plan.name, "resourceGroup": plan.group(), "subscription": plan.subscription(),
        "geoRegion": display(&plan.location), "status": "Ready", "numberOfSites": count, "numberOfWorkers": 0,
        "computeMode": "Dynamic", "planName": "VirtualDedicatedPlan", "kind": "functionapp", "reserved": true,
        "isXenon": false, "hyperV": false, "isSpot": false, "perSiteScaling": false, "elasticScaleEnabled": false,
        "maximumElasticWorkerCount": 1, "maximumNumberOfWorkers": 0, "targetWorkerCount": 0, "targetWorkerSizeId": 0,
        "workerTierName": null, "hostingEnvironmentProfile": null, "zoneRedundant": false,
    });
    let mut properties =
        shown.get("properties").and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
    for (name, value) in told.as_object().into_iter().flatten() {
        properties.entry(name.clone()).or_insert_with(|| value.clone());
    }
    set(&mut shown, "properties", properties);
    Ok(shown)
}

fn delete(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    if let Some(plan) = shelf::find(tx, engine::asked(request))?
        && !sites(tx, &plan.id)?.is_empty()
    {
        return Err(conflict(
            "11003",
            "Server farm cannot be deleted because it has web app(s) assigned to it. Delete the web apps first.",
        ));
    }
    engine::delete(request, tx, context)
}
