//! Finds the type and method of a request to ARM, and refuses versions, parameters and bodies that they do not know.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::path::{self, Path, same};
use super::refusals::{content, front};
use super::service::{Level, Method, ResourceType, Verb};
use super::subscriptions::TENANT;
use super::types;
use crate::call::{Call, Meant};
use crate::wire::{Refusal, Request};

/// The query parameters of every method.
const STANDARD: &[&str] = &["api-version", "$skiptoken"];

/// What the service tells about every resource; sent, it is dropped.
const TOLD: &[&str] = &["id", "name", "type", "systemData", "etag"];

/// Finds what the request is for, fills in its labels, and reads its body into one spelling.
pub(crate) fn identify(request: &mut Request) -> Meant {
    if let Some(plane) = types::plane(&request.path) {
        plane.name.clone_into(&mut request.service);
        request.action = (plane.action)(request);
        return Meant { call: Call::Plane(plane), refusal: None };
    }
    match find(request) {
        Ok((row, method)) => {
            row.namespace().clone_into(&mut request.service);
            request.action = row.operation(method);
            let refusal = check(row, method, request).err();
            Meant { call: Call::Arm(row, method), refusal }
        }
        Err(refusal) => {
            let refusal = bearer(request).err().unwrap_or(refusal);
            Meant { call: Call::NoArm, refusal: Some(refusal) }
        }
    }
}

type Found = (&'static ResourceType, &'static Method);

fn find(request: &mut Request) -> Result<Found, Refusal> {
    let line = format!("{} {}", request.method, request.path);
    let not_modelled = || Refusal::not_modelled(&line);
    let path = path::parse(&request.path).ok_or_else(not_modelled)?;
    let count = path.pairs.len();
    let last = path.pairs.last().cloned();
    let named = last.as_ref().is_some_and(|(_, name)| name.is_some());
    let of_namespace = path.pairs.is_empty();
    let (kind, verb) = match (request.method.as_str(), named) {
        _ if of_namespace => {
            let verb = if request.method == "GET" { Verb::Get } else { Verb::Put };
            (PROVIDERS.to_owned(), verb)
        }
        ("GET", true) => (path.kind(count), Verb::Get),
        ("HEAD", true) => (path.kind(count), Verb::Head),
        ("GET", false) => (path.kind(count), Verb::List),
        ("PUT", true) => (path.kind(count), Verb::Put),
        ("PATCH", true) => (path.kind(count), Verb::Patch),
        ("DELETE", true) => (path.kind(count), Verb::Delete),
        ("POST", true) => (path.kind(count), Verb::Post("")),
        ("POST", false) => return post(request, &path).ok_or_else(not_modelled)?,
        _ => return Err(not_modelled()),
    };
    let Some(row) = types::named(&kind) else { return Err(unknown(&path, &kind)) };
    let method = row.methods.iter().find(|method| method.verb == verb);
    let method = method.ok_or_else(not_modelled)?;
    label(request, &path, row, count);
    Ok((row, method))
}

/// The type of the providers of a subscription.
const PROVIDERS: &str = "Microsoft.Resources/subscriptions/providers";

/// A POST whose last segment is an action: of one resource, of a namespace, or of a collection.
fn post(request: &mut Request, path: &Path) -> Option<Result<Found, Refusal>> {
    let count = path.pairs.len();
    let (action, _) = path.pairs.last()?;
    let above = if count == 1 { PROVIDERS.to_owned() } else { path.kind(count - 1) };
    if let Some(row) = types::named(&above) {
        let is = |method: &&Method| matches!(method.verb, Verb::Post(name) if same(name, action));
        if let Some(method) = row.methods.iter().find(is) {
            label(request, path, row, count - 1);
            return Some(Ok((row, method)));
        }
    }
    let row = match types::named(&path.kind(count)) {
        Some(row) => row,
        None if types::named(&above).is_some() && count > 1 => return None,
        None => return Some(Err(unknown(path, &path.kind(count)))),
    };
    let method = row.methods.iter().find(|method| method.verb == Verb::PostAll)?;
    label(request, path, row, count);
    Some(Ok((row, method)))
}

