//! What the identity that runs Updraft needs on an app, and how a custom role says it. Pure.
//!
//! It is read off the tables that the kinds are made and read by: an action stands here because
//! something asks for it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use updraft_contract::{
    App, Cloud, Effect, Kind, On, Permission, Reason, Resource, ResourceId, RoleContent, Side,
    Task, Value, What, When, Who,
};

use crate::access::{self, Right};
use crate::cosmos;
use crate::kinds::{
    self, COSMOS_ROLE_ASSIGNMENT, FUNCTION, RESOURCE_GROUP, SERVICE_BUS_NAMESPACE, STORAGE_ACCOUNT,
};
use crate::place::{Names, Place};
use crate::roles::Sort;
use crate::things::Thing;
use crate::triggers;

/// What every plan looks at in the subscription, whatever the app has.
const OF_SUBSCRIPTION: &[&str] = &[
    "Microsoft.Authorization/roleAssignments/read",
    "Microsoft.EventGrid/locations/eventSubscriptions/read",
    "Microsoft.Resources/subscriptions/read",
    "Microsoft.Resources/subscriptions/providers/read",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
];

/// The same where there are functions: which regions have the plan. Which runtimes and sizes they
/// offer is told to everybody, at an address that is in no subscription.
const OF_FUNCTIONS: &[&str] = &["Microsoft.Web/geoRegions/read"];

/// What is asked of a name that everybody's share, by the kind of what is to have it.
const NAMES: &[(Kind, &str)] = &[
    (FUNCTION, "Microsoft.Web/checknameavailability/read"),
    (SERVICE_BUS_NAMESPACE, "Microsoft.ServiceBus/checkNameAvailability/action"),
    (STORAGE_ACCOUNT, "Microsoft.Storage/checknameavailability/read"),
];

/// What every plan lists in the group: what is ours is found by listing, so that nothing that a
/// manifest no longer mentions is forgotten.
const OF_GROUP: &[&str] = &[
    "Microsoft.Authorization/roleAssignments/read",
    "Microsoft.Authorization/roleDefinitions/read",
    "Microsoft.Insights/components/read",
    "Microsoft.ManagedIdentity/userAssignedIdentities/read",
    "Microsoft.OperationalInsights/workspaces/read",
    "Microsoft.ServiceBus/namespaces/read",
    "Microsoft.Storage/storageAccounts/read",
    "Microsoft.Web/serverfarms/read",
    "Microsoft.Web/sites/read",
];

/// Who deploys, which no manifest says.
const DEPLOYER: &str = "deployer";

/// Returns what a task takes on an app, scope by scope.
///
/// What is in a group that Updraft makes is given in the subscription: there is no group yet to
/// give it in.
pub(crate) fn permissions(place: &Place, app: &App, task: Task) -> Vec<Permission> {
    let app = app.on(Cloud::Azure);
    let names = place.names(&app.project, &app.stage);
    let wanted = triggers::desired(place, &app).unwrap_or_default();
    let kinds: BTreeSet<_> = wanted.iter().map(|resource| resource.id.kind).collect();
    let whole = place.subscription_id();
    let group = if place.resource_group.is_some() { names.group_id() } else { whole.clone() };
    let mut needed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut need = |scope: &str, actions: &[&str]| {
        let all = needed.entry(scope.to_owned()).or_default();
        all.extend(actions.iter().map(|it| (*it).to_owned()));
    };
    need(&whole, OF_SUBSCRIPTION);
    need(&group, OF_GROUP);
    if !app.functions.is_empty() {
        need(&whole, OF_FUNCTIONS);
    }
    for (_, asked) in NAMES.iter().filter(|(kind, _)| kinds.contains(kind)) {
        need(&whole, &[asked]);
    }
    for spec in kinds::specs().iter().filter(|spec| kinds.contains(&spec.kind)) {
        let at = match spec.kind {
            RESOURCE_GROUP => BTreeSet::from([whole.clone()]),
            COSMOS_ROLE_ASSIGNMENT => accounts(names, &wanted),
            _ => BTreeSet::from([group.clone()]),
        };
        for at in &at {
            need(at, spec.reads);
            if task == Task::Apply {
                spec.grants.iter().for_each(|grant| need(at, grant.permissions));
            }
        }
    }
    for action in of_others(names, &app, task) {
        need(&whole, &[action]);
    }
    let title = title(&app, task);
    needed.into_iter().map(|(scope, all)| permission(&title, &scope, all)).collect()
}

/// Returns the accounts of Cosmos DB, which are others', that rights are given in.
fn accounts(names: Names<'_>, wanted: &[Resource]) -> BTreeSet<String> {
    let given = wanted.iter().filter(|resource| resource.id.kind == COSMOS_ROLE_ASSIGNMENT);
    let on = given.filter_map(|resource| Right::of(&resource.id)?.on.id(names));
    on.map(|on| cosmos::apart(&on).0.to_owned()).collect()
}

