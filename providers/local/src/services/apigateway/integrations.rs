//! Integrations of methods with functions. Only `AWS_PROXY` is modelled.

use serde::Deserialize;
use serde_json::json;

use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

use super::grammar;
use super::methods::opened;
use super::model::{Api, Integration};
use super::patch::{Patch, Patches};
use super::refusals::{bad_request, not_found};
use super::shelf;

/// How long an integration may take unless it says.
const USUAL_MS: i64 = 29_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Put {
    #[serde(rename = "type", default)]
    kind: String,
    // The wire's name of integrationHttpMethod.
    http_method: Option<String>,
    uri: Option<String>,
    passthrough_behavior: Option<String>,
    content_handling: Option<String>,
    timeout_in_millis: Option<i64>,
    cache_namespace: Option<String>,
}

/// `PutIntegration`: makes it, or replaces the one that is there.
pub(crate) fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let (shelf, mut api) = opened(request, tx)?;
    let wanted: Put = request.read()?;
    let resource = request.label("resource_id").to_owned();
    let method = shelf::method(request, &mut api)?;
    let made = integration(wanted, resource, context.settings.rest_timeout_limit_ms)?;
    let effect = if method.method_integration.is_some() { Effect::Update } else { Effect::Create };
    method.method_integration = Some(made.clone());
    let object = object(request, &mut api)?;
    shelf.save(tx, &api)?;
    Ok(Reply::json(json!(made)).status(201).did(effect, object))
}

fn integration(wanted: Put, resource: String, longest_ms: i64) -> Result<Integration, Refusal> {
    match wanted.kind.as_str() {
        "AWS_PROXY" => {}
        "AWS" | "HTTP" | "HTTP_PROXY" | "MOCK" => {
            return Err(Refusal::not_modelled(&format!("PutIntegration of type {}", wanted.kind)));
        }
        kind => {
            return Err(bad_request(format!(
                "1 validation error detected: Value '{kind}' at 'putIntegrationInput.type' failed to satisfy \
                 constraint: Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]"
            )));
        }
    }
    let Some(http_method) = wanted.http_method.filter(|name| !name.is_empty()) else {
        return Err(bad_request("Enumeration value for HttpMethod must be non-empty"));
    };
    grammar::method(&http_method)?;
    let uri = wanted.uri.unwrap_or_default();
    grammar::function_of(&uri)?;
    let timeout_in_millis = wanted.timeout_in_millis.unwrap_or(USUAL_MS);
    grammar::timeout(timeout_in_millis, longest_ms)?;
    let passthrough_behavior =
        wanted.passthrough_behavior.unwrap_or_else(|| "WHEN_NO_MATCH".to_owned());
    grammar::passthrough(&passthrough_behavior)?;
    Ok(Integration {
        kind: wanted.kind,
        http_method,
        uri,
        passthrough_behavior,
        content_handling: wanted.content_handling,
        timeout_in_millis,
        cache_namespace: wanted.cache_namespace.unwrap_or(resource),
        cache_key_parameters: Vec::new(),
    })
}

/// `GetIntegration`.
pub(crate) fn get(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (_, mut api) = opened(request, tx)?;
    Ok(Reply::json(json!(found(request, &mut api)?)))
}

/// `UpdateIntegration`.
pub(crate) fn update(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (shelf, mut api) = opened(request, tx)?;
    let patches: Patches = request.read()?;
    let integration = found(request, &mut api)?;
    for patch in &patches.patch_operations {
        apply(integration, patch, context.settings.rest_timeout_limit_ms)?;
    }
    let reply = Reply::json(json!(integration));
    let object = object(request, &mut api)?;
    shelf.save(tx, &api)?;
    Ok(reply.did(Effect::Update, object))
}

fn apply(integration: &mut Integration, patch: &Patch, longest_ms: i64) -> Result<(), Refusal> {
    match patch.path.as_str() {
        "/uri" => {
            patch.only_replace()?;
            grammar::function_of(&patch.text())?;
            integration.uri = patch.text();
        }
        "/httpMethod" => {
            patch.only_replace()?;
            grammar::method(&patch.text())?;
            integration.http_method = patch.text();
        }
        "/timeoutInMillis" => {
            patch.only_replace()?;
            let millis = patch.text().parse().unwrap_or(-1);
            grammar::timeout(millis, longest_ms)?;
            integration.timeout_in_millis = millis;
        }
        "/passthroughBehavior" => {
            patch.only_replace()?;
            grammar::passthrough(&patch.text())?;
            integration.passthrough_behavior = patch.text();
        }
        "/contentHandling" => {
            patch.only_replace()?;
            integration.content_handling = patch.optional();
        }
        "/cacheNamespace" => {
            patch.only_replace()?;
            integration.cache_namespace = patch.text();
        }
        "/connectionType" | "/connectionId" | "/credentials" | "/responseTransferMode" => {
            return Err(Refusal::not_modelled(&format!("UpdateIntegration of {}", patch.path)));
        }
        _ => return Err(patch.unknown_path()),
    }
    Ok(())
}

/// `DeleteIntegration`.
pub(crate) fn delete(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (shelf, mut api) = opened(request, tx)?;
    found(request, &mut api)?;
    shelf::method(request, &mut api)?.method_integration = None;
    let object = object(request, &mut api)?;
    shelf.save(tx, &api)?;
    Ok(Reply::empty(204).did(Effect::Delete, object))
}

fn found<'a>(request: &Request, api: &'a mut Api) -> Result<&'a mut Integration, Refusal> {
    shelf::method(request, api)?
        .method_integration
        .as_mut()
        .ok_or_else(|| not_found("Invalid Integration identifier specified"))
}

/// Names the integration in the ledger.
fn object(request: &Request, api: &mut Api) -> Result<String, Refusal> {
    let path = shelf::resource(request, api)?.path.clone();
    Ok(format!("rest-integration/{}/{} {path}", api.about.id, request.label("http_method")))
}
