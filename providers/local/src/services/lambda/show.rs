//! A function as the service describes it.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::code::hex;
use super::record::Function;
use crate::clock::Moment;

/// The whole configuration, as every operation but `ListFunctions` answers it.
pub(super) fn configuration(function: &Function, now: Moment) -> Value {
    let mut shown = listed(function, now);
    insert(
        &mut shown,
        "RuntimeVersionConfig",
        json!({
            "RuntimeVersionArn": runtime_version(&function.region, &function.config.runtime),
        }),
    );
    if function.is_pending(now) {
        add_pending(&mut shown);
    } else {
        insert(&mut shown, "State", "Active");
        if function.is_updating(now) {
            insert(&mut shown, "LastUpdateStatus", "InProgress");
            insert(&mut shown, "LastUpdateStatusReason", "The function is being created.");
            insert(&mut shown, "LastUpdateStatusReasonCode", "Creating");
        } else {
            insert(&mut shown, "LastUpdateStatus", "Successful");
        }
    }
    Value::Object(shown)
}

/// Adds the version of the runtime.
pub(super) fn add_runtime_version(shown: &mut Map<String, Value>, function: &Function) {
    let arn = runtime_version(&function.region, &function.config.runtime);
    insert(shown, "RuntimeVersionConfig", json!({"RuntimeVersionArn": arn}));
}

/// Adds the state of a function that is being created.
pub(super) fn add_pending(shown: &mut Map<String, Value>) {
    insert(shown, "State", "Pending");
    insert(shown, "StateReason", "The function is being created.");
    insert(shown, "StateReasonCode", "Creating");
}

/// The configuration as `ListFunctions` answers it: without state, last update and runtime version
/// (`ListFunctions` API reference).
pub(super) fn listed(function: &Function, now: Moment) -> Map<String, Value> {
    let config = &function.config;
    let mut shown = Map::new();
    insert(&mut shown, "FunctionName", function.name.as_str());
    insert(&mut shown, "FunctionArn", function.arn());
    insert(&mut shown, "Runtime", config.runtime.as_str());
    insert(&mut shown, "Role", config.role.as_str());
    insert(&mut shown, "Handler", config.handler.as_str());
    insert(&mut shown, "CodeSize", function.code.size);
    insert(&mut shown, "Description", config.description.as_str());
    insert(&mut shown, "Timeout", config.timeout);
    insert(&mut shown, "MemorySize", config.memory);
    insert(&mut shown, "LastModified", function.modified.lambda());
    insert(&mut shown, "CodeSha256", function.code.sha256.as_str());
    insert(&mut shown, "Version", "$LATEST");
    if !config.environment.is_empty() {
        insert(&mut shown, "Environment", json!({"Variables": config.environment}));
    }
    insert(&mut shown, "TracingConfig", json!({"Mode": config.tracing}));
    insert(&mut shown, "RevisionId", function.revision(now));
    insert(&mut shown, "PackageType", "Zip");
    insert(&mut shown, "Architectures", json!([function.architecture]));
    insert(&mut shown, "EphemeralStorage", json!({"Size": config.ephemeral}));
    insert(&mut shown, "SnapStart", json!({"ApplyOn": "None", "OptimizationStatus": "Off"}));
    let mut logging = Map::new();
    insert(&mut logging, "LogFormat", config.logging.format.as_str());
    if let Some(level) = &config.logging.application {
        insert(&mut logging, "ApplicationLogLevel", level.as_str());
    }
    if let Some(level) = &config.logging.system {
        insert(&mut logging, "SystemLogLevel", level.as_str());
    }
    insert(&mut logging, "LogGroup", config.logging.group.as_str());
    insert(&mut shown, "LoggingConfig", Value::Object(logging));
    shown
}

/// Adds a member.
pub(super) fn insert(to: &mut Map<String, Value>, name: &str, value: impl Into<Value>) {
    to.insert(name.to_owned(), value.into());
}

/// An ARN that stays the same for one runtime, as the real ones mostly do.
fn runtime_version(region: &str, runtime: &str) -> String {
    let digest = Sha256::digest(runtime.as_bytes());
    let hex = hex(&digest);
    format!("arn:aws:lambda:{region}::runtime:{hex}")
}
