//! What App Service tells about itself: the runtimes of Flex Consumption, and the regions that have it.
//!
//! Sources: `functionAppStacks` (api-version 2020-10-01) as the Azure CLI reads it, and
//! <https://learn.microsoft.com/rest/api/appservice/list-geo-regions>.

use serde_json::{Value, json};

use super::locations::{LOCATIONS, find};
use super::paging;
use super::path::same;
use super::refusals::front;
use super::service::{Method, ResourceType};
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// The runtimes of a region.
pub(super) static STACKS: ResourceType = ResourceType {
    methods: &[Method::list(stacks).query(&[
        "stack",
        "sku",
        "removeHiddenStacks",
        "removeDeprecatedStacks",
        "stackOsType",
    ])],
    ..ResourceType::of_tenant("Microsoft.Web/locations/functionAppStacks", &["2020-10-01"])
};

/// The regions of a kind of plan.
pub(super) static REGIONS: ResourceType = ResourceType {
    methods: &[Method::list(regions).query(&["sku", "linuxWorkersEnabled"])],
    ..ResourceType::of_subscription(
        "Microsoft.Web/geoRegions",
        &["2023-12-01", "2024-04-01", "2024-11-01", "2025-03-01", "2025-05-01"],
    )
};

/// The versions of each runtime that Flex Consumption takes, as `functionAppConfig` names them.
pub(crate) const RUNTIMES: &[(&str, &[&str])] = &[
    ("custom", &["1.0"]),
    ("dotnet-isolated", &["8.0", "9.0", "10.0"]),
    ("java", &["11", "17", "21", "25"]),
    ("node", &["20", "22", "24"]),
    ("powershell", &["7.4"]),
    ("python", &["3.10", "3.11", "3.12", "3.13", "3.14"]),
];

/// The sizes of an instance in MB; the second is the usual one.
pub(crate) const MEMORY: [i64; 3] = [512, 2048, 4096];

/// The fewest and the most instances that a maximum may say. Older documents say 40 for the fewest.
pub(crate) const INSTANCES: (i64, i64) = (1, 1000);

fn stacks(request: &Request, _: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let asked = request.label("locations");
    let Some(location) = find(asked) else {
        let message = format!("The location '{asked}' is not known.");
        return Err(front(400, "LocationNotAvailableForResourceType", message));
    };
    let sku = request.query("sku");
    let asked = request.query("stack").unwrap_or_default();
    let of = |name: &str| {
        asked.is_empty()
            || same(asked, name)
            || (same(asked, "dotnet") && name == "dotnet-isolated")
    };
    let shown = RUNTIMES.iter().filter(|(name, _)| of(name)).map(|(name, versions)| {
        // A region without Flex Consumption has the runtimes all the same, on other plans.
        let flex = location.flex && sku.is_none_or(|sku| same(sku, "FC1"));
        stack(name, versions, flex)
    });
    paging::answer(request, context, shown.collect())
}

fn stack(name: &str, versions: &[&str], flex: bool) -> Value {
    let minors: Vec<Value> = versions.iter().map(|version| minor(name, version, flex)).collect();
    let value = if name == "dotnet-isolated" { "dotnet" } else { name };
    json!({
        "id": null,
        "name": value,
        "type": "Microsoft.Web/locations/functionAppStacks",
        "properties": {
            "displayText": value,
            "value": value,
            "preferredOs": "linux",
            "majorVersions": [{"displayText": value, "value": value, "minorVersions": minors}],
        },
    })
}

fn minor(name: &str, version: &str, flex: bool) -> Value {
    let [least, usual, most] = MEMORY;
    let sku = json!({
        "skuCode": "FC1",
        "instanceMemoryMB": [
            {"size": least, "isDefault": false},
            {"size": usual, "isDefault": true},
            {"size": most, "isDefault": false},
        ],
        "maximumInstanceCount": {
            "lowestMaximumInstanceCount": INSTANCES.0,
            "highestMaximumInstanceCount": INSTANCES.1,
            "defaultValue": 100,
        },
        "functionAppConfigProperties": {"runtime": {"name": name, "version": version}},
    });
    json!({
        "displayText": format!("{name} {version}"),
        "value": version,
        "stackSettings": {"linuxRuntimeSettings": {
            "runtimeVersion": format!("{name}|{version}"),
            "isPreview": false,
            "isDeprecated": false,
            "isHidden": false,
            "supportedFunctionsExtensionVersions": ["~4"],
            "Sku": if flex { vec![sku] } else { vec![] },
        }},
    })
}

fn regions(request: &Request, _: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let flex = match request.query("sku").unwrap_or_default() {
        "" => false,
        sku if same(sku, "FlexConsumption") => true,
        sku => return Err(Refusal::not_modelled(&format!("regions of the sku {sku}"))),
    };
    let shown = LOCATIONS.iter().filter(|location| !flex || location.flex).map(|location| {
        let name = location.display;
        let mut domains = "PUBLIC;FUNCTIONS;LINUX;DYNAMIC".to_owned();
        if location.flex {
            domains.push_str(";FLEXCONSUMPTION;FCZONEREDUNDANCY");
        }
        json!({
            "id": format!("/subscriptions/{}/providers/Microsoft.Web/geoRegions/{name}", request.account),
            "name": name,
            "type": "Microsoft.Web/geoRegions",
            "properties": {"name": name, "description": null, "displayName": name, "orgDomain": domains},
        })
    });
    paging::answer(request, context, shown.collect())
}
