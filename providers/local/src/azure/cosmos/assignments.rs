//! Role assignments of an account: who may use what of its data. They are no role assignments of Azure's.
//!
//! Source: `learn.microsoft.com/rest/api/cosmos-db-resource-provider/sql-resources`; errors as in
//! <https://github.com/hashicorp/terraform-provider-azurerm/issues/15842>,
//! <https://github.com/pulumi/pulumi-azure-native/issues/2816>,
//! <https://github.com/pulumi/pulumi-azure-native/pull/3711> and
//! <https://github.com/Azure/azure-cli/issues/31422>.

use super::VERSIONS;
use crate::azure::engine;
use crate::azure::identities;
use crate::azure::lro::{Begun, End, Style};
use crate::azure::path::same;
use crate::azure::put::Put;
use crate::azure::refusals::invalid;
use crate::azure::service::{Method, ResourceType};
use crate::azure::shape::Shape;
use crate::azure::shelf::{self, Resource};
use crate::azure::subscriptions::TENANT;
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

const PROPERTIES: Shape = Shape::Object(&[
    ("roleDefinitionId", Shape::Required(&Shape::Text)),
    ("scope", Shape::Required(&Shape::Text)),
    ("principalId", Shape::Required(&Shape::Text)),
    ("provisioningState", Shape::ReadOnly),
]);

const BODY: Shape = Shape::Object(&[("properties", Shape::Required(&PROPERTIES))]);

/// The type.
pub(crate) static TYPE: ResourceType = ResourceType {
    methods: &[
        Method::list(engine::list),
        Method::get(read),
        Method::put(&BODY, put),
        Method::delete(delete),
    ],
    ..ResourceType::child("Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments", VERSIONS)
};

/// The roles that every account has: one that reads, and one that writes as well.
const BUILT_IN: [&str; 2] =
    ["00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"];

/// What a scope has after the account, step by step.
const STEPS: [&str; 2] = ["dbs", "colls"];

fn bad(message: impl Into<String>) -> Refusal {
    invalid("BadRequest", message)
}

/// The id of the account that a request is for.
fn account(request: &Request) -> &str {
    let id = engine::asked(request);
    id.rsplit_once("/sqlRoleAssignments").map_or(id, |(account, _)| account)
}

/// An account takes one change at a time.
fn unlocked(request: &Request, tx: &Tx, context: &Context<'_>) -> Result<(), Refusal> {
    let own = shelf::find(tx, account(request))?;
    let all = shelf::all(tx, account(request), TYPE.name)?;
    if !own.iter().chain(&all).any(|one| one.busy(context.now)) {
        return Ok(());
    }
    let message = format!(
        "There is another user operation in progress which requires an exclusive lock on [{}]. Please retry after \
         sometime.",
        request.label("databaseAccounts")
    );
    Err(Refusal::new(412, "PreconditionFailed", message))
}

fn begun(context: &Context<'_>) -> Begun {
    Begun {
        style: Style::Location,
        status: 202,
        bodied: false,
        meanwhile: "",
        ms: context.settings.operation_ms,
        end: End::Done,
    }
}

fn read(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    if shelf::find(tx, engine::asked(request))?.is_none()
        && shelf::find(tx, account(request))?.is_some()
    {
        let name = request.label("name");
        let message = format!("Unable to find a SQL Role Assignment with ID [{name}].");
        return Err(Refusal::new(404, "NotFound", message));
    }
    engine::read(request, tx, context)
}

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let name = request.label("name");
    if uuid::Uuid::parse_str(name).is_err() {
        return Err(bad(format!("The provided Role Assignment ID [{name}] is no GUID.")));
    }
    unlocked(request, tx, context)?;
    let mut put = Put::begin(request, tx, context)?;
    role(account(request), &mut put.resource)?;
    on(account(request), &put.resource)?;
    match &put.old {
        Some(old) => unchanged(old, &put.resource)?,
        None => principal(tx, context, &put.resource)?,
    }
    put.resource.state = String::new();
    put.later(tx, context, &begun(context))
}

