//! What a job may say, and what it says where nothing was sent.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::cron::Cron;
use super::job::Job;
use crate::cloud::Context;
use crate::google::refusals::{invalid, invalid_field};
use crate::google::{accounts, projects};
use crate::members::{set, take};
use crate::store::Tx;
use crate::wire::Refusal;

/// Refuses a name no job can have.
pub(super) fn name(job: &super::job::Name) -> Result<(), Refusal> {
    projects::check(&job.project)?;
    let legal = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'-' || letter == b'_';
    if job.id.is_empty() || job.id.len() > 500 || !job.id.bytes().all(legal) {
        return Err(invalid_field(
            "job.name",
            "Job name must be formatted: \"projects/<PROJECT_ID>/locations/<LOCATION_ID>/jobs/<JOB_ID>\".",
        ));
    }
    Ok(())
}

/// Fills in what was left out, as the service does when it stores a job.
pub(super) fn fill(config: &mut Value) {
    let mut default = |name: &str, value: &str| {
        if config.get(name).is_none() {
            set(config, name, value);
        }
    };
    default("timeZone", "UTC");
    default("attemptDeadline", "180s");
    let mut retry = take(config, "retryConfig");
    for (name, value) in [
        ("maxRetryDuration", json!("0s")),
        ("minBackoffDuration", json!("5s")),
        ("maxBackoffDuration", json!("3600s")),
        ("maxDoublings", json!(5)),
    ] {
        retry.entry(name).or_insert(value);
    }
    set(config, "retryConfig", retry);
    if config.get("httpTarget").is_none() {
        return;
    }
    let mut target = take(config, "httpTarget");
    target.entry("httpMethod").or_insert(json!("POST"));
    let mut headers = match target.remove("headers") {
        Some(Value::Object(headers)) => headers,
        Some(_) | None => serde_json::Map::new(),
    };
    headers.insert("User-Agent".to_owned(), json!("Google-Cloud-Scheduler"));
    let typed = headers.keys().any(|name| name.eq_ignore_ascii_case("content-type"));
    if target.contains_key("body") && !typed {
        headers.insert("Content-Type".to_owned(), json!("application/octet-stream"));
    }
    target.insert("headers".to_owned(), headers.into());
    let uri = target.get("uri").cloned().unwrap_or_default();
    if let Some(Value::Object(token)) = target.get_mut("oidcToken") {
        token.entry("audience").or_insert(uri);
    }
    set(config, "httpTarget", target);
}

fn seconds(text: &str) -> f64 {
    text.trim_end_matches('s').parse().unwrap_or_default()
}

/// Refuses a job that can never run.
pub(super) fn job(tx: &Tx, context: &Context<'_>, job: &Job) -> Result<(), Refusal> {
    let text = |pointer: &str| job.text(pointer);
    if text("/description").len() > 500 {
        return Err(invalid_field(
            "job.description",
            "The description must be at most 500 characters.",
        ));
    }
    if Cron::parse(text("/schedule")).is_none() || TimeZone::get(text("/timeZone")).is_err() {
        return Err(invalid("Schedule or time zone is invalid."));
    }
    let deadline = seconds(text("/attemptDeadline"));
    if !(15.0..=1800.0).contains(&deadline) {
        let message = "The attempt deadline must be between 15s and 1800s for HTTP targets.";
        return Err(invalid_field("job.attempt_deadline", message));
    }
    retries(job)?;
    let uri = text("/httpTarget/uri");
    if uri.is_empty() {
        return Err(invalid_field("job.target", "Exactly one target must be set."));
    }
    if !uri.starts_with("http://") && !uri.starts_with("https://") {
        return Err(invalid_field(
            "job.http_target.uri",
            "HttpTarget.uri must be a valid HTTP URL.",
        ));
    }
    let method = text("/httpTarget/httpMethod");
    if !text("/httpTarget/body").is_empty() && !["POST", "PUT", "PATCH"].contains(&method) {
        let message = "HttpTarget.body is allowed only for POST, PUT and PATCH.";
        return Err(invalid_field("job.http_target.body", message));
    }
    identity(tx, context, job)
}

fn retries(job: &Job) -> Result<(), Refusal> {
    let number = |name: &str| {
        job.config
            .pointer(&format!("/retryConfig/{name}"))
            .and_then(Value::as_i64)
            .unwrap_or_default()
    };
    if !(0..=5).contains(&number("retryCount")) {
        return Err(invalid_field(
            "job.retry_config.retry_count",
            "The retry count must be between 0 and 5.",
        ));
    }
    let (least, most) = (
        seconds(job.text("/retryConfig/minBackoffDuration")),
        seconds(job.text("/retryConfig/maxBackoffDuration")),
    );
    if least > most || least < 0.0 {
        let message = "The minimum backoff must not be greater than the maximum.";
        return Err(invalid_field("job.retry_config.min_backoff_duration", message));
    }
    Ok(())
}

fn identity(tx: &Tx, context: &Context<'_>, job: &Job) -> Result<(), Refusal> {
    if job.config.pointer("/httpTarget/oidcToken").is_none() {
        return Ok(());
    }
    let email = job.text("/httpTarget/oidcToken/serviceAccountEmail");
    let project = &job.name.project;
    let own = email.ends_with(&format!("@{project}.iam.gserviceaccount.com"));
    if !own && !email.ends_with("@developer.gserviceaccount.com") {
        return Err(invalid_field(
            "job.http_target.oidc_token.service_account_email",
            "The service account must be in the same project as the job.",
        ));
    }
    if accounts::find(tx, context, email)?.is_none() {
        return Err(invalid(format!("Service account {email} does not exist.")));
    }
    Ok(())
}
