//! Routes of HTTP APIs.

use serde::Deserialize;
use serde_json::json;

use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

use super::model::{Api, Route};
use super::shelf::{self, Shelf};
use super::{deployments, paging};
use crate::services::apigateway::refusals::{bad_request, conflict};
use crate::services::apigateway::{fresh, grammar};

/// The quota of routes of an API ("Quotas for configuring and running an HTTP API").
const MOST: usize = 300;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wanted {
    route_key: Option<String>,
    target: Option<String>,
    authorization_type: Option<String>,
    operation_name: Option<String>,
    api_key_required: Option<bool>,
}

/// `CreateRoute`.
pub(crate) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let mut api = shelf.api(tx, request)?;
    let mut wanted: Wanted = request.read()?;
    if api.routes.len() >= MOST {
        let message = "Maximum number of routes for this API has been reached.";
        return Err(
            Refusal::new(429, "TooManyRequestsException", message).with("limitType", "ROUTES")
        );
    }
    let mut made = Route {
        route_id: fresh(7),
        route_key: String::new(),
        api_key_required: false,
        authorization_type: "NONE".to_owned(),
        operation_name: None,
        target: None,
    };
    // A route without a key has a malformed one.
    wanted.route_key.get_or_insert_default();
    apply(&api, &mut made, wanted)?;
    api.routes.insert(made.route_id.clone(), made.clone());
    deployments::automatic(&mut api, context);
    shelf.save(tx, &api)?;
    let object = format!("http-route/{}/{}", api.about.api_id, made.route_key);
    Ok(Reply::json(json!(made)).status(201).did(Effect::Create, object))
}

/// `GetRoute`.
pub(crate) fn get(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let mut api = Shelf::of(request).api(tx, request)?;
    Ok(Reply::json(json!(shelf::route(request, &mut api)?)))
}

/// `GetRoutes`.
pub(crate) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let api = Shelf::of(request).api(tx, request)?;
    let all = api.routes.into_values();
    paging::page(request, context, all, |found: &Route| (found.route_id.clone(), json!(found)))
}

/// `UpdateRoute`: changes what is given.
pub(crate) fn update(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let mut api = shelf.api(tx, request)?;
    let wanted: Wanted = request.read()?;
    let mut route = shelf::route(request, &mut api)?.clone();
    apply(&api, &mut route, wanted)?;
    api.routes.insert(route.route_id.clone(), route.clone());
    deployments::automatic(&mut api, context);
    shelf.save(tx, &api)?;
    let object = format!("http-route/{}/{}", api.about.api_id, route.route_key);
    Ok(Reply::json(json!(route)).did(Effect::Update, object))
}

/// `DeleteRoute`.
pub(crate) fn delete(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let mut api = shelf.api(tx, request)?;
    let route = shelf::route(request, &mut api)?.clone();
    api.routes.remove(&route.route_id);
    deployments::automatic(&mut api, context);
    shelf.save(tx, &api)?;
    Ok(Reply::empty(204)
        .did(Effect::Delete, format!("http-route/{}/{}", api.about.api_id, route.route_key)))
}

fn apply(api: &Api, route: &mut Route, wanted: Wanted) -> Result<(), Refusal> {
    if let Some(key) = wanted.route_key {
        check_key(&key)?;
        if api
            .routes
            .values()
            .any(|other| other.route_id != route.route_id && other.route_key == key)
        {
            return Err(conflict(format!("Route with key {key} already exists for this API")));
        }
        route.route_key = key;
    }
    if let Some(target) = wanted.target {
        let known = target
            .strip_prefix("integrations/")
            .is_some_and(|id| api.integrations.contains_key(id));
        if !known {
            return Err(bad_request(format!(
                "Invalid target specified: {target}. The integration does not exist"
            )));
        }
        route.target = Some(target);
    }
    match wanted.authorization_type.as_deref() {
        None => {}
        Some(kind @ ("NONE" | "AWS_IAM")) => kind.clone_into(&mut route.authorization_type),
        Some("JWT" | "CUSTOM") => {
            return Err(bad_request(
                "AuthorizerId is required for authorization type JWT and CUSTOM",
            ));
        }
        Some(_) => {
            return Err(bad_request(
                "Invalid authorization type specified. Must be one of [NONE, AWS_IAM, CUSTOM, JWT]",
            ));
        }
    }
    if let Some(name) = wanted.operation_name {
        route.operation_name = Some(name).filter(|name| !name.is_empty());
    }
    if wanted.api_key_required == Some(true) {
        return Err(bad_request("ApiKeyRequired is not currently supported for HTTP APIs"));
    }
    Ok(())
}

/// `METHOD /path` or `$default`; path segments are words, `{name}` or, at the end, `{name+}`.
fn check_key(key: &str) -> Result<(), Refusal> {
    let path = key
        .split_once(' ')
        .filter(|(method, _)| grammar::METHODS.contains(method))
        .map(|(_, path)| path);
    if key == "$default" || path.is_some_and(is_path) {
        return Ok(());
    }
    Err(bad_request(
        "The provided route key is not formatted properly for HTTP protocol. Format should be \
         \"<HTTP METHOD> /<RESOURCE PATH>\" or \"$default\"",
    ))
}

fn is_path(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return false };
    let parts: Vec<&str> = rest.split('/').collect();
    let last = parts.len().saturating_sub(1);
    parts.iter().enumerate().all(|(at, part)| {
        let plain = !part.contains(['{', '}', ' ', '?', '#']);
        let variable =
            part.strip_prefix('{').and_then(|part| part.strip_suffix('}')).is_some_and(|name| {
                let name = if at == last { name.strip_suffix('+').unwrap_or(name) } else { name };
                !name.is_empty()
                    && name
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
            });
        plain || variable
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_key_is_a_method_and_a_path() {
        for key in
            ["$default", "GET /", "ANY /{proxy+}", "POST /photos/{id}/resize", "GET /a.b/c-d/~x"]
        {
            assert!(check_key(key).is_ok(), "{key}");
        }
        for key in [
            "",
            "GET",
            "GET photos",
            "FETCH /x",
            "get /x",
            "GET/x",
            "GET /{id",
            "GET /{proxy+}/x",
            "GET /a b",
        ] {
            assert!(check_key(key).is_err(), "{key}");
        }
    }
}
