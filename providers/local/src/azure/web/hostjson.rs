//! `host.json`: what of it the embedded host obeys, and what the real one refuses when it starts.
//!
//! Source: <https://learn.microsoft.com/azure/azure-functions/functions-host-json>.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How long an invocation may take when `host.json` does not say, on Flex Consumption.
const DEFAULT_TIMEOUT_S: u64 = 30 * 60;

/// What stands for no limit.
const UNBOUNDED_S: u64 = 10 * 24 * 3600;

/// What `host.json` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HostConfig {
    /// How long one invocation may take.
    pub(super) timeout: Duration,
    /// What stands before every route: `api`.
    pub(super) prefix: String,
    /// Storage queues.
    pub(super) queues: Queues,
    /// Service Bus.
    pub(super) bus: Bus,
}

/// `extensions.queues`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Queues {
    /// How long the host waits between two looks at an empty queue.
    pub(super) pause: Duration,
    /// How long a message whose function failed stays hidden.
    pub(super) hidden: Duration,
    /// How many messages are fetched at once.
    pub(super) batch: usize,
    /// At how few running messages the next batch is fetched.
    pub(super) threshold: usize,
    /// How often a message is tried before it goes to the poison queue.
    pub(super) attempts: u64,
    /// Whether messages are base64.
    pub(super) base64: bool,
}

/// `extensions.serviceBus`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bus {
    /// How many messages run at once when each is a call of its own.
    pub(super) calls: usize,
    /// The most messages of one call when it takes many.
    pub(super) batch: usize,
    /// Whether the host completes messages whose function ended well.
    pub(super) completes: bool,
}

impl Default for HostConfig {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(DEFAULT_TIMEOUT_S),
            prefix: "api".to_owned(),
            queues: Queues {
                pause: Duration::from_mins(1),
                hidden: Duration::ZERO,
                batch: 16,
                threshold: 8,
                attempts: 5,
                base64: true,
            },
            bus: Bus { calls: 16, batch: 1000, completes: true },
        }
    }
}

/// Reads `host.json`; an app without one gets the defaults. The error is what the host logs when it does not start.
pub(super) fn read(text: Option<&str>) -> Result<HostConfig, String> {
    let Some(text) = text else { return Ok(HostConfig::default()) };
    let host: Value = serde_json::from_str(text)
        .map_err(|error| format!("Unable to parse host configuration file 'host.json'. {error}"))?;
    version(&host)?;
    let mut config = HostConfig::default();
    if let Some(timeout) = host.get("functionTimeout") {
        config.timeout = timeout_of(timeout)?;
    }
    if let Some(prefix) = text_at(&host, "/extensions/http/routePrefix")? {
        prefix.trim_matches('/').clone_into(&mut config.prefix);
    }
    queues(&host, &mut config.queues)?;
    bus(&host, &mut config.bus)?;
    Ok(config)
}

fn version(host: &Value) -> Result<(), String> {
    match host.get("version") {
        Some(Value::String(version)) if version == "2.0" => Ok(()),
        None => Err("The host.json file is missing the required 'version' property. See \
                     https://aka.ms/functions-hostjson for steps to migrate the configuration file."
            .to_owned()),
        Some(version) => Err(format!(
            "'{}' is an invalid value for host.json 'version' property. We recommend you set the 'version' property \
             to '2.0'. See https://aka.ms/functions-hostjson for more information.",
            version.as_str().map_or_else(|| version.to_string(), str::to_owned)
        )),
    }
}

fn timeout_of(value: &Value) -> Result<Duration, String> {
    let text = value.as_str().unwrap_or_default();
    if text == "-1" {
        return Ok(Duration::from_secs(UNBOUNDED_S));
    }
    let span =
        span(text).ok_or_else(|| format!("Invalid functionTimeout '{text}' in host.json."))?;
    if span < Duration::from_secs(1) {
        return Err("FunctionTimeout must be greater than 00:00:01 and less than 10675199.02:48:05.4775807.".to_owned());
    }
    Ok(span)
}

fn queues(host: &Value, queues: &mut Queues) -> Result<(), String> {
    let at = |name: &str| format!("/extensions/queues/{name}");
    if let Some(pause) = span_at(host, &at("maxPollingInterval"))? {
        queues.pause = pause.max(Duration::from_millis(100));
    }
    if let Some(hidden) = span_at(host, &at("visibilityTimeout"))? {
        queues.hidden = hidden;
    }
    if let Some(batch) = number_at(host, &at("batchSize"), (1, 32))? {
        queues.batch = usize::try_from(batch).unwrap_or_default();
        queues.threshold = queues.batch / 2;
    }
    if let Some(threshold) = number_at(host, &at("newBatchThreshold"), (0, u64::MAX))? {
        queues.threshold = usize::try_from(threshold).unwrap_or_default();
    }
    if let Some(attempts) = number_at(host, &at("maxDequeueCount"), (1, u64::MAX))? {
        queues.attempts = attempts;
    }
    if let Some(encoding) = text_at(host, &at("messageEncoding"))? {
        queues.base64 = match encoding.to_ascii_lowercase().as_str() {
            "base64" => true,
            "none" => false,
            _ => {
                return Err(format!(
                    "Failed to convert '{encoding}' to QueueMessageEncoding in host.json."
                ));
            }
        };
    }
    Ok(())
}

