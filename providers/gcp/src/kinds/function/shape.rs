//! Fields of a function in the shapes that Cloud Functions sends and receives.

use std::collections::BTreeSet;

use google_cloud_functions_v2::model::event_trigger::RetryPolicy;
use google_cloud_functions_v2::model::service_config::{
    IngressSettings, VpcConnectorEgressSettings,
};
use google_cloud_functions_v2::model::{
    BuildConfig, Environment, EventFilter, EventTrigger, Function, SecretEnvVar, ServiceConfig,
    Source, StorageSource,
};
use updraft_contract::{Fields, Known, Secret, Value};
use updraft_transport::known;

use super::backend::Order;
use super::settings::{GOOGLES_VARIABLES, bytes, decimal, thousandths};
use crate::marks::{self, Labels};
use crate::place::Place;
use crate::secrets::SecretRef;
use crate::survey::region_of;

/// The label that holds the digest of the code.
pub(super) const CODE: &str = "updraft-digest";

/// The label that Google's own tools leave on what they deploy. What they deployed is not what our
/// label says.
const OTHER_TOOL: &str = "deployment-tool";

/// The digits of a digest that fit a label beside the 63 there may be.
const DIGEST_DIGITS: usize = 40;

/// Words for where requests may come from.
const INGRESS: [(&str, IngressSettings); 3] = [
    ("all", IngressSettings::AllowAll),
    ("internal", IngressSettings::AllowInternalOnly),
    ("internal-and-load-balancer", IngressSettings::AllowInternalAndGclb),
];

/// Words for which traffic takes the connector.
const EGRESS: [(&str, VpcConnectorEgressSettings); 2] = [
    ("private-ranges", VpcConnectorEgressSettings::PrivateRangesOnly),
    ("all", VpcConnectorEgressSettings::AllTraffic),
];

/// Returns as much of a digest as a label holds.
pub(super) fn digest_label(digest: &str) -> String {
    digest.chars().take(DIGEST_DIGITS).collect()
}

/// Returns the function to send: everything, because what is left out of an update is reset.
pub(super) fn function(order: Order<'_>) -> Function {
    let body = order.body;
    let text = |field: &str| body.text(field).unwrap_or_default().to_owned();
    let mut function = Function::new()
        .set_name(order.name)
        .set_description(text("description"))
        .set_environment(Environment::Gen2)
        .set_labels(order.labels.clone())
        .set_build_config(build(order))
        .set_service_config(service(body));
    if body.text("trigger") == Some("event") {
        function = function.set_event_trigger(trigger(body));
    }
    function
}

fn build(order: Order<'_>) -> BuildConfig {
    let text = |field: &str| order.body.text(field).unwrap_or_default().to_owned();
    let source = StorageSource::new()
        .set_bucket(&order.source.bucket)
        .set_object(&order.source.object)
        .set_generation(order.source.generation);
    BuildConfig::new()
        .set_runtime(text("runtime"))
        .set_entry_point(text("entry-point"))
        .set_service_account(text("build-identity"))
        .set_environment_variables(marks::wanted(order.body.get("build-environment")))
        .set_source(Source::new().set_storage_source(source))
}

fn service(body: &Known) -> ServiceConfig {
    let text = |field: &str| body.text(field).unwrap_or_default();
    let number = |field: &str| {
        body.int(field).and_then(|number| i32::try_from(number).ok()).unwrap_or_default()
    };
    let cpu = u32::try_from(body.int("cpu").unwrap_or_default()).unwrap_or_default();
    let mut service = ServiceConfig::new()
        .set_timeout_seconds(number("timeout"))
        .set_available_memory(format!("{}Mi", number("memory")))
        .set_available_cpu(decimal(cpu))
        .set_max_instance_request_concurrency(number("concurrency"))
        .set_min_instance_count(number("min-instances"))
        .set_max_instance_count(number("max-instances"))
        .set_service_account_email(text("identity"))
        .set_environment_variables(environment(body))
        .set_secret_environment_variables(secrets(body))
        .set_vpc_connector(text("connector"))
        .set_all_traffic_on_latest_revision(true);
    if let Some((_, ingress)) = INGRESS.iter().find(|(word, _)| *word == text("ingress")) {
        service = service.set_ingress_settings(ingress.clone());
    }
    if let Some((_, egress)) = EGRESS.iter().find(|(word, _)| *word == text("egress")) {
        service = service.set_vpc_connector_egress_settings(egress.clone());
    }
    service
}

