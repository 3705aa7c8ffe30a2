//! Fields of a function in the shapes that the SDK sends.

use aws_sdk_lambda::types::{
    Architecture, Environment, EphemeralStorage, LogFormat, LoggingConfig, TracingConfig,
    TracingMode,
};
use updraft_contract::{Known, Value};

/// Returns a field's text.
pub(super) fn text(body: &Known, field: &str) -> Option<String> {
    body.text(field).map(str::to_owned)
}

/// Returns a field's number.
pub(super) fn number(body: &Known, field: &str) -> Option<i32> {
    body.int(field).and_then(|number| i32::try_from(number).ok())
}

/// Returns the processor as the only one of a list.
pub(super) fn architectures(body: &Known) -> Option<Vec<Architecture>> {
    body.text("architecture").map(|name| vec![Architecture::from(name)])
}

/// Returns the environment, secrets in the clear: this is what is sent.
pub(super) fn environment(body: &Known) -> Environment {
    let entries = body.map("environment").into_iter().flatten();
    let variables = entries.filter_map(|(name, value)| {
        let Value::Secret(secret) = value else { return None };
        Some((name.clone(), secret.reveal().to_owned()))
    });
    Environment::builder().set_variables(Some(variables.collect())).build()
}

/// Returns the size of `/tmp`.
pub(super) fn storage(body: &Known) -> Option<EphemeralStorage> {
    EphemeralStorage::builder().set_size(number(body, "ephemeral-storage")).build().ok()
}

/// Returns how and where the function logs.
pub(super) fn logging(body: &Known) -> LoggingConfig {
    LoggingConfig::builder()
        .set_log_format(body.text("log-format").map(LogFormat::from))
        .set_log_group(text(body, "log-group"))
        .build()
}

/// Returns whether invocations are traced.
pub(super) fn tracing(body: &Known) -> TracingConfig {
    let active = body.get("tracing") == Some(&Value::Bool(true));
    let mode = if active { TracingMode::Active } else { TracingMode::PassThrough };
    TracingConfig::builder().mode(mode).build()
}
