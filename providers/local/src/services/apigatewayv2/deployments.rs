//! Deployments of HTTP APIs: made by hand, or by stages that deploy every change.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

use super::model::{Api, Deployment, Served};
use super::paging;
use super::shelf::{self, Shelf};
use crate::services::apigateway::fresh;
use crate::services::apigateway::refusals::{bad_request, not_found};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create {
    description: Option<String>,
    stage_name: Option<String>,
}

/// `CreateDeployment`; with `stageName` it also points that stage here.
pub(crate) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let mut api = shelf.api(tx, request)?;
    let wanted: Create = request.read()?;
    if api.routes.is_empty() {
        return Err(bad_request("At least one route is required before deploying the Api."));
    }
    let made = snapshot(&api, wanted.description, context);
    if let Some(name) = &wanted.stage_name {
        let stage = api
            .stages
            .get_mut(name)
            .ok_or_else(|| not_found("Invalid stage identifier specified"))?;
        if stage.auto_deploy {
            return Err(bad_request(
                "Deployments cannot be created for a stage with autoDeploy enabled",
            ));
        }
        stage.deployment_id = Some(made.deployment_id.clone());
        stage.last_updated_date = context.now.iso();
    }
    api.deployments.insert(made.deployment_id.clone(), made.clone());
    shelf.save(tx, &api)?;
    let object = format!("http-deployment/{}/{}", api.about.api_id, made.deployment_id);
    Ok(Reply::json(shown(&made)).status(201).did(Effect::Create, object))
}

/// `GetDeployment`.
pub(crate) fn get(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let api = Shelf::of(request).api(tx, request)?;
    Ok(Reply::json(shown(shelf::deployment(request, &api)?)))
}

/// `GetDeployments`.
pub(crate) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let api = Shelf::of(request).api(tx, request)?;
    let all = api.deployments.into_values();
    paging::page(request, context, all, |found: &Deployment| {
        (found.deployment_id.clone(), shown(found))
    })
}

/// `DeleteDeployment`; refused while a stage serves it.
pub(crate) fn delete(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let mut api = shelf.api(tx, request)?;
    let id = shelf::deployment(request, &api)?.deployment_id.clone();
    if api.stages.values().any(|stage| stage.deployment_id.as_deref() == Some(&id)) {
        return Err(bad_request(
            "Active stages pointing to this deployment must be moved or deleted",
        ));
    }
    api.deployments.remove(&id);
    shelf.save(tx, &api)?;
    Ok(Reply::empty(204).did(Effect::Delete, format!("http-deployment/{}/{id}", api.about.api_id)))
}

/// Deploys the API to every stage that deploys automatically.
///
/// Automatic deployments that no stage serves any more are dropped; AWS keeps them and nobody can tell.
pub(crate) fn automatic(api: &mut Api, context: &Context<'_>) {
    if api.routes.is_empty() || !api.stages.values().any(|stage| stage.auto_deploy) {
        return;
    }
    let mut made = snapshot(
        api,
        Some("Automatic deployment triggered by changes to the Api configuration".to_owned()),
        context,
    );
    made.auto_deployed = true;
    let id = made.deployment_id.clone();
    for stage in api.stages.values_mut().filter(|stage| stage.auto_deploy) {
        stage.deployment_id = Some(id.clone());
        stage.last_updated_date = context.now.iso();
        stage.last_deployment_status_message =
            Some(format!("Successfully deployed stage with deployment ID '{id}'"));
    }
    api.deployments.insert(id, made);
    let stages = &api.stages;
    api.deployments.retain(|id, deployment| {
        !deployment.auto_deployed
            || stages.values().any(|stage| stage.deployment_id.as_deref() == Some(id))
    });
}

fn snapshot(api: &Api, description: Option<String>, context: &Context<'_>) -> Deployment {
    let served = api.routes.values().map(|route| {
        let id = route.target.as_deref().and_then(|target| target.strip_prefix("integrations/"));
        Served {
            route: route.clone(),
            integration: id.and_then(|id| api.integrations.get(id)).cloned(),
        }
    });
    Deployment {
        deployment_id: fresh(6),
        auto_deployed: false,
        created_date: context.now.iso(),
        description,
        routes: served.collect(),
    }
}

fn shown(deployment: &Deployment) -> Value {
    let mut shown = json!(deployment);
    if let Some(map) = shown.as_object_mut() {
        map.remove("routes");
        map.insert("deploymentStatus".to_owned(), json!("DEPLOYED"));
    }
    shown
}
