//! HTTP APIs themselves: create, get, list, update, delete.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::cloud::Context;
use crate::ledger::Effect;
use crate::services::api_shelf::check_tags;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

use super::model::{Api, HttpApi, Texts};
use super::paging;
use super::shelf::Shelf;
use crate::services::apigateway::fresh;
use crate::services::apigateway::refusals::bad_request;

const SELECTION: &str = "$request.method $request.path";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create {
    #[serde(default)]
    name: String,
    #[serde(default)]
    protocol_type: String,
    description: Option<String>,
    version: Option<String>,
    route_selection_expression: Option<String>,
    disable_execute_api_endpoint: Option<bool>,
    ip_address_type: Option<String>,
    #[serde(default)]
    tags: Texts,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Update {
    name: Option<String>,
    description: Option<String>,
    version: Option<String>,
    route_selection_expression: Option<String>,
    disable_execute_api_endpoint: Option<bool>,
    ip_address_type: Option<String>,
}

/// `CreateApi`. Quick create (`target`, `routeKey`) and CORS are refused as not modelled.
pub(crate) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let wanted: Create = request.read()?;
    match wanted.protocol_type.as_str() {
        "HTTP" => {}
        "WEBSOCKET" => return Err(Refusal::not_modelled("CreateApi with protocolType WEBSOCKET")),
        _ => {
            return Err(bad_request(
                "Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]",
            ));
        }
    }
    check_tags(&wanted.tags)?;
    let mut about = HttpApi {
        api_id: fresh(10),
        api_key_selection_expression: "$request.header.x-api-key".to_owned(),
        created_date: context.now.iso(),
        description: None,
        disable_execute_api_endpoint: false,
        ip_address_type: "ipv4".to_owned(),
        name: String::new(),
        protocol_type: wanted.protocol_type,
        route_selection_expression: SELECTION.to_owned(),
        tags: wanted.tags,
        version: None,
    };
    let settings = Update {
        name: Some(wanted.name),
        description: wanted.description,
        version: wanted.version,
        route_selection_expression: wanted.route_selection_expression,
        disable_execute_api_endpoint: wanted.disable_execute_api_endpoint,
        ip_address_type: wanted.ip_address_type,
    };
    apply(&mut about, settings)?;
    let empty = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let api = Api {
        about,
        integrations: empty.0,
        routes: empty.1,
        stages: empty.2,
        deployments: empty.3,
    };
    let shelf = Shelf::of(request);
    shelf.save(tx, &api)?;
    let about = &api.about;
    shelf.index(tx, context, (&shelf.arn(&about.api_id), &about.tags))?;
    let object = format!("http-api/{}", about.api_id);
    Ok(Reply::json(shown(about, context)).status(201).did(Effect::Create, object))
}

/// `GetApi`.
pub(crate) fn get(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    Ok(Reply::json(shown(&Shelf::of(request).api(tx, request)?.about, context)))
}

/// `GetApis`.
pub(crate) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let all = Shelf::of(request).apis(tx)?.into_iter().map(|api| api.about);
    paging::page(request, context, all, |api: &HttpApi| (api.api_id.clone(), shown(api, context)))
}

/// `UpdateApi`.
pub(crate) fn update(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let mut api = shelf.api(tx, request)?;
    apply(&mut api.about, request.read()?)?;
    shelf.save(tx, &api)?;
    let object = format!("http-api/{}", api.about.api_id);
    Ok(Reply::json(shown(&api.about, context)).did(Effect::Update, object))
}

/// `DeleteApi`: everything in it goes with it.
pub(crate) fn delete(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let api = shelf.api(tx, request)?;
    let id = &api.about.api_id;
    shelf.forget(tx, id)?;
    for stage in api.stages.keys() {
        shelf.unindex(tx, context, &shelf.stage_arn(id, stage))?;
    }
    shelf.unindex(tx, context, &shelf.arn(id))?;
    Ok(Reply::empty(204).did(Effect::Delete, format!("http-api/{id}")))
}

fn apply(about: &mut HttpApi, wanted: Update) -> Result<(), Refusal> {
    if let Some(name) = wanted.name {
        if !(1..=128).contains(&name.chars().count()) {
            return Err(bad_request(
                "Invalid API name specified. Name must be between 1 and 128 characters long",
            ));
        }
        about.name = name;
    }
    if let Some(description) = wanted.description {
        if description.chars().count() > 1024 {
            return Err(bad_request("Description must not be longer than 1024 characters"));
        }
        about.description = Some(description).filter(|text| !text.is_empty());
    }
    if let Some(version) = wanted.version {
        about.version = Some(version).filter(|text| !text.is_empty());
    }
    let selections = [SELECTION, "${request.method} ${request.path}"];
    if wanted.route_selection_expression.is_some_and(|text| !selections.contains(&text.as_str())) {
        return Err(bad_request(
            "Invalid RouteSelectionExpression for HTTP API. Must be $request.method $request.path",
        ));
    }
    if let Some(kind) = wanted.ip_address_type {
        if !["ipv4", "dualstack"].contains(&kind.as_str()) {
            return Err(bad_request(
                "Invalid IpAddressType specified. Must be one of [ipv4, dualstack]",
            ));
        }
        about.ip_address_type = kind;
    }
    about.disable_execute_api_endpoint =
        wanted.disable_execute_api_endpoint.unwrap_or(about.disable_execute_api_endpoint);
    Ok(())
}

fn shown(about: &HttpApi, context: &Context<'_>) -> Value {
    let mut shown = json!(about);
    if let Some(map) = shown.as_object_mut() {
        let endpoint = format!("{}/_updraft/http-api/{}", context.base_url, about.api_id);
        map.insert("apiEndpoint".to_owned(), json!(endpoint));
    }
    shown
}
