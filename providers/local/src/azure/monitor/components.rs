//! Application Insights components, each with the alert rule that Azure makes beside it.
//!
//! Source: <https://learn.microsoft.com/rest/api/application-insights/components> and
//! <https://learn.microsoft.com/azure/azure-monitor/alerts/proactive-failure-diagnostics>.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::azure::engine;
use crate::azure::path::same;
use crate::azure::put::Put;
use crate::azure::refusals::invalid;
use crate::azure::service::{Method, ResourceType};
use crate::azure::shape::Shape;
use crate::azure::shelf::{self, Resource};
use crate::azure::subscriptions::TENANT;
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// Components.
pub(in crate::azure) static COMPONENTS: ResourceType = ResourceType {
    named,
    methods: &[
        Method::list(engine::list),
        Method::get(engine::read),
        Method::put(&BODY, put),
        Method::patch(&TAGS, put),
        Method::delete(engine::delete),
    ],
    gone,
    ..ResourceType::tracked("Microsoft.Insights/components", &["2020-02-02"])
};

/// The rules that Azure makes by itself.
pub(in crate::azure) static DETECTORS: ResourceType = ResourceType {
    methods: &[
        Method::list(engine::list),
        Method::get(engine::read),
        Method::delete(engine::delete),
    ],
    ..ResourceType::tracked("microsoft.alertsmanagement/smartDetectorAlertRules", &["2021-04-01"])
};

const SWITCH: Shape = Shape::Choice(&["Enabled", "Disabled"]);

static TAGS: Shape = Shape::NOTHING;

static BODY: Shape = Shape::Object(&[
    ("kind", Shape::Required(&Shape::Text)),
    (
        "properties",
        Shape::Object(&[
            ("Application_Type", Shape::Required(&Shape::Choice(&["web", "other"]))),
            ("Flow_Type", Shape::Choice(&["Bluefield"])),
            ("Request_Source", Shape::Text),
            ("WorkspaceResourceId", Shape::Text),
            ("RetentionInDays", Shape::Number),
            ("SamplingPercentage", Shape::Number),
            ("DisableIpMasking", Shape::Flag),
            ("DisableLocalAuth", Shape::Flag),
            ("ForceCustomerStorageForProfiler", Shape::Flag),
            ("ImmediatePurgeDataOn30Days", Shape::Flag),
            (
                "IngestionMode",
                Shape::Choice(&[
                    "ApplicationInsights",
                    "ApplicationInsightsWithDiagnosticSettings",
                    "LogAnalytics",
                ]),
            ),
            ("publicNetworkAccessForIngestion", SWITCH),
            ("publicNetworkAccessForQuery", SWITCH),
            ("HockeyAppId", Shape::NotModelled),
            ("AppId", Shape::ReadOnly),
            ("ApplicationId", Shape::ReadOnly),
            ("ConnectionString", Shape::ReadOnly),
            ("CreationDate", Shape::ReadOnly),
            ("InstrumentationKey", Shape::ReadOnly),
            ("Name", Shape::ReadOnly),
            ("TenantId", Shape::ReadOnly),
            ("provisioningState", Shape::ReadOnly),
            ("LaMigrationDate", Shape::ReadOnly),
        ]),
    ),
]);

fn named(name: &str) -> Result<(), Refusal> {
    let legal = |letter: char| letter.is_alphanumeric() || "-_.()".contains(letter);
    if (1..=260).contains(&name.chars().count()) && name.chars().all(legal) && !name.ends_with('.')
    {
        return Ok(());
    }
    Err(invalid("InvalidResourceName", format!("The component name '{name}' is invalid.")))
}

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut put = Put::begin(request, tx, context)?;
    let workspace = put.resource.text("WorkspaceResourceId").to_owned();
    if workspace.is_empty() {
        // Classic components are retired since 2024: one belongs to a workspace.
        let message =
            "Workspace-less (classic) Application Insights components cannot be created any more.";
        return Err(invalid("ClassicComponentRetired", message));
    }
    if shelf::find(tx, &workspace)?.is_none() {
        let message = format!("The workspace '{workspace}' could not be found.");
        return Err(invalid("WorkspaceNotFound", message));
    }
    if put.resource.properties.get("Application_Type").is_none_or(Value::is_null) {
        return Err(invalid("InvalidRequestContent", "The property Application_Type is required."));
    }
    let old = put.old.clone();
    let own = |name: &str| {
        let old = old.as_ref().map(|old| old.text(name).to_owned());
        old.unwrap_or_else(|| uuid::Uuid::new_v4().to_string())
    };
    let (key, app) = (own("InstrumentationKey"), own("AppId"));
    let component = &mut put.resource;
    component.set(
        "ConnectionString",
        format!(
            "InstrumentationKey={key};IngestionEndpoint={0}/_insights/;LiveEndpoint={0}/_insights/;ApplicationId={app}",
            context.azure_url
        ),
    );
    component.set("InstrumentationKey", key);
    component.set("AppId", app);
    component.set("ApplicationId", component.name.clone());
    component.set("Name", component.name.clone());
    component.set("CreationDate", component.created.iso_millis());
    component.set("TenantId", component.subscription().to_owned());
    component.set("Ver", "v2");
    for (name, value) in [
        ("DisableLocalAuth", json!(false)),
        ("IngestionMode", json!("LogAnalytics")),
        ("publicNetworkAccessForIngestion", json!("Enabled")),
        ("publicNetworkAccessForQuery", json!("Enabled")),
        ("RetentionInDays", json!(90)),
    ] {
        if component.properties.get(name).is_none_or(Value::is_null) {
            component.set(name, value);
        }
    }
    if put.creates() {
        shelf::keep(tx, context, &detector(&put.resource, context))?;
    }
    put.done_with(tx, context, 200)
}

/// Where the rule beside a component is.
fn rule(component: &Resource) -> (String, String) {
    let name = format!("Failure Anomalies - {}", component.name);
    let group = component.id.split("/providers/").next().unwrap_or_default();
    (format!("{group}/providers/{}/{name}", DETECTORS.name), name)
}

fn detector(component: &Resource, context: &Context<'_>) -> Resource {
    let (id, name) = rule(component);
    Resource {
        id,
        name,
        of: DETECTORS.name.to_owned(),
        location: "global".to_owned(),
        tags: BTreeMap::new(),
        properties: json!({"state": "Enabled", "severity": "Sev3", "scope": [component.id], "tenant": TENANT}),
        members: Map::new(),
        created: context.now,
        changed: context.now,
        settles: context.now,
        meanwhile: String::new(),
        state: String::new(),
    }
}

/// The rule goes with its component.
fn gone(component: &Resource, tx: &mut Tx, context: &Context<'_>) -> Result<(), Refusal> {
    let (id, _) = rule(component);
    let others = shelf::all(tx, "", COMPONENTS.name)?;
    if !others.iter().any(|other| same(&other.id, &component.id)) {
        shelf::remove(tx, context, &id)?;
    }
    Ok(())
}
