//! Deployment addresses of sites: `POST /api/publish` takes a package, `GET /api/deployments/{id}` tells how it goes.
//!
//! Source: <https://learn.microsoft.com/azure/azure-functions/functions-deployment-technologies#one-deploy>. The service
//! forgets a deployment soon after it is over, and does not know it at once.

use serde_json::{Value, json};

use super::app::{self, App, Deployment};
use super::show::hosts;
use super::wire::{parts, plain};
use super::{release, wire};
use crate::azure::identify::bearer;
use crate::azure::rights::{self, Side};
use crate::azure::service::Plane;
use crate::azure::shelf::Resource;
use crate::cloud::{Cloud, Context};
use crate::ledger::Effect;
use crate::services::Pending;
use crate::store::Tx;
use crate::wire::{Body, Refusal, Reply, Request};

/// The deployment addresses.
pub(crate) static SCM: Plane = Plane {
    prefix: "_scm",
    name: "scm",
    action: |request| match (request.method.as_str(), parts(&request.path).1) {
        ("POST", "api/publish") => "Publish".to_owned(),
        ("GET", rest) if rest.starts_with("api/deployments/") => "GetDeployment".to_owned(),
        (method, rest) => format!("{method} {rest}"),
    },
    open: |request, cloud| -> Pending { Box::pin(async move { open(&request, &cloud) }) },
    wire: wire::write,
    throttle: (429, "TooManyRequests"),
};

fn open(request: &Request, cloud: &Cloud) -> Result<Reply, Refusal> {
    let (name, rest) = parts(&request.path);
    bearer(request).map_err(|_| plain(401, "Unauthorized"))?;
    let found = cloud.transact(|tx, context| {
        let Some((site, app)) = app::of_name(tx, name)? else {
            return Err(plain(404, "404 Web Site not found."));
        };
        permit(tx, context, request, &site)?;
        Ok((site, app))
    })?;
    match (request.method.as_str(), rest) {
        ("POST", "api/publish") => publish(request, cloud, &found.0),
        ("GET", rest) => match rest.strip_prefix("api/deployments/") {
            Some(id) => cloud.transact(|_, context| told(&found.1, id, context)),
            None => Err(missing(rest)),
        },
        _ => Err(missing(rest)),
    }
}

fn missing(rest: &str) -> Refusal {
    match rest {
        // Flex Consumption does not have the other ways of deployment.
        "api/zipdeploy" | "api/wardeploy" => plain(404, "Not Found"),
        _ => Refusal::not_modelled(&format!("the path {rest} of deployment addresses")),
    }
}

/// Refuses identities that may not publish.
fn permit(
    tx: &Tx,
    context: &Context<'_>,
    request: &Request,
    site: &Resource,
) -> Result<(), Refusal> {
    let Some(caller) = rights::caller(request, context.now) else { return Ok(()) };
    let action = "Microsoft.Web/sites/publish/Action";
    if rights::allows(tx, context, &caller, (Side::Control, action, &site.id))? {
        return Ok(());
    }
    Err(plain(403, "Forbidden"))
}

