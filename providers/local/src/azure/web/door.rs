//! A site's own address: the host's admin paths, and the functions that are called over HTTP.
//!
//! Source: <https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger> and
//! <https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http>.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::app;
use super::archive::methods;
use super::auth::{self, Verdict};
use super::definition::{Function, GRID, HTTP, QUEUE, TIMER};
use super::run::{self, Fault, Job, Runnable};
use super::show::hosts;
use super::wire::{self, parts, plain};
use crate::azure::path::same;
use crate::azure::service::Plane;
use crate::clock::Moment;
use crate::cloud::Cloud;
use crate::services::Pending;
use crate::wire::{Body, Refusal, Reply, Request};

/// How long the load balancer waits for an answer
/// (<https://learn.microsoft.com/azure/azure-functions/functions-scale#timeout>).
const PATIENCE: Duration = Duration::from_secs(230);

/// The addresses of sites.
pub(crate) static DOOR: Plane = Plane {
    prefix: "_site",
    name: "site",
    action: |_| "Invoke".to_owned(),
    open: |request, cloud| -> Pending { Box::pin(async move { open(request, cloud).await }) },
    wire: wire::write,
    throttle: (429, "TooManyRequests"),
};

async fn open(request: Request, cloud: Cloud) -> Result<Reply, Refusal> {
    let (name, rest) = parts(&request.path);
    let path = format!("/{rest}");
    let found = cloud.transact(|tx, _| app::of_name(tx, name))?;
    let Some((site, app)) = found else { return Err(plain(404, "404 Web Site not found.")) };
    if site.text("publicNetworkAccess") == "Disabled" {
        return Err(plain(
            403,
            "Error 403 - Forbidden. The web app you have attempted to reach has blocked your access.",
        ));
    }
    let header = request.header("authorization");
    let caller = match auth::check(&app.auth, &path, header, Moment::now()) {
        Verdict::Open => None,
        Verdict::Known(principal) => Some(principal),
        Verdict::Unknown(401) => return Err(unauthorized()),
        Verdict::Unknown(status) => return Err(plain(status, FORBIDDEN)),
        Verdict::Forbidden => return Err(plain(403, FORBIDDEN)),
    };
    started(app.starts).await;
    let Ok(runnable) = run::ready(&cloud, name) else {
        return Err(plain(503, "Function host is not running."));
    };
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    if same(first, "admin") {
        return admin(&request, &cloud, runnable, &path);
    }
    let mut headers = headers(&request);
    if let Some(caller) = caller {
        headers.insert("x-ms-client-principal-id".to_owned(), caller.id.into());
        headers.insert("x-ms-client-principal-idp".to_owned(), "aad".into());
    }
    function(&request, &cloud, runnable, (&path, headers)).await
}

const FORBIDDEN: &str = "You do not have permission to view this directory or page.";

fn unauthorized() -> Refusal {
    plain(401, FORBIDDEN).header("www-authenticate", "Bearer realm=\"embedded\"")
}

/// Waits until the host has started: calls that come before are held, not refused.
async fn started(starts: Moment) {
    let left = starts.millis().saturating_sub(Moment::now().millis());
    if let Ok(left @ 1..) = u64::try_from(left) {
        tokio::time::sleep(Duration::from_millis(left)).await;
    }
}

/// The headers in lower case. What the platform says of a caller nobody else may say.
fn headers(request: &Request) -> Map<String, Value> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in &request.headers {
        let (name, Ok(value)) = (name.as_str(), value.to_str()) else { continue };
        if name.starts_with("x-ms-client-principal") {
            continue;
        }
        let so_far = headers.entry(name.to_owned()).or_default();
        if !so_far.is_empty() {
            so_far.push_str(", ");
        }
        so_far.push_str(value);
    }
    headers.into_iter().map(|(name, value)| (name, value.into())).collect()
}

/// The key a caller sends.
fn key(request: &Request) -> &str {
    request.header("x-functions-key").or_else(|| request.query("code")).unwrap_or_default()
}

/// Finds the function of a path and method: the most literal route wins.
fn find<'a>(
    runnable: &'a Runnable,
    method: &str,
    path: &str,
) -> Option<(&'a Function, BTreeMap<String, String>)> {
    let indexed = runnable.app.indexed()?;
    let mut fitting: Vec<_> = indexed
        .functions
        .iter()
        .filter(|function| function.kind() == HTTP && !runnable.app.is_disabled(function))
        .filter(|function| {
            let methods = methods(function);
            methods.is_empty() || methods.contains(&method.to_ascii_lowercase())
        })
        .filter_map(|function| {
            let route =
                function.route(&indexed.host.prefix).ok().filter(|route| !route.is_reserved())?;
            Some((route.rank(), function, route.fits(path)?))
        })
        .collect();
    fitting.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    fitting.into_iter().next().map(|(_, function, parameters)| (function, parameters))
}

/// Whether the key opens a function.
fn opens(runnable: &Runnable, function: &Function, key: &str) -> bool {
    let app = &runnable.app;
    match function.says("authLevel").to_ascii_lowercase().as_str() {
        "anonymous" => true,
        "admin" => key == app.master,
        _ => {
            key == app.master
                || key == app.function_key("")
                || key == app.function_key(&function.name)
        }
    }
}

