//! What the credentials may not do, and what is in Azure's roles today.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use updraft_contract::{CloudError, Permission, RoleContent, Scope, What};

use crate::api::AUTHORIZATION;
use crate::client::Cloud;
use crate::deployer::scope;
use crate::preflight::{allowed, may};
use crate::survey::text;

/// Returns what of `needed` the credentials lack: the same permissions with what is missing. It is
/// looked at in the group, where what they have in the subscription counts, too; and in the
/// subscription while there is no group.
pub(crate) async fn lacking(
    cloud: &Cloud,
    (scope_of, needed): (&Scope, &[Permission]),
) -> Result<Vec<Permission>, CloudError> {
    let (whole, group) = (cloud.place.subscription_id(), cloud.place.names_in(scope_of).group_id());
    let mut lacking = Vec::new();
    for permission in needed {
        let (What::Role(role), Some(scope)) = (&permission.what, scope(permission)) else {
            continue;
        };
        let scope = if scope == whole { &group } else { scope };
        let (_, had) = allowed(cloud, scope).await?;
        let without = role.actions.iter().filter(|action| !may(&had, action));
        let actions: BTreeSet<String> = without.cloned().collect();
        if !actions.is_empty() {
            let what = What::Role(RoleContent { actions, ..role.clone() });
            lacking.push(Permission { what, ..permission.clone() });
        }
    }
    Ok(lacking)
}

/// Reads what is in roles today
/// (<https://learn.microsoft.com/rest/api/authorization/role-definitions/get>). What is no role any
/// more is left out.
pub(crate) async fn roles(
    cloud: &Cloud,
    ids: &BTreeSet<String>,
) -> Result<Vec<RoleContent>, CloudError> {
    let mut found = Vec::new();
    for id in ids {
        if let Some(role) = cloud.arm.get(&cloud.place.role(id), AUTHORIZATION).await? {
            found.push(content(id, &role));
        }
    }
    Ok(found)
}

fn content(id: &str, role: &Json) -> RoleContent {
    let properties = role.get("properties").unwrap_or(&Json::Null);
    let permissions = properties.get("permissions").and_then(Json::as_array);
    let permissions: Vec<&Json> = permissions.into_iter().flatten().collect();
    let all = |name: &str| {
        let lists = permissions.iter().filter_map(|it| it.get(name)?.as_array());
        lists.flatten().filter_map(Json::as_str).map(str::to_owned).collect()
    };
    RoleContent {
        id: id.to_owned(),
        title: text(properties, "roleName").to_owned(),
        custom: text(properties, "type").eq_ignore_ascii_case("CustomRole"),
        actions: all("actions"),
        not_actions: all("notActions"),
        data_actions: all("dataActions"),
        not_data_actions: all("notDataActions"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::content;

    #[test]
    fn a_role_is_read_with_what_is_in_it() {
        let role = content(
            "g",
            &json!({"properties": {"roleName": "Reader", "type": "BuiltInRole",
            "permissions": [{"actions": ["*/read"], "notActions": [], "dataActions": ["x"]}]}}),
        );
        assert_eq!((role.title.as_str(), role.custom), ("Reader", false));
        assert_eq!((role.actions.len(), role.data_actions.len()), (1, 1));
    }
}
