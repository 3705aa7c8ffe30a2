//! REST APIs themselves: create, get, list, update, delete.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use crate::cloud::Context;
use crate::ledger::Effect;
use crate::services::api_shelf::check_tags;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

use super::model::{Api, EndpointConfiguration, Resource, RestApi, Texts};
use super::paging;
use super::patch::{Patch, Patches};
use super::refusals::bad_request;
use super::shelf::Shelf;

const ENDPOINTS: [&str; 3] = ["REGIONAL", "EDGE", "PRIVATE"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create {
    #[serde(default)]
    name: String,
    description: Option<String>,
    version: Option<String>,
    #[serde(default)]
    binary_media_types: Vec<String>,
    minimum_compression_size: Option<i64>,
    api_key_source: Option<String>,
    endpoint_configuration: Option<EndpointConfiguration>,
    #[serde(default)]
    tags: Texts,
    #[serde(default)]
    disable_execute_api_endpoint: bool,
}

/// `CreateRestApi`: the root resource is made with it.
pub(crate) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let wanted: Create = request.read()?;
    let mut about = RestApi {
        id: super::fresh(10),
        name: String::new(),
        description: None,
        version: wanted.version,
        created_date: context.now.seconds(),
        api_key_source: wanted.api_key_source.unwrap_or_else(|| "HEADER".to_owned()),
        binary_media_types: wanted.binary_media_types,
        minimum_compression_size: None,
        endpoint_configuration: endpoint(wanted.endpoint_configuration)?,
        disable_execute_api_endpoint: wanted.disable_execute_api_endpoint,
        root_resource_id: super::fresh(10),
        tags: wanted.tags,
    };
    name(&mut about, wanted.name)?;
    if wanted.description.as_deref() == Some("") {
        return Err(bad_request("Description cannot be an empty string"));
    }
    about.description = wanted.description;
    key_source(&about.api_key_source)?;
    compression(&mut about, wanted.minimum_compression_size)?;
    check_tags(&about.tags)?;
    let root = about.root_resource_id.clone();
    let resource = Resource {
        id: root.clone(),
        parent_id: None,
        path_part: None,
        path: "/".to_owned(),
        resource_methods: BTreeMap::new(),
    };
    let api = Api { about, resources: BTreeMap::from([(root, resource)]), stages: BTreeMap::new() };
    let shelf = Shelf::of(request);
    shelf.save(tx, &api)?;
    shelf.index(tx, context, (&shelf.arn(&api.about.id), &api.about.tags))?;
    Ok(Reply::json(json!(api.about))
        .status(201)
        .did(Effect::Create, format!("rest-api/{}", api.about.id)))
}

/// `GetRestApi`.
pub(crate) fn get(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    Ok(Reply::json(json!(Shelf::of(request).api(tx, request)?.about)))
}

/// `GetRestApis`.
pub(crate) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let all = Shelf::of(request).apis(tx)?.into_iter().map(|api| api.about).collect();
    let page = paging::page(request, context, all, |api: &RestApi| api.id.clone())?;
    Ok(Reply::json(json!(page)))
}

/// `UpdateRestApi`.
pub(crate) fn update(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let mut api = shelf.api(tx, request)?;
    let patches: Patches = request.read()?;
    for patch in &patches.patch_operations {
        apply(&mut api.about, patch)?;
    }
    shelf.save(tx, &api)?;
    Ok(Reply::json(json!(api.about)).did(Effect::Update, format!("rest-api/{}", api.about.id)))
}

/// `DeleteRestApi`: everything in it goes with it.
pub(crate) fn delete(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let api = shelf.api(tx, request)?;
    shelf.forget(tx, &api.about.id)?;
    for stage in api.stages.keys() {
        shelf.unindex(tx, context, &shelf.stage_arn(&api.about.id, stage))?;
    }
    shelf.unindex(tx, context, &shelf.arn(&api.about.id))?;
    Ok(Reply::empty(202).did(Effect::Delete, format!("rest-api/{}", api.about.id)))
}

