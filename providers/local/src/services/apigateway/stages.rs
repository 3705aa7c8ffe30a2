//! Stages: named addresses of deployments.

use serde::Deserialize;
use serde_json::json;

use crate::cloud::Context;
use crate::ledger::Effect;
use crate::services::api_shelf::check_tags;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

use super::grammar;
use super::model::{Api, Stage, Texts};
use super::patch::{Patch, Patches};
use super::refusals::{bad_request, conflict};
use super::shelf::{self, Shelf};

/// The paths `UpdateStage` names when it is given another.
const PATHS: &str = "/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, \
    /accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, \
    /{resourcePath}/{httpMethod}/metrics/enabled, /variables/{variable_name}, /tracingEnabled";

/// What a new stage, or a stage that is pointed elsewhere, is given.
pub(crate) struct New {
    /// The deployment to serve.
    pub(crate) deployment_id: String,
    /// A description.
    pub(crate) description: Option<String>,
    /// Its variables.
    pub(crate) variables: Option<Texts>,
    /// Whether it is traced.
    pub(crate) tracing_enabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create {
    #[serde(default)]
    stage_name: String,
    #[serde(default)]
    deployment_id: String,
    description: Option<String>,
    variables: Option<Texts>,
    tracing_enabled: Option<bool>,
    cache_cluster_enabled: Option<bool>,
    #[serde(default)]
    tags: Texts,
}

/// `CreateStage`.
pub(crate) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let mut api = shelf.api(tx, request)?;
    let wanted: Create = request.read()?;
    if wanted.cache_cluster_enabled == Some(true) {
        return Err(Refusal::not_modelled("CreateStage.cacheClusterEnabled"));
    }
    if shelf.deployment(tx, &api.about.id, &wanted.deployment_id)?.is_none() {
        return Err(bad_request("Deployment id does not exist"));
    }
    if api.stages.contains_key(&wanted.stage_name) {
        return Err(conflict("Stage already exists"));
    }
    check_tags(&wanted.tags)?;
    let new = New {
        deployment_id: wanted.deployment_id,
        description: wanted.description,
        variables: wanted.variables,
        tracing_enabled: wanted.tracing_enabled,
    };
    let stage = point(&mut api, &wanted.stage_name, new, context)?;
    stage.tags.clone_from(&wanted.tags);
    let reply = Reply::json(json!(stage)).status(201);
    shelf.save(tx, &api)?;
    let arn = shelf.stage_arn(&api.about.id, &wanted.stage_name);
    shelf.index(tx, context, (&arn, &wanted.tags))?;
    Ok(reply.did(Effect::Create, format!("rest-stage/{}/{}", api.about.id, wanted.stage_name)))
}

/// Makes a stage, or points the one of that name at another deployment.
pub(crate) fn point<'a>(
    api: &'a mut Api,
    name: &str,
    new: New,
    context: &Context<'_>,
) -> Result<&'a mut Stage, Refusal> {
    grammar::stage_name(name)?;
    for (variable, value) in new.variables.iter().flatten() {
        grammar::variable(variable, value)?;
    }
    let now = context.now.seconds();
    let stage = api.stages.entry(name.to_owned()).or_insert_with(|| Stage {
        deployment_id: String::new(),
        stage_name: name.to_owned(),
        description: None,
        cache_cluster_enabled: false,
        cache_cluster_status: "NOT_AVAILABLE".to_owned(),
        method_settings: Texts::new(),
        variables: Texts::new(),
        tracing_enabled: false,
        tags: Texts::new(),
        created_date: now,
        last_updated_date: now,
    });
    stage.deployment_id = new.deployment_id;
    stage.last_updated_date = now;
    if new.description.is_some() {
        stage.description = new.description;
    }
    if let Some(variables) = new.variables {
        stage.variables = variables;
    }
    stage.tracing_enabled = new.tracing_enabled.unwrap_or(stage.tracing_enabled);
    Ok(stage)
}

/// `GetStage`.
pub(crate) fn get(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let mut api = Shelf::of(request).api(tx, request)?;
    Ok(Reply::json(json!(shelf::stage(request, &mut api)?)))
}

/// `GetStages`, all of them or those of one deployment. There are no pages.
pub(crate) fn list(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let api = Shelf::of(request).api(tx, request)?;
    let of = request.query("deploymentId");
    let found: Vec<&Stage> =
        api.stages.values().filter(|stage| of.is_none_or(|id| stage.deployment_id == id)).collect();
    Ok(Reply::json(json!({ "item": found })))
}

/// `UpdateStage`.
pub(crate) fn update(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let mut api = shelf.api(tx, request)?;
    let patches: Patches = request.read()?;
    let id = api.about.id.clone();
    let stage = shelf::stage(request, &mut api)?;
    for patch in &patches.patch_operations {
        if patch.path == "/deploymentId" && shelf.deployment(tx, &id, &patch.text())?.is_none() {
            return Err(bad_request("Deployment id does not exist"));
        }
        apply(stage, patch)?;
    }
    stage.last_updated_date = context.now.seconds();
    let reply = Reply::json(json!(stage));
    shelf.save(tx, &api)?;
    Ok(reply.did(Effect::Update, format!("rest-stage/{id}/{}", request.label("stage_name"))))
}

fn apply(stage: &mut Stage, patch: &Patch) -> Result<(), Refusal> {
    if let Some(name) = patch.below("/variables") {
        return variable(stage, patch, &name);
    }
    match (patch.op.as_str(), patch.path.as_str()) {
        ("replace", "/deploymentId") => stage.deployment_id = patch.text(),
        ("replace", "/description") => stage.description = patch.optional(),
        ("replace", "/tracingEnabled") => stage.tracing_enabled = patch.yes(),
        (_, "/deploymentId" | "/description" | "/tracingEnabled") => {
            return Err(bad_request(
                "Invalid patch operation specified. Must be one of: [replace]",
            ));
        }
        (_, other) if known(other) => {
            return Err(Refusal::not_modelled(&format!("UpdateStage of {other}")));
        }
        (_, other) => {
            return Err(bad_request(format!(
                "Invalid method setting path: {other}. Must be one of: [{PATHS}]"
            )));
        }
    }
    Ok(())
}

/// Whether AWS knows the path and this cloud does not.
fn known(path: &str) -> bool {
    let settings = ["/metrics/", "/logging/", "/throttling/", "/caching/"];
    [
        "/cacheCluster",
        "/clientCertificateId",
        "/accessLogSettings",
        "/canarySettings",
        "/documentationVersion",
    ]
    .iter()
    .any(|root| path.starts_with(root))
        || settings.iter().any(|part| path.contains(part))
}

fn variable(stage: &mut Stage, patch: &Patch, name: &str) -> Result<(), Refusal> {
    match patch.op.as_str() {
        "replace" | "add" => {
            grammar::variable(name, &patch.text())?;
            stage.variables.insert(name.to_owned(), patch.text());
        }
        "remove" => {
            stage.variables.remove(name);
        }
        _ => {
            return Err(bad_request(
                "Invalid patch operation specified. Must be one of: [add, remove, replace]",
            ));
        }
    }
    Ok(())
}

/// `DeleteStage`.
pub(crate) fn delete(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let mut api = shelf.api(tx, request)?;
    let name = shelf::stage(request, &mut api)?.stage_name.clone();
    api.stages.remove(&name);
    shelf.save(tx, &api)?;
    shelf.unindex(tx, context, &shelf.stage_arn(&api.about.id, &name))?;
    Ok(Reply::empty(202).did(Effect::Delete, format!("rest-stage/{}/{name}", api.about.id)))
}
