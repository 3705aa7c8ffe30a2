//! Resource providers: which are registered in a subscription, and registering one.
//!
//! Source: <https://learn.microsoft.com/rest/api/resources/providers>.

use serde_json::{Value, json};

use super::locations;
use super::paging;
use super::path::same;
use super::refusals::front;
use super::service::{Method, ResourceType};
use super::shape::Shape;
use super::types;
use crate::clock::Moment;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::{Place, Tx};
use crate::wire::{Refusal, Reply, Request};

/// Resource providers.
pub(super) static PROVIDERS: ResourceType = ResourceType {
    methods: &[
        Method::list(list).query(&["$expand"]),
        Method::get(get).query(&["$expand"]),
        Method::post("register", &Shape::Any, register),
    ],
    ..ResourceType::of_subscription(
        "Microsoft.Resources/subscriptions/providers",
        &["2021-04-01", "2022-09-01", "2024-03-01", "2025-04-01"],
    )
};

/// Providers that are registered in every subscription.
const ALWAYS: &[&str] =
    &["Microsoft.Authorization", "Microsoft.ResourceGraph", "Microsoft.Resources"];

fn key((subscription, namespace): (&str, &str)) -> String {
    let namespace = namespace.to_ascii_lowercase();
    Place::new("azure", subscription, "global").key("registered", &[&namespace])
}

fn state(tx: &Tx, context: &Context<'_>, at: (&str, &str)) -> Result<&'static str, Refusal> {
    let never = context.settings.unregistered_providers.iter().any(|name| same(name, at.1));
    if !never || ALWAYS.iter().any(|name| same(name, at.1)) {
        return Ok("Registered");
    }
    Ok(match tx.get::<Moment>(&key(at))? {
        Some(since) if since <= context.now => "Registered",
        Some(_) => "Registering",
        None => "NotRegistered",
    })
}

/// Whether a provider can be used in a subscription.
pub(super) fn is_registered(
    tx: &Tx,
    context: &Context<'_>,
    at: (&str, &str),
) -> Result<bool, Refusal> {
    Ok(state(tx, context, at)? == "Registered")
}

fn show(tx: &Tx, context: &Context<'_>, at: (&str, &'static str)) -> Result<Value, Refusal> {
    let (subscription, namespace) = at;
    let types: Vec<Value> = types::of(namespace)
        .map(|row| {
            json!({
                "resourceType": row.short(),
                "locations": if row.tracked { locations::names() } else { Vec::new() },
                "apiVersions": row.versions,
                "capabilities": "None",
            })
        })
        .collect();
    Ok(json!({
        "id": format!("/subscriptions/{subscription}/providers/{namespace}"),
        "namespace": namespace,
        "resourceTypes": types,
        "registrationState": state(tx, context, at)?,
        "registrationPolicy": "RegistrationRequired",
    }))
}

/// The namespace a request names, in Azure's spelling.
fn known(request: &Request) -> Result<&'static str, Refusal> {
    let sent = request.label("namespace");
    let found = types::namespaces().into_iter().find(|known| same(known, sent));
    if found.is_none() && types::is_elsewhere(sent) {
        return Err(Refusal::not_modelled(&format!("the provider {sent}")));
    }
    found.ok_or_else(|| {
        let message = format!("The resource namespace '{sent}' is invalid.");
        front(404, "InvalidResourceNamespace", message)
    })
}

fn get(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    Ok(Reply::json(show(tx, context, (&request.account, known(request)?))?))
}

fn list(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let shown = types::namespaces()
        .into_iter()
        .map(|namespace| show(tx, context, (&request.account, namespace)));
    let shown = shown.collect::<Result<Vec<_>, _>>()?;
    paging::answer(request, context, shown)
}

fn register(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let at = (request.account.as_str(), known(request)?);
    if state(tx, context, at)? == "NotRegistered" {
        tx.put(&key(at), &context.now.plus(context.settings.operation_ms))?;
    }
    let shown = show(tx, context, at)?;
    Ok(Reply::json(shown).did(Effect::Update, format!("providers/{}", at.1)))
}
