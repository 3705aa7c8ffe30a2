//! Role definitions: Azure's own, and custom ones.
//!
//! Source: <https://learn.microsoft.com/rest/api/authorization/role-definitions> and
//! <https://learn.microsoft.com/azure/role-based-access-control/custom-roles>.

use serde_json::{Value, json};

use super::{ASSIGNMENT, BUILT_IN, BuiltIn, DEFINITION, OWNER, VERSIONS, custom, matches};
use crate::azure::engine;
use crate::azure::paging;
use crate::azure::path::{same, within};
use crate::azure::put::Put;
use crate::azure::refusals::{conflict, front, invalid};
use crate::azure::service::{Method, ResourceType};
use crate::azure::shape::Shape;
use crate::azure::shelf::{self, Resource};
use crate::azure::types;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// Role definitions.
pub(in crate::azure) static DEFINITIONS: ResourceType = ResourceType {
    methods: &[
        Method::list(list).query(&["$filter"]),
        Method::get(get),
        Method::put(&BODY, put),
        Method::delete(delete),
    ],
    ..ResourceType::extension(DEFINITION, VERSIONS)
};

const PATTERNS: Shape = Shape::List(&Shape::Text);

static BODY: Shape = Shape::Object(&[(
    "properties",
    Shape::Required(&Shape::Object(&[
        ("roleName", Shape::Required(&Shape::Text)),
        ("description", Shape::Text),
        ("type", Shape::Choice(&["CustomRole"])),
        (
            "permissions",
            Shape::Required(&Shape::List(&Shape::Object(&[
                ("actions", PATTERNS),
                ("notActions", PATTERNS),
                ("dataActions", PATTERNS),
                ("notDataActions", PATTERNS),
                ("condition", Shape::NotModelled),
                ("conditionVersion", Shape::NotModelled),
            ]))),
        ),
        ("assignableScopes", Shape::Required(&PATTERNS)),
        ("createdOn", Shape::ReadOnly),
        ("updatedOn", Shape::ReadOnly),
        ("createdBy", Shape::ReadOnly),
        ("updatedBy", Shape::ReadOnly),
    ])),
)]);

fn id(subscription: &str, guid: &str) -> String {
    format!("/subscriptions/{subscription}/providers/{DEFINITION}/{guid}")
}

fn missing(guid: &str) -> Refusal {
    let message = format!("The specified role definition with ID '{guid}' does not exist.");
    Refusal::new(404, "RoleDefinitionDoesNotExist", message)
}

/// The GUID of a role that can be assigned at a scope.
pub(super) fn assignable(tx: &Tx, definition: &str, scope: &str) -> Result<String, Refusal> {
    let guid = definition.rsplit('/').next().unwrap_or_default();
    if let Some(role) = BUILT_IN.iter().find(|role| same(role.guid, guid)) {
        return Ok(role.guid.to_owned());
    }
    let role = custom(tx, guid)?.ok_or_else(|| missing(guid))?;
    if scopes(&role).iter().any(|at| within(scope, at)) {
        return Ok(role.name);
    }
    // Outside its assignable scopes a custom role is not found.
    Err(missing(guid))
}

fn scopes(role: &Resource) -> Vec<&str> {
    let scopes = role.properties.get("assignableScopes").and_then(Value::as_array);
    scopes.into_iter().flatten().filter_map(Value::as_str).collect()
}

fn show_built_in(role: &BuiltIn, subscription: &str) -> Value {
    let permission = role.permission();
    json!({
        "id": id(subscription, role.guid),
        "name": role.guid,
        "type": DEFINITION,
        "properties": {
            "roleName": role.name,
            "type": "BuiltInRole",
            "description": "",
            "assignableScopes": ["/"],
            "permissions": [{
                "actions": permission.actions,
                "notActions": permission.not_actions,
                "dataActions": permission.data_actions,
                "notDataActions": permission.not_data_actions,
            }],
            "createdBy": null,
            "updatedBy": null,
        },
    })
}

fn get(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let guid = request.label("name");
    if let Some(role) = BUILT_IN.iter().find(|role| same(role.guid, guid)) {
        return Ok(Reply::json(show_built_in(role, &request.account)));
    }
    let role = custom(tx, guid)?.ok_or_else(|| missing(guid))?;
    Ok(Reply::json(engine::envelope(&role, context)))
}

