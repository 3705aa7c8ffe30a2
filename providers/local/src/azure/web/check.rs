//! What App Service refuses of a site on Flex Consumption.
//!
//! Source: <https://learn.microsoft.com/azure/azure-functions/flex-consumption-how-to> and
//! <https://learn.microsoft.com/azure/azure-functions/functions-app-settings>.

use std::collections::BTreeMap;

use serde_json::Value;

use super::plans;
use super::refusals::{bad, conflict, invalid, not_found, not_on_flex};
use crate::azure::names;
use crate::azure::path::same;
use crate::azure::shelf::{self, Resource};
use crate::azure::stacks::{INSTANCES, MEMORY, RUNTIMES};
use crate::cloud::Context;
use crate::members::{at, text};
use crate::store::Tx;
use crate::wire::Refusal;

/// Settings the platform sets itself on Flex Consumption, or does not know there.
const FORBIDDEN: &[&str] = &[
    "FUNCTIONS_EXTENSION_VERSION",
    "FUNCTIONS_WORKER_RUNTIME",
    "FUNCTIONS_WORKER_RUNTIME_VERSION",
    "FUNCTIONS_MAX_HTTP_CONCURRENCY",
    "FUNCTIONS_WORKER_PROCESS_COUNT",
    "FUNCTIONS_WORKER_DYNAMIC_CONCURRENCY_ENABLED",
    "WEBSITE_NODE_DEFAULT_VERSION",
    "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
    "WEBSITE_CONTENTSHARE",
    "WEBSITE_CONTENTOVERVNET",
    "WEBSITE_RUN_FROM_PACKAGE",
    "WEBSITE_USE_PLACEHOLDER",
    "WEBSITE_TIME_ZONE",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "ENABLE_ORYX_BUILD",
    "TZ",
];

const NOT_IN_SITE_CONFIG: &[&str] = &[
    "linuxFxVersion",
    "windowsFxVersion",
    "use32BitWorkerProcess",
    "netFrameworkVersion",
    "javaVersion",
    "powerShellVersion",
    "preWarmedInstanceCount",
    "functionAppScaleLimit",
    "minimumElasticInstanceCount",
];

const NOT_IN_PROPERTIES: &[&str] =
    &["isXenon", "hyperV", "reserved", "containerSize", "windowsFxVersion"];

/// Refuses a site that App Service would refuse.
pub(super) fn site(tx: &Tx, site: &Resource, old: Option<&Resource>) -> Result<(), Refusal> {
    name(&site.name)?;
    let kind = site.members.get("kind").and_then(Value::as_str).unwrap_or_default();
    let parts: Vec<&str> = kind.split(',').map(str::trim).collect();
    if !parts.iter().any(|part| same(part, "functionapp"))
        || !parts.iter().any(|part| same(part, "linux"))
    {
        return Err(Refusal::not_modelled(&format!("sites of the kind '{kind}'")));
    }
    plan(tx, site, old)?;
    identities(tx, site)?;
    for name in NOT_IN_PROPERTIES {
        if site.properties.get(*name).is_some_and(|value| !value.is_null()) {
            return Err(not_on_flex(&format!("Site.{name}")));
        }
    }
    let config = site.properties.get("siteConfig").cloned().unwrap_or_default();
    for name in NOT_IN_SITE_CONFIG {
        if config.get(*name).is_some_and(|value| !value.is_null() && value != "") {
            return Err(not_on_flex(&format!("Site.SiteConfig.{name}")));
        }
    }
    if config.get("alwaysOn") == Some(&Value::Bool(true)) {
        return Err(not_on_flex("Site.SiteConfig.AlwaysOn"));
    }
    app_config(tx, site, old)
}

/// 2 to 60 letters, digits and hyphens, none at an end.
pub(super) fn name(name: &str) -> Result<(), Refusal> {
    let legal = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let edges = name.starts_with('-') || name.ends_with('-');
    if (2..=60).contains(&name.len()) && name.chars().all(legal) && !edges {
        return Ok(());
    }
    Err(bad(
        "51021",
        format!("The name '{name}' is invalid: 2-60 letters, digits and hyphens, none at an end."),
    ))
}

