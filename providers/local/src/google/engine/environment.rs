//! The variables of a function's container.
//!
//! Source: docs.cloud.google.com/run/docs/container-contract#env-vars and
//! docs.cloud.google.com/functions/docs/configuring/env-var#runtime_environment_variables_set_automatically.

use std::collections::BTreeMap;

use super::container::Container;

/// The function's own variables, what Google sets, and where official clients find the embedded cloud.
pub(super) fn environment(container: &Container, google_url: &str) -> BTreeMap<String, String> {
    let address = google_url.strip_prefix("http://").unwrap_or(google_url);
    let mut variables = container.environment.clone();
    let set = [
        ("FUNCTION_TARGET", container.target.as_str()),
        ("FUNCTION_SIGNATURE_TYPE", container.signature.name()),
        ("K_SERVICE", &container.service),
        ("K_REVISION", &container.revision),
        ("K_CONFIGURATION", &container.service),
        ("PORT", "8080"),
        ("GOOGLE_CLOUD_PROJECT", &container.project),
        ("STORAGE_EMULATOR_HOST", google_url),
        ("PUBSUB_EMULATOR_HOST", address),
        // Clients that look for a metadata server must not wait for one that is not there.
        ("NO_GCE_CHECK", "true"),
    ];
    for (name, value) in set {
        variables.insert(name.to_owned(), value.to_owned());
    }
    variables.entry("LOG_EXECUTION_ID".to_owned()).or_insert_with(|| "true".to_owned());
    if let Some(source) = container.build.get("GOOGLE_FUNCTION_SOURCE") {
        variables.insert("FUNCTION_SOURCE".to_owned(), source.clone());
    }
    variables
}