fn publish(request: &Request, cloud: &Cloud, site: &Resource) -> Result<Reply, Refusal> {
    let kind = request.header("content-type").unwrap_or_default();
    if !matches!(kind, "application/zip" | "application/octet-stream") {
        return Err(plain(415, "Unsupported Media Type"));
    }
    let told = |name: &str| {
        let found = request.query.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let remote = told("RemoteBuild").eq_ignore_ascii_case("true");
    let deployer = told("Deployer").to_owned();
    let (id, url) = cloud.transact(|tx, context| {
        let mut app = app::find(tx, &site.name)?.ok_or_else(|| plain(404, "Not Found"))?;
        if app.deployment.as_ref().is_some_and(|running| running.ended.is_none()) {
            return Err(plain(
                409,
                "There is a deployment currently in progress. Please try again when it completes.",
            ));
        }
        let id = uuid::Uuid::new_v4().to_string();
        let began = context.now;
        app.deployment = Some(Deployment { id: id.clone(), deployer, remote, began, ended: None });
        app::save(tx, &app)?;
        let url = format!(
            "{}/_scm/{}/api/deployments/{id}",
            context.azure_url,
            app.name.to_ascii_lowercase()
        );
        Ok((id, url))
    })?;
    release::begin(cloud, &site.name, (&id, remote), request.body.clone());
    let body =
        Body::Bytes(Value::from(id.clone()).to_string().into(), "application/json".to_owned());
    let object = format!("{}/deployments/{id}", site.id);
    Ok(Reply::new(202, body).header("location", url).did(Effect::Update, object))
}

fn told(app: &App, id: &str, context: &Context<'_>) -> Result<Reply, Refusal> {
    let (id, log) = id.split_once('/').map_or((id, ""), |(id, rest)| (id, rest));
    let unknown = || plain(404, format!("Deployment '{id}' not found."));
    let deployment =
        app.deployment.as_ref().filter(|deployment| id == "latest" || deployment.id == id);
    let deployment = deployment.ok_or_else(unknown)?;
    let settings = context.settings;
    let unborn = deployment.began.plus(settings.publish_appears_ms) > context.now;
    let forgotten = deployment
        .ended
        .as_ref()
        .is_some_and(|(ended, _)| ended.plus(settings.publish_told_ms) < context.now);
    if unborn || (forgotten && id != "latest") {
        return Err(unknown());
    }
    let shown = shown(app, deployment, context);
    match log {
        "" => Ok(Reply::json(shown)),
        "log" => {
            let text = shown.get("status_text").cloned().unwrap_or_default();
            let line = json!({"log_time": deployment.began.iso(), "id": "1", "message": text, "type": 0, "details_url": null});
            Ok(Reply::json(json!([line])))
        }
        _ => Err(missing(log)),
    }
}

/// How far a deployment is: 0 pending, 1 building, 2 deploying, 3 failed, 4 done.
fn status(deployment: &Deployment, context: &Context<'_>) -> (i64, String) {
    match &deployment.ended {
        Some((_, None)) => return (4, String::new()),
        Some((_, Some(reason))) => return (3, reason.clone()),
        None => {}
    }
    let since = context.now.millis().saturating_sub(deployment.began.millis());
    let quarter = i64::try_from(context.settings.publish_ms / 4).unwrap_or_default();
    match since {
        since if since < quarter => (0, String::new()),
        since if deployment.remote && since < 5 * quarter => {
            (1, "Building the app on the service.".to_owned())
        }
        _ => (2, "Deploying the package.".to_owned()),
    }
}

fn shown(app: &App, deployment: &Deployment, context: &Context<'_>) -> Value {
    let (status, text) = status(deployment, context);
    let (_, scm) = hosts(context, &app.name);
    let ended = deployment.ended.as_ref().map(|(ended, _)| ended.iso_millis());
    let errors: Vec<&str> = Some(text.as_str()).filter(|_| status == 3).into_iter().collect();
    json!({
        "id": deployment.id,
        "status": status,
        "status_text": text,
        "author_email": "N/A",
        "author": "N/A",
        "deployer": "LegionOneDeploy",
        "remoteBuild": deployment.remote,
        "message": deployment.deployer,
        "progress": "",
        "received_time": deployment.began.iso_millis(),
        "start_time": deployment.began.iso_millis(),
        "end_time": ended,
        "last_success_end_time": ended.as_ref().filter(|_| status == 4),
        "complete": status >= 3,
        "active": status == 4,
        "is_temp": false,
        "is_readonly": true,
        "url": format!("https://{scm}/api/deployments/{}", deployment.id),
        "log_url": format!("https://{scm}/api/deployments/{}/log", deployment.id),
        "site_name": app.name,
        "build_summary": {"errors": errors, "warnings": []},
    })
}
