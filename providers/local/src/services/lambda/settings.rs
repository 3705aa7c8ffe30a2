//! What can be set when a function is created and when it is updated, and how it is checked.

use std::collections::BTreeMap;

use super::checks::Checks;
use super::record::{Config, Logging};
use super::refusals::invalid;
use super::sheet::Sheet;
use crate::wire::Refusal;

/// Names a function may not set (developer guide, "Using Lambda environment variables").
const RESERVED: &[&str] = &[
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

/// What a request sets; what it does not mention stays as it is.
#[derive(Debug)]
pub(super) struct Settings {
    /// The runtime.
    pub(super) runtime: Option<String>,
    /// The execution role.
    pub(super) role: Option<String>,
    /// The handler.
    pub(super) handler: Option<String>,
    description: Option<String>,
    timeout: Option<i64>,
    memory: Option<i64>,
    environment: Option<BTreeMap<String, String>>,
    tracing: Option<String>,
    ephemeral: Option<i64>,
    logging: Option<LoggingInput>,
}

#[derive(Debug)]
struct LoggingInput {
    format: Option<String>,
    application: Option<String>,
    system: Option<String>,
    group: Option<String>,
}

impl Settings {
    /// Takes the settings from an input.
    pub(super) fn take(sheet: &mut Sheet) -> Result<Self, Refusal> {
        let environment = match sheet.nested("Environment")? {
            Some(mut nested) => {
                let variables = nested.take("Variables")?;
                nested.end()?;
                Some(variables.unwrap_or_default())
            }
            None => None,
        };
        let tracing = one(sheet, "TracingConfig", "Mode")?;
        let ephemeral = one(sheet, "EphemeralStorage", "Size")?;
        Ok(Self {
            runtime: sheet.take("Runtime")?,
            role: sheet.take("Role")?,
            handler: sheet.take("Handler")?,
            description: sheet.take("Description")?,
            timeout: sheet.take("Timeout")?,
            memory: sheet.take("MemorySize")?,
            environment,
            tracing,
            ephemeral,
            logging: logging(sheet)?,
        })
    }

    /// Checks everything the service's model says.
    pub(super) fn check(&self, checks: &mut Checks) {
        if let Some(role) = &self.role {
            let constraint = "Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+";
            checks.that(is_role(role), (role, "role"), constraint);
        }
        if let Some(handler) = &self.handler {
            checks.length(Some(handler), "handler", 128);
            let plain = !handler.is_empty() && !handler.contains(char::is_whitespace);
            let constraint = "Member must satisfy regular expression pattern: [^\\s]+";
            checks.that(plain, (handler, "handler"), constraint);
        }
        checks.length(self.description.as_deref(), "description", 256);
        // The model's ranges are wider than what functions of today's account may have; see `apply`.
        checks.range(self.timeout, "timeout", (1, 5400));
        checks.range(self.memory, "memorySize", (128, 32_768));
        checks.range(self.ephemeral, "ephemeralStorage.size", (512, 32_768));
        checks.one_of(self.tracing.as_deref(), "tracingConfig.mode", &["Active", "PassThrough"]);
        for name in self.environment.iter().flat_map(BTreeMap::keys) {
            let constraint = "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]";
            let plain = name.len() >= 2
                && name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            // The front never prints variables.
            let fine = plain || RESERVED.contains(&name.as_str());
            checks.that(fine, ("***", "environment.variables"), constraint);
        }
        if let Some(logging) = &self.logging {
            logging.check(checks);
        }
    }

    /// Puts them into a function's settings, checking what the service itself checks.
    pub(super) fn apply(self, config: &mut Config) -> Result<(), Refusal> {
        at_most(self.memory, "MemorySize", 10_240)?;
        at_most(self.timeout, "Timeout", 900)?;
        at_most(self.ephemeral, "EphemeralStorage", 10_240)?;
        if let Some(environment) = self.environment {
            check_environment(&environment)?;
            config.environment = environment;
        }
        set(&mut config.runtime, self.runtime);
        set(&mut config.role, self.role);
        set(&mut config.handler, self.handler);
        set(&mut config.description, self.description);
        set(&mut config.timeout, self.timeout);
        set(&mut config.memory, self.memory);
        set(&mut config.tracing, self.tracing);
        set(&mut config.ephemeral, self.ephemeral);
        match self.logging {
            Some(logging) => logging.apply(&mut config.logging),
            None => Ok(()),
        }
    }
}

/// Lambda's defaults (`CreateFunction` API reference).
pub(super) fn defaults(name: &str) -> Config {
    Config {
        runtime: String::new(),
        role: String::new(),
        handler: String::new(),
        description: String::new(),
        timeout: 3,
        memory: 128,
        environment: BTreeMap::new(),
        tracing: "PassThrough".to_owned(),
        ephemeral: 512,
        logging: Logging {
            format: "Text".to_owned(),
            application: None,
            system: None,
            group: format!("/aws/lambda/{name}"),
        },
    }
}

fn set<T>(to: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *to = value;
    }
}

