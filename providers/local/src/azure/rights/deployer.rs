//! What the caller may do once the settings say so, and what a request to ARM asks for.
//!
//! Source: <https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations>; linked access
//! checks as each resource's "Permissions" section has them.

use serde_json::Value;

use super::{Permission, any, matches};
use crate::azure::path::{same, within};
use crate::judge::{Deployer, Role};
use crate::wire::Request;

/// One action, and the scope it is asked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// `Microsoft.Web/sites/write`.
    pub(super) action: String,
    /// The id of a resource.
    pub(super) scope: String,
}

/// What ARM's front asks of nobody: whoever has a token may ask what it may do, follow an operation with its address,
/// and query the resources it may read.
const FREE: &[&str] = &[
    "Microsoft.Authorization/permissions/read",
    "Microsoft.ResourceGraph/resources/action",
    "Microsoft.Resources/locations/operationResults/read",
    "Microsoft.Resources/locations/operationStatuses/read",
];

/// What a request asks: its own action; of the caller also those on what it links to, and nothing where that is free.
pub(super) fn asked(request: &Request, of_caller: bool) -> Vec<Asked> {
    let action = request.action.as_str();
    let scope = request.label("id").to_owned();
    if !of_caller {
        return vec![Asked { action: action.to_owned(), scope }];
    }
    let tail = ["/locations/operationStatuses/read", "/locations/operationResults/read"];
    // What a region offers is told to everybody: no role could be given where that is asked.
    let told = scope.starts_with("/providers/") && action.ends_with("/read");
    let free = FREE.iter().any(|free| same(free, action));
    if free || told || tail.iter().any(|tail| action.ends_with(tail)) {
        return Vec::new();
    }
    let own = match action.strip_prefix("Microsoft.Resources/subscriptions/providers/") {
        // Registering is an action of the provider itself.
        Some("register/action") => format!("{}/register/action", request.label("namespace")),
        Some(_) | None => documented(action).to_owned(),
    };
    let mut asked = vec![Asked { action: own, scope }];
    asked.extend(linked(request));
    asked
}

/// What an operation is called where its provider does not name it after its method.
fn documented(action: &str) -> &str {
    let row = NAMED.iter().find(|(method, _)| same(method, action));
    row.map_or(action, |(_, name)| name)
}

/// Sends of names to be looked at that count as reading.
const NAMED: &[(&str, &str)] = &[
    (
        "Microsoft.Storage/checkNameAvailability/action",
        "Microsoft.Storage/checknameavailability/read",
    ),
    ("Microsoft.Web/checkNameAvailability/action", "Microsoft.Web/checknameavailability/read"),
];

fn linked(request: &Request) -> Vec<Asked> {
    let body = request.json().unwrap_or(Value::Null);
    let at = |path: &str| body.pointer(path).and_then(Value::as_str);
    let one =
        |action: &str, scope: &str| Asked { action: action.to_owned(), scope: scope.to_owned() };
    match request.action.as_str() {
        "Microsoft.Web/sites/write" => {
            let identities =
                body.pointer("/identity/userAssignedIdentities").and_then(Value::as_object);
            let assign = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action";
            let given = identities.into_iter().flatten().map(|(id, _)| one(assign, id));
            let plan = at("/properties/serverFarmId");
            let plan = plan.map(|id| one("Microsoft.Web/serverfarms/join/action", id));
            given.chain(plan).collect()
        }
        "Microsoft.EventGrid/eventSubscriptions/write" => {
            // Whoever has events sent to a function must be allowed to change it.
            let function = at("/properties/destination/properties/resourceId")
                .filter(|_| at("/properties/destination/endpointType") == Some("AzureFunction"));
            function.map(|id| one("Microsoft.Web/sites/functions/write", id)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

impl Deployer {
    /// Whether the roles allow an action of the control plane at a scope.
    pub(super) fn manages(&self, asked: &Asked) -> bool {
        self.azure.iter().any(|role| {
            covers(role, &asked.scope)
                && any(&role.actions, &asked.action)
                && !any(&role.not_actions, &asked.action)
        })
    }

    /// What the roles that count at a scope allow.
    pub(super) fn at(&self, scope: &str) -> Vec<Permission> {
        let shown = |role: &Role| Permission {
            actions: role.actions.clone(),
            not_actions: role.not_actions.clone(),
            data_actions: role.data_actions.clone(),
            not_data_actions: role.not_data_actions.clone(),
        };
        self.azure.iter().filter(|role| covers(role, scope)).map(shown).collect()
    }

    /// Whether the roles allow an action of a data plane at a scope.
    pub(super) fn uses(&self, action: &str, scope: &str) -> bool {
        self.azure.iter().any(|role| {
            covers(role, scope)
                && any(&role.data_actions, action)
                && !role.not_data_actions.iter().any(|pattern| matches(pattern, action))
        })
    }
}

fn covers(role: &Role, scope: &str) -> bool {
    role.scopes.is_empty() || role.scopes.iter().any(|own| within(scope, own))
}