/// Fills in the labels: what the first `count` pairs name.
fn label(request: &mut Request, path: &Path, row: &ResourceType, count: usize) {
    let mut labels = BTreeMap::new();
    let mut id = path.scope.clone();
    if path.namespace != path::CORE || !path.scope.is_empty() {
        let told = same(&path.namespace, row.namespace());
        let namespace = if told { row.namespace() } else { &path.namespace };
        id = format!("{id}/providers/{namespace}");
    }
    let mut within = path.scope.clone();
    let mut names = Vec::new();
    let shorts = row.short().split('/').map(str::to_owned);
    for ((_, name), short) in path.pairs.iter().take(count).zip(shorts) {
        let Some(name) = name else { break };
        within.clone_from(&id);
        id = format!("{id}/{short}/{name}");
        names.push(name.clone());
        labels.insert(short, name.clone());
    }
    // A list is of what is below the last name there is.
    let listed = path.pairs.get(count.saturating_sub(1)).is_some_and(|(_, name)| name.is_none());
    if listed && !names.is_empty() {
        within.clone_from(&id);
    }
    if listed && names.is_empty() {
        within.clone_from(&path.scope);
    }
    let name = names.last().cloned().unwrap_or_default();
    let set = [
        ("type", row.name.to_owned()),
        ("namespace", path.namespace.clone()),
        ("subscription", path.subscription.clone()),
        ("group", path.group.clone()),
        ("scope", path.scope.clone()),
        ("within", within),
        ("names", names.join("/")),
        ("name", name),
        ("id", id),
    ];
    labels.extend(set.map(|(label, value)| (label.to_owned(), value)));
    request.account.clone_from(&path.subscription);
    request.labels = labels;
}

fn unknown(path: &Path, kind: &str) -> Refusal {
    let namespace = &path.namespace;
    if types::is_not_modelled(kind) {
        return Refusal::not_modelled(&format!("the resource type {kind}"));
    }
    if types::of(namespace).next().is_some() {
        let short = kind.split_once('/').map_or("", |(_, short)| short);
        let message = format!(
            "The resource type '{short}' could not be found in the namespace '{namespace}'."
        );
        return front(404, "InvalidResourceType", message);
    }
    if types::is_elsewhere(namespace) {
        return Refusal::not_modelled(&format!("the resource type {kind}"));
    }
    let message = format!("The resource namespace '{namespace}' is invalid.");
    front(404, "InvalidResourceNamespace", message)
}

fn check(row: &ResourceType, method: &Method, request: &mut Request) -> Result<(), Refusal> {
    bearer(request)?;
    version(row, request)?;
    level(row, method, request)?;
    for (name, _) in &mut request.query {
        let known = STANDARD.iter().chain(method.query).find(|known| same(known, name));
        let Some(known) = known else {
            let what = format!("the query parameter {name} of {}", request.action);
            return Err(Refusal::not_modelled(&what));
        };
        (*known).clone_into(name);
    }
    body(row, method, request)
}

/// Refuses a caller without a bearer token. Any token will do.
pub(super) fn bearer(request: &Request) -> Result<(), Refusal> {
    let header = request.header("authorization").unwrap_or_default();
    let token = header.split_once(' ').filter(|(kind, _)| same(kind, "Bearer"));
    if token.is_some_and(|(_, token)| !token.trim().is_empty()) {
        return Ok(());
    }
    let message = if header.is_empty() {
        "Authentication failed. The 'Authorization' header is missing."
    } else {
        "Authentication failed. The 'Authorization' header is provided in an invalid format."
    };
    let challenge = format!(
        "Bearer authorization_uri=\"https://login.windows.net/{TENANT}\", error=\"invalid_token\", \
         error_description=\"The authentication failed because of missing 'Authorization' header.\""
    );
    Err(front(401, "AuthenticationFailed", message).header("www-authenticate", challenge))
}