fn list(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let text = request.query("$filter").unwrap_or_default();
    let quoted = |name: &str| {
        let rest = text.strip_prefix(name)?.strip_prefix(" eq '")?;
        rest.strip_suffix('\'').filter(|value| !value.contains('\''))
    };
    let (kind, name) = (quoted("type"), quoted("roleName"));
    if !text.is_empty() && kind.is_none() && name.is_none() {
        return Err(Refusal::not_modelled(&format!("the filter {text} of role definitions")));
    }
    let mut shown = Vec::new();
    if kind.is_none_or(|kind| same(kind, "BuiltInRole")) {
        shown.extend(BUILT_IN.iter().map(|role| show_built_in(role, &request.account)));
    }
    if kind.is_none_or(|kind| same(kind, "CustomRole")) {
        for role in shelf::all(tx, "", DEFINITION)? {
            let scope = request.label("scope");
            if scopes(&role).iter().any(|at| within(scope, at) || within(at, scope)) {
                shown.push(engine::envelope(&role, context));
            }
        }
    }
    shown.retain(|role| {
        name.is_none_or(|name| {
            role.pointer("/properties/roleName").and_then(Value::as_str) == Some(name)
        })
    });
    paging::answer(request, context, shown)
}

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let guid = request.label("name");
    if uuid::Uuid::parse_str(guid).is_err() {
        let message = format!(
            "The role definition ID '{guid}' is not valid. The role definition ID must be a GUID."
        );
        return Err(invalid("InvalidRoleDefinitionId", message));
    }
    if BUILT_IN.iter().any(|role| same(role.guid, guid)) {
        let message = "Built-in roles cannot be changed.";
        return Err(Refusal::new(403, "RoleDefinitionIsBuiltIn", message));
    }
    // A role is one thing whatever scope it is asked for at; it outlives the groups it can be assigned in.
    let mut request = request.clone();
    request.labels.insert("id".to_owned(), id(&request.account, guid));
    let mut put = Put::begin(&request, tx, context)?;
    check(tx, &put.resource, &request)?;
    put.resource.set("type", "CustomRole");
    for (name, empty) in [("description", ""), ("createdBy", OWNER), ("updatedBy", OWNER)] {
        if put.resource.text(name).is_empty() {
            put.resource.set(name, empty);
        }
    }
    let (created, changed) = (put.resource.created.iso_millis(), put.resource.changed.iso_millis());
    put.resource.set("createdOn", created);
    put.resource.set("updatedOn", changed);
    put.resource.state = String::new();
    put.done_with(tx, context, 201)
}

fn check(tx: &Tx, role: &Resource, request: &Request) -> Result<(), Refusal> {
    let name = role.text("roleName");
    let taken = shelf::all(tx, "", DEFINITION)?
        .iter()
        .any(|other| !same(&other.name, &role.name) && same(other.text("roleName"), name));
    if taken || BUILT_IN.iter().any(|role| same(role.name, name)) {
        let message = "A role definition cannot be updated with a name that already exists.";
        return Err(conflict("RoleDefinitionWithSameNameExists", message));
    }
    let scopes = scopes(role);
    if scopes.is_empty() || scopes.contains(&"/") {
        let message = "The role definition has no valid assignable scope. Custom roles are assignable in \
                       subscriptions, management groups and resource groups.";
        return Err(invalid("InvalidAssignableScopes", message));
    }
    let subscription = format!("/subscriptions/{}", request.account);
    for scope in scopes {
        let there = same(scope, &subscription) || shelf::find(tx, scope)?.is_some();
        if !within(scope, &subscription) || !there {
            let message = format!("The assignable scope '{scope}' could not be found.");
            return Err(front(404, "LinkedResourceNotFound", message));
        }
    }
    actions(role)
}

/// Refuses actions that no provider has.
fn actions(role: &Resource) -> Result<(), Refusal> {
    let permissions = role.properties.get("permissions").and_then(Value::as_array);
    for permission in permissions.into_iter().flatten() {
        for (member, data) in [
            ("actions", false),
            ("notActions", false),
            ("dataActions", true),
            ("notDataActions", true),
        ] {
            let patterns = permission.get(member).and_then(Value::as_array);
            for pattern in patterns.into_iter().flatten().filter_map(Value::as_str) {
                if !(pattern == "*" || if data { is_data(pattern) } else { is_control(pattern) }) {
                    let message = format!(
                        "'{pattern}' does not match any of the actions supported by the providers."
                    );
                    return Err(invalid("InvalidActionOrNotAction", message));
                }
            }
        }
    }
    Ok(())
}

fn is_control(pattern: &str) -> bool {
    let namespace = pattern.split('/').next().unwrap_or_default();
    namespace == "*" || types::is_elsewhere(namespace) || types::of(namespace).next().is_some()
}

fn is_data(pattern: &str) -> bool {
    DATA_ACTIONS.iter().any(|action| matches(pattern, action))
}

/// The actions of data planes (<https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations>).
const DATA_ACTIONS: &[&str] = &[
    "Microsoft.EventGrid/events/send/action",
    "Microsoft.Insights/Metrics/Write",
    "Microsoft.Insights/Telemetry/Write",
    "Microsoft.KeyVault/vaults/secrets/getSecret/action",
    "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
    "Microsoft.KeyVault/vaults/secrets/setSecret/action",
    "Microsoft.ServiceBus/namespaces/messages/receive/action",
    "Microsoft.ServiceBus/namespaces/messages/send/action",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/filter/action",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/move/action",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags/read",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags/write",
    "Microsoft.Storage/storageAccounts/queueServices/queues/messages/add/action",
    "Microsoft.Storage/storageAccounts/queueServices/queues/messages/delete",
    "Microsoft.Storage/storageAccounts/queueServices/queues/messages/process/action",
    "Microsoft.Storage/storageAccounts/queueServices/queues/messages/read",
    "Microsoft.Storage/storageAccounts/queueServices/queues/messages/write",
    "Microsoft.Storage/storageAccounts/tableServices/tables/entities/read",
    "Microsoft.Storage/storageAccounts/tableServices/tables/entities/write",
];

/// Deletes one and answers with it.
fn delete(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let Some(role) = custom(tx, request.label("name"))? else { return Ok(Reply::empty(204)) };
    let assignments = shelf::all(tx, "", ASSIGNMENT)?;
    let used = |assignment: &Resource| {
        let id = assignment.text("roleDefinitionId");
        id.rsplit('/').next().is_some_and(|guid| same(guid, &role.name))
    };
    if assignments.iter().any(used) {
        let message = "There are existing role assignments referencing role.";
        return Err(invalid("RoleDefinitionHasAssignments", message));
    }
    shelf::remove(tx, context, &role.id)?;
    Ok(Reply::json(engine::envelope(&role, context)).did(Effect::Delete, role.id))
}