fn bus(host: &Value, bus: &mut Bus) -> Result<(), String> {
    let at = |name: &str| format!("/extensions/serviceBus/{name}");
    if let Some(calls) = number_at(host, &at("maxConcurrentCalls"), (1, u64::MAX))? {
        bus.calls = usize::try_from(calls).unwrap_or(usize::MAX);
    }
    if let Some(batch) = number_at(host, &at("maxMessageBatchSize"), (1, u64::MAX))? {
        bus.batch = usize::try_from(batch).unwrap_or(usize::MAX);
    }
    if let Some(completes) = host.pointer(&at("autoCompleteMessages")) {
        bus.completes = completes.as_bool().ok_or(
            "Failed to convert extensions.serviceBus.autoCompleteMessages of host.json to bool.",
        )?;
    }
    Ok(())
}

fn text_at<'v>(host: &'v Value, at: &str) -> Result<Option<&'v str>, String> {
    let Some(value) = host.pointer(at) else { return Ok(None) };
    value.as_str().map(Some).ok_or_else(|| format!("{} of host.json must be a string.", dotted(at)))
}

fn number_at(host: &Value, at: &str, (low, high): (u64, u64)) -> Result<Option<u64>, String> {
    let Some(value) = host.pointer(at) else { return Ok(None) };
    let number = value.as_u64().filter(|number| (low..=high).contains(number));
    number.map(Some).ok_or_else(|| {
        format!(
            "Specified argument was out of the range of valid values. ({} of host.json is {value})",
            dotted(at)
        )
    })
}

fn span_at(host: &Value, at: &str) -> Result<Option<Duration>, String> {
    let Some(text) = text_at(host, at)? else { return Ok(None) };
    span(text).map(Some).ok_or_else(|| {
        format!(
            "Failed to convert configuration value '{text}' at {} of host.json to TimeSpan.",
            dotted(at)
        )
    })
}

fn dotted(at: &str) -> String {
    at.trim_start_matches('/').replace('/', ".")
}

/// Reads a span of time: `[d.]hh:mm:ss[.fraction]`.
pub(super) fn span(text: &str) -> Option<Duration> {
    let (days, clock) = match text.split_once('.') {
        Some((days, clock)) if clock.contains(':') => (days.parse::<u64>().ok()?, clock),
        Some(_) | None => (0, text),
    };
    let mut parts = clock.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    let hours: u64 = hours.parse().ok().filter(|hours| *hours < 24)?;
    let minutes: u64 = minutes.parse().ok().filter(|minutes| *minutes < 60)?;
    let seconds: f64 = seconds.parse().ok().filter(|seconds| (0.0..60.0).contains(seconds))?;
    if parts.next().is_some() {
        return None;
    }
    let whole = Duration::from_secs(days * 86_400 + hours * 3600 + minutes * 60);
    Some(whole + Duration::try_from_secs_f64(seconds).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_without_host_json_gets_the_defaults() {
        assert_eq!(read(None), Ok(HostConfig::default()));
        assert_eq!(read(Some(r#"{"version": "2.0"}"#)), Ok(HostConfig::default()));
    }

    #[test]
    fn what_it_says_is_obeyed() {
        let text = r#"{"version": "2.0", "functionTimeout": "00:00:05", "extensions": {
            "http": {"routePrefix": ""},
            "queues": {"batchSize": 1, "newBatchThreshold": 0, "maxDequeueCount": 2, "visibilityTimeout": "00:00:01",
                "messageEncoding": "none", "maxPollingInterval": "00:00:02"},
            "serviceBus": {"maxMessageBatchSize": 10}}}"#;
        let config = read(Some(text)).unwrap();
        assert_eq!((config.timeout, config.prefix.as_str()), (Duration::from_secs(5), ""));
        let Queues { batch, threshold, attempts, base64, hidden, pause } = config.queues;
        assert_eq!((batch, threshold, attempts, base64), (1, 0, 2, false));
        assert_eq!((hidden, pause), (Duration::from_secs(1), Duration::from_secs(2)));
        assert_eq!(config.bus.batch, 10);
    }

    #[test]
    fn a_host_does_not_start_with_what_it_cannot_read() {
        let cases = [
            ("{", "Unable to parse host configuration file"),
            ("{}", "missing the required 'version' property"),
            (r#"{"version": "1.0"}"#, "'1.0' is an invalid value"),
            (r#"{"version": "2.0", "functionTimeout": "soon"}"#, "Invalid functionTimeout"),
            (
                r#"{"version": "2.0", "functionTimeout": "00:00:00"}"#,
                "must be greater than 00:00:01",
            ),
            (
                r#"{"version": "2.0", "extensions": {"queues": {"batchSize": 33}}}"#,
                "out of the range",
            ),
            (
                r#"{"version": "2.0", "extensions": {"queues": {"messageEncoding": "utf8"}}}"#,
                "QueueMessageEncoding",
            ),
        ];
        for (text, message) in cases {
            let error = read(Some(text)).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn spans_are_days_hours_minutes_and_seconds() {
        assert_eq!(span("1.02:03:04"), Some(Duration::from_secs(93_784)));
        assert_eq!(span("00:00:00.80"), Some(Duration::from_millis(800)));
        assert_eq!(span("24:00:00"), None);
        assert_eq!(span("5"), None);
    }
}
