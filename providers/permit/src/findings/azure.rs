//! Rules about one role assignment on Azure.

use std::collections::BTreeSet;

use updraft_contract::{On, Permission, Side, What};

use super::{Hit, effective, public, some};
use crate::document::text;
use crate::review::everybody;

/// Roles for administrators: whoever has one can give itself anything in its scope, or become
/// something that can. <https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/privileged>
const ADMINISTRATORS: &[&str] = &[
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    // Logic App, Automation and Virtual Machine Contributor run code as the identities of what they change.
    "87a39d53-fc1b-424a-814c-f7e04687dc9e",
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "9980e02c-c2be-4d73-94e8-173b1dc7cf3c",
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "de139f84-1756-47ae-9be6-808fbbe84772",
    "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59",
    "f1a07417-d97a-45cb-824c-7a7467783830",
    "f353d9bd-d4a6-484e-a77a-8050b599b867",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
];

/// Operations that return keys.
/// <https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations>
const KEYS: &[&str] = &[
    "Microsoft.ContainerRegistry/registries/listCredentials/action",
    "Microsoft.DocumentDB/databaseAccounts/listKeys/action",
    "Microsoft.EventHub/namespaces/authorizationRules/listKeys/action",
    "Microsoft.ServiceBus/namespaces/authorizationRules/listKeys/action",
    "Microsoft.Storage/storageAccounts/listAccountSas/action",
    "Microsoft.Storage/storageAccounts/listKeys/action",
    "Microsoft.Web/sites/config/list/action",
    "Microsoft.Web/sites/host/listkeys/action",
    "Microsoft.Web/sites/publishxml/action",
];

/// Operations that change permissions.
const MANAGEMENT: &[&str] = &[
    "Microsoft.Authorization/denyAssignments/write",
    "Microsoft.Authorization/policyAssignments/write",
    "Microsoft.Authorization/roleAssignments/delete",
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleDefinitions/write",
    "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments/write",
    "Microsoft.KeyVault/vaults/accessPolicies/write",
];

/// The operation that gives a managed identity to a resource.
const ASSIGN: &str = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action";

/// Operations that read what people keep.
const READS: &[&str] = &[
    "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items/read",
    "Microsoft.KeyVault/vaults/secrets/getSecret/action",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
    "Microsoft.Storage/storageAccounts/tableServices/tables/entities/read",
];

/// Judges one permission that allows.
pub(super) fn judge(at: usize, permission: &Permission) -> Vec<Hit> {
    match permission.side {
        Side::Called | Side::Assumed if everybody(&permission.who) => vec![public(at, permission)],
        Side::Called | Side::Assumed => Vec::new(),
        Side::Does | Side::Deploys => does(at, permission),
    }
}

fn does(at: usize, permission: &Permission) -> Vec<Hit> {
    let mut hits = Vec::new();
    let title = title(permission);
    let broad = broad(permission);
    if let What::Role(role) = &permission.what {
        let id = role.id.rsplit('/').next().unwrap_or_default().to_lowercase();
        let plain = |all: &BTreeSet<String>| all.contains("*");
        if ADMINISTRATORS.contains(&id.as_str()) {
            hits.push(Hit::on(at, "UP704", format!("the function has the role {title}")));
        } else if plain(&role.actions) || plain(&role.data_actions) {
            hits.push(Hit::on(at, "UP304", format!("{title} allows every operation")));
        } else if let Some(service) = whole(&role.actions).or_else(|| whole(&role.data_actions)) {
            hits.push(Hit::on(
                at,
                "UP302",
                format!("{title} allows every operation of `{service}`"),
            ));
        }
    }
    if let Some(scope) = &broad {
        hits.push(Hit::on(at, "UP303", format!("{title} is given on {scope}")));
    }
    let keys = given(permission, KEYS);
    if !keys.is_empty() {
        let code = if broad.is_some() { "UP502" } else { "UP503" };
        hits.push(Hit::on(at, code, format!("{title} gives keys, by {}", some(&keys))));
    }
    let managed = given(permission, MANAGEMENT);
    if !managed.is_empty() {
        let message = format!("{title} changes permissions, by {}", some(&managed));
        hits.push(Hit::on(at, "UP501", message));
    }
    if effective::about(permission, ASSIGN) && !one_identity(permission) {
        let message = format!("{title} gives managed identities of any name to resources");
        hits.push(Hit::on(at, "UP402", message));
    }
    let reads = given(permission, READS);
    if let (Some(scope), false) = (&broad, reads.is_empty()) {
        let message = format!("{title} reads data of everything in {scope}, by {}", some(&reads));
        hits.push(Hit::on(at, "UP601", message));
    }
    hits
}

fn title(permission: &Permission) -> String {
    match &permission.what {
        What::Role(role) if !role.title.is_empty() => format!("`{}`", role.title),
        What::Role(role) => format!("`{}`", role.id),
        What::Actions(actions) | What::AllBut(actions) => some(actions),
    }
}

/// Returns the service that is allowed as a whole, such as `Microsoft.Storage`.
fn whole(actions: &BTreeSet<String>) -> Option<&str> {
    let mut services = actions.iter().filter_map(|action| action.strip_suffix("/*"));
    // Support tickets are in every role for people, and harm nobody.
    services.find(|service| {
        !service.contains('/') && !service.eq_ignore_ascii_case("Microsoft.Support")
    })
}

fn given(permission: &Permission, operations: &[&str]) -> BTreeSet<String> {
    let given = operations.iter().filter(|one| effective::about(permission, one));
    given.map(|one| (*one).to_owned()).collect()
}

/// Returns what a scope is, for people, where it holds more than one resource.
pub(super) fn broad(permission: &Permission) -> Option<String> {
    let On::These(these) = &permission.on else { return None };
    these.iter().map(text).find_map(|scope| {
        let lower = scope.trim_matches('/').to_lowercase();
        let parts: Vec<&str> = lower.split('/').collect();
        match parts.as_slice() {
            [""] => Some("everything".to_owned()),
            ["subscriptions", _] => Some("the whole subscription".to_owned()),
            ["subscriptions", _, "resourcegroups", group] => {
                Some(format!("the resource group `{group}`"))
            }
            ["providers", "microsoft.management", "managementgroups", ..] => {
                Some("a management group".to_owned())
            }
            _ => None,
        }
    })
}

fn one_identity(permission: &Permission) -> bool {
    match &permission.on {
        On::These(these) => {
            let part = "/userassignedidentities/";
            these.iter().map(text).all(|scope| scope.to_lowercase().contains(part))
        }
        On::AllBut(_) | On::Carrier => false,
    }
}
