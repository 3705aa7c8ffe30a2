//! Role assignments.
//!
//! Source: <https://learn.microsoft.com/rest/api/authorization/role-assignments>, errors from
//! <https://learn.microsoft.com/azure/role-based-access-control/troubleshooting>.

use serde_json::Value;

use super::{ASSIGNMENT, DEFINITION, OWNER, VERSIONS, definitions};
use crate::azure::engine;
use crate::azure::identities;
use crate::azure::paging;
use crate::azure::path::{same, within};
use crate::azure::put::Put;
use crate::azure::refusals::{conflict, invalid};
use crate::azure::service::{Method, ResourceType};
use crate::azure::shape::Shape;
use crate::azure::shelf::{self, Resource};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::members::text;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// Role assignments.
pub(in crate::azure) static ASSIGNMENTS: ResourceType = ResourceType {
    methods: &[
        Method::list(list).query(&["$filter"]),
        Method::get(engine::read),
        Method::put(&BODY, put),
        Method::delete(delete),
    ],
    ..ResourceType::extension(ASSIGNMENT, VERSIONS)
};

static BODY: Shape = Shape::Object(&[(
    "properties",
    Shape::Required(&Shape::Object(&[
        ("roleDefinitionId", Shape::Required(&Shape::Text)),
        ("principalId", Shape::Required(&Shape::Text)),
        (
            "principalType",
            Shape::Choice(&["User", "Group", "ServicePrincipal", "ForeignGroup", "Device"]),
        ),
        ("description", Shape::Text),
        ("condition", Shape::Text),
        ("conditionVersion", Shape::Choice(&["2.0"])),
        ("delegatedManagedIdentityResourceId", Shape::NotModelled),
        ("scope", Shape::ReadOnly),
        ("createdOn", Shape::ReadOnly),
        ("updatedOn", Shape::ReadOnly),
        ("createdBy", Shape::ReadOnly),
        ("updatedBy", Shape::ReadOnly),
    ])),
)]);

/// What this version takes a principal for if nothing is said.
const USUAL: &str = "User";

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let name = request.label("name");
    if uuid::Uuid::parse_str(name).is_err() {
        let message = format!(
            "The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID."
        );
        return Err(invalid("InvalidRoleAssignmentId", message));
    }
    let mut put = Put::begin(request, tx, context)?;
    let scope = request.label("scope").to_owned();
    let role = definitions::assignable(tx, put.resource.text("roleDefinitionId"), &scope)?;
    put.resource.set(
        "roleDefinitionId",
        format!("/subscriptions/{}/providers/{DEFINITION}/{role}", request.account),
    );
    put.resource.set("scope", scope);
    let others = shelf::all(tx, "", ASSIGNMENT)?;
    if let Some(same_name) = others.iter().find(|other| same(&other.name, name))
        && !alike(same_name, &put.resource)
    {
        let message =
            "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.";
        return Err(invalid("RoleAssignmentUpdateNotPermitted", message));
    }
    if others.iter().any(|other| !same(&other.name, name) && alike(other, &put.resource)) {
        return Err(conflict("RoleAssignmentExists", "The role assignment already exists."));
    }
    if put.creates() {
        principal(tx, context, &mut put.resource)?;
    } else {
        let kind = put.old.as_ref().map(|old| old.text("principalType").to_owned());
        put.resource.set("principalType", kind.unwrap_or_default());
    }
    stamp(&mut put.resource);
    put.resource.state = String::new();
    put.done(tx, context)
}

/// Whether two assignments are of the same role to the same principal at the same scope.
fn alike(one: &Resource, other: &Resource) -> bool {
    ["roleDefinitionId", "principalId", "scope"]
        .into_iter()
        .all(|name| same(one.text(name), other.text(name)))
}

/// Refuses a principal that is not there, or is of another type than said. One that is new is not found yet by who
/// does not say that it is a service principal.
fn principal(tx: &Tx, context: &Context<'_>, new: &mut Resource) -> Result<(), Refusal> {
    let id = new.text("principalId").to_owned();
    let said = match new.text("principalType") {
        "" => USUAL.to_owned(),
        said => said.to_owned(),
    };
    let known = identities::principal(tx, &id)?;
    let replicated = |known: &identities::Known| {
        let ready = known.since.map(|since| since.plus(context.settings.service_account_ms));
        said == "ServicePrincipal" || ready.is_none_or(|ready| ready <= context.now)
    };
    let Some(known) = known.filter(replicated) else {
        let message = format!(
            "Principal {} does not exist in the directory {}. Check that you have the correct principal ID. If you \
             are creating this principal and then immediately assigning a role, this error might be related to a \
             replication delay. In this case, set the role assignment principalType property to a value, such as \
             ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype",
            id.replace('-', ""),
            crate::azure::subscriptions::TENANT
        );
        return Err(invalid("PrincipalNotFound", message));
    };
    if !same(known.kind, &said) {
        let message = format!(
            "The PrincipalId '{id}' has type '{}' , which is different from specified PrinciaplType '{said}'.",
            known.kind
        );
        return Err(invalid("UnmatchedPrincipalType", message));
    }
    new.set("principalType", said);
    Ok(())
}

fn stamp(assignment: &mut Resource) {
    assignment.set("delegatedManagedIdentityResourceId", Value::Null);
    for name in ["condition", "conditionVersion", "description"] {
        if assignment.text(name).is_empty() {
            assignment.set(name, Value::Null);
        }
    }
    let (created, changed) = (assignment.created.iso_millis(), assignment.changed.iso_millis());
    assignment.set("createdOn", created);
    assignment.set("updatedOn", changed);
    assignment.set("createdBy", OWNER);
    assignment.set("updatedBy", OWNER);
}

/// Deletes one and answers with it.
fn delete(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let Some(found) = shelf::find(tx, request.label("id"))? else { return Ok(Reply::empty(204)) };
    shelf::remove(tx, context, &found.id)?;
    Ok(Reply::json(engine::envelope(&found, context)).did(Effect::Delete, found.id))
}

/// What a list leaves out.
#[derive(Default)]
struct Filter {
    above: bool,
    principal: Option<String>,
}

fn filter(text: &str) -> Result<Filter, Refusal> {
    let mut filter = Filter::default();
    for part in text.split(" and ").map(str::trim).filter(|part| !part.is_empty()) {
        let principal =
            part.strip_prefix("principalId eq '").and_then(|rest| rest.strip_suffix('\''));
        match (principal, part) {
            (Some(id), _) => filter.principal = Some(id.to_owned()),
            (None, "atScope()") => filter.above = true,
            (None, _) => {
                return Err(Refusal::not_modelled(&format!(
                    "the filter {text} of role assignments"
                )));
            }
        }
    }
    Ok(filter)
}

/// Answers with those at, above and below the scope.
fn list(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let filter = filter(request.query("$filter").unwrap_or_default())?;
    let scope = request.label("scope");
    let mut shown = Vec::new();
    for assignment in shelf::all(tx, "", ASSIGNMENT)? {
        let properties = &assignment.properties;
        let at = text(properties, "scope");
        let below = !filter.above && within(at, scope);
        let theirs =
            filter.principal.as_ref().is_none_or(|id| same(id, text(properties, "principalId")));
        if (below || within(scope, at)) && theirs {
            shown.push(engine::envelope(&assignment, context));
        }
    }
    paging::answer(request, context, shown)
}
