//! Methods of a resource: put, get, update, delete.

use serde::Deserialize;
use serde_json::json;

use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

use super::grammar;
use super::model::{Api, Method};
use super::patch::{Patch, Patches};
use super::refusals::conflict;
use super::shelf::{self, Shelf, no_resource};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Put {
    #[serde(default)]
    authorization_type: String,
    #[serde(default)]
    api_key_required: bool,
    operation_name: Option<String>,
    authorizer_id: Option<String>,
}

/// `PutMethod`; refused when the method is there.
pub(crate) fn put(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (shelf, mut api) = opened(request, tx)?;
    let wanted: Put = request.read()?;
    let name = request.label("http_method").to_owned();
    let resource = shelf::resource(request, &mut api)?;
    grammar::method(&name)?;
    grammar::authorization(&wanted.authorization_type)?;
    if wanted.authorizer_id.is_some() {
        return Err(Refusal::not_modelled("PutMethod.authorizerId"));
    }
    if resource.resource_methods.contains_key(&name) {
        return Err(conflict("Method already exists for this resource"));
    }
    let made = Method {
        http_method: name.clone(),
        authorization_type: wanted.authorization_type,
        api_key_required: wanted.api_key_required,
        operation_name: wanted.operation_name,
        method_integration: None,
    };
    resource.resource_methods.insert(name, made.clone());
    let object = object(request, &mut api)?;
    shelf.save(tx, &api)?;
    Ok(Reply::json(json!(made)).status(201).did(Effect::Create, object))
}

/// `GetMethod`, with its integration.
pub(crate) fn get(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (_, mut api) = opened(request, tx)?;
    Ok(Reply::json(json!(shelf::method(request, &mut api)?)))
}

/// `UpdateMethod`.
pub(crate) fn update(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (shelf, mut api) = opened(request, tx)?;
    let patches: Patches = request.read()?;
    let method = shelf::method(request, &mut api)?;
    for patch in &patches.patch_operations {
        apply(method, patch)?;
    }
    let reply = Reply::json(json!(method));
    let object = object(request, &mut api)?;
    shelf.save(tx, &api)?;
    Ok(reply.did(Effect::Update, object))
}

fn apply(method: &mut Method, patch: &Patch) -> Result<(), Refusal> {
    match patch.path.as_str() {
        "/authorizationType" => {
            patch.only_replace()?;
            grammar::authorization(&patch.text())?;
            method.authorization_type = patch.text();
        }
        "/apiKeyRequired" => {
            patch.only_replace()?;
            method.api_key_required = patch.yes();
        }
        "/operationName" => {
            patch.only_replace()?;
            method.operation_name = patch.optional();
        }
        "/authorizerId" | "/requestValidatorId" => {
            return Err(Refusal::not_modelled(&format!("UpdateMethod of {}", patch.path)));
        }
        _ => return Err(patch.unknown_path()),
    }
    Ok(())
}

/// `DeleteMethod`.
pub(crate) fn delete(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (shelf, mut api) = opened(request, tx)?;
    shelf::method(request, &mut api)?;
    shelf::resource(request, &mut api)?.resource_methods.remove(request.label("http_method"));
    let object = object(request, &mut api)?;
    shelf.save(tx, &api)?;
    Ok(Reply::empty(204).did(Effect::Delete, object))
}

/// A missing API is reported as a missing resource here, as AWS does.
pub(crate) fn opened(request: &Request, tx: &Tx) -> Result<(Shelf, Api), Refusal> {
    let shelf = Shelf::of(request);
    let api = shelf.api_by_id(tx, request.label("restapi_id")).map_err(|_| no_resource())?;
    Ok((shelf, api))
}

/// Names the method in the ledger.
fn object(request: &Request, api: &mut Api) -> Result<String, Refusal> {
    let path = shelf::resource(request, api)?.path.clone();
    Ok(format!("rest-method/{}/{} {path}", api.about.id, request.label("http_method")))
}
