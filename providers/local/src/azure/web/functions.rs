//! `sites/functions`, `sites/host` and `sites/extensions`: what the host tells of itself through ARM.
//!
//! Source: <https://learn.microsoft.com/rest/api/appservice/web-apps/list-functions> and
//! <https://learn.microsoft.com/rest/api/appservice/web-apps/list-host-keys>.

use serde_json::{Map, Value, json};

use super::app::{App, SITE};
use super::definition::{Function, HTTP, shown as bare};
use super::refusals::{bad, not_found};
use super::seams;
use super::settings::{of, site};
use super::show::hosts;
use super::{plans, sites};
use crate::azure::paging;
use crate::azure::path::same;
use crate::azure::service::{Method, ResourceType, Tongue};
use crate::azure::shape::Shape;
use crate::azure::shelf::Resource;
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// Functions of a site.
pub(crate) static FUNCTIONS: ResourceType = ResourceType {
    tongue: Tongue::Web,
    methods: &[
        Method::list(list),
        Method::get(get),
        Method::post("listkeys", &Shape::NOTHING, function_keys),
    ],
    ..ResourceType::child("Microsoft.Web/sites/functions", plans::VERSIONS)
};

/// The host of a site.
pub(crate) static HOST: ResourceType = ResourceType {
    tongue: Tongue::Web,
    methods: &[
        Method::post("listkeys", &Shape::NOTHING, host_keys),
        Method::post("sync", &Shape::NOTHING, sites::sync),
    ],
    ..ResourceType::child("Microsoft.Web/sites/host", plans::VERSIONS)
};

/// Deployments through ARM, which are not modelled.
pub(crate) static EXTENSIONS: ResourceType = ResourceType {
    tongue: Tongue::Web,
    methods: &[Method::get(extension), Method::put(&Shape::Any, extension)],
    ..ResourceType::child("Microsoft.Web/sites/extensions", plans::VERSIONS)
};

fn extension(request: &Request, _: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    Err(Refusal::not_modelled(&format!("the extension '{}' of sites", request.label("name"))))
}

/// One function as ARM shows it.
fn shown(site: &Resource, app: &App, function: &Function, context: &Context<'_>) -> Value {
    let (host, scm) = hosts(context, &site.name);
    let name = &function.name;
    let mut config = Map::new();
    if let Some(script) = &function.script {
        config.insert("scriptFile".to_owned(), script.clone().into());
    }
    if let Some(entry) = &function.entry {
        config.insert("entryPoint".to_owned(), entry.clone().into());
    }
    config.insert("name".to_owned(), name.clone().into());
    let bindings: Vec<Value> = function.bindings.iter().map(bare).collect();
    config.insert("bindings".to_owned(), bindings.into());
    let file = |path: &str| format!("https://{scm}/api/vfs/site/wwwroot/{path}");
    let prefix = app.indexed().map_or("api", |indexed| &indexed.host.prefix);
    let template = (function.kind() == HTTP).then(|| {
        let route = function.trigger().get("route").and_then(Value::as_str).unwrap_or(name);
        let path = format!("{prefix}/{}", route.trim_matches('/'));
        format!("https://{host}/{}", path.trim_matches('/'))
    });
    json!({
        "id": format!("{}/functions/{name}", site.id),
        "name": format!("{}/{name}", site.name),
        "type": "Microsoft.Web/sites/functions",
        "location": super::regions::display(&site.location),
        "properties": {
            "name": name,
            "function_app_id": null,
            "script_root_path_href": file(&format!("{name}/")),
            "script_href": function.script.as_deref().map(file),
            "config_href": file(&format!("{name}/function.json")),
            "test_data_href": null,
            "href": format!("https://{host}/admin/functions/{name}"),
            "config": config,
            "files": null,
            "test_data": "",
            "invoke_url_template": template,
            "language": language(site),
            "isDisabled": app.is_disabled(function),
        },
    })
}

fn language(site: &Resource) -> &str {
    match site.properties.pointer("/functionAppConfig/runtime/name").and_then(Value::as_str) {
        Some("node") => "node",
        Some("python") => "python",
        Some(_) | None => "unknown",
    }
}

fn list(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let site = site(request, tx)?;
    let app = of(tx, &site)?;
    let functions = seams::listed(tx, context, &site, &app)?;
    let functions = functions.iter();
    let shown = functions.map(|function| shown(&site, &app, function, context)).collect();
    paging::answer(request, context, shown)
}

fn found(
    tx: &Tx,
    context: &Context<'_>,
    (site, app): (&Resource, &App),
    request: &Request,
) -> Result<Function, Refusal> {
    let name = request.label("name");
    let functions = seams::listed(tx, context, site, app)?;
    let found = functions.into_iter().find(|function| same(&function.name, name));
    found.ok_or_else(|| {
        not_found(format!("Function with name {name} not found in {SITE}/{}.", app.name))
    })
}

fn get(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let site = site(request, tx)?;
    let app = of(tx, &site)?;
    let function = found(tx, context, (&site, &app), request)?;
    Ok(Reply::json(shown(&site, &app, &function, context)))
}

/// Keys are kept by the host in its storage: without a started host there are none.
fn keys_are_there(
    tx: &Tx,
    context: &Context<'_>,
    site: &Resource,
    app: &App,
) -> Result<(), Refusal> {
    let starting = app.starts > context.now;
    if starting || seams::host_storage(tx, context, site, app)?.is_err() {
        return Err(bad("51021", "Encountered an error (ServiceUnavailable) from host runtime."));
    }
    Ok(())
}

fn host_keys(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let site = site(request, tx)?;
    let app = of(tx, &site)?;
    keys_are_there(tx, context, &site, &app)?;
    Ok(Reply::json(json!({
        "masterKey": app.master,
        "functionKeys": {"default": app.function_key("")},
        "systemKeys": {},
    })))
}

fn function_keys(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let site = site(request, tx)?;
    let app = of(tx, &site)?;
    let function = found(tx, context, (&site, &app), request)?;
    keys_are_there(tx, context, &site, &app)?;
    Ok(Reply::json(json!({"default": app.function_key(&function.name)})))
}
