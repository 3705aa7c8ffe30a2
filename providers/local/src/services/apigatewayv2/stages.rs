//! Stages of HTTP APIs.

use serde::Deserialize;
use serde_json::json;

use crate::cloud::Context;
use crate::ledger::Effect;
use crate::services::api_shelf::check_tags;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

use super::model::{Api, RouteSettings, Stage, Texts};
use super::shelf::{self, Shelf};
use super::{deployments, paging};
use crate::services::apigateway::grammar;
use crate::services::apigateway::refusals::{bad_request, conflict};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create {
    #[serde(default)]
    stage_name: String,
    auto_deploy: Option<bool>,
    deployment_id: Option<String>,
    description: Option<String>,
    stage_variables: Option<Texts>,
    #[serde(default)]
    tags: Texts,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Update {
    auto_deploy: Option<bool>,
    deployment_id: Option<String>,
    description: Option<String>,
    stage_variables: Option<Texts>,
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
    name(&wanted.stage_name)?;
    if api.stages.contains_key(&wanted.stage_name) {
        return Err(conflict("Stage already exists"));
    }
    check_tags(&wanted.tags)?;
    let made = Stage {
        stage_name: wanted.stage_name.clone(),
        auto_deploy: false,
        created_date: context.now.iso(),
        last_updated_date: context.now.iso(),
        default_route_settings: RouteSettings::default(),
        route_settings: Texts::new(),
        deployment_id: None,
        description: None,
        last_deployment_status_message: None,
        stage_variables: Texts::new(),
        tags: wanted.tags.clone(),
    };
    let settings = Update {
        auto_deploy: wanted.auto_deploy,
        deployment_id: wanted.deployment_id,
        description: wanted.description,
        stage_variables: wanted.stage_variables,
    };
    let made = apply(&api, made, settings)?;
    api.stages.insert(wanted.stage_name.clone(), made);
    let reply = saved(&shelf, tx, api, (&wanted.stage_name, context))?;
    let arn = shelf.stage_arn(request.label("apiId"), &wanted.stage_name);
    shelf.index(tx, context, (&arn, &wanted.tags))?;
    let object = format!("http-stage/{}/{}", request.label("apiId"), wanted.stage_name);
    Ok(reply.status(201).did(Effect::Create, object))
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

/// `GetStages`.
pub(crate) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let api = Shelf::of(request).api(tx, request)?;
    let all = api.stages.into_values();
    paging::page(request, context, all, |found: &Stage| (found.stage_name.clone(), json!(found)))
}

/// `UpdateStage`: changes what is given.
pub(crate) fn update(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let mut api = shelf.api(tx, request)?;
    let wanted: Update = request.read()?;
    let before = shelf::stage(request, &mut api)?.clone();
    let mut stage = apply(&api, before, wanted)?;
    stage.last_updated_date = context.now.iso();
    let name = stage.stage_name.clone();
    api.stages.insert(name.clone(), stage);
    let reply = saved(&shelf, tx, api, (&name, context))?;
    Ok(reply.did(Effect::Update, format!("http-stage/{}/{name}", request.label("apiId"))))
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
    shelf.unindex(tx, context, &shelf.stage_arn(&api.about.api_id, &name))?;
    Ok(Reply::empty(204).did(Effect::Delete, format!("http-stage/{}/{name}", api.about.api_id)))
}

fn name(name: &str) -> Result<(), Refusal> {
    let fine = (1..=128).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if fine || name == "$default" {
        return Ok(());
    }
    Err(bad_request("Stage name only allows a-zA-Z0-9._- or $default"))
}

fn apply(api: &Api, mut stage: Stage, wanted: Update) -> Result<Stage, Refusal> {
    if wanted.auto_deploy == Some(true) && !stage.auto_deploy {
        stage.last_deployment_status_message = None;
    }
    stage.auto_deploy = wanted.auto_deploy.unwrap_or(stage.auto_deploy);
    if let Some(id) = wanted.deployment_id {
        if stage.auto_deploy {
            return Err(bad_request(
                "Deployment ID cannot be set on a stage with autoDeploy enabled",
            ));
        }
        if !api.deployments.contains_key(&id) {
            return Err(bad_request(format!("Deployment {id} does not exist")));
        }
        stage.deployment_id = Some(id);
    }
    if let Some(description) = wanted.description {
        stage.description = Some(description).filter(|text| !text.is_empty());
    }
    // An empty value removes a variable.
    for (name, value) in wanted.stage_variables.into_iter().flatten() {
        grammar::variable(&name, &value)?;
        if value.is_empty() {
            stage.stage_variables.remove(&name);
        } else {
            stage.stage_variables.insert(name, value);
        }
    }
    Ok(stage)
}

/// Deploys where that has just become automatic, writes the API and answers with the stage as it then is.
fn saved(
    shelf: &Shelf,
    tx: &mut Tx,
    mut api: Api,
    (name, context): (&str, &Context<'_>),
) -> Result<Reply, Refusal> {
    let fresh = |stage: &Stage| stage.auto_deploy && stage.last_deployment_status_message.is_none();
    if api.stages.get(name).is_some_and(fresh) {
        deployments::automatic(&mut api, context);
    }
    shelf.save(tx, &api)?;
    Ok(Reply::json(json!(api.stages.get(name))))
}
