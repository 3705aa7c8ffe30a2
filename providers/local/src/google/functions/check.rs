//! What a function may say, in the service's words where it says otherwise.

use std::collections::BTreeMap;

use serde_json::Value;

use super::record::{Function, Name};
use super::size;
use crate::cloud::Context;
use crate::google::refusals::{denied, invalid_field, not_found};
use crate::google::{accounts, projects};
use crate::store::Tx;
use crate::wire::Refusal;

/// The regions of Cloud Functions (cloud.google.com/functions/docs/locations).
const REGIONS: &[&str] = &[
    "africa-south1",
    "asia-east1",
    "asia-east2",
    "asia-northeast1",
    "asia-northeast2",
    "asia-northeast3",
    "asia-south1",
    "asia-south2",
    "asia-southeast1",
    "asia-southeast2",
    "australia-southeast1",
    "australia-southeast2",
    "europe-central2",
    "europe-north1",
    "europe-southwest1",
    "europe-west1",
    "europe-west10",
    "europe-west12",
    "europe-west2",
    "europe-west3",
    "europe-west4",
    "europe-west6",
    "europe-west8",
    "europe-west9",
    "me-central1",
    "me-central2",
    "me-west1",
    "northamerica-northeast1",
    "northamerica-northeast2",
    "northamerica-south1",
    "southamerica-east1",
    "southamerica-west1",
    "us-central1",
    "us-east1",
    "us-east4",
    "us-east5",
    "us-south1",
    "us-west1",
    "us-west2",
    "us-west3",
    "us-west4",
];

/// Environment variables that Google sets itself.
const RESERVED: &[&str] = &[
    "EVENTARC_CLOUD_EVENT_SOURCE",
    "FUNCTION_SIGNATURE_TYPE",
    "FUNCTION_TARGET",
    "K_CONFIGURATION",
    "K_REVISION",
    "K_SERVICE",
    "PORT",
];

/// Refuses a location that has no functions.
pub(super) fn location(location: &str) -> Result<(), Refusal> {
    if REGIONS.contains(&location) {
        return Ok(());
    }
    Err(denied(format!("Location {location} is not found or access is unauthorized.")))
}

/// Refuses a name no function can have.
pub(super) fn name(name: &Name, sent: Option<&str>) -> Result<(), Refusal> {
    projects::check(&name.project)?;
    location(&name.location)?;
    let id = &name.id;
    let legal = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'-' || letter == b'_';
    let fits = id.len() <= 63
        && id.bytes().all(legal)
        && id.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && id.ends_with(|letter: char| letter.is_ascii_alphanumeric());
    if !fits {
        let message = format!(
            "Invalid function id '{id}': it must start with a letter, followed by up to 62 letters, numbers, hyphens \
             or underscores, and must end with a letter or a number."
        );
        return Err(invalid_field("function_id", message));
    }
    // "projects.locations.services" of run.googleapis.com: a service id has fewer than 50 characters.
    if id.len() > 49 {
        let message = format!(
            "Invalid function id '{id}': the name of its Cloud Run service would exceed 49 characters."
        );
        return Err(invalid_field("function_id", message));
    }
    if sent.is_some_and(|sent| sent != name.full()) {
        return Err(invalid_field(
            "function.name",
            "The name of the function does not match the request.",
        ));
    }
    Ok(())
}

/// Refuses a configuration that cannot be deployed whatever the state of the project.
pub(super) fn configuration(function: &Function) -> Result<(), Refusal> {
    if !["", "GEN_2"].contains(&function.text("/environment")) {
        return Err(Refusal::not_modelled("a function of the first generation"));
    }
    if function.text("/buildConfig/runtime").is_empty() {
        return Err(invalid_field("function.build_config.runtime", "The runtime must be set."));
    }
    labels(&function.map("/labels"))?;
    variables("build_config", &function.map("/buildConfig/environmentVariables"))?;
    variables("service_config", &function.map("/serviceConfig/environmentVariables"))?;
    limits(function)?;
    sizes(function)
}

fn labels(labels: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let legal = |letter: char| {
        (letter.is_alphanumeric() && !letter.is_uppercase()) || letter == '-' || letter == '_'
    };
    let wrong = |text: String| Err(invalid_field("function.labels", text));
    if labels.len() > 64 {
        return wrong("A function has at most 64 labels.".to_owned());
    }
    for (key, value) in labels {
        let lower =
            key.starts_with(|letter: char| letter.is_alphabetic() && !letter.is_uppercase());
        if !lower || key.chars().count() > 63 || !key.chars().all(legal) {
            return wrong(format!("Invalid label key '{key}'."));
        }
        if value.chars().count() > 63 || !value.chars().all(legal) {
            return wrong(format!("Invalid value '{value}' of the label '{key}'."));
        }
    }
    Ok(())
}

