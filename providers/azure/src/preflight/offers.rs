//! Whether the region has what functions run on: the plan, their runtimes, sizes and counts.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use updraft_contract::{App, Function, Obstacle};

use super::unknown;
use crate::api::{STACKS, WEB};
use crate::client::Cloud;
use crate::connect::region_name;
use crate::errors::Failure;
use crate::package::runtime::Runtime;
use crate::survey::text;

/// What a region offers to one version of a runtime.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Offer {
    version: String,
    /// Sizes of memory in MB.
    memory: Vec<u64>,
    /// The fewest and the most instances that the most of a function may be set to.
    instances: Option<(u64, u64)>,
}

/// Returns what the region lacks.
pub(super) async fn lacking(cloud: &Cloud, app: &App) -> Vec<Obstacle> {
    let Some(first) = app.functions.first() else { return Vec::new() };
    let region = &cloud.place.region;
    match has_plan(cloud).await {
        Ok(true) => {}
        Ok(false) => {
            return vec![Obstacle {
                message: format!("{region} has no Flex Consumption, which functions run on"),
                mend: "az functionapp list-flexconsumption-locations".to_owned(),
                origin: Some(first.origin.clone()),
                blocks: true,
            }];
        }
        Err(failure) => {
            return vec![unknown(&format!("what {region} offers"), failure, Some(&first.origin))];
        }
    }
    let (mut known, mut found) = (BTreeMap::new(), Vec::new());
    for function in &app.functions {
        let Some(runtime) = Runtime::parse(&function.runtime) else { continue };
        let name = runtime.name();
        if !known.contains_key(name) {
            let offers = offers(cloud, name).await.unwrap_or_else(|failure| {
                let what = format!("which versions of {name} {region} has");
                found.push(unknown(&what, failure, Some(&function.origin)));
                Vec::new()
            });
            known.insert(name, offers);
        }
        let offers = known.get(name).map(Vec::as_slice).unwrap_or_default();
        let problem = problem(function, (name, &runtime.version), offers);
        found.extend(problem.map(|problem| obstacle(region, name, function, &problem)));
    }
    found
}

/// Returns what of a function is not offered. Nothing is known where nothing is offered at all.
fn problem(function: &Function, (name, version): (&str, &str), offers: &[Offer]) -> Option<String> {
    if offers.is_empty() {
        return None;
    }
    let Some(offer) = offers.iter().find(|offer| offer.version == version) else {
        let versions: Vec<&str> = offers.iter().map(|offer| offer.version.as_str()).collect();
        return Some(format!("{name} {version}; there is {}", versions.join(", ")));
    };
    let memory = u64::from(function.memory_mib);
    if !offer.memory.is_empty() && !offer.memory.contains(&memory) {
        let sizes: Vec<String> = offer.memory.iter().map(u64::to_string).collect();
        return Some(format!("{memory} MB of memory; there is {}", sizes.join(", ")));
    }
    let (least, most) = offer.instances?;
    let asked = u64::from(function.scaling.max_instances?);
    (!(least..=most).contains(&asked))
        .then(|| format!("`max_instances` {asked}; it may be {least} to {most}"))
}

fn obstacle(region: &str, name: &str, function: &Function, problem: &str) -> Obstacle {
    Obstacle {
        message: format!("{region} does not have what {} asks for: {problem}", function.name),
        mend: format!(
            "az functionapp list-flexconsumption-runtimes --location {region} --runtime {name}"
        ),
        origin: Some(function.origin.clone()),
        blocks: true,
    }
}

/// <https://learn.microsoft.com/rest/api/appservice/list-geo-regions>
async fn has_plan(cloud: &Cloud) -> Result<bool, Failure> {
    let subscription = cloud.place.subscription_id();
    let path = format!("{subscription}/providers/Microsoft.Web/geoRegions?sku=FlexConsumption");
    let regions = cloud.arm.list(&path, WEB).await?;
    Ok(regions.iter().any(|region| region_name(text(region, "name")) == cloud.place.region))
}

/// Returns what the region offers to a runtime, as the Azure CLI reads it.
async fn offers(cloud: &Cloud, name: &str) -> Result<Vec<Offer>, Failure> {
    let path = format!(
        "/providers/Microsoft.Web/locations/{}/functionAppStacks?sku=FC1&stack={}\
         &removeHiddenStacks=true&removeDeprecatedStacks=true",
        cloud.place.region,
        name.strip_suffix("-isolated").unwrap_or(name)
    );
    let stacks = cloud.arm.list(&path, STACKS).await?;
    Ok(stacks.iter().flat_map(|stack| of_stack(stack, name)).collect())
}

fn of_stack(stack: &Json, name: &str) -> Vec<Offer> {
    let list = |json: &Json, pointer: &str| {
        json.pointer(pointer).and_then(Json::as_array).cloned().unwrap_or_default()
    };
    let mut found = Vec::new();
    for major in list(stack, "/properties/majorVersions") {
        for minor in list(&major, "/minorVersions") {
            let skus = list(&minor, "/stackSettings/linuxRuntimeSettings/Sku");
            found.extend(skus.iter().filter_map(|sku| of_sku(sku, name)));
        }
    }
    found
}

fn of_sku(sku: &Json, name: &str) -> Option<Offer> {
    let runtime = sku.pointer("/functionAppConfigProperties/runtime")?;
    if text(sku, "skuCode") != "FC1" || text(runtime, "name") != name {
        return None;
    }
    let sizes = sku.get("instanceMemoryMB").and_then(Json::as_array);
    let size = |size: &Json| {
        let size = size.get("size")?;
        size.as_u64().or_else(|| size.as_str()?.parse().ok())
    };
    let bound = |name: &str| sku.pointer(&format!("/maximumInstanceCount/{name}"))?.as_u64();
    let least = bound("lowestMaximumInstanceCount");
    Some(Offer {
        version: text(runtime, "version").to_owned(),
        memory: sizes.into_iter().flatten().filter_map(size).collect(),
        instances: least.zip(bound("highestMaximumInstanceCount")),
    })
}
