//! Reading services and their policies.

use serde_json::{Value, json};

use super::shelf::{Deployment, Service, Target, all, load};
use crate::cloud::Context;
use crate::google::etag;
use crate::google::paging::Pages;
use crate::google::policy::{self, Holder, Rules};
use crate::google::refusals::not_found;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

const PAGES: Pages = Pages { items: "services", usual: 100, most: 1000 };

static RULES: Rules = Rules {
    public: true,
    conditions: true,
    roles: &["roles/run.", "roles/owner", "roles/editor", "roles/viewer"],
};

/// Returns the service the path names, once it serves.
fn named(
    request: &Request,
    tx: &Tx,
    context: &Context<'_>,
) -> Result<(Service, Deployment), Refusal> {
    let target = Target {
        project: request.account.clone(),
        location: request.region.clone(),
        service: request.label("service").to_owned(),
    };
    let found = load(tx, context, &target)?;
    found.and_then(|service| Some((service.clone(), service.serving?))).ok_or_else(|| {
        not_found(format!(
            "Resource '{}' of kind 'SERVICE' in region '{}' in project '{}' does not exist.",
            target.service, target.location, target.project
        ))
    })
}

/// Answers with a page of services, of one location or of all.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let services = all(tx, context, &request.account)?;
    let items = services
        .into_iter()
        .filter(|service| request.region == "-" || service.target.location == request.region)
        .filter_map(|service| {
            let deployment = service.serving.clone()?;
            Some((service.target.name(), show(context, &service, &deployment)))
        })
        .collect();
    Ok(Reply::json(Value::Object(PAGES.cut(request, context, items)?)))
}

/// Answers with a service.
pub(super) fn get(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let (service, deployment) = named(request, tx, context)?;
    Ok(Reply::json(show(context, &service, &deployment)))
}

/// Answers with a service's policy.
pub(super) fn get_policy(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (service, _) = named(request, tx, context)?;
    policy::get(request, tx, &Holder { name: &service.target.name(), rules: &RULES })
}

/// Replaces it.
pub(super) fn set_policy(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (service, _) = named(request, tx, context)?;
    policy::set(request, tx, context, &Holder { name: &service.target.name(), rules: &RULES })
}

/// Answers with the permissions the caller has.
pub(super) fn test(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    named(request, tx, context)?;
    policy::test(request, context)
}

fn show(context: &Context<'_>, service: &Service, deployment: &Deployment) -> Value {
    let name = service.target.name();
    let uri = service.target.uri(context.google_url);
    let revision = format!("{name}/revisions/{}", deployment.revision);
    let ingress = match deployment.ingress.as_str() {
        "ALLOW_INTERNAL_ONLY" => "INGRESS_TRAFFIC_INTERNAL_ONLY",
        "ALLOW_INTERNAL_AND_GCLB" => "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
        _ => "INGRESS_TRAFFIC_ALL",
    };
    let variables =
        deployment.environment.iter().map(|(name, value)| json!({"name": name, "value": value}));
    let secrets = deployment.secrets.iter().map(|(name, secret)| {
        json!({"name": name, "valueSource": {"secretKeyRef": {"secret": secret.secret, "version": secret.version}}})
    });
    let generation = service.generation.to_string();
    json!({
        "name": name,
        "uid": service.uid,
        "generation": generation,
        "observedGeneration": generation,
        "labels": deployment.labels,
        "createTime": service.created.iso_millis(),
        "ingress": ingress,
        "launchStage": "GA",
        "template": {
            "revision": deployment.revision,
            "serviceAccount": deployment.service_account,
            "timeout": format!("{}s", deployment.timeout_s),
            "maxInstanceRequestConcurrency": deployment.concurrency,
            "containers": [{
                "image": format!("{}-docker.pkg.dev/{}/gcf-artifacts/{}", service.target.location, service.target.project, deployment.function),
                "env": variables.chain(secrets).collect::<Vec<Value>>(),
            }],
        },
        "buildConfig": {"functionTarget": deployment.entry_point},
        "terminalCondition": {"type": "Ready", "state": "CONDITION_SUCCEEDED"},
        "latestReadyRevision": revision,
        "latestCreatedRevision": revision,
        "uri": uri,
        "urls": [uri],
        "etag": etag(&[&name, &generation]),
    })
}
