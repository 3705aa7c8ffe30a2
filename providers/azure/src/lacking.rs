//! What the credentials may not do, and what is in Azure's roles today.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use updraft_contract::{CloudError, Live, Permission, RoleContent, Scope, TakenOn, What};

use crate::api::AUTHORIZATION;
use crate::client::Cloud;
use crate::deployer::scope;
use crate::ids::Id;
use crate::preflight::{allowed, may};
use crate::survey::text;

/// Returns what of `needed` the credentials lack: the same permissions with what is missing. It is
/// looked at in the group, where what they have in the subscription counts, too; and in the
/// subscription while there is no group. What is taken on live resources alone may be given there.
pub(crate) async fn lacking(
    cloud: &Cloud,
    scope_of: &Scope,
    (needed, on): (&[Permission], &TakenOn),
) -> Result<Vec<Permission>, CloudError> {
    let (whole, group) = (cloud.place.subscription_id(), cloud.place.names_in(scope_of).group_id());
    let mut had_on = BTreeMap::new();
    let mut lacking = Vec::new();
    for permission in needed {
        let (What::Role(role), Some(scope)) = (&permission.what, scope(permission)) else {
            continue;
        };
        let scope = if scope == whole { &group } else { scope };
        let (_, had) = allowed(cloud, scope).await?;
        let mut actions = BTreeSet::new();
        for action in role.actions.iter().filter(|action| !may(&had, action)) {
            let there = on.get(&action.to_ascii_lowercase()).map(Vec::as_slice).unwrap_or_default();
            if !on_each(cloud, &mut had_on, (action, there)).await? {
                actions.insert(action.clone());
            }
        }
        if !actions.is_empty() {
            let what = What::Role(RoleContent { actions, ..role.clone() });
            lacking.push(Permission { what, ..permission.clone() });
        }
    }
    Ok(lacking)
}

/// Returns whether the credentials have an action on each of these resources. It is false of none.
async fn on_each(
    cloud: &Cloud,
    had_on: &mut BTreeMap<String, Vec<Json>>,
    (action, there): (&str, &[Live]),
) -> Result<bool, CloudError> {
    for live in there {
        let Some(place) = live.outputs.get("id").map(|id| place(id)) else { return Ok(false) };
        if !had_on.contains_key(&place) {
            let had = allowed(cloud, &place).await?.1;
            had_on.insert(place.clone(), had);
        }
        if !had_on.get(&place).is_some_and(|had| may(had, action)) {
            return Ok(false);
        }
    }
    Ok(!there.is_empty())
}

/// Returns where roles are given on a resource: on itself or, if it is an extension, such as a role
/// assignment, on what it extends.
fn place(id: &str) -> String {
    let extended = Id::of(id).scope;
    if extended.contains("/providers/") { extended } else { id.to_owned() }
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

    use super::{content, place};

    #[test]
    fn rights_on_an_extension_are_given_on_what_it_extends() {
        let account =
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a";
        let assignment = format!("{account}/providers/Microsoft.Authorization/roleAssignments/r");
        assert_eq!((place(account), place(&assignment)), (account.to_owned(), account.to_owned()));
        let in_group = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/f";
        assert_eq!(place(in_group), in_group);
    }

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
