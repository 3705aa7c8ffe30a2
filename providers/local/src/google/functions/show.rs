//! Defaults of a function, and what reads answer: what was sent and what Google adds.

use serde_json::{Map, Value, json};

use super::record::{Function, Name};
use super::size;
use crate::cloud::Context;
use crate::google::project;
use crate::members::{set, take};

/// Fills in what was left out, as the service does when it stores a function.
pub(super) fn fill(name: &Name, config: &mut Value) {
    let Name { project, location, id } = name;
    let number = project::number(project);
    let compute = format!("{number}-compute@developer.gserviceaccount.com");
    let mut part = take(config, "buildConfig");
    let build = &mut part;
    put(build, "entryPoint", json!(id));
    put(build, "dockerRegistry", json!("ARTIFACT_REGISTRY"));
    put(
        build,
        "dockerRepository",
        json!(format!("projects/{project}/locations/{location}/repositories/gcf-artifacts")),
    );
    put(build, "serviceAccount", json!(format!("projects/{project}/serviceAccounts/{compute}")));
    put(build, "automaticUpdatePolicy", json!({}));
    set(config, "buildConfig", part);
    let mut part = take(config, "serviceConfig");
    let service = &mut part;
    put(service, "timeoutSeconds", json!(60));
    put(service, "availableMemory", json!("256M"));
    let memory = service.get("availableMemory").and_then(Value::as_str).and_then(size::memory);
    put(
        service,
        "availableCpu",
        json!(size::write_cpu(size::default_cpu(memory.unwrap_or(256.0)))),
    );
    put(service, "maxInstanceCount", json!(100));
    put(service, "maxInstanceRequestConcurrency", json!(1));
    put(service, "ingressSettings", json!("ALLOW_ALL"));
    put(service, "allTrafficOnLatestRevision", json!(true));
    put(service, "serviceAccountEmail", json!(compute));
    if service.get("vpcConnector").is_some() {
        put(service, "vpcConnectorEgressSettings", json!("PRIVATE_RANGES_ONLY"));
    }
    set(config, "serviceConfig", part);
    if let Some(Value::Object(trigger)) = config.get_mut("eventTrigger") {
        put(trigger, "triggerRegion", json!(location));
        put(trigger, "retryPolicy", json!("RETRY_POLICY_DO_NOT_RETRY"));
        put(trigger, "serviceAccountEmail", json!(compute));
    }
}

fn put(part: &mut Map<String, Value>, name: &str, value: Value) {
    part.entry(name.to_owned()).or_insert(value);
}

/// What reads answer.
pub(super) fn show(function: &Function, context: &Context<'_>) -> Value {
    let Name { project, location, id } = &function.name;
    let target = function.name.target();
    let number = project::number(project);
    let mut shown = function.config.clone();
    set(&mut shown, "name", function.name.full());
    set(&mut shown, "environment", "GEN_2");
    set(&mut shown, "state", function.state(context.now));
    set(&mut shown, "createTime", function.created.iso_millis());
    set(&mut shown, "updateTime", function.updated.iso_millis());
    if let (Some(message), "FAILED") = (&function.broken, function.state(context.now)) {
        set(
            &mut shown,
            "stateMessages",
            json!([{"severity": "ERROR", "type": "CloudRunServiceNotFound", "message": message}]),
        );
    }
    let uri = target.uri(context.google_url);
    set(&mut shown, "url", uri.clone());
    let mut labels = function.map("/labels");
    labels.insert("goog-managed-by".to_owned(), "cloudfunctions".to_owned());
    labels.insert("goog-drz-cloudfunctions-location".to_owned(), location.clone());
    set(&mut shown, "labels", json!(labels));
    let mut build = shown.get("buildConfig").cloned().unwrap_or_default();
    let copy = json!({
        "bucket": format!("gcf-v2-sources-{number}-{location}"),
        "object": format!("{id}/function-source.zip"),
        "generation": function.updated.millis().saturating_mul(1000).to_string(),
    });
    set(
        &mut build,
        "build",
        format!("projects/{number}/locations/{location}/builds/{}", build_id(function)),
    );
    set(&mut build, "source", json!({"storageSource": copy}));
    set(&mut build, "sourceProvenance", json!({"resolvedStorageSource": copy}));
    set(&mut shown, "buildConfig", build);
    let mut service = shown.get("serviceConfig").cloned().unwrap_or_default();
    set(&mut service, "service", target.name());
    set(&mut service, "revision", function.revision());
    set(&mut service, "uri", uri);
    let mut variables = function.map("/serviceConfig/environmentVariables");
    variables.entry("LOG_EXECUTION_ID".to_owned()).or_insert_with(|| "true".to_owned());
    set(&mut service, "environmentVariables", json!(variables));
    set(&mut shown, "serviceConfig", service);
    shown
}

/// The id of the build that made what is deployed.
fn build_id(function: &Function) -> String {
    let text = format!("{}#{}", function.name.full(), function.deployments);
    let digits = project::number(&text);
    format!("{}-0000-4000-8000-{digits}", digits.get(..8).unwrap_or_default())
}
