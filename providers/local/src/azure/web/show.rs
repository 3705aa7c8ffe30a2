//! A site as its GET answers: enums in lower case, null for what was not said, the location with spaces.

use serde_json::{Value, json};

use super::regions::display;
use crate::azure::engine;
use crate::azure::shelf::{self, Resource};
use crate::azure::subscriptions::TENANT;
use crate::cloud::Context;
use crate::members::{at, set, text};
use crate::store::Tx;
use crate::wire::Refusal;

/// Shows a site.
pub(super) fn show(site: &Resource, tx: &Tx, context: &Context<'_>) -> Result<Value, Refusal> {
    let mut shown = engine::envelope(site, context);
    set(&mut shown, "location", display(&site.location));
    set(&mut shown, "identity", identity(site, tx)?);
    set(&mut shown, "properties", properties(site, context));
    Ok(shown)
}

/// The host of a site, and that of its deployments, without a scheme.
pub(super) fn hosts(context: &Context<'_>, name: &str) -> (String, String) {
    let base = context.azure_url.strip_prefix("http://").unwrap_or(context.azure_url);
    let name = name.to_ascii_lowercase();
    (format!("{base}/_site/{name}"), format!("{base}/_scm/{name}"))
}

fn properties(site: &Resource, context: &Context<'_>) -> Value {
    let (host, scm) = hosts(context, &site.name);
    let public = site.text("publicNetworkAccess");
    let reference = site.text("keyVaultReferenceIdentity");
    let flag = |name: &str| site.properties.get(name).and_then(Value::as_bool).unwrap_or_default();
    let state = |name: &str, kind: &str| {
        json!({"name": name, "sslState": "Disabled", "virtualIP": null, "thumbprint": null, "toUpdate": null,
            "hostType": kind})
    };
    json!({
        "name": site.name,
        "state": "Running",
        "hostNames": [host],
        "webSpace": format!("{}-{}webspace-Linux", site.group(), display(&site.location).replace(' ', "")),
        "repositorySiteName": site.name,
        "usageState": "Normal",
        "enabled": true,
        "adminEnabled": true,
        "enabledHostNames": [host, scm],
        "availabilityState": "Normal",
        "hostNameSslStates": [state(&host, "Standard"), state(&scm, "Repository")],
        "serverFarmId": site.text("serverFarmId"),
        "reserved": true,
        "isXenon": false,
        "hyperV": false,
        "lastModifiedTimeUtc": site.changed.stamp().strftime("%Y-%m-%dT%H:%M:%S%.7f").to_string(),
        "siteConfig": {
            "numberOfWorkers": 1, "linuxFxVersion": "", "acrUseManagedIdentityCreds": false, "alwaysOn": false,
            "http20Enabled": false, "functionAppScaleLimit": 0, "minimumElasticInstanceCount": 0,
            "appSettings": null, "minTlsVersion": null, "connectionStrings": null,
        },
        "functionAppConfig": app_config(&at(&site.properties, "/functionAppConfig")),
        "scmSiteAlsoStopped": false,
        "clientAffinityEnabled": flag("clientAffinityEnabled"),
        "clientCertEnabled": flag("clientCertEnabled"),
        "clientCertMode": "Required",
        "containerSize": 1536,
        "dailyMemoryTimeQuota": 0,
        "resourceGroup": site.group(),
        "defaultHostName": host,
        "httpsOnly": flag("httpsOnly"),
        "publicNetworkAccess": if public == "Disabled" { json!("Disabled") } else { Value::Null },
        "keyVaultReferenceIdentity": if reference.is_empty() { "SystemAssigned" } else { reference },
        "inProgressOperationId": if site.busy(context.now) { json!(site.meanwhile) } else { Value::Null },
        "virtualNetworkSubnetId": null,
        "sku": "FlexConsumption",
    })
}

fn app_config(config: &Value) -> Value {
    let storage = at(config, "/deployment/storage");
    let authentication = storage.get("authentication").cloned().unwrap_or_default();
    let scale = at(config, "/scaleAndConcurrency");
    let lower = |value: &Value, name: &str| text(value, name).to_ascii_lowercase();
    let or_null = |value: &Value, name: &str| value.get(name).cloned().unwrap_or_default();
    let number =
        |name: &str, default: i64| scale.get(name).and_then(Value::as_i64).unwrap_or(default);
    let ready =
        scale.get("alwaysReady").and_then(Value::as_array).filter(|ready| !ready.is_empty());
    let ready = ready.map(|ready| {
        let one = |one: &Value| json!({"name": lower(one, "name"), "instanceCount": or_null(one, "instanceCount")});
        ready.iter().map(one).collect::<Vec<_>>()
    });
    let strategy = at(config, "/siteUpdateStrategy/type");
    json!({
        "deployment": {"storage": {
            "type": lower(&storage, "type"),
            "value": text(&storage, "value"),
            "authentication": {
                "type": lower(&authentication, "type"),
                "userAssignedIdentityResourceId": or_null(&authentication, "userAssignedIdentityResourceId"),
                "storageAccountConnectionStringName": or_null(&authentication, "storageAccountConnectionStringName"),
            },
        }},
        "runtime": {"name": at(config, "/runtime/name"), "version": at(config, "/runtime/version")},
        "scaleAndConcurrency": {
            "alwaysReady": ready,
            "maximumInstanceCount": number("maximumInstanceCount", 100),
            "instanceMemoryMB": number("instanceMemoryMB", 2048),
            "triggers": or_null(&scale, "triggers"),
        },
        "siteUpdateStrategy": {"type": if strategy.is_null() { json!("Recreate") } else { strategy }},
    })
}

fn identity(site: &Resource, tx: &Tx) -> Result<Value, Refusal> {
    let Some(identity) = site.members.get("identity") else { return Ok(json!({"type": "None"})) };
    let kind = text(identity, "type");
    let mut shown = json!({"type": kind});
    if kind.contains("SystemAssigned") {
        set(&mut shown, "principalId", text(identity, "principalId"));
        set(&mut shown, "tenantId", TENANT);
    }
    if kind.contains("UserAssigned") {
        let mut assigned = json!({});
        for id in super::check::identity_ids(site) {
            let found = shelf::find(tx, &id)?;
            let ids = found.map(|found| {
                json!({"principalId": found.text("principalId"), "clientId": found.text("clientId")})
            });
            set(&mut assigned, &id, ids.unwrap_or_else(|| json!({})));
        }
        set(&mut shown, "userAssignedIdentities", assigned);
    }
    Ok(shown)
}
