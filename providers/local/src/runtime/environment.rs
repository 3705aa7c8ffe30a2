//! The environment variables an instance starts with.

use std::path::Path;

use super::deployed::{Deployed, LogStyle, Logging};
use super::interpreter::Interpreter;
use crate::judge::aws::Session;

/// The variables Lambda documents
/// (docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html), and where to find us.
pub(crate) fn environment(
    deployed: &Deployed,
    interpreter: &Interpreter,
    task_root: &Path,
) -> Vec<(&'static str, String)> {
    let Logging { group, style, level, .. } = &deployed.logging;
    let mut variables = common(interpreter);
    variables.extend([
        ("_HANDLER", deployed.handler.clone()),
        ("AWS_REGION", deployed.region.clone()),
        ("AWS_DEFAULT_REGION", deployed.region.clone()),
        ("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", deployed.runtime)),
        ("AWS_LAMBDA_FUNCTION_NAME", deployed.name.clone()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", deployed.memory.to_string()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", group.clone()),
        ("AWS_ENDPOINT_URL", deployed.endpoint.clone()),
        ("LAMBDA_TASK_ROOT", task_root.display().to_string()),
        ("LAMBDA_RUNTIME_DIR", folder(&interpreter.bootstrap)),
    ]);
    if let Some(Session { key, secret, token }) = &deployed.session {
        variables.extend([
            ("AWS_ACCESS_KEY_ID", key.clone()),
            ("AWS_SECRET_ACCESS_KEY", secret.clone()),
            ("AWS_SESSION_TOKEN", token.clone()),
        ]);
    }
    for (name, value) in [("TZ", ":UTC"), ("LANG", "en_US.UTF-8")] {
        if !deployed.environment.contains_key(name) {
            variables.push((name, value.to_owned()));
        }
    }
    if *style == LogStyle::Json {
        variables.push(("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned()));
        variables.push(("AWS_LAMBDA_LOG_LEVEL", level.clone().unwrap_or("INFO".to_owned())));
    }
    variables
}

/// What surrounds a function of Google's runtimes; its own variables and those of the Functions Framework are set
/// by whoever deploys it.
pub(crate) fn cloud_run(
    deployed: &Deployed,
    interpreter: &Interpreter,
) -> Vec<(&'static str, String)> {
    let mut variables = common(interpreter);
    for (name, value) in [("HOME", "/root"), ("LANG", "C.UTF-8"), ("NODE_ENV", "production")] {
        if !deployed.environment.contains_key(name) {
            variables.push((name, value.to_owned()));
        }
    }
    variables
}

/// What surrounds an Azure function; the app's settings and what the platform adds are set by whoever deploys it.
pub(crate) fn functions(
    deployed: &Deployed,
    interpreter: &Interpreter,
    task_root: &Path,
) -> Vec<(&'static str, String)> {
    let mut variables = common(interpreter);
    variables.extend([
        ("AzureWebJobsScriptRoot", task_root.display().to_string()),
        ("HOME", task_root.display().to_string()),
    ]);
    if !deployed.environment.contains_key("LANG") {
        variables.push(("LANG", "C.UTF-8".to_owned()));
    }
    variables
}

fn common(interpreter: &Interpreter) -> Vec<(&'static str, String)> {
    vec![
        ("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", folder(&interpreter.program))),
        ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
        ("PYTHONIOENCODING", "utf-8".to_owned()),
    ]
}

fn folder(path: &Path) -> String {
    path.parent().unwrap_or(path).display().to_string()
}
