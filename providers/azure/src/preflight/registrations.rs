//! Which resource providers have to be registered in the subscription
//! (<https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types>).

use std::collections::BTreeMap;

use futures::future::join_all;
use updraft_contract::{Obstacle, Resource, Verb};

use super::unknown;
use crate::api::RESOURCES;
use crate::client::Cloud;
use crate::errors::Failure;
use crate::kinds;
use crate::survey::text;

/// Providers that every subscription has.
const ALWAYS: [&str; 2] = ["Microsoft.Authorization", "Microsoft.Resources"];

/// Returns the providers of what is wanted, each with what needs it first.
fn needed(wanted: &[Resource]) -> BTreeMap<&'static str, &Resource> {
    let mut needed = BTreeMap::new();
    for resource in wanted {
        let spec = kinds::specs().iter().find(|spec| spec.kind == resource.id.kind);
        let permissions = spec.into_iter().flat_map(|spec| spec.permissions(Verb::Create));
        let spaces = permissions.filter_map(|it| it.split('/').next());
        for space in spaces.filter(|space| !ALWAYS.contains(space)) {
            needed.entry(space).or_insert(resource);
        }
    }
    needed
}

/// Returns an obstacle for each provider that is needed and not registered.
pub(super) async fn missing(cloud: &Cloud, wanted: &[Resource]) -> Vec<Obstacle> {
    let looks = needed(wanted).into_iter().map(|(space, resource)| async move {
        match is_registered(cloud, space).await {
            Ok(true) => None,
            Ok(false) => Some(obstacle(cloud, space, resource)),
            Err(failure) => Some(unknown(&format!("whether {space} is registered"), failure, None)),
        }
    });
    join_all(looks).await.into_iter().flatten().collect()
}

/// One that is being registered counts: it is usable before that is done everywhere.
async fn is_registered(cloud: &Cloud, space: &str) -> Result<bool, Failure> {
    let path = format!("{}/providers/{space}", cloud.place.subscription_id());
    let found = cloud.arm.get(&path, RESOURCES).await?.unwrap_or_default();
    let state = text(&found, "registrationState").to_lowercase();
    Ok(["registered", "registering"].contains(&state.as_str()))
}

fn obstacle(cloud: &Cloud, space: &str, resource: &Resource) -> Obstacle {
    let subscription = &cloud.place.subscription;
    Obstacle {
        message: format!(
            "{space} is not registered in subscription {subscription}; {} needs it",
            resource.id
        ),
        mend: format!(
            "az provider register --namespace {space} --subscription {subscription} --wait"
        ),
        origin: Some(resource.origin.clone()),
        blocks: true,
    }
}
