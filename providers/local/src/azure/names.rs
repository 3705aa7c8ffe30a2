//! Names that are taken all over the world, and asking whether one is free.
//!
//! Sources: <https://learn.microsoft.com/rest/api/storagerp/storage-accounts/check-name-availability>,
//! <https://learn.microsoft.com/rest/api/appservice/check-name-availability>,
//! <https://learn.microsoft.com/rest/api/servicebus/namespaces/check-name-availability>.

use serde_json::{Value, json};

use super::path::same;
use super::refusals::invalid;
use super::service::{Method, ResourceType};
use super::shape::Shape;
use super::{shelf, types};
use crate::cloud::Context;
use crate::members::text;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// Of function apps.
pub(super) static SITES: ResourceType = ResourceType {
    methods: &[Method::post_all(&BODY, sites)],
    ..ResourceType::of_subscription(
        "Microsoft.Web/checkNameAvailability",
        &["2023-12-01", "2024-04-01", "2024-11-01", "2025-03-01", "2025-05-01"],
    )
};

/// Of storage accounts.
pub(super) static ACCOUNTS: ResourceType = ResourceType {
    methods: &[Method::post_all(&BODY, accounts)],
    ..ResourceType::of_subscription(
        "Microsoft.Storage/checkNameAvailability",
        &["2022-05-01", "2023-05-01", "2024-01-01", "2025-01-01", "2026-09-01"],
    )
};

/// Of Service Bus namespaces.
pub(super) static NAMESPACES: ResourceType = ResourceType {
    methods: &[Method::post_all(&NAME, namespaces)],
    ..ResourceType::of_subscription(
        "Microsoft.ServiceBus/checkNameAvailability",
        &["2021-11-01", "2022-10-01-preview", "2024-01-01", "2026-01-01"],
    )
};

static BODY: Shape = Shape::Object(&[
    ("name", Shape::Required(&Shape::Text)),
    ("type", Shape::Required(&Shape::Text)),
    ("isFqdn", Shape::NotModelled),
]);

static NAME: Shape = Shape::Object(&[("name", Shape::Required(&Shape::Text))]);

/// Whether a name is taken: here, or by somebody else as the settings say.
pub(crate) fn is_taken(
    tx: &Tx,
    context: &Context<'_>,
    (of, name): (&str, &str),
) -> Result<bool, Refusal> {
    let elsewhere = context.settings.taken_names.iter().any(|taken| same(taken, name));
    Ok(elsewhere || shelf::named(tx, of, name)?.is_some())
}

/// Refuses another type than the one that is asked about here.
fn only(body: &Value, of: &str) -> Result<(), Refusal> {
    let sent = text(body, "type");
    if same(sent, of) {
        return Ok(());
    }
    Err(invalid("InvalidRequestContent", format!("The type '{sent}' is not supported.")))
}

/// What is wrong with a name in itself.
fn illegal(of: &str, name: &str) -> Option<Refusal> {
    (types::named(of)?.named)(name).err()
}

fn answer(
    (tx, context): (&Tx, &Context<'_>),
    (of, name): (&str, &str),
    (wrong, taken): (&str, (&str, String)),
) -> Result<Reply, Refusal> {
    if let Some(refusal) = illegal(of, name) {
        let message = refusal.message;
        return Ok(Reply::json(
            json!({"nameAvailable": false, "reason": wrong, "message": message}),
        ));
    }
    if is_taken(tx, context, (of, name))? {
        let (reason, message) = taken;
        return Ok(Reply::json(
            json!({"nameAvailable": false, "reason": reason, "message": message}),
        ));
    }
    Ok(Reply::json(json!({"nameAvailable": true})))
}

fn sites(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    const OF: &str = "Microsoft.Web/sites";
    let body = request.json()?;
    only(&body, OF)?;
    let name = text(&body, "name");
    let taken = format!("Hostname '{name}' already exists. Please select a different name.");
    answer((tx, context), (OF, name), ("Invalid", ("AlreadyExists", taken)))
}

fn accounts(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    const OF: &str = "Microsoft.Storage/storageAccounts";
    let body = request.json()?;
    only(&body, OF)?;
    let name = text(&body, "name");
    let taken = format!("The storage account named {name} is already taken.");
    answer((tx, context), (OF, name), ("AccountNameInvalid", ("AlreadyExists", taken)))
}

fn namespaces(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    const OF: &str = "Microsoft.ServiceBus/namespaces";
    let body = request.json()?;
    let name = text(&body, "name");
    let taken = "The specified name is not available.".to_owned();
    answer((tx, context), (OF, name), ("InvalidName", ("NameInUse", taken)))
}
