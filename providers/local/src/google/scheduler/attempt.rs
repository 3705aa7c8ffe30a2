//! Runs a job: calls its target with its identity, again when that fails and the job wants it, and notes the outcome.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::job::{self, Job};
use crate::clock::Moment;
use crate::cloud::Cloud;
use crate::google::accounts::{self, Found};
use crate::google::refusals::{code_of, number_of};
use crate::google::run::{Caller, HttpCall, Identity, Target, call, identity_token};
use crate::ledger::{Effect, Entry};
use crate::wire::Refusal;

/// Begins a run, unless one of the same job is under way: a job never runs twice at a time.
pub(super) fn begin(cloud: &Cloud, job: Job) {
    let cloud = cloud.clone();
    tokio::spawn(async move {
        let Some(_under_way) = cloud.held.take(format!("google/job/{}", job.name.full())) else {
            return;
        };
        let mut stopping = cloud.stopping();
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => {}
            () = run(&cloud, &job) => {}
        }
    });
}

fn seconds(text: &str) -> Duration {
    Duration::try_from_secs_f64(text.trim_end_matches('s').parse().unwrap_or_default())
        .unwrap_or_default()
}

async fn run(cloud: &Cloud, job: &Job) {
    let again = job.config.pointer("/retryConfig/retryCount").and_then(Value::as_u64).unwrap_or(0);
    let mut wait = seconds(job.text("/retryConfig/minBackoffDuration"));
    let most = seconds(job.text("/retryConfig/maxBackoffDuration"));
    for attempt in 0..=again {
        if attempt > 0 {
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(most);
        }
        let deadline = seconds(job.text("/attemptDeadline"));
        let status = match tokio::time::timeout(deadline, once(cloud, job)).await {
            Ok(Ok(status)) => status,
            Ok(Err(refusal)) => refusal.status,
            Err(_) => 504,
        };
        note(cloud, job, status);
        if status < 300 {
            return;
        }
    }
}

/// One attempt; the HTTP status that came of it.
async fn once(cloud: &Cloud, job: &Job) -> Result<u16, Refusal> {
    let uri = job.text("/httpTarget/uri");
    let Some((target, rest)) = Target::of_uri(uri, &cloud.google_url) else {
        // Nothing outside is ever called.
        return Ok(503);
    };
    let (caller, token) = caller(cloud, job)?;
    let mut headers: Vec<(String, String)> = job
        .config
        .pointer("/httpTarget/headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.to_ascii_lowercase(), value.as_str()?.to_owned())))
        .collect();
    headers.push(("x-cloudscheduler".to_owned(), "true".to_owned()));
    headers.push(("x-cloudscheduler-jobname".to_owned(), job.name.id.clone()));
    headers.push(("x-cloudscheduler-scheduletime".to_owned(), Moment::now().iso()));
    headers.extend(token.map(|token| ("authorization".to_owned(), format!("Bearer {token}"))));
    let body = STANDARD.decode(job.text("/httpTarget/body")).unwrap_or_default();
    let path = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
    let asked = HttpCall {
        method: job.text("/httpTarget/httpMethod").to_owned(),
        target: path,
        headers,
        body: body.into(),
    };
    Ok(call(cloud, &target, &caller, asked).await?.status)
}

/// Who the target is called as, and the token that says so.
fn caller(cloud: &Cloud, job: &Job) -> Result<(Caller, Option<String>), Refusal> {
    if job.config.pointer("/httpTarget/oidcToken").is_none() {
        return Ok((Caller::Anonymous, None));
    }
    let email = job.text("/httpTarget/oidcToken/serviceAccountEmail");
    let audience = job.text("/httpTarget/oidcToken/audience");
    cloud.transact(|tx, context| {
        let uid = match accounts::find(tx, context, email)? {
            Some(Found::Account(account)) if !account.disabled => account.uid,
            Some(Found::Agent) => String::new(),
            Some(Found::Account(_)) | None => return Ok((Caller::Unreadable, None)),
        };
        let identity = Identity { email: email.to_owned(), audience: audience.to_owned() };
        let token = identity_token(&identity, &uid, context.now);
        Ok((Caller::Account(identity), Some(token)))
    })
}

/// Notes the outcome in the job and in the ledger.
fn note(cloud: &Cloud, run: &Job, status: u16) {
    let trouble = (status >= 300).then(|| {
        let code = if status == 504 { "DEADLINE_EXCEEDED" } else { code_of(status) };
        (number_of(code), format!("{status}"))
    });
    // A job that is gone has nowhere to note it.
    cloud
        .transact(|tx, context| {
            let Some(mut job) = job::find(tx, &run.name)? else { return Ok(()) };
            job.last = Some((context.now, trouble));
            job::save(tx, &job)
        })
        .ok();
    cloud.ledger.record(Entry {
        seq: cloud.ledger.arrive(),
        service: "scheduler".to_owned(),
        operation: "Fire".to_owned(),
        method: String::new(),
        path: String::new(),
        account: run.name.project.clone(),
        region: run.name.location.clone(),
        status,
        error: None,
        effect: Effect::None,
        object: Some(format!("job/{}", run.name.id)),
        fault: None,
    });
}
