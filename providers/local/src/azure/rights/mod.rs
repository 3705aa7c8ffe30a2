//! Who may do what: role assignments and definitions, as data planes and ARM itself ask.
//!
//! The caller whose token was not made here is the owner of the subscription: it may do everything but what the
//! settings deny. A managed identity may do what its role assignments say, once they are in force.

mod assignments;
mod definitions;
mod deployer;
mod permissions;
mod roles;

use serde::Deserialize;
use serde_json::Value;

pub(super) use assignments::ASSIGNMENTS;
pub(super) use definitions::DEFINITIONS;
use deployer::Asked;
pub(super) use permissions::PERMISSIONS;
use roles::{BUILT_IN, BuiltIn};

use super::path::{same, within};
use super::refusals::front;
use super::shelf::{self, Resource};
use super::token::{self, Principal};
use crate::clock::Moment;
use crate::cloud::Context;
use crate::store::Tx;
use crate::token::is_own;
use crate::wire::{Refusal, Request};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The owner of the subscription.
    Owner,
    /// A managed identity.
    Identity(Principal),
    /// Whoever has a key of the resource itself: no roles are asked.
    Key,
}

/// Which of a role's lists an action stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// What is done through ARM, and through data planes that are administered like it.
    Control,
    /// What is done on data planes.
    Data,
}

/// Whether somebody may do something at a scope: the caller by the settings, an identity by its roles.
pub(crate) fn allows(
    tx: &Tx,
    context: &Context<'_>,
    caller: &Caller,
    (side, action, scope): (Side, &str, &str),
) -> Result<bool, Refusal> {
    let asked = || Asked { action: action.to_owned(), scope: scope.to_owned() };
    Ok(match (caller, side, context.deployer) {
        (Caller::Key, _, _) | (Caller::Owner, _, None) => true,
        (Caller::Owner, Side::Control, Some(deployer)) => {
            context.asked.note("azure", action, scope);
            deployer.manages(&asked())
        }
        (Caller::Owner, Side::Data, Some(deployer)) => {
            context.asked.note("azure", action, scope);
            deployer.uses(action, scope)
        }
        (Caller::Identity(identity), Side::Control, _) => {
            may_manage(tx, context, &identity.id, action, scope)?
        }
        (Caller::Identity(identity), Side::Data, _) => {
            may(tx, context, &identity.id, action, scope)?
        }
    })
}

/// Who sent a request; `None` when it bears no token, or one that was made here and is too old.
pub(crate) fn caller(request: &Request, now: Moment) -> Option<Caller> {
    let (kind, token) = request.header("authorization")?.split_once(' ')?;
    if !same(kind, "Bearer") || token.trim().is_empty() {
        return None;
    }
    match token::read(token.trim(), now) {
        Some(principal) => Some(Caller::Identity(principal)),
        None => (!is_own(token.trim())).then_some(Caller::Owner),
    }
}

/// The api-versions of the provider.
const VERSIONS: &[&str] = &["2022-04-01"];

/// What a role allows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Permission {
    /// What may be done through ARM.
    pub(super) actions: Vec<String>,
    /// What of that may not.
    pub(super) not_actions: Vec<String>,
    /// What may be done on data planes.
    pub(super) data_actions: Vec<String>,
    /// What of that may not.
    pub(super) not_data_actions: Vec<String>,
}

/// Whether the principal's role assignments let it do `data_action` on the resource `scope`, now.
///
/// `scope` is a resource id: `…/blobServices/default/containers/c`.
pub(crate) fn may(
    tx: &Tx,
    context: &Context<'_>,
    principal: &str,
    data_action: &str,
    scope: &str,
) -> Result<bool, Refusal> {
    let granted = permissions(tx, context, principal, scope)?;
    Ok(granted.iter().any(|permission| permission.data(data_action)))
}

/// The same for what is done through ARM.
pub(crate) fn may_manage(
    tx: &Tx,
    context: &Context<'_>,
    principal: &str,
    action: &str,
    scope: &str,
) -> Result<bool, Refusal> {
    let granted = permissions(tx, context, principal, scope)?;
    Ok(granted.iter().any(|permission| permission.control(action)))
}

