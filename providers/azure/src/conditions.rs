//! Conditions of role assignments: what narrows a role to a part of a container. Pure.

use updraft_contract::{Access, Condition};

use crate::roles::{BLOB_READER, Definition, Role, Sort};

/// The version of the language that conditions are written in
/// (<https://learn.microsoft.com/azure/role-based-access-control/conditions-format>).
pub(crate) const VERSION: &str = "2.0";

/// What conditions call a blob's name, and the prefix that blobs are listed by
/// (<https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-attributes>).
const PATH: &str =
    "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path]";
const LISTED: &str =
    "@Request[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:prefix]";

/// The action that reading and listing are, and what tells the second from the first.
const READ: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";
const LISTING: &str = "SubOperationMatches{'Blob.List'}";

/// Returns whether roles on something may be given under a condition: Azure looks at them for
/// blobs and messages of storage accounts only
/// (<https://learn.microsoft.com/azure/role-based-access-control/conditions-overview>).
pub(crate) fn are_taken(sort: Sort) -> bool {
    matches!(sort, Sort::Container | Sort::Queue)
}

/// Returns the condition under which a declared use has a role.
pub(crate) fn of(access: &Access, role: &Role) -> Option<String> {
    let within = access.prefix.as_ref().filter(|_| role.on == Sort::Container);
    let within = within.map(|prefix| of_prefix(prefix, role));
    let said = match &access.condition {
        Some(Condition::Expression(said)) if are_taken(role.on) => Some(said.clone()),
        Some(Condition::Expression(_) | Condition::Tests(_)) | None => None,
    };
    match (within, said) {
        (Some(within), Some(said)) => Some(format!("({within}) AND ({said})")),
        (within, said) => within.or(said),
    }
}

/// Keeps a role to the blobs whose names start with `prefix`
/// (<https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-examples>).
fn of_prefix(prefix: &str, role: &Role) -> String {
    let like = format!("StringLike '{}*'", quoted(prefix));
    let clause = |action: &str, test: &str| format!("((!({action})) OR ({test}))");
    if *role == BLOB_READER {
        let reads = format!("ActionMatches{{'{READ}'}} AND NOT {LISTING}");
        let lists = format!("ActionMatches{{'{READ}'}} AND {LISTING}");
        let reads = clause(&reads, &format!("{PATH} {like}"));
        return format!("{reads} AND {}", clause(&lists, &format!("{LISTED} {like}")));
    }
    let actions = match role.definition {
        Definition::Ours { data_actions, .. } => data_actions,
        Definition::Azures(_) => &[],
    };
    let actions: Vec<String> =
        actions.iter().map(|action| format!("ActionMatches{{'{action}'}}")).collect();
    clause(&actions.join(" OR "), &format!("{PATH} {like}"))
}

/// Writes a text between quotes: `*` and `?` mean themselves there only behind a backslash
/// (<https://learn.microsoft.com/azure/role-based-access-control/conditions-format#string-comparison-operators>).
fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for c in text.chars() {
        match c {
            '\'' => quoted.push_str("\\'"),
            '*' | '?' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            _ => quoted.push(c),
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::{of_prefix, quoted};
    use crate::roles::{BLOB_DELETER, BLOB_READER};

    #[test]
    fn a_prefix_narrows_every_action_of_a_role_and_listing_by_its_own_attribute() {
        let blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";
        assert_eq!(
            of_prefix("in/", &BLOB_DELETER),
            format!(
                "((!(ActionMatches{{'{blobs}/delete'}})) OR (@Resource[{blobs}:path] StringLike \
                 'in/*'))"
            )
        );
        let read = of_prefix("in/", &BLOB_READER);
        assert!(read.contains(&format!("@Request[{blobs}:prefix] StringLike 'in/*'")), "{read}");
        assert!(read.contains("AND NOT SubOperationMatches{'Blob.List'}"), "{read}");
    }

    #[test]
    fn nothing_in_a_prefix_means_more_than_itself() {
        assert_eq!(quoted("it's 50%*?"), "it\\'s 50%\\*\\?");
    }
}
