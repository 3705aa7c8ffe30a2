//! Deployments: snapshots of the routes. What changes afterwards is not served until the next one.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

use super::model::{Api, Deployment, Route, Texts};
use super::patch::Patches;
use super::refusals::bad_request;
use super::shelf::{Shelf, no_deployment};
use super::{paging, stages};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create {
    stage_name: Option<String>,
    stage_description: Option<String>,
    description: Option<String>,
    variables: Option<Texts>,
    tracing_enabled: Option<bool>,
}

/// `CreateDeployment`; with `stageName` it also makes that stage, or points it here.
pub(crate) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let mut api = shelf.api(tx, request)?;
    let wanted: Create = request.read()?;
    let made = Deployment {
        id: super::fresh(10),
        description: wanted.description,
        created_date: context.now.seconds(),
        routes: snapshot(&api)?,
        binary_media_types: api.about.binary_media_types.clone(),
    };
    shelf.save_deployment(tx, &api.about.id, &made)?;
    if let Some(name) = wanted.stage_name.filter(|name| !name.is_empty()) {
        let stage = stages::New {
            deployment_id: made.id.clone(),
            description: wanted.stage_description,
            variables: wanted.variables,
            tracing_enabled: wanted.tracing_enabled,
        };
        stages::point(&mut api, &name, stage, context)?;
        shelf.save(tx, &api)?;
    }
    let object = format!("rest-deployment/{}/{}", api.about.id, made.id);
    Ok(Reply::json(shown(&made, false)).status(201).did(Effect::Create, object))
}

/// An API without methods, or with a method that calls nothing, cannot be deployed.
fn snapshot(api: &Api) -> Result<Vec<Route>, Refusal> {
    let mut routes = Vec::new();
    for resource in api.resources.values() {
        for method in resource.resource_methods.values() {
            if method.method_integration.is_none() {
                return Err(bad_request("No integration defined for method"));
            }
            let route = Route {
                resource: resource.id.clone(),
                path: resource.path.clone(),
                method: method.clone(),
            };
            routes.push(route);
        }
    }
    if routes.is_empty() {
        return Err(bad_request("The REST API doesn't contain any methods"));
    }
    Ok(routes)
}

/// `GetDeployment`.
pub(crate) fn get(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (_, _, found) = opened(request, tx)?;
    let embed = request.queries("embed").iter().any(|name| name.contains("apisummary"));
    Ok(Reply::json(shown(&found, embed)))
}

/// `GetDeployments`.
pub(crate) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let api = shelf.api(tx, request)?;
    let all = shelf.deployments(tx, &api.about.id)?;
    let page = paging::page(request, context, all, |deployment| deployment.id.clone())?;
    Ok(Reply::json(json!(page.map(|deployment| shown(&deployment, false)))))
}

/// `UpdateDeployment`: the description alone can change.
pub(crate) fn update(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (shelf, api, mut found) = opened(request, tx)?;
    let patches: Patches = request.read()?;
    for patch in &patches.patch_operations {
        match (patch.op.as_str(), patch.path.as_str()) {
            ("replace", "/description") => found.description = patch.optional(),
            _ => return Err(patch.unknown_of(&["/description"])),
        }
    }
    shelf.save_deployment(tx, &api.about.id, &found)?;
    let object = format!("rest-deployment/{}/{}", api.about.id, found.id);
    Ok(Reply::json(shown(&found, false)).did(Effect::Update, object))
}

/// `DeleteDeployment`; refused while a stage serves it.
pub(crate) fn delete(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (shelf, api, found) = opened(request, tx)?;
    if api.stages.values().any(|stage| stage.deployment_id == found.id) {
        return Err(bad_request(
            "Active stages pointing to this deployment must be moved or deleted",
        ));
    }
    shelf.forget_deployment(tx, &api.about.id, &found.id)?;
    Ok(Reply::empty(202)
        .did(Effect::Delete, format!("rest-deployment/{}/{}", api.about.id, found.id)))
}

fn opened(request: &Request, tx: &Tx) -> Result<(Shelf, Api, Deployment), Refusal> {
    let shelf = Shelf::of(request);
    let api = shelf.api(tx, request)?;
    let id = request.label("deployment_id");
    let found = shelf.deployment(tx, &api.about.id, id)?.ok_or_else(no_deployment)?;
    Ok((shelf, api, found))
}

fn shown(deployment: &Deployment, embed: bool) -> Value {
    let mut shown = json!({ "id": deployment.id, "createdDate": deployment.created_date });
    let Some(map) = shown.as_object_mut() else { return shown };
    if let Some(description) = &deployment.description {
        map.insert("description".to_owned(), json!(description));
    }
    if embed {
        let mut summary = serde_json::Map::new();
        for route in &deployment.routes {
            let methods = summary.entry(route.path.clone()).or_insert_with(|| json!({}));
            if let Some(methods) = methods.as_object_mut() {
                let method = json!({
                    "authorizationType": route.method.authorization_type,
                    "apiKeyRequired": route.method.api_key_required,
                });
                methods.insert(route.method.http_method.clone(), method);
            }
        }
        map.insert("apiSummary".to_owned(), Value::Object(summary));
    }
    shown
}
