//! What is refused before a method runs: subscriptions, groups and parents that are not there, providers that are
//! not registered, callers that may not, and calls that come too often.

use super::path::{CORE, same};
use super::refusals::{conflict, front, no_group, no_parent, not_found};
use super::service::{Level, Method, ResourceType, Verb};
use super::shelf;
use super::{lro, providers, rights, subscriptions, types};
use crate::cloud::{Cloud, Context};
use crate::store::Tx;
use crate::wire::{Refusal, Request};

/// Refuses what cannot be done whatever the provider says.
pub(crate) fn admit(
    cloud: &Cloud,
    row: &'static ResourceType,
    method: &'static Method,
    request: &Request,
) -> Result<(), Refusal> {
    lro::settle(cloud)?;
    if row.level != Level::Tenant && !request.account.is_empty() {
        subscriptions::check(&cloud.settings, &request.account)?;
    }
    cloud.transact(|tx, context| {
        rights::admit(tx, context, request)?;
        registered(tx, context, row, request)?;
        if row.level == Level::Tenant || request.account.is_empty() {
            return Ok(());
        }
        housed(tx, context, (row, method), request)
    })
}

fn registered(
    tx: &Tx,
    context: &Context<'_>,
    row: &ResourceType,
    request: &Request,
) -> Result<(), Refusal> {
    let namespace = request.label("namespace");
    let asks = row.name.starts_with(CORE) || request.account.is_empty();
    if asks || providers::is_registered(tx, context, (&request.account, namespace))? {
        return Ok(());
    }
    let message = format!(
        "The subscription is not registered to use namespace '{namespace}'. See https://aka.ms/rps-not-found for how \
         to register subscriptions."
    );
    Err(front(409, "MissingSubscriptionRegistration", message))
}

/// Refuses what has nowhere to be: its group, the resource it is on, or its parent is not there.
fn housed(
    tx: &Tx,
    context: &Context<'_>,
    (row, method): (&ResourceType, &Method),
    request: &Request,
) -> Result<(), Refusal> {
    let group = request.label("group");
    let writes = matches!(method.verb, Verb::Put | Verb::Patch);
    if !group.is_empty() && row.name != super::groups::GROUPS.name {
        let id = format!("/subscriptions/{}/resourceGroups/{group}", request.account);
        let found = shelf::find(tx, &id)?.ok_or_else(|| no_group(group))?;
        if writes && found.busy(context.now) {
            let message = format!(
                "The resource group '{group}' is in deprovisioning state and cannot perform this operation."
            );
            return Err(conflict("ResourceGroupBeingDeleted", message));
        }
    }
    if row.level == Level::Extension {
        scope(tx, request)?;
    }
    if row.housed { parent(tx, context, writes, request) } else { Ok(()) }
}

/// What an extension is on: the top-level resource must be there.
fn scope(tx: &Tx, request: &Request) -> Result<(), Refusal> {
    let scope = request.label("scope");
    let parts: Vec<&str> = scope.split('/').filter(|part| !part.is_empty()).collect();
    let [_, _, _, group, _, namespace, kind, name, ..] = parts.as_slice() else { return Ok(()) };
    let top = format!("/{}", parts.iter().take(8).copied().collect::<Vec<_>>().join("/"));
    if shelf::find(tx, &top)?.is_some() {
        return Ok(());
    }
    Err(not_found(&format!("{namespace}/{kind}"), name, group))
}

/// The nearest resource above that is kept must be there, and for a write nothing may be under way on it.
fn parent(tx: &Tx, context: &Context<'_>, writes: bool, request: &Request) -> Result<(), Refusal> {
    let kind = request.label("type");
    let Some((namespace, short)) = kind.split_once('/') else { return Ok(()) };
    let shorts: Vec<&str> = short.split('/').collect();
    let scope = request.label("scope");
    for depth in (1..shorts.len()).rev() {
        let above = shorts.iter().take(depth);
        let above_kind =
            above.clone().fold(namespace.to_owned(), |kind, part| format!("{kind}/{part}"));
        let kept = types::named(&above_kind)
            .is_some_and(|row| row.methods.iter().any(|method| method.verb == Verb::Put));
        if !kept {
            continue;
        }
        let names: Vec<&str> = above.clone().map(|part| request.label(part)).collect();
        let id = shorts
            .iter()
            .zip(&names)
            .fold(format!("{scope}/providers/{namespace}"), |id, (kind, name)| {
                format!("{id}/{kind}/{name}")
            });
        let Some(found) = shelf::find(tx, &id)? else { return Err(no_parent(&names.join("/"))) };
        if writes && found.busy(context.now) {
            return Err(unsettled(&found));
        }
        return Ok(());
    }
    Ok(())
}

fn unsettled(parent: &shelf::Resource) -> Refusal {
    if same(&parent.of, "Microsoft.Storage/storageAccounts") {
        let message = "The storage account provisioning state must be 'Succeeded' before executing the operation.";
        return conflict("StorageAccountIsNotProvisioned", message);
    }
    let message = format!("Another operation is in progress on the resource '{}'.", parent.id);
    conflict("AnotherOperationInProgress", message)
}

/// The refusal of a caller that used up a bucket. `after` is in seconds.
pub(crate) fn throttled(request: &Request, after: Option<String>) -> Refusal {
    let after = after.unwrap_or_else(|| "1".to_owned());
    let message = format!(
        "Number of requests for subscription '{}' and operation '{}' exceeded the backend storage limit. Please try \
         again after '{after}' seconds.",
        request.account, request.action
    );
    front(429, "SubscriptionRequestsThrottled", message).header("retry-after", after)
}
