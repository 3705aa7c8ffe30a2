//! The table of kinds.

use std::sync::LazyLock;

use updraft_contract::{Fields, Kind, KindSpec, Known, ResourceId, Version};

use crate::errors::Failure;
use crate::kind::AzureKind;

pub(crate) mod container;
pub(crate) mod cosmos_role_assignment;
pub(crate) mod event_subscription;
pub(crate) mod function;
pub(crate) mod identity;
pub(crate) mod insights;
pub(crate) mod plan;
pub(crate) mod queue;
pub(crate) mod resource_group;
pub(crate) mod role_assignment;
pub(crate) mod role_definition;
pub(crate) mod service_bus_namespace;
pub(crate) mod service_bus_queue;
pub(crate) mod storage_account;
pub(crate) mod tagged;
pub(crate) mod workspace;

/// A resource group.
pub(crate) const RESOURCE_GROUP: Kind = Kind("azure.resource-group");
/// A Log Analytics workspace.
pub(crate) const WORKSPACE: Kind = Kind("azure.workspace");
/// An Application Insights component.
pub(crate) const INSIGHTS: Kind = Kind("azure.insights");
/// A storage account: `host`, `data`, or `host.<function>`.
pub(crate) const STORAGE_ACCOUNT: Kind = Kind("azure.storage-account");
/// A container of blobs.
pub(crate) const CONTAINER: Kind = Kind("azure.container");
/// A storage queue.
pub(crate) const QUEUE: Kind = Kind("azure.queue");
/// A Service Bus namespace.
pub(crate) const SERVICE_BUS_NAMESPACE: Kind = Kind("azure.service-bus-namespace");
/// A queue of Service Bus.
pub(crate) const SERVICE_BUS_QUEUE: Kind = Kind("azure.service-bus-queue");
/// An identity that a function runs as.
pub(crate) const IDENTITY: Kind = Kind("azure.identity");
/// A custom role.
pub(crate) const ROLE_DEFINITION: Kind = Kind("azure.role-definition");
/// A role that an identity has on something.
pub(crate) const ROLE_ASSIGNMENT: Kind = Kind("azure.role-assignment");
/// A role of Cosmos DB's own that an identity has on data of it.
pub(crate) const COSMOS_ROLE_ASSIGNMENT: Kind = Kind("azure.cosmos-role-assignment");
/// A plan: what one function runs on.
pub(crate) const PLAN: Kind = Kind("azure.plan");
/// A function app with its settings and its package.
pub(crate) const FUNCTION: Kind = Kind("azure.function");
/// An Event Grid subscription.
pub(crate) const EVENT_SUBSCRIPTION: Kind = Kind("azure.event-subscription");

/// Every kind, in the order they are made.
pub(crate) const KINDS: &[&AzureKind] = &[
    &resource_group::ResourceGroup,
    &workspace::KIND,
    &insights::KIND,
    &storage_account::StorageAccount,
    &container::Container,
    &queue::Queue,
    &service_bus_namespace::ServiceBusNamespace,
    &service_bus_queue::ServiceBusQueue,
    &identity::Identity,
    &role_definition::RoleDefinition,
    &role_assignment::RoleAssignment,
    &cosmos_role_assignment::CosmosRoleAssignment,
    &plan::KIND,
    &function::Function,
    &event_subscription::EventSubscription,
];

/// Returns the version of something that lives in or on something else: a digest of its fields but
/// `made`, which tells when that else was made and may change while the plan is carried out.
pub(crate) fn version(fields: &Known) -> Version {
    let own = fields.iter().filter(|(name, _)| *name != "made");
    let own = own.map(|(name, value)| (name, value.clone()));
    Version::of(&updraft_transport::known(Fields::new(own)))
}

/// Returns what the core needs to know of every kind.
pub fn specs() -> &'static [KindSpec] {
    static SPECS: LazyLock<Vec<KindSpec>> =
        LazyLock::new(|| KINDS.iter().map(|kind| *kind.spec()).collect());
    &SPECS
}

/// Returns the kind of an address.
pub(crate) fn named(id: &ResourceId) -> Result<&'static AzureKind, Failure> {
    let found = KINDS.iter().find(|kind| kind.spec().kind == id.kind);
    found.copied().ok_or_else(|| {
        let message = format!("{id} is of no kind that Azure has");
        Failure::refused("execute", "UnknownKind", message)
    })
}
