//! Whether the credentials may do what deploying takes, as far as their roles say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use updraft_contract::{Obstacle, Resource, Verb};

use super::unknown;
use crate::api::AUTHORIZATION;
use crate::client::Cloud;
use crate::errors::Failure;
use crate::kinds;
use crate::place::Names;

/// The role that brings the permissions of a provider; Contributor brings the others
/// (<https://learn.microsoft.com/azure/role-based-access-control/built-in-roles>).
const RIGHTS: (&str, &str) = ("Microsoft.Authorization/", "User Access Administrator");

/// Returns what the credentials lack, role by role.
///
/// None of it blocks: roles may be given on the things themselves, which this does not look at.
pub(super) async fn missing(cloud: &Cloud, names: Names<'_>, wanted: &[Resource]) -> Vec<Obstacle> {
    let (scope, had) = match allowed(cloud, &names.group_id()).await {
        Ok(had) => had,
        Err(failure) => {
            return vec![unknown("the permissions of the credentials", failure, None)];
        }
    };
    let mut lacking: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for action in needed(wanted).into_iter().filter(|action| !may(&had, action)) {
        let rights = action.starts_with(RIGHTS.0);
        lacking.entry(if rights { RIGHTS.1 } else { "Contributor" }).or_default().push(action);
    }
    let told = |(role, actions): (&str, Vec<&str>)| Obstacle {
        message: format!("the credentials lack {} in {scope}", actions.join(", ")),
        mend: format!(
            "az role assignment create --assignee \"$(az ad signed-in-user show --query id -o \
             tsv)\" --role \"{role}\" --scope {scope}"
        ),
        origin: None,
        blocks: false,
    };
    lacking.into_iter().map(told).collect()
}

/// Returns the permissions that making and reading the app's resources takes.
fn needed(wanted: &[Resource]) -> BTreeSet<&'static str> {
    let kinds: BTreeSet<_> = wanted.iter().map(|resource| resource.id.kind).collect();
    let specs = kinds::specs().iter().filter(|spec| kinds.contains(&spec.kind));
    specs
        .flat_map(|spec| spec.reads.iter().copied().chain(spec.permissions(Verb::Create)))
        .collect()
}

/// Returns where the credentials' permissions were looked at, and what they are: in the group, or
/// in the subscription while there is no group.
pub(crate) async fn allowed(cloud: &Cloud, group: &str) -> Result<(String, Vec<Json>), Failure> {
    let at = |scope: String| async move {
        let path = format!("{scope}/providers/Microsoft.Authorization/permissions");
        Ok::<_, Failure>((scope, cloud.arm.list(&path, AUTHORIZATION).await?))
    };
    let (group, found) = at(group.to_owned()).await?;
    // A list in a group that is not there is empty.
    if found.is_empty() { at(cloud.place.subscription_id()).await } else { Ok((group, found)) }
}

/// Returns whether any of the permissions allows an action: `actions` less `notActions`
/// (<https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions>).
pub(crate) fn may(had: &[Json], action: &str) -> bool {
    let fits = |permission: &Json, list: &str| {
        let patterns = permission.get(list).and_then(Json::as_array);
        let mut patterns = patterns.into_iter().flatten().filter_map(Json::as_str);
        patterns.any(|pattern| matches(pattern, action))
    };
    had.iter().any(|permission| fits(permission, "actions") && !fits(permission, "notActions"))
}

/// Returns whether a pattern with `*` for anything covers an action, whatever the case.
fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_lowercase(), action.to_lowercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = action.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{matches, may};

    #[test]
    fn actions_are_allowed_by_patterns_less_those_that_are_taken_out() {
        for (pattern, covered) in [
            ("*", true),
            ("Microsoft.Web/*", true),
            ("microsoft.web/SITES/write", true),
            ("*/write", true),
            ("Microsoft.*/sites/*", true),
            ("*/read", false),
            ("Microsoft.Web/sites", false),
            ("Microsoft.Storage/*", false),
            ("Microsoft.Web/*/write/*", false),
        ] {
            assert_eq!(matches(pattern, "Microsoft.Web/sites/write"), covered, "{pattern}");
        }
        let contributor =
            json!({"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"]});
        let had = [contributor];
        assert!(may(&had, "Microsoft.Web/sites/write"));
        assert!(!may(&had, "Microsoft.Authorization/roleAssignments/write"));
        let administrator = json!({"actions": ["Microsoft.Authorization/roleAssignments/write"]});
        let both = [had[0].clone(), administrator];
        assert!(may(&both, "Microsoft.Authorization/roleAssignments/write"));
    }
}
