//! The types of resource in Azure Resource Manager that are used, each with the one version of its
//! interface that is spoken.
//!
//! Versions: <https://learn.microsoft.com/azure/templates/>, where each type lists those it has.

/// A type of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Type {
    /// Its full name, such as `Microsoft.Web/sites`.
    pub(crate) name: &'static str,
    /// The version of its interface.
    pub(crate) api: &'static str,
}

const fn of(name: &'static str, api: &'static str) -> Type {
    Type { name, api }
}

/// Subscriptions.
pub(crate) const SUBSCRIPTIONS: &str = "2022-12-01";
/// Resource groups, tags, registrations of resource providers.
pub(crate) const RESOURCES: &str = "2021-04-01";
/// Plans and function apps, and what is asked of a region and a subscription about them.
pub(crate) const WEB: &str = "2025-05-01";
/// Which runtimes a region offers.
pub(crate) const STACKS: &str = "2020-10-01";
/// Storage accounts, and the containers and queues in them.
pub(crate) const STORAGE: &str = "2025-01-01";
/// Role assignments, role definitions and one's own permissions.
pub(crate) const AUTHORIZATION: &str = "2022-04-01";
/// Service Bus namespaces and queues.
pub(crate) const SERVICE_BUS: &str = "2024-01-01";
/// Azure Resource Graph.
pub(crate) const GRAPH: &str = "2022-10-01";
/// Accounts of Cosmos DB, and the role assignments in them.
pub(crate) const COSMOS: &str = "2025-10-15";
/// Queries of a Log Analytics workspace through Azure Resource Manager, `POST {workspace}/query`
/// (`operationalinsights` of the Azure REST API specifications).
pub(crate) const LOG_QUERY: &str = "2017-10-01";

/// A plan.
pub(crate) const PLAN: Type = of("Microsoft.Web/serverfarms", WEB);
/// A function app.
pub(crate) const SITE: Type = of("Microsoft.Web/sites", WEB);
/// A storage account.
pub(crate) const STORAGE_ACCOUNT: Type = of("Microsoft.Storage/storageAccounts", STORAGE);
/// An identity that is a resource of its own.
pub(crate) const IDENTITY: Type =
    of("Microsoft.ManagedIdentity/userAssignedIdentities", "2024-11-30");
/// A Log Analytics workspace.
pub(crate) const WORKSPACE: Type = of("Microsoft.OperationalInsights/workspaces", "2025-07-01");
/// An Application Insights component.
pub(crate) const INSIGHTS: Type = of("Microsoft.Insights/components", "2020-02-02");
/// A Service Bus namespace.
pub(crate) const NAMESPACE: Type = of("Microsoft.ServiceBus/namespaces", SERVICE_BUS);
/// An Event Grid subscription.
pub(crate) const EVENT_SUBSCRIPTION: Type =
    of("Microsoft.EventGrid/eventSubscriptions", "2025-02-15");
/// A role assignment.
pub(crate) const ROLE_ASSIGNMENT: Type =
    of("Microsoft.Authorization/roleAssignments", AUTHORIZATION);
/// A role definition.
pub(crate) const ROLE_DEFINITION: Type =
    of("Microsoft.Authorization/roleDefinitions", AUTHORIZATION);
/// A Cosmos DB account.
pub(crate) const DATABASE_ACCOUNT: Type = of("Microsoft.DocumentDB/databaseAccounts", COSMOS);
/// A key vault.
pub(crate) const VAULT: Type = of("Microsoft.KeyVault/vaults", "2023-07-01");