/// Takes the one member of an object member.
fn one<T: serde::de::DeserializeOwned>(
    sheet: &mut Sheet,
    name: &str,
    member: &str,
) -> Result<Option<T>, Refusal> {
    let Some(mut nested) = sheet.nested(name)? else { return Ok(None) };
    let value = nested.take(member)?;
    nested.end()?;
    Ok(value)
}

fn logging(sheet: &mut Sheet) -> Result<Option<LoggingInput>, Refusal> {
    let Some(mut nested) = sheet.nested("LoggingConfig")? else { return Ok(None) };
    let input = LoggingInput {
        format: nested.take("LogFormat")?,
        application: nested.take("ApplicationLogLevel")?,
        system: nested.take("SystemLogLevel")?,
        group: nested.take("LogGroup")?,
    };
    nested.end()?;
    Ok(Some(input))
}

impl LoggingInput {
    fn check(&self, checks: &mut Checks) {
        checks.one_of(self.format.as_deref(), "loggingConfig.logFormat", &["JSON", "Text"]);
        let levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
        checks.one_of(self.application.as_deref(), "loggingConfig.applicationLogLevel", &levels);
        let levels = ["DEBUG", "INFO", "WARN"];
        checks.one_of(self.system.as_deref(), "loggingConfig.systemLogLevel", &levels);
        if let Some(group) = &self.group {
            let fine = (1..=512).contains(&group.len())
                && group
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b".-_/#".contains(&byte));
            let constraint =
                "Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+";
            checks.that(fine, (group, "loggingConfig.logGroup"), constraint);
        }
    }

    fn apply(self, logging: &mut Logging) -> Result<(), Refusal> {
        set(&mut logging.format, self.format);
        set(&mut logging.group, self.group);
        if logging.format == "JSON" {
            let info = || Some("INFO".to_owned());
            logging.application =
                self.application.or_else(|| logging.application.take()).or_else(info);
            logging.system = self.system.or_else(|| logging.system.take()).or_else(info);
            return Ok(());
        }
        if self.application.is_some() || self.system.is_some() {
            return Err(invalid(
                "ApplicationLogLevel and SystemLogLevel can only be specified when LogFormat is JSON.",
            ));
        }
        logging.application = None;
        logging.system = None;
        Ok(())
    }
}

fn at_most(value: Option<i64>, member: &str, most: i64) -> Result<(), Refusal> {
    match value {
        Some(value) if value > most => Err(invalid(format!(
            "'{member}' value failed to satisfy constraint: Member must have value less than or \
             equal to {most}"
        ))),
        Some(_) | None => Ok(()),
    }
}

fn check_environment(variables: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let reserved: Vec<&str> =
        variables.keys().map(String::as_str).filter(|name| RESERVED.contains(name)).collect();
    if !reserved.is_empty() {
        return Err(invalid(format!(
            "Lambda was unable to configure your environment variables because the environment \
             variables you have provided contains reserved keys that are currently not supported \
             for modification. Reserved keys used in this request: {}",
            reserved.join(", ")
        )));
    }
    let measured = serde_json::to_string(variables).unwrap_or_default();
    if measured.len() > 4096 {
        return Err(invalid(
            "Lambda was unable to configure your environment variables because the environment \
             variables you have provided exceeded the 4KB limit. String measured: {...}",
        ));
    }
    Ok(())
}

fn is_role(arn: &str) -> bool {
    let mut parts = arn.splitn(6, ':');
    let (Some("arn"), Some(partition), Some("iam"), Some("")) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let (account, resource) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let Some(name) = resource.strip_prefix("role") else { return false };
    partition.starts_with("aws")
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && !name.trim_start_matches('/').is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-/".contains(&byte))
}
