//! What the credentials may not do, and what is in Google's roles today.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::Value as Json;
use updraft_contract::{CloudError, On, Permission, RoleContent, What};
use updraft_transport::Repeat;

use crate::client::Cloud;
use crate::errors::{Failure, absent};
use crate::raw::Ask;

/// The most permissions one request may ask for.
const AT_ONCE: usize = 100;

/// Returns which of `needed` the credentials have in this project, as far as its policy says.
pub(crate) async fn had<'p>(
    cloud: &Cloud,
    needed: impl IntoIterator<Item = &'p str>,
) -> Result<BTreeSet<String>, Failure> {
    had_in(cloud, &cloud.place.project_name(), needed).await
}

async fn had_in<'p>(
    cloud: &Cloud,
    project: &str,
    needed: impl IntoIterator<Item = &'p str>,
) -> Result<BTreeSet<String>, Failure> {
    let all: Vec<&str> = needed.into_iter().collect();
    let mut had = BTreeSet::new();
    for some in all.chunks(AT_ONCE) {
        let call = cloud.safe("resourcemanager.projects.testIamPermissions", |api| {
            let call = api.projects.test_iam_permissions().set_resource(project);
            call.set_permissions(some.iter().copied()).send()
        });
        had.extend(call.await?.permissions);
    }
    Ok(had)
}

/// What only a project can give, by how it starts: these services have no policies of their own things.
const OF_PROJECT: &[&str] = &[
    "cloudfunctions.operations.",
    "cloudscheduler.",
    "resourcemanager.projects.",
    "serviceusage.",
];

/// Returns whether only a project can give a permission. Things that are there may give theirs
/// themselves, which the project does not know of; whoever has one so must not be refused.
fn is_of_project(permission: &str) -> bool {
    let makes = permission.ends_with(".create") && !permission.starts_with("storage.objects.");
    makes || OF_PROJECT.iter().any(|start| permission.starts_with(start))
}

/// Returns what of `needed` the credentials surely lack: the same permissions with what is missing.
pub(crate) async fn lacking(
    cloud: &Cloud,
    needed: &[Permission],
) -> Result<Vec<Permission>, CloudError> {
    let mut lacking = Vec::new();
    for permission in needed {
        let (What::Role(role), On::These(on)) = (&permission.what, &permission.on) else {
            continue;
        };
        let Some(project) = on.iter().next().and_then(|it| it.as_text()) else { continue };
        let had = had_in(cloud, project, role.actions.iter().map(String::as_str)).await?;
        let without = role.actions.difference(&had).filter(|one| is_of_project(one));
        let actions: BTreeSet<String> = without.cloned().collect();
        if !actions.is_empty() {
            let what = What::Role(RoleContent { actions, ..role.clone() });
            lacking.push(Permission { what, ..permission.clone() });
        }
    }
    Ok(lacking)
}

/// Reads what is in roles today (<https://cloud.google.com/iam/docs/reference/rest/v1/roles/get>).
/// What is no role any more is left out.
pub(crate) async fn roles(
    cloud: &Cloud,
    ids: &BTreeSet<String>,
) -> Result<Vec<RoleContent>, CloudError> {
    let mut found = BTreeMap::new();
    for id in ids {
        let ask = Ask {
            operation: "iam.roles.get",
            method: Method::GET,
            host: "iam.googleapis.com",
            path: format!("/v1/{id}"),
            body: None,
        };
        if let Some(role) = absent(cloud.ask(Repeat::Safe, &ask).await)? {
            found.insert(id.clone(), content(id, &role));
        }
    }
    Ok(found.into_values().collect())
}

fn content(id: &str, role: &Json) -> RoleContent {
    let actions = role.get("includedPermissions").and_then(Json::as_array);
    let actions = actions.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned);
    let title = role.get("title").and_then(Json::as_str).unwrap_or(id).to_owned();
    RoleContent {
        id: id.to_owned(),
        title,
        custom: !id.starts_with("roles/"),
        actions: actions.collect(),
        ..RoleContent::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{content, is_of_project};

    #[test]
    fn what_a_thing_can_give_itself_is_not_said_to_be_missing() {
        for permission in ["iam.serviceAccounts.create", "cloudscheduler.jobs.update"] {
            assert!(is_of_project(permission), "{permission}");
        }
        for permission in
            ["iam.serviceAccounts.actAs", "storage.objects.create", "pubsub.topics.update"]
        {
            assert!(!is_of_project(permission), "{permission}");
        }
    }

    #[test]
    fn a_role_is_read_with_what_is_in_it() {
        let said = json!({"name": "roles/run.invoker", "title": "Cloud Run Invoker",
            "includedPermissions": ["run.routes.invoke", "run.jobs.run"], "etag": "x"});
        let role = content("roles/run.invoker", &said);
        assert_eq!(
            (role.title.as_str(), role.custom, role.actions.len()),
            ("Cloud Run Invoker", false, 2)
        );
    }
}
