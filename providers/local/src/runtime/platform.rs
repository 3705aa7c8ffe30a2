//! Writes the lines Lambda itself adds to a function's log: `INIT_START`, START, END and REPORT,
//! as text or as JSON objects.
//!
//! Source: docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::deployed::{LogStyle, Logging};

/// What there is to say once an invocation is over.
pub(crate) struct Report {
    /// How long the handler ran.
    pub(crate) duration: Duration,
    /// How long the instance took to start, if it started for this invocation.
    pub(crate) init: Option<Duration>,
    /// The memory the function has, in MB.
    pub(crate) memory: u64,
    /// The most memory the process used, in MB, where the host tells.
    pub(crate) used: Option<u64>,
    /// `success`, `error`, `failure` or `timeout`.
    pub(crate) status: &'static str,
}

/// The line written when an instance starts.
pub(crate) fn init_start(
    log: &Logging,
    now: Timestamp,
    runtime: &str,
    host: &str,
) -> Option<String> {
    let version = format!("{runtime} (host {host})");
    match log.style {
        LogStyle::Bare => None,
        LogStyle::Text => Some(format!("INIT_START Runtime Version: {version}")),
        LogStyle::Json => {
            let record = json!({
                "initializationType": "on-demand", "phase": "init", "runtimeVersion": version,
            });
            at_level(log, "INFO", now, "platform.initStart", &record)
        }
    }
}

/// The line written before the handler runs.
pub(crate) fn start(log: &Logging, now: Timestamp, id: &str) -> Option<String> {
    match log.style {
        LogStyle::Bare => None,
        LogStyle::Text => Some(format!("START RequestId: {id} Version: $LATEST")),
        LogStyle::Json => {
            let record = json!({"requestId": id, "version": "$LATEST"});
            at_level(log, "INFO", now, "platform.start", &record)
        }
    }
}

/// The lines written after the handler ran.
pub(crate) fn end(log: &Logging, now: Timestamp, id: &str, report: &Report) -> Vec<String> {
    match log.style {
        LogStyle::Bare => Vec::new(),
        LogStyle::Text => vec![format!("END RequestId: {id}"), text_report(id, report)],
        LogStyle::Json => json_report(log, now, id, report).into_iter().collect(),
    }
}

/// How long Lambda bills: milliseconds, rounded up, the start included.
fn billed(report: &Report) -> u128 {
    (report.duration + report.init.unwrap_or_default()).as_micros().div_ceil(1000)
}

fn text_report(id: &str, report: &Report) -> String {
    let mut line = format!(
        "REPORT RequestId: {id}\tDuration: {:.2} ms\tBilled Duration: {} ms\tMemory Size: {} MB\t",
        milliseconds(report.duration),
        billed(report),
        report.memory,
    );
    if let Some(used) = report.used {
        let _ = write!(line, "Max Memory Used: {used} MB\t");
    }
    if let Some(init) = report.init {
        let _ = write!(line, "Init Duration: {:.2} ms\t", milliseconds(init));
    }
    if report.status != "success" {
        let _ = write!(line, "Status: {}\t", report.status);
    }
    line
}

fn json_report(log: &Logging, now: Timestamp, id: &str, report: &Report) -> Option<String> {
    let mut metrics = json!({
        "durationMs": hundredths(report.duration),
        "billedDurationMs": u64::try_from(billed(report)).unwrap_or(u64::MAX),
        "memorySizeMB": report.memory,
    });
    if let (Some(map), Some(used)) = (metrics.as_object_mut(), report.used) {
        map.insert("maxMemoryUsedMB".to_owned(), json!(used));
    }
    if let (Some(map), Some(init)) = (metrics.as_object_mut(), report.init) {
        map.insert("initDurationMs".to_owned(), json!(hundredths(init)));
    }
    let level = if report.status == "success" { "INFO" } else { "WARN" };
    let record = json!({"requestId": id, "metrics": metrics, "status": report.status});
    at_level(log, level, now, "platform.report", &record)
}

fn at_level(
    log: &Logging,
    level: &str,
    now: Timestamp,
    kind: &str,
    record: &Value,
) -> Option<String> {
    let lowest = if log.platform.as_deref() == Some("WARN") { "WARN" } else { level };
    (lowest == level)
        .then(|| json!({"time": stamp(now), "type": kind, "record": record}).to_string())
}

/// A time as Lambda writes it: UTC with milliseconds.
pub(crate) fn stamp(now: Timestamp) -> String {
    format!("{now:.3}")
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn hundredths(duration: Duration) -> f64 {
    (milliseconds(duration) * 100.0).round() / 100.0
}
