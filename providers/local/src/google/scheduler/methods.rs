//! What can be done with jobs.

use serde_json::{Value, json};

use super::attempt;
use super::check;
use super::job::{self, Job, Name};
use super::service::JOB;
use crate::cloud::{Cloud, Context};
use crate::google::mask::Mask;
use crate::google::paging::Pages;
use crate::google::projects;
use crate::google::refusals::{exists, invalid_field, precondition};
use crate::ledger::Effect;
use crate::services::Pending;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

const PAGES: Pages = Pages { items: "jobs", usual: 500, most: 500 };

/// What only the service writes; it is not kept when it is sent.
const OUTPUT: &[&str] = &[
    "name",
    "userUpdateTime",
    "state",
    "status",
    "scheduleTime",
    "lastAttemptTime",
    "satisfiesPzs",
];

fn sent(request: &Request) -> Result<(Value, Option<String>), Refusal> {
    let mut config = request.json()?;
    let name = config.get("name").and_then(Value::as_str).map(str::to_owned);
    if let Value::Object(members) = &mut config {
        for name in OUTPUT {
            members.remove(*name);
        }
    }
    Ok((config, name))
}

fn done(job: &Job, context: &Context<'_>, effect: Effect) -> Reply {
    Reply::json(job.show(context.now)).did(effect, format!("job/{}", job.name.id))
}

/// Makes a job.
pub(super) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (mut config, full) = sent(request)?;
    let mut name = Name::of(request);
    let parent = format!("projects/{}/locations/{}/jobs/", name.project, name.location);
    name.id = match &full {
        None => uuid::Uuid::new_v4().to_string(),
        Some(full) => full.strip_prefix(&parent).unwrap_or_default().to_owned(),
    };
    check::name(&name)?;
    check::fill(&mut config);
    let job = Job { name, config, paused: false, changed: context.now, last: None };
    check::job(tx, context, &job)?;
    if job::find(tx, &job.name)?.is_some() {
        return Err(exists(format!("Job {} already exists.", job.name.full())));
    }
    job::save(tx, &job)?;
    Ok(done(&job, context, Effect::Create))
}

/// Answers with a page of jobs.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    projects::check(&request.account)?;
    if request.region == "-" {
        return Err(invalid_field("parent", "The location '-' is not supported."));
    }
    let jobs = job::of_location(tx, &request.account, &request.region)?;
    let items = jobs.iter().map(|job| (job.name.full(), job.show(context.now))).collect();
    Ok(Reply::json(Value::Object(PAGES.cut(request, context, items)?)))
}

/// Answers with a job.
pub(super) fn get(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    Ok(Reply::json(job::load(tx, &Name::of(request))?.show(context.now)))
}

/// Changes the fields the mask names; without one, all.
pub(super) fn patch(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let mut job = job::load(tx, &Name::of(request))?;
    let mask = Mask::of(request, &JOB)?;
    let (change, _) = sent(request)?;
    mask.apply(&change, &mut job.config);
    check::fill(&mut job.config);
    check::job(tx, context, &job)?;
    job.changed = context.now;
    job::save(tx, &job)?;
    Ok(done(&job, context, Effect::Update))
}

/// Deletes a job.
pub(super) fn delete(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let job = job::load(tx, &Name::of(request))?;
    job::remove(tx, &job.name)?;
    Ok(Reply::json(json!({})).did(Effect::Delete, format!("job/{}", job.name.id)))
}

/// Pauses a job.
pub(super) fn pause(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    switch(request, tx, context, "ENABLED")
}

/// Lets a paused job go on.
pub(super) fn resume(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    switch(request, tx, context, "PAUSED")
}

/// Moves a job from one state to the other.
fn switch(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
    from: &str,
) -> Result<Reply, Refusal> {
    let mut job = job::load(tx, &Name::of(request))?;
    let state = if job.paused { "PAUSED" } else { "ENABLED" };
    if state != from {
        return Err(precondition(format!(
            "The job must be in the state {from}; it is in {state}."
        )));
    }
    job.paused = !job.paused;
    job.changed = context.now;
    job::save(tx, &job)?;
    Ok(done(&job, context, Effect::Update))
}

/// Runs a job now, whatever its schedule and its state.
pub(super) fn run(request: Request, cloud: Cloud) -> Pending {
    Box::pin(async move {
        let job = cloud.transact(|tx, _| job::load(tx, &Name::of(&request)))?;
        let shown = cloud.transact(|_, context| Ok(job.show(context.now)))?;
        attempt::begin(&cloud, job);
        Ok(Reply::json(shown))
    })
}
