//! What kind of access an action is.
//!
//! Actions of AWS have theirs from the service authorization reference. Those of Azure and Google
//! are judged by their words, which both clouds use alike in every service.

use std::collections::BTreeSet;

use updraft_contract::{Cloud, Permission, What};

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
        Cloud::Azure | Cloud::Gcp => words(action).map_or_else(|| ALL.into(), |level| vec![level]),
    }
}

/// Judges an operation of Azure or a permission of Google by its words; `None` for a pattern that
/// takes every kind.
/// <https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format>
pub(crate) fn words(operation: &str) -> Option<Level> {
    let lower = operation.to_lowercase();
    let azure = lower.contains('/');
    let last = lower.rsplit(if azure { '/' } else { '.' }).next().unwrap_or_default();
    let manages = ["setiampolicy", "updateiampolicy"].contains(&last)
        || (lower.starts_with("microsoft.authorization/") && !["read", "*"].contains(&last))
        || (lower.starts_with("iam.roles.") && ["create", "update", "delete"].contains(&last));
    let level = match last {
        _ if manages => Level::PermissionsManagement,
        "*" => return None,
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
    use super::words;
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
        ] {
            assert_eq!(words(operation), Some(level), "{operation}");
        }
        assert_eq!(words("Microsoft.Storage/*"), None);
    }
}
