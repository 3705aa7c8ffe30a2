//! The resource types and data planes of the embedded Azure.

use super::cosmos;
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
    &cosmos::ACCOUNTS,
    &cosmos::ASSIGNMENTS,
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
    "Microsoft.EventHub",
    "Microsoft.Network",
    "Microsoft.Sql",
];

/// Types of storage, databases, events, messages and vaults that Azure has and this cloud does not: neither they nor what is in
/// them is refused as unknown.
#[rustfmt::skip]
const NOT_MODELLED: &[&str] = &[
    "Microsoft.DocumentDB/databaseAccounts/cassandraKeyspaces",
    "Microsoft.DocumentDB/databaseAccounts/gremlinDatabases",
    "Microsoft.DocumentDB/databaseAccounts/mongodbDatabases",
    "Microsoft.DocumentDB/databaseAccounts/privateEndpointConnections",
    "Microsoft.DocumentDB/databaseAccounts/sqlDatabases",
    "Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions",
    "Microsoft.DocumentDB/databaseAccounts/tables",
    "Microsoft.DocumentDB/mongoClusters",
    "Microsoft.EventGrid/domains",
    "Microsoft.EventGrid/extensionTopics",
    "Microsoft.EventGrid/namespaces",
    "Microsoft.EventGrid/partnerTopics",
    "Microsoft.EventGrid/systemTopics",
    "Microsoft.EventGrid/topics",
    "Microsoft.EventGrid/topicTypes",
    "Microsoft.KeyVault/deletedVaults",
    "Microsoft.KeyVault/locations/deletedVaults",
    "Microsoft.KeyVault/managedHSMs",
    "Microsoft.KeyVault/vaults/accessPolicies",
    "Microsoft.KeyVault/vaults/keys",
    "Microsoft.KeyVault/vaults/privateEndpointConnections",
    "Microsoft.ServiceBus/namespaces/authorizationRules",
    "Microsoft.ServiceBus/namespaces/networkRuleSets",
    "Microsoft.ServiceBus/namespaces/queues/authorizationRules",
    "Microsoft.ServiceBus/namespaces/topics",
    "Microsoft.Storage/deletedAccounts",
    "Microsoft.Storage/locations/usages",
    "Microsoft.Storage/skus",
    "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies",
    "Microsoft.Storage/storageAccounts/encryptionScopes",
    "Microsoft.Storage/storageAccounts/fileServices",
    "Microsoft.Storage/storageAccounts/inventoryPolicies",
    "Microsoft.Storage/storageAccounts/localUsers",
    "Microsoft.Storage/storageAccounts/managementPolicies",
    "Microsoft.Storage/storageAccounts/objectReplicationPolicies",
    "Microsoft.Storage/storageAccounts/privateEndpointConnections",
    "Microsoft.Storage/storageAccounts/tableServices",
];

/// Whether a type is one of Azure's that is not modelled, or in one.
pub(super) fn is_not_modelled(kind: &str) -> bool {
    let kind = format!("{}/", kind.to_lowercase());
    NOT_MODELLED.iter().any(|known| kind.starts_with(&format!("{}/", known.to_lowercase())))
}

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