/// Returns the environment, secrets in the clear: this is what is sent.
fn environment(body: &Known) -> Labels {
    let entries = body.map("environment").into_iter().flatten();
    let variables = entries.filter_map(|(name, value)| {
        let Value::Secret(secret) = value else { return None };
        Some((name.clone(), secret.reveal().to_owned()))
    });
    variables.collect()
}

fn secrets(body: &Known) -> Vec<SecretEnvVar> {
    let entries = body.map("secrets").into_iter().flatten();
    let variables = entries.filter_map(|(name, value)| {
        let secret = SecretRef::parse(value.as_text()?)?;
        let variable = SecretEnvVar::new().set_key(name).set_secret(secret.id);
        Some(variable.set_project_id(secret.project?).set_version(secret.version))
    });
    variables.collect()
}

fn trigger(body: &Known) -> EventTrigger {
    let text = |field: &str| body.text(field).unwrap_or_default();
    let bucket = EventFilter::new().set_attribute("bucket").set_value(text("event-bucket"));
    let retried = body.get("event-retry") == Some(&Value::Bool(true));
    EventTrigger::new()
        .set_event_type(text("event-type"))
        .set_trigger_region(text("event-region"))
        .set_event_filters([bucket])
        .set_service_account_email(text("event-identity"))
        .set_retry_policy(if retried { RetryPolicy::Retry } else { RetryPolicy::DoNotRetry })
}

/// Returns the compared fields of a function that was read, in state `state`.
pub(super) fn fields(place: &Place, function: &Function, state: &str) -> Known {
    let labels: Labels = function.labels.clone().into_iter().collect();
    let mut fields = Fields::new([
        ("region", Value::from(region_of(&function.name).unwrap_or_default())),
        ("labels", users(&labels)),
        ("code", Value::Text(code(&labels))),
        ("state", Value::from(state)),
    ]);
    set_text(&mut fields, "description", &function.description);
    let build = function.build_config.clone().unwrap_or_default();
    set_text(&mut fields, "runtime", &build.runtime);
    set_text(&mut fields, "entry-point", &build.entry_point);
    set_text(&mut fields, "build-identity", chosen_builder(place, &build.service_account));
    let variables = build.environment_variables.into_iter();
    fields.set("build-environment", Value::map(variables.map(|(k, v)| (k, Value::Text(v)))));
    add_service(&mut fields, place, &function.service_config.clone().unwrap_or_default());
    match &function.event_trigger {
        Some(trigger) => add_trigger(&mut fields, trigger),
        None => fields.set("trigger", "http"),
    }
    known(fields)
}

fn add_service(fields: &mut Fields, place: &Place, service: &ServiceConfig) {
    let numbers = [
        ("timeout", service.timeout_seconds),
        ("concurrency", service.max_instance_request_concurrency.max(1)),
        ("min-instances", service.min_instance_count),
        ("max-instances", service.max_instance_count),
    ];
    for (name, number) in numbers {
        fields.set(name, i64::from(number));
    }
    fields.set("memory", memory(&service.available_memory));
    fields.set(
        "cpu",
        match thousandths(&service.available_cpu) {
            Some(cpu) => Value::from(cpu),
            None => Value::from(service.available_cpu.as_str()),
        },
    );
    fields.set("environment", users_variables(service));
    fields.set("secrets", read_secrets(place, service));
    set_text(fields, "identity", &service.service_account_email);
    let word = INGRESS.iter().find(|(_, known)| *known == service.ingress_settings);
    // Google's default is the widest, and it may leave it out.
    fields.set("ingress", word.map_or("all", |(word, _)| word));
    if !service.vpc_connector.is_empty() {
        fields.set("connector", service.vpc_connector.as_str());
        let known = &service.vpc_connector_egress_settings;
        let word = EGRESS.iter().find(|(_, egress)| egress == known);
        fields.set("egress", word.map_or("private-ranges", |(word, _)| word));
    }
}