/// Names are global: another site of the name is a conflict wherever it is.
pub(super) fn name_is_free(tx: &Tx, context: &Context<'_>, site: &Resource) -> Result<(), Refusal> {
    let here = shelf::named(tx, super::app::SITE, &site.name)?;
    let own = here.is_some_and(|other| same(&other.id, &site.id));
    if own || !names::is_taken(tx, context, (super::app::SITE, &site.name))? {
        return Ok(());
    }
    Err(conflict("54001", format!("Website with given name {} already exists.", site.name)))
}

fn plan(tx: &Tx, site: &Resource, old: Option<&Resource>) -> Result<(), Refusal> {
    let id = site.text("serverFarmId");
    if id.is_empty() {
        return Err(bad("51021", "Site.ServerFarmId is required."));
    }
    let found = shelf::find(tx, id)?.filter(|found| same(&found.of, plans::NAME));
    let Some(plan) = found else {
        let name = id.rsplit('/').next().unwrap_or_default();
        return Err(not_found(format!("Cannot find serverFarm with name {name}.")));
    };
    if plan.location != site.location {
        return Err(bad(
            "51021",
            format!(
                "The site's location {} is not that of its plan, {}.",
                site.location, plan.location
            ),
        ));
    }
    if old.is_some_and(|old| !same(old.text("serverFarmId"), id)) {
        return Err(bad("51021", "The plan of an app on Flex Consumption cannot be changed."));
    }
    let others = plans::sites(tx, &plan.id)?;
    if others.iter().any(|other| !same(&other.id, &site.id)) {
        return Err(conflict(
            "51021",
            format!(
                "The plan {} already has an app: Flex Consumption plans can have only one.",
                plan.name
            ),
        ));
    }
    Ok(())
}

/// The user-assigned identities a site names: ids of resources.
pub(super) fn identity_ids(site: &Resource) -> Vec<String> {
    let named =
        site.members.get("identity").and_then(|identity| identity.get("userAssignedIdentities"));
    named.and_then(Value::as_object).into_iter().flatten().map(|(id, _)| id.clone()).collect()
}

fn identities(tx: &Tx, site: &Resource) -> Result<(), Refusal> {
    for id in identity_ids(site) {
        if shelf::find(tx, &id)?.is_none() {
            let message = format!(
                "The Resource '{id}' was not found: the identity is not there. For more details please go to \
                 https://aka.ms/ARMResourceNotFoundFix"
            );
            return Err(Refusal::new(400, "FailedIdentityOperation", message));
        }
    }
    let reference = site.text("keyVaultReferenceIdentity");
    let own = reference.is_empty() || same(reference, "SystemAssigned");
    if own || identity_ids(site).iter().any(|id| same(id, reference)) {
        return Ok(());
    }
    Err(bad(
        "51021",
        "Site.KeyVaultReferenceIdentity is invalid. The identity is not assigned to the site.",
    ))
}

fn app_config(tx: &Tx, site: &Resource, old: Option<&Resource>) -> Result<(), Refusal> {
    let config = at(&site.properties, "/functionAppConfig");
    if !config.is_object() {
        return Err(bad(
            "51021",
            "Site.FunctionAppConfig is required on the Flex Consumption plan.",
        ));
    }
    storage(tx, site, &at(&config, "/deployment/storage"))?;
    let runtime = at(&config, "/runtime");
    let (name, version) = (text(&runtime, "name"), text(&runtime, "version"));
    let Some((_, versions)) = RUNTIMES.iter().find(|(known, _)| same(known, name)) else {
        let reason = format!("The specified value of runtime name '{name}' is not supported.");
        return Err(invalid("Runtime.Name", &reason));
    };
    if !versions.contains(&version) {
        let reason =
            format!("The specified value of runtime version '{version}' is not supported.");
        return Err(invalid("Runtime.Version", &reason));
    }
    let before = old.map(|old| at(&old.properties, "/functionAppConfig/runtime/name"));
    if before.is_some_and(|before| before.as_str().is_some_and(|before| !same(before, name))) {
        return Err(invalid("Runtime.Name", "The runtime of an app cannot be changed."));
    }
    scale(&at(&config, "/scaleAndConcurrency"))
}

