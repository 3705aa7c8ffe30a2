//! The function an app needs.

use std::collections::BTreeMap;

use updraft_contract::{
    App, Architecture, Fields, Function, LogFormat, Resource, ResourceId, Secret, Trigger, Value,
};

use crate::access;
use crate::kinds::{FUNCTION, log_group, role};
use crate::place::Names;

/// Returns the address of `function`.
pub(crate) fn id(function: &str) -> ResourceId {
    ResourceId { kind: FUNCTION, name: function.to_owned() }
}

/// Returns the Lambda function that `function` becomes.
pub(crate) fn wanted(names: Names<'_>, app: &App, function: &Function) -> Resource {
    let mut fields = Fields::new([
        ("architecture", Value::from(architecture(function.architecture))),
        ("code", Value::from(function.code.digest.as_str())),
        ("environment", environment(names, app, function)),
        ("ephemeral-storage", Value::from(function.ephemeral_storage_mib)),
        ("handler", Value::from(function.handler.as_str())),
        ("log-format", Value::from(log_format(function.log_format))),
        ("log-group", Value::output(&log_group::id(&function.name), "name")),
        ("memory", Value::from(function.memory_mib)),
        ("pushed", Value::from(pushed(function))),
        ("role", Value::output(&role::execution_role_id(&function.name), "arn")),
        ("runtime", Value::from(function.runtime.as_str())),
        ("tags", role::tags(function)),
        ("timeout", Value::Int(i64::try_from(function.timeout.as_secs()).unwrap_or(i64::MAX))),
        ("tracing", Value::from(function.tracing)),
    ]);
    if let Some(description) = function.description.as_deref().filter(|text| !text.is_empty()) {
        fields.set("description", description);
    }
    if let Some(concurrency) = function.reserved_concurrency {
        fields.set("reserved-concurrency", concurrency);
    }
    let outputs = BTreeMap::from([
        ("arn", names.function_arn(&function.name)),
        ("name", names.physical(&function.name)),
    ]);
    Resource { id: id(&function.name), fields, outputs, origin: function.origin.clone() }
}

fn architecture(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "x86_64",
        Architecture::Arm64 => "arm64",
    }
}

fn log_format(format: LogFormat) -> &'static str {
    match format {
        LogFormat::Text => "Text",
        LogFormat::Json => "JSON",
    }
}

/// Returns the variables the manifest sets, and those that tell what the function uses is called.
fn environment(names: Names<'_>, app: &App, function: &Function) -> Value {
    let called = access::variables(names, app, function);
    let called = called.into_iter().map(|(name, text)| (name, Value::Secret(Secret::plain(text))));
    let entries = function.environment.iter().map(|(name, value)| {
        let text = value.text.as_str();
        let secret = if value.shown { Secret::plain(text) } else { Secret::hidden(text) };
        (name.as_str(), Value::Secret(secret))
    });
    Value::map(entries.chain(called))
}

/// Returns whether something calls the function by its resource policy.
fn pushed(function: &Function) -> bool {
    function.triggers.iter().any(|entry| match entry.trigger {
        Trigger::Http { .. }
        | Trigger::Storage { .. }
        | Trigger::Topic { .. }
        | Trigger::Event { .. }
        | Trigger::Iot { .. } => true,
        Trigger::Schedule { .. }
        | Trigger::Queue { .. }
        | Trigger::Stream { .. }
        | Trigger::Database { .. } => false,
    })
}
