//! Resource ids of Azure Resource Manager, which compare without regard to case.
//!
//! <https://learn.microsoft.com/rest/api/resources/#resource-ids>

/// What a resource id says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Id {
    /// The subscription, in small letters.
    pub(crate) subscription: String,
    /// The resource group, as written. Empty where the id names none.
    pub(crate) group: String,
    /// The full type, in small letters: `microsoft.web/sites`. Empty for a subscription or group.
    pub(crate) kind: String,
    /// The names, as written: that of the resource last, its parents before it.
    pub(crate) names: Vec<String>,
    /// What an extension, such as a role assignment, is on: its resource id, as written.
    pub(crate) scope: String,
}

impl Id {
    /// Reads a resource id. What is no resource id gives an empty one.
    pub(crate) fn of(text: &str) -> Self {
        let text = text.split('?').next().unwrap_or_default();
        let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
        let mut id = Self::default();
        let last = parts.iter().rposition(|part| part.eq_ignore_ascii_case("providers"));
        let before = parts.get(..last.unwrap_or(parts.len())).unwrap_or_default();
        let after = |word: &str| {
            let at = before.iter().position(|part| part.eq_ignore_ascii_case(word))?;
            before.get(at + 1).copied()
        };
        id.subscription = after("subscriptions").unwrap_or_default().to_lowercase();
        after("resourceGroups").unwrap_or_default().clone_into(&mut id.group);
        let Some(last) = last else { return id };
        id.scope = format!("/{}", before.join("/"));
        let mut rest = parts.iter().skip(last + 1);
        id.kind = rest.next().map(|space| space.to_lowercase()).unwrap_or_default();
        while let Some(kind) = rest.next() {
            id.kind = format!("{}/{}", id.kind, kind.to_lowercase());
            id.names.extend(rest.next().map(|name| (*name).to_owned()));
        }
        id
    }

    /// Returns its own name; empty for a subscription or group.
    pub(crate) fn name(&self) -> &str {
        self.names.last().map(String::as_str).unwrap_or_default()
    }
}

/// Returns whether two resource ids name the same thing.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.trim_matches('/').eq_ignore_ascii_case(b.trim_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::{Id, same};

    #[test]
    fn an_id_is_read_without_regard_to_case() {
        let id =
            Id::of("/subscriptions/ABC/resourcegroups/Shop-Dev/Providers/Microsoft.Web/Sites/api");
        assert_eq!((id.subscription.as_str(), id.group.as_str()), ("abc", "Shop-Dev"));
        assert_eq!((id.kind.as_str(), id.name()), ("microsoft.web/sites", "api"));
        assert!(same("/subscriptions/A/resourceGroups/G", "/subscriptions/a/resourcegroups/g/"));
        assert!(!same("/subscriptions/a/resourceGroups/g", "/subscriptions/a"));
    }

    #[test]
    fn children_and_extensions_keep_what_they_belong_to() {
        let queue = Id::of(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acct/queueServices/default/queues/jobs",
        );
        assert_eq!(queue.kind, "microsoft.storage/storageaccounts/queueservices/queues");
        assert_eq!(queue.names, ["acct", "default", "jobs"]);
        let grant = Id::of(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/a/providers/Microsoft.Authorization/roleAssignments/x",
        );
        assert_eq!(
            grant.scope,
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/a"
        );
        assert_eq!(grant.kind, "microsoft.authorization/roleassignments");
    }

    #[test]
    fn groups_and_subscriptions_have_no_type() {
        let group = Id::of("/subscriptions/s/resourceGroups/g");
        assert_eq!((group.group.as_str(), group.kind.as_str(), group.name()), ("g", "", ""));
        assert_eq!(Id::of("nonsense"), Id::default());
    }
}
