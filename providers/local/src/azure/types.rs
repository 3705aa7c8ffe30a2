//! The resource types and data planes of the embedded Azure.

use super::eventgrid;
use super::path::same;
use super::service::{Plane, ResourceType};
use super::vault;
use super::{
    blob, graph, groups, identities, monitor, msi, names, operations, providers, queue, rights,
    servicebus, stacks, storage, subscriptions, tags, web,
};

/// Every resource type.
#[rustfmt::skip]
const TYPES: &[&ResourceType] = &[
    &graph::RESOURCES,
    &eventgrid::REGIONAL,
    &eventgrid::SUBSCRIPTIONS,
    &groups::GROUPS,
    &groups::OF_GROUP,
    &groups::OF_SUBSCRIPTION,
    &identities::IDENTITIES,
    &monitor::COMPONENTS,
    &monitor::DETECTORS,
    &monitor::WORKSPACES,
    &names::ACCOUNTS,
    &names::NAMESPACES,
    &names::SITES,
    &providers::PROVIDERS,
    &rights::ASSIGNMENTS,
    &rights::DEFINITIONS,
    &rights::PERMISSIONS,
    &servicebus::NAMESPACES,
    &servicebus::QUEUES,
    &stacks::REGIONS,
    &stacks::STACKS,
    &storage::ACCOUNTS,
    &storage::BLOB_SERVICES,
    &storage::CONTAINERS,
    &storage::QUEUES,
    &storage::QUEUE_SERVICES,
    &subscriptions::SUBSCRIPTIONS,
    &tags::TAGS,
    &vault::SECRETS,
    &vault::VAULTS,
    &web::CONFIG,
    &web::EXTENSIONS,
    &web::FUNCTIONS,
    &web::HOST,
    &web::PLANS,
    &web::QUERY,
    &web::SITES,
];

/// Every data plane.
#[rustfmt::skip]
const PLANES: &[&Plane] = &[
    &blob::PLANE,
    &msi::MSI,
    &queue::PLANE,
    &servicebus::PLANE,
    &web::DOOR,
    &web::SCM,
    &vault::PLANE,
];

/// Providers of Azure that are not modelled at all: their types are not refused as unknown.
const ELSEWHERE: &[&str] = &[
    "Microsoft.ApiManagement",
    "Microsoft.App",
    "Microsoft.Cache",
    "Microsoft.Compute",
    "Microsoft.Devices",
    "Microsoft.DocumentDB",
    "Microsoft.EventHub",
    "Microsoft.Network",
    "Microsoft.Sql",
];

/// Finds a type by its name, without case.
pub(crate) fn named(name: &str) -> Option<&'static ResourceType> {
    if let Some(row) = operations::named(name) {
        return Some(row);
    }
    TYPES.iter().copied().find(|row| same(row.name, name))
}

/// The types of a namespace.
pub(super) fn of(namespace: &str) -> impl Iterator<Item = &'static ResourceType> {
    TYPES.iter().copied().filter(move |row| same(row.namespace(), namespace))
}

/// The namespaces that are modelled, in Azure's spelling, in order.
pub(super) fn namespaces() -> Vec<&'static str> {
    let mut found: Vec<&str> = TYPES.iter().map(|row| row.namespace()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether a namespace is Azure's and not modelled.
pub(super) fn is_elsewhere(namespace: &str) -> bool {
    ELSEWHERE.iter().any(|known| same(known, namespace))
}

/// Returns the plane at `path`.
pub(crate) fn plane(path: &str) -> Option<&'static Plane> {
    let first = path.strip_prefix('/')?.split('/').next()?;
    PLANES.iter().copied().find(|plane| plane.prefix == first)
}