fn variables(part: &str, variables: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let field = format!("function.{part}.environment_variables");
    for name in variables.keys() {
        if name.is_empty() || name.contains('=') || name.starts_with("X_GOOGLE_") {
            return Err(invalid_field(
                &field,
                format!("Invalid environment variable name: '{name}'."),
            ));
        }
        if part == "service_config" && RESERVED.contains(&name.as_str()) {
            return Err(invalid_field(
                &field,
                format!(
                    "The following reserved environment names were provided: {name}. These values are automatically set by the system."
                ),
            ));
        }
    }
    let size: usize = variables.iter().map(|(name, value)| name.len() + value.len()).sum();
    let most = if part == "service_config" { 32 << 10 } else { 64 << 10 };
    if size > most {
        let message =
            format!("The environment variables take {size} bytes; at most {most} are allowed.");
        return Err(invalid_field(&field, message));
    }
    Ok(())
}

fn limits(function: &Function) -> Result<(), Refusal> {
    let field = |name: &str| format!("function.service_config.{name}");
    let signed = |pointer: &str| {
        function.config.pointer(pointer).and_then(Value::as_i64).unwrap_or_default()
    };
    let timeout = signed("/serviceConfig/timeoutSeconds");
    let most = if function.has_trigger() { 540 } else { 3600 };
    if !(1..=most).contains(&timeout) {
        let message =
            format!("Invalid timeout {timeout}s: it must be between 1 and {most} seconds.");
        return Err(invalid_field(&field("timeout_seconds"), message));
    }
    let concurrency = signed("/serviceConfig/maxInstanceRequestConcurrency");
    if !(1..=1000).contains(&concurrency) {
        let message = format!("Invalid concurrency {concurrency}: it must be between 1 and 1000.");
        return Err(invalid_field(&field("max_instance_request_concurrency"), message));
    }
    let (least, most) =
        (signed("/serviceConfig/minInstanceCount"), signed("/serviceConfig/maxInstanceCount"));
    if least < 0 || most < 1 || least > most {
        let message =
            format!("Invalid instance counts: min {least} must not be greater than max {most}.");
        return Err(invalid_field(&field("min_instance_count"), message));
    }
    if !function.text("/serviceConfig/vpcConnectorEgressSettings").is_empty()
        && function.text("/serviceConfig/vpcConnector").is_empty()
    {
        let message = "VPC connector egress settings need a VPC connector.";
        return Err(invalid_field(&field("vpc_connector_egress_settings"), message));
    }
    Ok(())
}

fn sizes(function: &Function) -> Result<(), Refusal> {
    let memory_text = function.text("/serviceConfig/availableMemory");
    let Some(memory) = size::memory(memory_text) else {
        let message = format!("Invalid value specified for container memory: '{memory_text}'.");
        return Err(invalid_field("function.service_config.available_memory", message));
    };
    let cpu_text = function.text("/serviceConfig/availableCpu");
    let Some(cpu) = size::cpu(cpu_text) else {
        let message = format!("Invalid value specified for container cpu: '{cpu_text}'.");
        return Err(invalid_field("function.service_config.available_cpu", message));
    };
    if let Some(trouble) = size::trouble(memory, cpu) {
        return Err(invalid_field("function.service_config", trouble));
    }
    if cpu < 1000 && function.number("/serviceConfig/maxInstanceRequestConcurrency") > 1 {
        let message = "Invalid value specified for container concurrency. Total cpu < 1 is not supported with concurrency > 1.";
        return Err(invalid_field(
            "function.service_config.max_instance_request_concurrency",
            message,
        ));
    }
    Ok(())
}

/// Refuses service accounts that are not there, or not seen yet.
pub(super) fn identities(
    tx: &Tx,
    context: &Context<'_>,
    function: &Function,
) -> Result<(), Refusal> {
    let builder = function.text("/buildConfig/serviceAccount");
    let builder = builder.rsplit_once('/').map_or(builder, |(_, email)| email);
    let named = [
        function.text("/serviceConfig/serviceAccountEmail"),
        builder,
        function.text("/eventTrigger/serviceAccountEmail"),
    ];
    for email in named.into_iter().filter(|email| !email.is_empty()) {
        if accounts::find(tx, context, email)?.is_none() {
            return Err(not_found(format!(
                "Service account projects/-/serviceAccounts/{email} was not found."
            )));
        }
    }
    Ok(())
}
