//! What kind of access an action is.
//!
//! Actions of AWS have theirs from the service authorization reference. Those of Azure and Google
//! are judged by their words, which both clouds use alike in every service.

use std::collections::BTreeSet;

use updraft_contract::{Cloud, Permission, What};

use crate::sets::globs;
use crate::{Level, data, roles};

/// Every level that an action with these words may have, weakest first.
const ALL: [Level; 5] =
    [Level::List, Level::Read, Level::Tagging, Level::Write, Level::PermissionsManagement];

/// Returns the levels of what a permission lets do, weakest first and each once.
pub(crate) fn of(permission: &Permission) -> Vec<Level> {
    let all: BTreeSet<Level> = match &permission.what {
        What::Actions(actions) => {
            actions.iter().flat_map(|action| each(permission.cloud, action)).collect()
        }
        What::AllBut(_) => ALL.into(),
        What::Role(role) => {
            let actions = role.actions.iter().chain(&role.data_actions);
            actions.flat_map(|action| each(permission.cloud, action)).collect()
        }
    };
    all.into_iter().collect()
}

/// Returns the levels of one action or pattern.
fn each(cloud: Cloud, action: &str) -> Vec<Level> {
    match cloud {
        Cloud::Aws => {
            let known = data::matching(action);
            if known.is_empty() {
                vec![Level::Unknown]
            } else {
                known.iter().map(|a| a.level).collect()
            }
        }
        Cloud::Azure => words(action).map_or_else(|| wide(action), |level| vec![level]),
        Cloud::Gcp => words(action).map_or_else(|| ALL.into(), |level| vec![level]),
    }
}

/// The operations of Azure that change who may do what: the ones that patterns are held against.
/// <https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations>
const MANAGING: &[&str] = &[
    "microsoft.authorization/roleassignments/write",
    "microsoft.authorization/roledefinitions/write",
    "microsoft.documentdb/databaseaccounts/sqlroleassignments/write",
    "microsoft.keyvault/vaults/accesspolicies/write",
    "microsoft.storage/storageaccounts/blobservices/containers/blobs/manageownership/action",
    "microsoft.storage/storageaccounts/blobservices/containers/blobs/modifypermissions/action",
];

/// Returns the levels of a pattern of Azure that takes operations of every kind: reading, which lists too, and
/// writing; changing permissions only where it takes an operation that does.
fn wide(pattern: &str) -> Vec<Level> {
    let pattern = pattern.to_lowercase();
    let manages = MANAGING.iter().any(|operation| globs::takes(&pattern, operation));
    let manages = manages.then_some(Level::PermissionsManagement);
    [Level::Read, Level::Write].into_iter().chain(manages).collect()
}

/// Verbs of Azure's actions that change nothing: they answer with what is there, or with a key for as much as whoever
/// asks may do anyway.
const READING: &[&str] =
    &["generateuserdelegationkey", "getsecret", "executequery", "peek", "readmetadata", "receive"];

/// Judges an operation of Azure or a permission of Google by its words; `None` for a pattern that
/// takes every kind.
/// <https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format>
pub(crate) fn words(operation: &str) -> Option<Level> {
    let lower = operation.to_lowercase();
    let azure = lower.contains('/');
    let mut parts = lower.rsplit(if azure { '/' } else { '.' });
    let last = parts.next().unwrap_or_default();
    // Azure's word for what is neither read nor written; the verb stands before it.
    let verb = if azure && last == "action" { parts.next().unwrap_or_default() } else { last };
    let manages = ["setiampolicy", "updateiampolicy"].contains(&last)
        || MANAGING.contains(&lower.as_str())
        || (lower.starts_with("microsoft.authorization/") && !["read", "*"].contains(&last))
        || (lower.starts_with("iam.roles.") && ["create", "update", "delete"].contains(&last));
    let level = match last {
        _ if manages => Level::PermissionsManagement,
        "*" => return None,
        _ if READING.contains(&verb) => Level::Read,
        "list" | "search" => Level::List,
        "read" | "get" | "receive" | "access" | "consume" | "getiampolicy" => Level::Read,
        _ if last.starts_with("list") && !azure => Level::List,
        _ if ["get", "read", "receive", "peek"].iter().any(|word| last.starts_with(word)) => {
            Level::Read
        }
        _ => Level::Write,
    };
    Some(level)
}

/// Returns every operation of Azure that is known by name, in lower case.
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    roles::operations().iter().map(String::as_str)
}

#[cfg(test)]
mod tests {
    use updraft_contract::Cloud;

    use super::{each, words};
    use crate::Level;

    #[test]
    fn operations_are_judged_by_their_words() {
        for (operation, level) in [
            ("storage.objects.list", Level::List),
            ("storage.objects.get", Level::Read),
            ("eventarc.events.receiveAuditLogWritten", Level::Read),
            ("secretmanager.versions.access", Level::Read),
            ("storage.objects.create", Level::Write),
            ("run.routes.invoke", Level::Write),
            ("storage.buckets.setIamPolicy", Level::PermissionsManagement),
            ("iam.roles.update", Level::PermissionsManagement),
            ("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read", Level::Read),
            (
                "Microsoft.Storage/storageAccounts/queueServices/queues/messages/add/action",
                Level::Write,
            ),
            ("Microsoft.Authorization/roleAssignments/write", Level::PermissionsManagement),
            ("Microsoft.Authorization/*/read", Level::Read),
            ("Microsoft.KeyVault/vaults/secrets/getSecret/action", Level::Read),
            ("Microsoft.ServiceBus/*/receive/action", Level::Read),
            ("Microsoft.ServiceBus/*/send/action", Level::Write),
            (
                "Microsoft.Storage/storageAccounts/queueServices/queues/messages/process/action",
                Level::Write,
            ),
            ("Microsoft.Storage/storageAccounts/listKeys/action", Level::Write),
            (
                "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
                Level::Read,
            ),
            (
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/modifyPermissions/action",
                Level::PermissionsManagement,
            ),
        ] {
            assert_eq!(words(operation), Some(level), "{operation}");
        }
        assert_eq!(words("Microsoft.Storage/*"), None);
    }

    #[test]
    fn a_pattern_manages_permissions_only_where_it_takes_an_operation_that_does() {
        let blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*";
        let all = [Level::Read, Level::Write, Level::PermissionsManagement];
        for pattern in ["*", "Microsoft.Authorization/*", blobs] {
            assert_eq!(each(Cloud::Azure, pattern), all, "{pattern}");
        }
        let support = "Microsoft.Support/*";
        assert_eq!(each(Cloud::Azure, support), [Level::Read, Level::Write]);
    }
}
