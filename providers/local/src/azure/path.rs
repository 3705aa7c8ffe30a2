//! ARM's paths: a scope, a namespace, and pairs of type and name.
//!
//! Source: <https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules> and the URIs of
//! the REST reference; every segment but a name compares without case.

use percent_encoding::percent_decode_str;

/// A path that was taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Path {
    /// The subscription; empty for what is in none.
    pub(crate) subscription: String,
    /// The resource group; empty for what is in none.
    pub(crate) group: String,
    /// What comes before the last `/providers/`, as sent; empty for the tenant.
    pub(crate) scope: String,
    /// The namespace: `Microsoft.Web`, as sent; that of subscriptions and groups is `Microsoft.Resources`.
    pub(crate) namespace: String,
    /// Types and names in turn; only the last may lack its name.
    pub(crate) pairs: Vec<(String, Option<String>)>,
}

/// The namespace of subscriptions and groups.
pub(crate) const CORE: &str = "Microsoft.Resources";

/// Takes a path apart, percent-encoded as it was sent. `None` when it has an empty segment.
pub(crate) fn parse(path: &str) -> Option<Path> {
    let trimmed = path.strip_prefix('/')?.trim_end_matches('/');
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let segments: Vec<String> = trimmed.split('/').map(decode).collect();
    if segments.iter().any(String::is_empty) {
        return None;
    }
    let mut found = Path { namespace: CORE.to_owned(), ..Path::default() };
    let mut rest = segments.iter();
    let mut so_far = String::new();
    while let Some(kind) = rest.next() {
        let name = rest.next();
        let lists_providers = kind.eq_ignore_ascii_case("providers") && name.is_none();
        if let (true, Some(namespace)) = (kind.eq_ignore_ascii_case("providers"), name) {
            found.scope.clone_from(&so_far);
            found.namespace.clone_from(namespace);
            found.pairs.clear();
        } else {
            if kind.eq_ignore_ascii_case("subscriptions") && so_far.is_empty() {
                found.subscription = name.cloned().unwrap_or_default();
            }
            let in_subscription = found.pairs.len() == 1 && found.namespace == CORE;
            if in_subscription && kind.eq_ignore_ascii_case("resourceGroups") {
                found.group = name.cloned().unwrap_or_default();
            }
            found.pairs.push((kind.clone(), name.cloned()));
        }
        let kind = spelled(kind);
        so_far = match name {
            Some(name) => format!("{so_far}/{kind}/{name}"),
            None if lists_providers => so_far,
            None => format!("{so_far}/{kind}"),
        };
    }
    Some(found)
}

/// ARM's own spelling of the words that every id has.
fn spelled(kind: &str) -> &str {
    let words = ["subscriptions", "resourceGroups", "providers"];
    words.into_iter().find(|word| same(word, kind)).unwrap_or(kind)
}

impl Path {
    /// The type of the first `count` pairs: `Microsoft.Web/sites/config`.
    pub(crate) fn kind(&self, count: usize) -> String {
        let mut kind = self.namespace.clone();
        for (part, _) in self.pairs.iter().take(count) {
            kind.push('/');
            kind.push_str(part);
        }
        kind
    }
}

/// Whether two ids, names or types are the same to ARM.
pub(crate) fn same(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
}

/// Whether `id` is `scope` or in it.
pub(crate) fn within(id: &str, scope: &str) -> bool {
    let (id, scope) = (id.to_ascii_lowercase(), scope.trim_end_matches('/').to_ascii_lowercase());
    id.strip_prefix(&scope).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_scope_a_namespace_and_pairs() {
        let group = parse("/subscriptions/s/resourcegroups/g").unwrap();
        assert_eq!(
            (group.kind(2).as_str(), group.group.as_str()),
            ("Microsoft.Resources/subscriptions/resourcegroups", "g")
        );
        let site = parse("/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/a/config/appsettings/list").unwrap();
        assert_eq!(site.scope, "/subscriptions/s/resourceGroups/g");
        assert_eq!(site.kind(2), "Microsoft.Web/sites/config");
        assert_eq!(site.pairs[2], ("list".to_owned(), None));
        let tags = parse("/subscriptions/s/resourceGroups/providers/providers/N.X/a/b/providers/Microsoft.Resources/tags/default").unwrap();
        assert_eq!(tags.scope, "/subscriptions/s/resourceGroups/providers/providers/N.X/a/b");
        assert_eq!(
            (tags.kind(1).as_str(), tags.group.as_str()),
            ("Microsoft.Resources/tags", "providers")
        );
        assert_eq!(parse("/subscriptions//x"), None);
    }

    #[test]
    fn ids_are_within_scopes_by_whole_segments_without_case() {
        assert!(within("/subscriptions/S/resourceGroups/g", "/Subscriptions/s/"));
        assert!(!within("/subscriptions/s/resourceGroups/g2", "/subscriptions/s/resourceGroups/g"));
    }
}
