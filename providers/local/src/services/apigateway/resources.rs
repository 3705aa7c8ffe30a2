//! Resources: the tree of path parts.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

use super::model::{Api, Resource};
use super::refusals::{bad_request, conflict, limit};
use super::shelf::{self, Shelf, no_resource};
use super::{grammar, paging};

/// The quota of resources of an API ("Amazon API Gateway quotas").
const MOST: usize = 300;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create {
    #[serde(default)]
    path_part: String,
}

/// `CreateResource`.
pub(crate) fn create(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let mut api = shelf.api(tx, request)?;
    let wanted: Create = request.read()?;
    let parent = api.resources.get(request.label("parent_id")).cloned().ok_or_else(no_resource)?;
    check(&api, &parent, &wanted.path_part)?;
    let made = Resource {
        id: super::fresh(10),
        path: format!("{}/{}", parent.path.trim_end_matches('/'), wanted.path_part),
        parent_id: Some(parent.id),
        path_part: Some(wanted.path_part),
        resource_methods: std::collections::BTreeMap::new(),
    };
    api.resources.insert(made.id.clone(), made.clone());
    shelf.save(tx, &api)?;
    let object = format!("rest-resource/{}{}", api.about.id, made.path);
    Ok(Reply::json(json!(made)).status(201).did(Effect::Create, object))
}

fn check(api: &Api, parent: &Resource, part: &str) -> Result<(), Refusal> {
    grammar::path_part(part)?;
    if api.resources.len() >= MOST {
        return Err(limit(
            "Maximum number of resources for this API has been reached. Please contact AWS if you need additional \
             resources.",
        ));
    }
    if let Some(greedy) = parent.path_part.as_deref().filter(|part| grammar::is_greedy(part)) {
        return Err(bad_request(format!(
            "Cannot create a child of a resource with a greedy path variable: {greedy}"
        )));
    }
    let siblings =
        || api.resources.values().filter(|other| other.parent_id.as_deref() == Some(&parent.id));
    if siblings().any(|other| other.path_part.as_deref() == Some(part)) {
        return Err(conflict(format!(
            "Another resource with the same parent already has this name: {part}"
        )));
    }
    let variable = siblings()
        .filter_map(|other| other.path_part.as_deref())
        .find(|part| grammar::is_variable(part));
    match variable {
        Some(variable) if grammar::is_variable(part) => Err(bad_request(format!(
            "A sibling ({variable}) of this resource already has a variable path part -- only one is allowed"
        ))),
        _ => Ok(()),
    }
}

/// `GetResource`; methods are named, and given in full only with `embed=methods`.
pub(crate) fn get(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let mut api =
        Shelf::of(request).api_by_id(tx, request.label("restapi_id")).map_err(|_| no_resource())?;
    let resource = shelf::resource(request, &mut api)?.clone();
    Ok(Reply::json(shown(&resource, embeds(request))))
}

/// `GetResources`.
pub(crate) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let api = Shelf::of(request).api(tx, request)?;
    let all: Vec<Resource> = api.resources.into_values().collect();
    let page = paging::page(request, context, all, |resource| resource.path.clone())?;
    let embed = embeds(request);
    Ok(Reply::json(json!(page.map(|resource| shown(&resource, embed)))))
}

/// `DeleteResource`: its children go with it.
pub(crate) fn delete(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let mut api = shelf.api_by_id(tx, request.label("restapi_id")).map_err(|_| no_resource())?;
    let resource = shelf::resource(request, &mut api)?.clone();
    if resource.parent_id.is_none() {
        return Err(bad_request("Root resource cannot be deleted"));
    }
    let mut gone = BTreeSet::from([resource.id]);
    loop {
        let children = api.resources.values().filter(|other| {
            other.parent_id.as_ref().is_some_and(|parent| gone.contains(parent))
                && !gone.contains(&other.id)
        });
        let found: Vec<String> = children.map(|child| child.id.clone()).collect();
        if found.is_empty() {
            break;
        }
        gone.extend(found);
    }
    api.resources.retain(|id, _| !gone.contains(id));
    shelf.save(tx, &api)?;
    Ok(Reply::empty(202)
        .did(Effect::Delete, format!("rest-resource/{}{}", api.about.id, resource.path)))
}

fn embeds(request: &Request) -> bool {
    request.queries("embed").iter().any(|names| names.split(',').any(|name| name == "methods"))
}

/// Without `embed=methods` each method is an empty object.
fn shown(resource: &Resource, embed: bool) -> serde_json::Value {
    let mut shown = json!(resource);
    let methods = shown.get_mut("resourceMethods").and_then(serde_json::Value::as_object_mut);
    if let (false, Some(methods)) = (embed, methods) {
        for method in methods.values_mut() {
            *method = json!({});
        }
    }
    shown
}