/// Returns what is asked of things of others that the app uses: where they are, whether they are
/// there, and the right to give rights on them.
fn of_others(names: Names<'_>, app: &App, task: Task) -> BTreeSet<&'static str> {
    let mut needed = BTreeSet::new();
    for function in &app.functions {
        for need in access::needs(names, app, function) {
            let looked: &[&str] = match need.right.on.sort {
                _ if need.right.on.is_ours() => continue,
                // Its kind has said all it takes.
                Sort::Cosmos(_) => continue,
                Sort::Container => &[
                    "Microsoft.Storage/storageAccounts/read",
                    "Microsoft.Storage/storageAccounts/blobServices/containers/read",
                ],
                Sort::Queue => &[
                    "Microsoft.Storage/storageAccounts/read",
                    "Microsoft.Storage/storageAccounts/queueServices/queues/read",
                ],
                Sort::BusQueue => &[
                    "Microsoft.ServiceBus/namespaces/read",
                    "Microsoft.ServiceBus/namespaces/queues/read",
                ],
                Sort::Secret => {
                    &["Microsoft.KeyVault/vaults/read", "Microsoft.KeyVault/vaults/secrets/read"]
                }
                Sort::Account
                | Sort::Insights
                | Sort::Table
                | Sort::Topic
                | Sort::TopicSubscription
                | Sort::Hub
                | Sort::ConsumerGroup
                | Sort::GridTopic
                | Sort::Key => &[],
            };
            needed.extend(looked);
            if task == Task::Apply {
                needed.insert("Microsoft.Authorization/roleAssignments/write");
                needed.insert("Microsoft.Authorization/roleAssignments/delete");
            }
        }
        for entry in &function.triggers {
            let updraft_contract::Trigger::Storage { bucket, .. } = &entry.trigger else {
                continue;
            };
            let thing = Thing::of(app, updraft_contract::ResourceType::Bucket, bucket);
            if let Some(Thing::Theirs { .. }) = thing {
                needed.insert("Microsoft.EventGrid/eventSubscriptions/read");
                needed.insert("Microsoft.Storage/storageAccounts/read");
                if task == Task::Apply {
                    needed.insert("Microsoft.EventGrid/eventSubscriptions/write");
                    needed.insert("Microsoft.EventGrid/eventSubscriptions/delete");
                }
            }
        }
    }
    needed
}

/// Returns what a role is called: who plans has another one than who applies.
fn title(app: &App, task: Task) -> String {
    let who = match task {
        Task::Plan => "planner",
        Task::Apply => "deployer",
    };
    format!("Updraft {who} of {}/{}", app.project, app.stage)
}

fn permission(title: &str, scope: &str, actions: BTreeSet<String>) -> Permission {
    let title = title.to_owned();
    let content = RoleContent { title, custom: true, actions, ..RoleContent::default() };
    Permission {
        cloud: Cloud::Azure,
        function: String::new(),
        side: Side::Deploys,
        who: Who::Holder(Value::from(DEPLOYER)),
        effect: Effect::Allow,
        what: What::Role(content),
        on: On::These(BTreeSet::from([Value::from(scope)])),
        when: When::Always,
        carrier: ResourceId { kind: kinds::ROLE_DEFINITION, name: DEPLOYER.to_owned() },
        reasons: BTreeSet::from([Reason::platform("deploying")]),
    }
}

/// Returns the scope that a permission is for.
pub(crate) fn scope(permission: &Permission) -> Option<&str> {
    match &permission.on {
        On::These(all) => all.iter().next()?.as_text(),
        On::AllBut(_) | On::Carrier => None,
    }
}

/// Writes permissions as custom roles, as `az role definition create --role-definition` takes them
/// (<https://learn.microsoft.com/azure/role-based-access-control/custom-roles-cli>).
pub(crate) fn written(permissions: &[Permission]) -> Vec<(String, String)> {
    permissions.iter().filter_map(document).collect()
}

/// Returns where a role is kept that is to be given at `scope`: no role is kept in less than a group
/// (<https://learn.microsoft.com/azure/role-based-access-control/custom-roles-limits>).
fn assignable(scope: &str) -> &str {
    scope.split_once("/providers/").map_or(scope, |(group, _)| group)
}

/// Names a scope in a role's name: names of roles are a whole directory's, which has groups of one name in several
/// subscriptions.
fn place(scope: &str) -> String {
    let parts: Vec<&str> = scope.trim_start_matches('/').split('/').collect();
    let pairs = parts.iter().zip(parts.iter().skip(1)).step_by(2);
    // What is in a group has a provider before it, which is no name.
    let names = pairs.filter(|(kind, _)| **kind != "providers").map(|(_, name)| *name);
    names.collect::<Vec<_>>().join("/")
}

fn document(permission: &Permission) -> Option<(String, String)> {
    let What::Role(role) = &permission.what else { return None };
    let scope = scope(permission)?;
    let name = format!("{} in {}", role.title, place(scope));
    let document = json!({
        "Name": name,
        "IsCustom": true,
        "Description": format!("az role assignment create --assignee MEMBER --scope {scope} \
            --role \"{name}\""),
        "Actions": role.actions,
        "NotActions": role.not_actions,
        "DataActions": role.data_actions,
        "NotDataActions": role.not_data_actions,
        "AssignableScopes": [assignable(scope)],
    });
    Some((name, serde_json::to_string_pretty(&document).ok()?))
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_scope_is_named_by_what_it_is_in() {
        for (scope, named) in [
            ("/subscriptions/s", "s"),
            ("/subscriptions/s/resourceGroups/g", "s/g"),
            ("/subscriptions/s/resourceGroups/my.group", "s/my.group"),
            (
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.DocumentDB/databaseAccounts/a",
                "s/g/a",
            ),
        ] {
            assert_eq!(place(scope), named);
        }
    }
}
