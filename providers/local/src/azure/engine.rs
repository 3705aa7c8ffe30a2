//! What most types do: answer with one, list, delete.

use serde_json::{Map, Value, json};

use super::lro::{self, Begun};
use super::paging;
use super::path::same;
use super::refusals::{conflict, not_found};
use super::service::{Level, ResourceType};
use super::shelf::{self, Resource};
use super::types;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::members::set;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// The id of the resource a request names, as sent.
pub(crate) fn asked(request: &Request) -> &str {
    request.label("id")
}

/// The type a request is for.
pub(crate) fn row(request: &Request) -> Result<&'static ResourceType, Refusal> {
    types::named(request.label("type"))
        .ok_or_else(|| Refusal::not_modelled(&format!("the type {}", request.label("type"))))
}

/// Shows a resource: envelope, members, properties with their provisioning state.
pub(crate) fn show(resource: &Resource, _: &Tx, context: &Context<'_>) -> Result<Value, Refusal> {
    Ok(envelope(resource, context))
}

/// The same, for types that change something about it.
pub(crate) fn envelope(resource: &Resource, context: &Context<'_>) -> Value {
    let mut shown = Map::new();
    shown.insert("id".to_owned(), resource.id.clone().into());
    shown.insert("name".to_owned(), resource.name.clone().into());
    shown.insert("type".to_owned(), resource.of.clone().into());
    if !resource.location.is_empty() {
        shown.insert("location".to_owned(), resource.location.clone().into());
        shown.insert("tags".to_owned(), json!(resource.tags));
    }
    shown.extend(resource.members.clone());
    let mut properties = resource.properties.clone();
    let state = resource.state(context.now);
    if !state.is_empty() {
        set(&mut properties, "provisioningState", state);
    }
    shown.insert("properties".to_owned(), properties);
    Value::Object(shown)
}

/// The resource a request names, or ARM's refusal.
pub(crate) fn found(request: &Request, tx: &Tx) -> Result<Resource, Refusal> {
    shelf::find(tx, asked(request))?.ok_or_else(|| {
        let names: Vec<&str> = request.label("names").split('/').collect();
        not_found(request.label("type"), &names.join("/"), request.label("group"))
    })
}

/// Answers with one.
pub(crate) fn read(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let resource = found(request, tx)?;
    Ok(Reply::json((row(request)?.show)(&resource, tx, context)?))
}

/// Answers with a page of those in the group or subscription, below the parent, or on the scope.
pub(crate) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let row = row(request)?;
    let mut shown = Vec::new();
    for resource in shelf::all(tx, request.label("within"), row.name)? {
        // A list of an extension is of those on the scope itself; those above and below are its type's business.
        let here = row.level != Level::Extension || on(&resource, request.label("scope"));
        if here {
            shown.push((row.show)(&resource, tx, context)?);
        }
    }
    paging::answer(request, context, shown)
}

/// Whether an extension is on a scope itself.
pub(crate) fn on(resource: &Resource, scope: &str) -> bool {
    let at = resource.id.to_ascii_lowercase().rfind("/providers/");
    at.and_then(|at| resource.id.get(..at)).is_some_and(|found| same(found, scope))
}

/// Deletes one and what is in it: 200, or 204 if it is not there.
pub(crate) fn delete(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let Some(resource) = shelf::find(tx, asked(request))? else { return Ok(Reply::empty(204)) };
    if resource.busy(context.now) {
        let message = format!(
            "Another operation is in progress on the resource '{}'. Please retry later.",
            resource.id
        );
        return Err(conflict("AnotherOperationInProgress", message));
    }
    shelf::remove(tx, context, &resource.id)?;
    Ok(Reply::empty(200).did(Effect::Delete, resource.id))
}

/// Deletes one at the end of an operation: 202, or 204 if it is not there.
pub(crate) fn delete_later(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
    begun: &Begun,
) -> Result<Reply, Refusal> {
    let Some(mut resource) = shelf::find(tx, asked(request))? else { return Ok(Reply::empty(204)) };
    resource.settles = context.now.plus(begun.ms);
    "Deleting".clone_into(&mut resource.meanwhile);
    shelf::keep(tx, context, &resource)?;
    lro::remove_at(tx, &resource.id, resource.settles)?;
    let mut reply = Reply::empty(begun.status);
    reply.headers = lro::begin(tx, context, request, begun)?;
    Ok(reply.did(Effect::Delete, resource.id))
}