/// Refuses ARM's callers what they may not do.
pub(super) fn admit(tx: &Tx, context: &Context<'_>, request: &Request) -> Result<(), Refusal> {
    let Some(caller) = caller(request, context.now) else {
        let message = "The access token has expired. Please re-authenticate.";
        return Err(front(401, "ExpiredAuthenticationToken", message));
    };
    let who = match &caller {
        Caller::Owner | Caller::Key => OWNER,
        Caller::Identity(principal) => &*principal.id,
    };
    // A managed identity is asked for the action itself: who deploys is asked for what that links to as well.
    let mut refused = None;
    for one in deployer::asked(request, caller == Caller::Owner) {
        let kept = caller == Caller::Owner && denied(context, &one.action);
        if kept || !allows(tx, context, &caller, (Side::Control, &one.action, &one.scope))? {
            refused = Some(one);
            break;
        }
    }
    let Some(Asked { action, scope }) = refused else { return Ok(()) };
    let message = format!(
        "The client '{who}' with object id '{who}' does not have authorization to perform action '{action}' over \
         scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials."
    );
    Err(front(403, "AuthorizationFailed", message).about(&action, &scope))
}

/// The object id of the subscription's owner.
pub(in crate::azure) const OWNER: &str = "22222222-2222-2222-2222-222222222222";

/// Whether the settings deny the owner an action.
fn denied(context: &Context<'_>, action: &str) -> bool {
    context.settings.denied_permissions.iter().any(|pattern| matches(pattern, action))
}

/// The type of role assignments.
pub(super) const ASSIGNMENT: &str = "Microsoft.Authorization/roleAssignments";

/// The type of role definitions.
pub(super) const DEFINITION: &str = "Microsoft.Authorization/roleDefinitions";

/// What the principal's assignments that are in force at `scope` allow.
pub(super) fn permissions(
    tx: &Tx,
    context: &Context<'_>,
    principal: &str,
    scope: &str,
) -> Result<Vec<Permission>, Refusal> {
    let mut granted = Vec::new();
    for assignment in shelf::all(tx, "", ASSIGNMENT)? {
        let in_force = assignment.created.plus(context.settings.iam_policy_ms) <= context.now;
        let theirs = same(assignment.text("principalId"), principal);
        if in_force && theirs && within(scope, assignment.text("scope")) {
            granted.extend(of_role(tx, assignment.text("roleDefinitionId"))?);
        }
    }
    Ok(granted)
}

/// What a role allows, by the id of its definition.
pub(super) fn of_role(tx: &Tx, definition: &str) -> Result<Vec<Permission>, Refusal> {
    let guid = definition.rsplit('/').next().unwrap_or_default();
    if let Some(role) = BUILT_IN.iter().find(|role| same(role.guid, guid)) {
        return Ok(vec![role.permission()]);
    }
    let Some(role) = custom(tx, guid)? else { return Ok(Vec::new()) };
    let permissions = role.properties.get("permissions").cloned().unwrap_or(Value::Null);
    Ok(serde_json::from_value(permissions).unwrap_or_default())
}

/// A custom role by its GUID, whatever scope its id is written with.
pub(super) fn custom(tx: &Tx, guid: &str) -> Result<Option<Resource>, Refusal> {
    shelf::named(tx, DEFINITION, guid)
}

impl Permission {
    fn data(&self, action: &str) -> bool {
        any(&self.data_actions, action) && !any(&self.not_data_actions, action)
    }

    fn control(&self, action: &str) -> bool {
        any(&self.actions, action) && !any(&self.not_actions, action)
    }
}

fn any(patterns: &[String], action: &str) -> bool {
    patterns.iter().any(|pattern| matches(pattern, action))
}

/// Whether an action is one of a pattern's, without case; a `*` stands for any text, slashes included.
///
/// Source: <https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format>.
pub(super) fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| action.strip_prefix(first)) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        let read = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";
        assert!(matches("*", read));
        assert!(matches("microsoft.storage/storageaccounts/blobservices/containers/blobs/*", read));
        assert!(matches(
            "Microsoft.ServiceBus/*/receive/action",
            "Microsoft.ServiceBus/namespaces/messages/receive/action"
        ));
        assert!(matches(read, read));
        assert!(!matches("*/write", read));
        assert!(!matches("Microsoft.Storage/storageAccounts", read));
    }
}