fn storage(tx: &Tx, site: &Resource, storage: &Value) -> Result<(), Refusal> {
    let path = |member: &str| format!("Deployment.Storage.{member}");
    if text(storage, "type").is_empty() {
        return Err(invalid(&path("Type"), "It is required."));
    }
    let value = text(storage, "value");
    if super::seams::container_of_url(tx, value)?.is_none() {
        let reason = format!("The container '{value}' does not exist.");
        return Err(invalid(&path("Value"), &reason));
    }
    let authentication = storage.get("authentication").cloned().unwrap_or_default();
    let identity = text(&authentication, "userAssignedIdentityResourceId");
    match text(&authentication, "type") {
        "UserAssignedIdentity" if identity_ids(site).iter().any(|id| same(id, identity)) => Ok(()),
        "UserAssignedIdentity" => Err(invalid(
            &path("Authentication.UserAssignedIdentityResourceId"),
            "The identity is not assigned to the site.",
        )),
        "SystemAssignedIdentity" => Ok(()),
        "StorageAccountConnectionString" => {
            Err(Refusal::not_modelled("deployment storage with connection strings"))
        }
        _ => Err(invalid(&path("Authentication.Type"), "It is required.")),
    }
}

fn scale(scale: &Value) -> Result<(), Refusal> {
    let path = |member: &str| format!("ScaleAndConcurrency.{member}");
    let number =
        |member: &str| scale.get(member).filter(|value| !value.is_null()).map(Value::as_i64);
    if let Some(memory) = number("instanceMemoryMB")
        && !memory.is_some_and(|memory| MEMORY.contains(&memory))
    {
        return Err(invalid(
            &path("InstanceMemoryMB"),
            "The accepted values are 512, 2048 and 4096.",
        ));
    }
    let within = |number: Option<i64>, (low, high)| {
        number.is_some_and(|number| low <= number && number <= high)
    };
    if let Some(count) = number("maximumInstanceCount")
        && !within(count, INSTANCES)
    {
        let reason = format!("It must be from {} to {}.", INSTANCES.0, INSTANCES.1);
        return Err(invalid(&path("MaximumInstanceCount"), &reason));
    }
    let concurrency = at(scale, "/triggers/http/perInstanceConcurrency");
    if !concurrency.is_null() && !within(concurrency.as_i64(), (1, 1000)) {
        return Err(invalid(
            &path("Triggers.Http.PerInstanceConcurrency"),
            "It must be from 1 to 1000.",
        ));
    }
    for ready in scale.get("alwaysReady").and_then(Value::as_array).into_iter().flatten() {
        let name = text(ready, "name").to_ascii_lowercase();
        let known =
            ["http", "blob", "durable"].contains(&name.as_str()) || name.starts_with("function:");
        if !known
            || ready.get("instanceCount").and_then(Value::as_i64).is_none_or(|count| count < 0)
        {
            return Err(invalid(
                &path("AlwaysReady"),
                &format!("'{name}' is no group of functions."),
            ));
        }
    }
    Ok(())
}

/// Refuses settings that Flex Consumption does not take, and names that are none.
pub(super) fn settings(settings: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let mut seen = std::collections::BTreeSet::new();
    for name in settings.keys() {
        if FORBIDDEN.iter().any(|forbidden| same(forbidden, name)) {
            let message =
                format!("App setting {name} is not supported on the Flex Consumption plan.");
            return Err(bad("51021", message));
        }
        let legal = |letter: char| letter.is_ascii_alphanumeric() || "_.".contains(letter);
        if name.is_empty() || !name.chars().all(legal) {
            let message = format!(
                "AppSetting with name '{name}' is not allowed: letters, digits, '_' and '.'."
            );
            return Err(bad("04072", message));
        }
        if !seen.insert(name.to_ascii_lowercase()) {
            return Err(bad("04072", format!("The app setting '{name}' is given twice.")));
        }
    }
    Ok(())
}
