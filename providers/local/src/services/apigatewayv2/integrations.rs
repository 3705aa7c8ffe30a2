//! Integrations of HTTP APIs with functions. Only `AWS_PROXY` without a subtype is modelled.

use serde::Deserialize;
use serde_json::json;

use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

use super::model::Integration;
use super::shelf::{self, Shelf};
use super::{deployments, paging};
use crate::services::apigateway::refusals::{bad_request, conflict};
use crate::services::apigateway::{fresh, grammar};

/// The longest an integration of an HTTP API may take.
const LONGEST_MS: i64 = 30_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wanted {
    integration_type: Option<String>,
    integration_uri: Option<String>,
    integration_method: Option<String>,
    payload_format_version: Option<String>,
    timeout_in_millis: Option<i64>,
    description: Option<String>,
    connection_type: Option<String>,
}

/// `CreateIntegration`.
pub(crate) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let mut api = shelf.api(tx, request)?;
    let wanted: Wanted = request.read()?;
    if wanted.integration_uri.is_none() {
        return Err(bad_request("IntegrationUri is required for AWS_PROXY integrations"));
    }
    if wanted.payload_format_version.is_none() {
        return Err(bad_request("PayloadFormatVersion is a required parameter for HTTP APIs"));
    }
    let mut made = Integration {
        integration_id: fresh(7),
        connection_type: "INTERNET".to_owned(),
        description: None,
        integration_method: "POST".to_owned(),
        integration_type: String::new(),
        integration_uri: String::new(),
        payload_format_version: String::new(),
        timeout_in_millis: LONGEST_MS,
    };
    kind(wanted.integration_type.as_deref().unwrap_or_default())?;
    apply(&mut made, wanted)?;
    api.integrations.insert(made.integration_id.clone(), made.clone());
    deployments::automatic(&mut api, context);
    shelf.save(tx, &api)?;
    let object = format!("http-integration/{}/{}", api.about.api_id, made.integration_id);
    Ok(Reply::json(json!(made)).status(201).did(Effect::Create, object))
}

/// `GetIntegration`.
pub(crate) fn get(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let mut api = Shelf::of(request).api(tx, request)?;
    Ok(Reply::json(json!(shelf::integration(request, &mut api)?)))
}

/// `GetIntegrations`.
pub(crate) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let api = Shelf::of(request).api(tx, request)?;
    let all = api.integrations.into_values();
    paging::page(request, context, all, |found: &Integration| {
        (found.integration_id.clone(), json!(found))
    })
}

/// `UpdateIntegration`: changes what is given.
pub(crate) fn update(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let mut api = shelf.api(tx, request)?;
    let wanted: Wanted = request.read()?;
    let integration = shelf::integration(request, &mut api)?;
    apply(integration, wanted)?;
    let object =
        format!("http-integration/{}/{}", request.label("apiId"), integration.integration_id);
    let reply = Reply::json(json!(integration)).did(Effect::Update, object);
    deployments::automatic(&mut api, context);
    shelf.save(tx, &api)?;
    Ok(reply)
}

/// `DeleteIntegration`; refused while a route targets it.
pub(crate) fn delete(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let mut api = shelf.api(tx, request)?;
    let id = shelf::integration(request, &mut api)?.integration_id.clone();
    let target = format!("integrations/{id}");
    if let Some(route) = api.routes.values().find(|route| route.target.as_deref() == Some(&target))
    {
        let key = &route.route_key;
        return Err(conflict(format!(
            "Cannot delete Integration '{id}'. It is referenced by the route: {key}"
        )));
    }
    api.integrations.remove(&id);
    deployments::automatic(&mut api, context);
    shelf.save(tx, &api)?;
    Ok(Reply::empty(204).did(Effect::Delete, format!("http-integration/{}/{id}", api.about.api_id)))
}

fn kind(kind: &str) -> Result<(), Refusal> {
    match kind {
        "AWS_PROXY" => Ok(()),
        "HTTP_PROXY" => Err(Refusal::not_modelled("integrations of type HTTP_PROXY")),
        "AWS" | "HTTP" | "MOCK" => Err(bad_request(
            "Invalid integration type specified. HTTP APIs only support AWS_PROXY and HTTP_PROXY integrations",
        )),
        _ => Err(bad_request("Invalid integration type specified")),
    }
}

fn apply(integration: &mut Integration, wanted: Wanted) -> Result<(), Refusal> {
    if let Some(wanted) = wanted.integration_type {
        kind(&wanted)?;
        integration.integration_type = wanted;
    }
    if let Some(uri) = wanted.integration_uri {
        function_of(&uri)?;
        integration.integration_uri = uri;
    }
    if let Some(method) = wanted.integration_method {
        grammar::method(&method)?;
        integration.integration_method = method;
    }
    if let Some(version) = wanted.payload_format_version {
        if !["1.0", "2.0"].contains(&version.as_str()) {
            return Err(bad_request(
                "Invalid PayloadFormatVersion specified. Must be one of [1.0, 2.0]",
            ));
        }
        integration.payload_format_version = version;
    }
    if let Some(millis) = wanted.timeout_in_millis {
        grammar::timeout(millis, LONGEST_MS)?;
        integration.timeout_in_millis = millis;
    }
    if let Some(description) = wanted.description {
        integration.description = Some(description).filter(|text| !text.is_empty());
    }
    match wanted.connection_type.as_deref() {
        None | Some("INTERNET") => Ok(()),
        Some(_) => Err(Refusal::not_modelled("integrations over a VPC link")),
    }
}

/// Reads the function's ARN out of an integration's URI; HTTP APIs also take the ARN itself.
pub(crate) fn function_of(uri: &str) -> Result<String, Refusal> {
    if grammar::is_function(uri) { Ok(uri.to_owned()) } else { grammar::function_of(uri) }
}