async fn function(
    request: &Request,
    cloud: &Cloud,
    runnable: Runnable,
    (path, headers): (&str, Map<String, Value>),
) -> Result<Reply, Refusal> {
    let Some((function, parameters)) = find(&runnable, request.method.as_str(), path) else {
        return Ok(Reply::empty(404));
    };
    let function = function.clone();
    if !opens(&runnable, &function, key(request)) {
        return Ok(Reply::empty(401));
    }
    let host = cloud.transact(|_, context| Ok(hosts(context, &runnable.site.name).0))?;
    let query = if request.raw_query.is_empty() {
        String::new()
    } else {
        format!("?{}", request.raw_query)
    };
    // Of a name that comes more than once the host hands on all values, with commas.
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in &request.query {
        let so_far = values.entry(name.clone()).or_default();
        *so_far = if so_far.is_empty() { value.clone() } else { format!("{so_far},{value}") };
    }
    let input = json!({
        "method": request.method.as_str(),
        "url": format!("https://{host}{path}{query}"),
        "headers": headers,
        "query": values,
        "params": parameters,
        "body": STANDARD.encode(&request.body),
    });
    let cloud = cloud.clone();
    // A function that takes longer than the caller waits runs on.
    let running = tokio::spawn(async move {
        let job = Job { function: &function, input, retry: None };
        run::call(&cloud, &runnable, job).await
    });
    match tokio::time::timeout(PATIENCE, running).await {
        Err(_) => Err(plain(504, "504.0 GatewayTimeout")),
        Ok(Err(error)) => Err(plain(500, error.to_string())),
        Ok(Ok(outcome)) => answer(outcome),
    }
}

fn answer(outcome: Result<Value, Fault>) -> Result<Reply, Refusal> {
    let said = match outcome {
        Ok(said) => said,
        Err(Fault::Busy) => return Err(plain(429, "Too Many Requests")),
        Err(Fault::Unable(reason)) => {
            return Err(Refusal::new(501, crate::wire::NOT_MODELLED, reason));
        }
        Err(Fault::Failed(_) | Fault::TimedOut) => return Ok(Reply::empty(500)),
    };
    let Some(http) = said.get("http") else { return Ok(Reply::empty(204)) };
    let status =
        http.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
    let body = http.get("body").and_then(Value::as_str).unwrap_or_default();
    let body = STANDARD.decode(body).unwrap_or_default();
    let mut reply = Reply::new(status.unwrap_or(200), Body::Bytes(body.into(), String::new()));
    for pair in http.get("headers").and_then(Value::as_array).into_iter().flatten() {
        if let (Some(name), Some(value)) =
            (pair.get(0).and_then(Value::as_str), pair.get(1).and_then(Value::as_str))
            && !["content-length", "transfer-encoding", "connection"]
                .contains(&name.to_ascii_lowercase().as_str())
        {
            reply = reply.header(name, value);
        }
    }
    Ok(reply)
}

/// The host's admin paths: its status, and functions that are started by hand. They take the master key.
fn admin(
    request: &Request,
    cloud: &Cloud,
    runnable: Runnable,
    path: &str,
) -> Result<Reply, Refusal> {
    if key(request) != runnable.app.master {
        return Ok(Reply::empty(401));
    }
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match (request.method.as_str(), segments.as_slice()) {
        ("GET", [_, "host", "status"]) => Ok(Reply::json(json!({
            "id": runnable.app.seed.get(..32),
            "state": "Running",
            "version": "4.1042.100.0",
            "versionDetails": "embedded",
            "platformVersion": "embedded",
            "instanceId": "embedded",
            "computerName": "embedded",
            "processUptime": 1,
        }))),
        ("POST", [_, "functions", name]) => {
            let indexed = runnable.app.indexed();
            let found = indexed
                .and_then(|indexed| indexed.functions.iter().find(|one| same(&one.name, name)));
            let Some(function) = found.cloned() else { return Ok(Reply::empty(404)) };
            let input = by_hand(&function, &request.json().unwrap_or_default())?;
            let cloud = cloud.clone();
            tokio::spawn(async move {
                let job = Job { function: &function, input, retry: None };
                // What comes of it is in the log.
                run::call(&cloud, &runnable, job).await.ok();
            });
            Ok(Reply::empty(202))
        }
        (method, _) => Err(Refusal::not_modelled(&format!("{method} {path} of hosts"))),
    }
}

/// What a function started by hand gets: the text given, as its trigger would hand it over.
fn by_hand(function: &Function, sent: &Value) -> Result<Value, Refusal> {
    let given = sent.get("input").and_then(Value::as_str).unwrap_or_default();
    let now = Moment::now();
    Ok(match function.kind().as_str() {
        TIMER => super::timers::input(None, None, false),
        QUEUE => json!({
            "Id": uuid::Uuid::new_v4().to_string(), "PopReceipt": "", "DequeueCount": 1,
            "InsertionTime": now.iso(), "ExpirationTime": null, "NextVisibleTime": now.iso(),
            "body": STANDARD.encode(given),
        }),
        GRID => serde_json::from_str(given)
            .map_err(|error| plain(400, format!("The input is no event of Event Grid: {error}")))?,
        HTTP => json!({
            "method": "POST", "url": "", "headers": {}, "query": {}, "params": {}, "body": STANDARD.encode(given),
        }),
        _ => {
            let message = json!({
                "MessageId": uuid::Uuid::new_v4().to_string(), "DeliveryCount": 1, "SequenceNumber": 1,
                "EnqueuedTimeUtc": now.iso(), "body": STANDARD.encode(given),
            });
            if super::listen::takes_many(function) { json!([message]) } else { message }
        }
    })
}
