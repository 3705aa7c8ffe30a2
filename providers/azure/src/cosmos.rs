//! How Cosmos DB writes what its own role assignments are on: `…/dbs/d/colls/c`, where a resource id
//! has `…/sqlDatabases/d/containers/c`. Pure.
//!
//! <https://learn.microsoft.com/rest/api/cosmos-db-resource-provider/sql-resources/create-update-sql-role-assignment>

/// What a step is called in a resource id, and in a scope.
const STEPS: [(&str, &str); 2] = [("sqlDatabases", "dbs"), ("containers", "colls")];

/// Returns the resource id of the account that something is in, and the rest of its own from there.
/// What is in no account is all of it the first.
pub(crate) fn apart(id: &str) -> (&str, &str) {
    const ACCOUNTS: &str = "/databaseaccounts/";
    let Some(at) = id.to_ascii_lowercase().find(ACCOUNTS) else { return (id, "") };
    let name = at + ACCOUNTS.len();
    let end = id.get(name..).and_then(|rest| rest.find('/')).map_or(id.len(), |end| name + end);
    id.split_at_checked(end).unwrap_or((id, ""))
}

/// Writes a resource id as a scope.
pub(crate) fn scope(id: &str) -> String {
    renamed(id, |(resource, scope)| (resource, scope))
}

/// Writes a scope as a resource id.
pub(crate) fn resource(scope: &str) -> String {
    renamed(scope, |(resource, scope)| (scope, resource))
}

fn renamed(
    id: &str,
    way: fn((&'static str, &'static str)) -> (&'static str, &'static str),
) -> String {
    let (account, rest) = apart(id.trim_end_matches('/'));
    let mut written = account.to_owned();
    for (place, part) in rest.split('/').filter(|part| !part.is_empty()).enumerate() {
        // Every other part is a name, which may be called as a step is.
        let step = STEPS.into_iter().map(way).find(|(from, _)| from.eq_ignore_ascii_case(part));
        let part = step.filter(|_| place.is_multiple_of(2)).map_or(part, |(_, to)| to);
        written.push('/');
        written.push_str(part);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::{apart, resource, scope};

    const ACCOUNT: &str =
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.DocumentDB/databaseAccounts/acct";

    #[test]
    fn scopes_and_resource_ids_lead_to_each_other() {
        for (id, at) in [
            ("", ""),
            ("/sqlDatabases/d", "/dbs/d"),
            ("/sqlDatabases/dbs/containers/colls", "/dbs/dbs/colls/colls"),
        ] {
            let (id, at) = (format!("{ACCOUNT}{id}"), format!("{ACCOUNT}{at}"));
            assert_eq!((scope(&id), resource(&at)), (at.clone(), id.clone()));
            assert_eq!(apart(&id).0, ACCOUNT);
        }
        assert_eq!(resource(&format!("{ACCOUNT}/")), ACCOUNT);
    }

    #[test]
    fn an_account_is_found_in_any_case_and_nothing_else_is() {
        let upper = ACCOUNT.to_uppercase();
        let id = format!("{upper}/sqlDatabases/D");
        assert_eq!(apart(&id), (upper.as_str(), "/sqlDatabases/D"));
        assert_eq!(apart("/subscriptions/s"), ("/subscriptions/s", ""));
    }
}