fn apply(about: &mut RestApi, patch: &Patch) -> Result<(), Refusal> {
    if let Some(media) = patch.below("/binaryMediaTypes") {
        return binary_media(about, patch, media);
    }
    if patch.below("/endpointConfiguration/types").is_some() {
        patch.only_replace()?;
        let kind = EndpointConfiguration {
            types: vec![patch.text()],
            ..about.endpoint_configuration.clone()
        };
        about.endpoint_configuration = endpoint(Some(kind))?;
        return Ok(());
    }
    match patch.path.as_str() {
        "/name" => patch.only_replace().and_then(|()| name(about, patch.text())),
        "/description" if patch.op == "remove" => {
            about.description = None;
            Ok(())
        }
        "/description" => patch.only_replace().map(|()| about.description = patch.optional()),
        "/version" => patch.only_replace().map(|()| about.version = patch.optional()),
        "/disableExecuteApiEndpoint" => {
            patch.only_replace().map(|()| about.disable_execute_api_endpoint = patch.yes())
        }
        "/apiKeySource" => {
            patch.only_replace()?;
            key_source(&patch.text())?;
            about.api_key_source = patch.text();
            Ok(())
        }
        "/minimumCompressionSize" => {
            patch.only_replace()?;
            let size = patch.optional().map(|text| text.parse().unwrap_or(-1));
            compression(about, size)
        }
        "/policy" | "/securityPolicy" | "/endpointConfiguration/vpcEndpointIds" => {
            Err(Refusal::not_modelled(&format!("UpdateRestApi of {}", patch.path)))
        }
        _ => Err(patch.unknown_path()),
    }
}

fn binary_media(about: &mut RestApi, patch: &Patch, media: String) -> Result<(), Refusal> {
    let types = &mut about.binary_media_types;
    let at = types.iter().position(|known| *known == media);
    match (patch.op.as_str(), at) {
        ("add", None) => types.push(media),
        ("add", Some(_)) => {}
        ("remove", Some(at)) => {
            types.remove(at);
        }
        ("replace", Some(at)) => {
            types.remove(at);
            types.push(patch.text());
        }
        ("remove" | "replace", None) => return Err(patch.unknown_path()),
        _ => {
            return Err(bad_request(
                "Invalid patch operation specified. Must be one of: [add, remove, replace]",
            ));
        }
    }
    Ok(())
}

fn name(about: &mut RestApi, name: String) -> Result<(), Refusal> {
    if name.is_empty() {
        return Err(bad_request("API Name cannot be empty"));
    }
    if name.chars().count() > 1024 {
        return Err(bad_request("API Name cannot be longer than 1024 characters"));
    }
    about.name = name;
    Ok(())
}

fn key_source(source: &str) -> Result<(), Refusal> {
    if ["HEADER", "AUTHORIZER"].contains(&source) {
        return Ok(());
    }
    Err(bad_request(format!(
        "1 validation error detected: Value '{source}' at 'createRestApiInput.apiKeySource' failed to satisfy \
         constraint: Member must satisfy enum value set: [AUTHORIZER, HEADER]"
    )))
}

fn compression(about: &mut RestApi, size: Option<i64>) -> Result<(), Refusal> {
    if size.is_some_and(|size| !(0..=10_485_760).contains(&size)) {
        return Err(bad_request(
            "Invalid minimum compression size, must be between 0 and 10485760",
        ));
    }
    about.minimum_compression_size = size;
    Ok(())
}

/// An API without a configuration is edge-optimised.
fn endpoint(wanted: Option<EndpointConfiguration>) -> Result<EndpointConfiguration, Refusal> {
    let Some(mut wanted) = wanted else {
        return Ok(EndpointConfiguration {
            types: vec!["EDGE".to_owned()],
            ip_address_type: "ipv4".to_owned(),
        });
    };
    if wanted.types.is_empty() {
        wanted.types.push("EDGE".to_owned());
    }
    match wanted.types.as_slice() {
        [kind] if ENDPOINTS.contains(&kind.as_str()) => Ok(wanted),
        [kind] => Err(bad_request(format!(
            "1 validation error detected: Value '[{kind}]' at 'createRestApiInput.endpointConfiguration.types' failed \
             to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, \
             EDGE, REGIONAL]]"
        ))),
        _ => Err(bad_request("Only one endpoint type is allowed")),
    }
}
