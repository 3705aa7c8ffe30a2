//! User-assigned managed identities.
//!
//! Source: <https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities>.

use serde_json::Value;

use super::engine;
use super::path::same;
use super::put::Put;
use super::refusals::invalid;
use super::rights::OWNER;
use super::service::{Method, ResourceType};
use super::shape::Shape;
use super::shelf::{self, Resource};
use super::subscriptions::TENANT;
use super::token::Principal;
use crate::clock::Moment;
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// User-assigned identities.
pub(super) static IDENTITIES: ResourceType = ResourceType {
    named,
    methods: &[
        Method::list(engine::list),
        Method::get(engine::read),
        Method::put(&BODY, put),
        Method::patch(&BODY, put),
        Method::delete(engine::delete),
    ],
    ..ResourceType::tracked(NAME, &["2023-01-31", "2024-11-30"])
};

/// The type's name.
pub(super) const NAME: &str = "Microsoft.ManagedIdentity/userAssignedIdentities";

static BODY: Shape = Shape::Object(&[(
    "properties",
    Shape::Object(&[
        ("principalId", Shape::ReadOnly),
        ("clientId", Shape::ReadOnly),
        ("tenantId", Shape::ReadOnly),
        ("isolationScope", Shape::NotModelled),
    ]),
)]);

fn named(name: &str) -> Result<(), Refusal> {
    let legal = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let first = name.starts_with(|letter: char| letter.is_ascii_alphanumeric());
    if first && (3..=128).contains(&name.len()) && name.chars().all(legal) {
        return Ok(());
    }
    let message = format!(
        "The resource name '{name}' is invalid. It has 3 to 128 letters, digits, hyphens and underscores."
    );
    Err(invalid("InvalidResourceName", message))
}

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut put = Put::begin(request, tx, context)?;
    let kept = |name: &str| {
        let old = put.old.as_ref().map(|old| old.text(name).to_owned());
        // An identity that is made again under its old name is another principal.
        old.unwrap_or_else(|| uuid::Uuid::new_v4().to_string())
    };
    let (principal, client) = (kept("principalId"), kept("clientId"));
    put.resource.set("tenantId", TENANT);
    put.resource.set("principalId", principal);
    put.resource.set("clientId", client);
    put.resource.state = String::new();
    put.done(tx, context)
}

/// A principal of the directory.
pub(super) struct Known {
    /// Since when there is one.
    pub(super) since: Option<Moment>,
    /// `ServicePrincipal` or `User`.
    pub(super) kind: &'static str,
}

/// Finds a principal by its object id: the owner, or an identity of a resource.
pub(super) fn principal(tx: &Tx, id: &str) -> Result<Option<Known>, Refusal> {
    if same(id, OWNER) {
        return Ok(Some(Known { since: None, kind: "User" }));
    }
    let found = shelf::within(tx, "")?.into_iter().find(|resource| {
        let own = resource.members.get("identity").and_then(|identity| identity.get("principalId"));
        let own = own.and_then(Value::as_str);
        own.is_some_and(|own| same(own, id))
            || (same(&resource.of, NAME) && same(resource.text("principalId"), id))
    });
    Ok(found.map(|found| Known { since: Some(found.created), kind: "ServicePrincipal" }))
}

/// Whom a token of an identity names.
pub(super) fn as_principal(identity: &Resource, audience: &str) -> Principal {
    Principal {
        id: identity.text("principalId").to_owned(),
        client: identity.text("clientId").to_owned(),
        audience: audience.to_owned(),
    }
}