fn version(row: &ResourceType, request: &Request) -> Result<(), Refusal> {
    let sent = request.query.iter().find(|(name, _)| same(name, "api-version"));
    let Some((_, version)) = sent.filter(|(_, version)| !version.is_empty()) else {
        let message =
            "The api-version query parameter (?api-version=) is required for all requests.";
        return Err(front(400, "MissingApiVersionParameter", message));
    };
    if row.versions.contains(&version.as_str()) || row.versions.is_empty() {
        return Ok(());
    }
    let known = row.versions.join(", ");
    if !is_date(version) {
        let message = format!(
            "The api-version '{version}' is invalid. The supported versions are '{known}'."
        );
        return Err(front(400, "InvalidApiVersionParameter", message));
    }
    let message = format!(
        "No registered resource provider found for location 'global' and API version '{version}' for type '{}'. \
         The supported api-versions are '{known}'. The supported locations are ''.",
        row.short()
    );
    Err(front(400, "NoRegisteredProviderFound", message))
}

/// Whether a version has the form of one: `2025-05-01`, `2025-05-01-preview`.
fn is_date(version: &str) -> bool {
    let date = version.strip_suffix("-preview").unwrap_or(version);
    let lengths: Vec<usize> = date.split('-').map(str::len).collect();
    lengths == [4, 2, 2] && date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

/// Refuses a type where it does not live.
fn level(row: &ResourceType, method: &Method, request: &Request) -> Result<(), Refusal> {
    let (group, subscription) = (request.label("group"), request.label("subscription"));
    let scope = request.label("scope");
    let lists = matches!(method.verb, Verb::List);
    let depth = scope.split('/').filter(|part| !part.is_empty()).count();
    let fits = match row.level {
        Level::Extension => true,
        Level::Tenant => scope.is_empty(),
        Level::Subscription => !subscription.is_empty() && depth <= 2,
        Level::Group => (!group.is_empty() && depth <= 4) || (lists && !subscription.is_empty()),
    };
    if fits {
        return Ok(());
    }
    let message = format!("The resource type '{}' is not supported at this scope.", row.name);
    Err(front(400, "InvalidResourceScope", message))
}

/// Reads the body into the shape's spelling. What every resource has is no part of a shape.
fn body(row: &ResourceType, method: &Method, request: &mut Request) -> Result<(), Refusal> {
    if request.body.is_empty() {
        if matches!(method.verb, Verb::Put | Verb::Patch) {
            return Err(front(
                400,
                "InvalidRequestContent",
                "The request content was invalid and could not be deserialized: 'The request body is empty.'",
            ));
        }
        request.body = "{}".into();
    }
    let sent: Value = serde_json::from_slice(&request.body)
        .map_err(|error| content(&format!("Unexpected character encountered: {error}.")))?;
    let Value::Object(mut sent) = sent else {
        return Err(content("The request body must be a JSON object."));
    };
    let mut kept = Map::new();
    if matches!(method.verb, Verb::Put | Verb::Patch) {
        sent.retain(|name, _| !TOLD.iter().any(|told| same(told, name)));
        for name in ["location", "tags"] {
            let key = sent.keys().find(|key| same(key, name)).cloned();
            if let (true, Some(value)) = (row.tracked, key.and_then(|key| sent.remove(&key))) {
                envelope(name, &value)?;
                kept.insert(name.to_owned(), value);
            }
        }
    }
    let partial = method.verb == Verb::Patch;
    let read = method.body.read(&Value::Object(sent), &request.action, partial)?;
    if let Value::Object(read) = read {
        kept.extend(read);
    }
    request.body = Value::Object(kept).to_string().into();
    Ok(())
}

fn envelope(name: &str, value: &Value) -> Result<(), Refusal> {
    let texts =
        |value: &Value| value.as_object().is_some_and(|tags| tags.values().all(Value::is_string));
    let fits = value.is_null() || if name == "tags" { texts(value) } else { value.is_string() };
    if fits { Ok(()) } else { Err(content(&format!("Error converting the value. Path '{name}'."))) }
}