/// Refuses a role that the account does not have. Roles that people make are not modelled.
fn role(account: &str, new: &mut Resource) -> Result<(), Refusal> {
    let sent = new.text("roleDefinitionId").to_owned();
    let (of, guid) = sent.rsplit_once('/').unwrap_or_default();
    // Templates that people write begin it with a second slash.
    let of = format!("/{}", of.trim_start_matches('/'));
    if !same(&of, &format!("{account}/sqlRoleDefinitions")) {
        let message = format!(
            "The provided Role Definition ID [{sent}] is not of the database account [{account}]."
        );
        return Err(bad(message));
    }
    if !BUILT_IN.iter().any(|own| same(own, guid)) {
        let message = format!("Unable to find a SQL Role Definition with ID [{guid}].");
        return Err(Refusal::new(404, "NotFound", message));
    }
    new.set("roleDefinitionId", format!("{account}/sqlRoleDefinitions/{guid}"));
    Ok(())
}

/// Refuses a scope that is not the account or `/dbs/d` or `/dbs/d/colls/c` in it. Nobody asks whether these are there.
fn on(account: &str, new: &Resource) -> Result<(), Refusal> {
    let scope = new.text("scope");
    let (head, rest) = scope.split_at_checked(account.len()).unwrap_or_default();
    let why = if same(head, account) {
        misplaced(rest)
    } else {
        Some(format!("Expected path of the database account [{account}]."))
    };
    match why {
        None => Ok(()),
        Some(why) => Err(bad(format!(
            "Failed to parse the incoming request payload. Exception: System.FormatException: Could not parse \
             property [scope] with value [{scope}] as [FullyQualifiedResourcePath] due to exception: \
             System.FormatException: {why}"
        ))),
    }
}

fn misplaced(rest: &str) -> Option<String> {
    let parts: Vec<&str> = rest.split('/').skip(1).collect();
    for (place, part) in parts.iter().enumerate() {
        let wanted = STEPS.get(place / 2).copied();
        let fits = match (wanted, place % 2) {
            (Some(step), 0) => *part == step,
            (wanted, _) => wanted.is_some() && !part.is_empty(),
        };
        if !fits {
            return Some(format!(
                "Expected path segment [{}] at position [{place}] but found [{part}].",
                wanted.unwrap_or_default()
            ));
        }
    }
    let whole = parts.len().is_multiple_of(2) && (rest.is_empty() || rest.starts_with('/'));
    (!whole).then(|| format!("Expected path segment at position [{}].", parts.len()))
}

/// Refuses to change anything but the role.
fn unchanged(old: &Resource, new: &Resource) -> Result<(), Refusal> {
    for (member, told) in [("principalId", "Principal ID"), ("scope", "Scope")] {
        if !same(old.text(member), new.text(member)) {
            return Err(bad(format!(
                "Updating SQL Role Assignment {told} is not permitted. You may only update the associated Role \
                 Definition."
            )));
        }
    }
    Ok(())
}

/// Refuses a principal that is not there, or is so new that it is not found yet: nobody can say what it is.
fn principal(tx: &Tx, context: &Context<'_>, new: &Resource) -> Result<(), Refusal> {
    let id = new.text("principalId");
    let ready = |known: &identities::Known| {
        let since = known.since.map(|since| since.plus(context.settings.service_account_ms));
        since.is_none_or(|since| since <= context.now)
    };
    if identities::principal(tx, id)?.as_ref().is_some_and(ready) {
        return Ok(());
    }
    Err(bad(format!(
        "The provided principal ID [{id}] was not found in the AAD tenant(s) [{TENANT}] which are associated with the \
         customer's subscription."
    )))
}

fn delete(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    unlocked(request, tx, context)?;
    engine::delete_later(request, tx, context, &begun(context))
}