fn add_trigger(fields: &mut Fields, trigger: &EventTrigger) {
    fields.set("trigger", "event");
    set_text(fields, "event-region", &trigger.trigger_region);
    set_text(fields, "event-type", &trigger.event_type);
    set_text(fields, "event-identity", &trigger.service_account_email);
    fields.set("event-retry", trigger.retry_policy == RetryPolicy::Retry);
    let mut others = BTreeSet::new();
    for filter in &trigger.event_filters {
        match filter.attribute.as_str() {
            "bucket" if filter.operator.is_empty() => {
                fields.set("event-bucket", filter.value.as_str());
            }
            // The event's type, which stands elsewhere already.
            "type" => {}
            attribute => {
                let text = format!("{attribute} {} {}", filter.operator, filter.value);
                others.insert(Value::Text(text));
            }
        }
    }
    if !trigger.pubsub_topic.is_empty() && fields.get("event-bucket").is_none() {
        others.insert(Value::Text(format!("topic {}", trigger.pubsub_topic)));
    }
    fields.set("event-filters", Value::Set(others));
}

fn set_text(fields: &mut Fields, name: &'static str, text: &str) {
    if !text.is_empty() {
        fields.set(name, text);
    }
}

/// Returns memory in mebibytes where it comes out even, and Google's words where it does not.
fn memory(amount: &str) -> Value {
    let mebibytes = bytes(amount).filter(|bytes| bytes.is_multiple_of(1 << 20));
    let mebibytes = mebibytes.and_then(|bytes| i64::try_from(bytes >> 20).ok());
    mebibytes.map_or_else(|| Value::from(amount), Value::Int)
}

/// Returns the variables without those that Google adds.
fn users_variables(service: &ServiceConfig) -> Value {
    let variables = service.environment_variables.iter();
    let users = variables.filter(|(name, _)| !GOOGLES_VARIABLES.contains(&name.as_str()));
    Value::map(users.map(|(name, text)| (name.clone(), Value::Secret(Secret::hidden(text)))))
}

/// Returns the secrets as they are written in a manifest, with the project's id where Google says
/// its number.
fn read_secrets(place: &Place, service: &ServiceConfig) -> Value {
    let entries = service.secret_environment_variables.iter().map(|variable| {
        let known = variable.project_id == place.number || variable.project_id.is_empty();
        let project = if known { &place.project } else { &variable.project_id };
        let (id, version) = (variable.secret.clone(), variable.version.clone());
        let secret = SecretRef { project: Some(project.clone()), id, version };
        (variable.key.clone(), Value::Text(secret.version_name(project)))
    });
    Value::map(entries)
}

/// Returns who builds, unless that is Google's own choice
/// (<https://cloud.google.com/build/docs/cloud-build-service-account>).
fn chosen_builder<'a>(place: &Place, account: &'a str) -> &'a str {
    let email = account.rsplit('/').next().unwrap_or_default();
    let defaults = [
        format!("{}-compute@developer.gserviceaccount.com", place.number),
        format!("{}@cloudbuild.gserviceaccount.com", place.number),
    ];
    if defaults.iter().any(|default| default == email) { "" } else { account }
}

fn users(labels: &Labels) -> Value {
    marks::field(labels)
}

/// Returns the digest of the code, unless another tool has deployed since.
fn code(labels: &Labels) -> String {
    match (labels.get(CODE), labels.get(OTHER_TOOL)) {
        (Some(digest), None) => digest.clone(),
        (_, Some(tool)) => format!("not what Updraft deployed (by {tool})"),
        (None, None) => "not what Updraft deployed".to_owned(),
    }
}
