//! `gcp.schedule`: one job of Cloud Scheduler that calls one function, as an identity of ours.
//!
//! Jobs carry no labels, so the mark stands in the description.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use google_cloud_scheduler_v1::model::{Job, job};
use google_cloud_wkt::FieldMask;
use updraft_contract::{
    Action, FieldSpec, Fields, Grant, KindSpec, Known, Live, Resource, ResourceId, Scope, Stages,
    Value, Verb,
};
use updraft_transport::ResourceKind;

use super::schedule_shape::{found, job_of};
use super::{CALLERS, FUNCTION, SCHEDULE, SERVICE_ACCOUNT, cron, function, service_account};
use crate::client::Cloud;
use crate::errors::{Failure, absent, gone};
use crate::kind::{Found, Made};
use crate::marks;
use crate::place::Names;
use crate::survey::Survey;
use crate::triggers::Timer;

/// The kind, as data.
pub(super) static SPEC: KindSpec = KindSpec {
    kind: SCHEDULE,
    needs: &[FUNCTION, CALLERS, SERVICE_ACCOUNT],
    snapshots: &[],
    fields: &[
        FieldSpec::fixed("region"),
        FieldSpec::plain("schedule"),
        FieldSpec::plain("timezone"),
        FieldSpec::plain("uri"),
        FieldSpec::plain("method"),
        FieldSpec::document("input"),
        FieldSpec::plain("headers"),
        FieldSpec::plain("identity"),
        FieldSpec::plain("audience"),
        FieldSpec::plain("deadline"),
        FieldSpec::plain("retries"),
        FieldSpec::plain("state"),
    ],
    grants: &[
        Grant {
            verb: Verb::Create,
            permissions: &["cloudscheduler.jobs.create", "iam.serviceAccounts.actAs"],
        },
        Grant {
            verb: Verb::Update,
            permissions: &[
                "cloudscheduler.jobs.enable",
                "cloudscheduler.jobs.update",
                "iam.serviceAccounts.actAs",
            ],
        },
        Grant { verb: Verb::Delete, permissions: &["cloudscheduler.jobs.delete"] },
    ],
    reads: &["cloudscheduler.jobs.get", "cloudscheduler.jobs.list"],
    downtime: "",
    shows: &[],
};

/// The fields that an update sets. The target goes whole.
const MASK: [&str; 6] =
    ["description", "schedule", "time_zone", "attempt_deadline", "retry_config", "http_target"];

/// How long Cloud Scheduler waits for an answer: 15 seconds to 30 minutes, three minutes where
/// nothing is said (cloudscheduler.googleapis.com v1, `Job.attemptDeadline`).
const DEADLINE: (u64, u64) = (180, 1800);

/// How often a call that failed is tried again: as often as AWS tries an asynchronous call.
const RETRIES: u32 = 2;

/// What the function receives where the manifest says nothing.
const NO_INPUT: &str = "{}";

/// Returns the jobs that these schedules need. One that has no expression, which the caller has
/// refused, is left out.
pub(crate) fn lower(names: Names<'_>, timers: &[Timer<'_>]) -> Vec<Resource> {
    let one =
        |timer: &Timer<'_>| Some(wanted(names, timer, cron::expression(timer.schedule).ok()?));
    timers.iter().filter_map(one).collect()
}

fn wanted(names: Names<'_>, timer: &Timer<'_>, expression: (String, String)) -> Resource {
    let (schedule, timezone) = expression;
    let name = format!("{}.schedule[{}]", timer.function.name, timer.index);
    let function = function::id(&timer.function.name);
    let uri = Value::output(&function, "uri");
    let deadline = timer
        .function
        .timeout
        .clamp(Duration::from_secs(DEADLINE.0), Duration::from_secs(DEADLINE.1));
    let attempts = timer.function.retry.as_ref().and_then(|retry| retry.attempts);
    let caller = service_account::caller_id(&timer.function.name);
    let fields = Fields::new([
        ("region", Value::from(names.place.region.as_str())),
        ("schedule", Value::Text(schedule)),
        ("timezone", Value::Text(timezone)),
        ("uri", Value::Join(vec![uri.clone(), Value::from("/")])),
        ("method", Value::from("POST")),
        ("input", Value::from(timer.input.unwrap_or(NO_INPUT))),
        ("headers", Value::map([("Content-Type", Value::from("application/json"))])),
        ("identity", Value::output(&caller, "email")),
        ("audience", uri),
        ("deadline", Value::Int(i64::try_from(deadline.as_secs()).unwrap_or(i64::MAX))),
        ("retries", Value::from(attempts.unwrap_or(RETRIES))),
        ("state", Value::from("ENABLED")),
        // It could only be refused before the caller may call.
        ("after", Value::output(&ResourceId { kind: CALLERS, ..function }, "service")),
    ]);
    let id = ResourceId { kind: SCHEDULE, name };
    let outputs = BTreeMap::from([("name", full_name(names, &id))]);
    Resource { id, fields, outputs, origin: timer.origin.clone() }
}

fn full_name(names: Names<'_>, id: &ResourceId) -> String {
    format!("{}/jobs/{}", names.place.location(), names.plain_id(&id.name))
}

/// The kind.
pub(crate) struct Schedule;

#[async_trait]
impl ResourceKind<Cloud, Survey> for Schedule {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let names = cloud.place.names_in(&survey.scope);
        let wanted: BTreeMap<String, &ResourceId> =
            survey.wanted(SCHEDULE).map(|id| (full_name(names, id), id)).collect();
        let place = |job: &Job| {
            let marked = || {
                let line = marks::read(&job.description)?;
                let name = line.is_ours(&survey.scope).then_some(line.name)?;
                Some(ResourceId { kind: SCHEDULE, name })
            };
            let id = wanted.get(&job.name).map(|id| (*id).clone()).or_else(marked)?;
            // It may be in another region; who reads it next looks there, too.
            cloud.note(&id.to_string(), Some(job.name.clone()));
            Some(found(&survey.scope, &id, job).live)
        };
        Ok(survey.jobs(cloud).await?.iter().filter_map(place).collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let here = full_name(cloud.place.names_in(scope), id);
        let seen = cloud.noted(&id.to_string()).filter(|seen| *seen != here);
        for name in std::iter::once(here).chain(seen) {
            let call = cloud.safe("cloudscheduler.jobs.get", |api| {
                api.scheduler.get_job().set_name(&name).send()
            });
            if let Some(job) = absent(call.await)? {
                return Ok(Some(found(scope, id, &job)));
            }
        }
        Ok(None)
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let id = &action.target;
        let nonce = marks::nonce(scope, id);
        let name = full_name(cloud.place.names_in(scope), id);
        let job = job_of(scope, id, &action.body, &nonce).set_name(&name);
        let parent = cloud.place.location();
        let call = cloud.once("cloudscheduler.jobs.create", |api| {
            api.scheduler.create_job().set_parent(&parent).set_job(job.clone()).send()
        });
        Ok(Made::from([("name", call.await?.name)]))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let outputs = found.live.outputs.clone();
        if updraft_transport::same(&SPEC, &found.live.fields, &action.body) {
            return Ok(outputs);
        }
        let id = &action.target;
        let nonce = found.nonce.clone().unwrap_or_else(|| marks::nonce(scope, id));
        let name = outputs.get("name").cloned().unwrap_or_default();
        let job = job_of(scope, id, &action.body, &nonce).set_name(&name);
        let mask = FieldMask::default().set_paths(MASK);
        // Sent again in full where it failed half way: a job can be left in `UPDATE_FAILED`.
        let call = cloud.safe("cloudscheduler.jobs.update", |api| {
            api.scheduler.update_job().set_job(job.clone()).set_update_mask(mask.clone()).send()
        });
        let updated = call.await?;
        if matches!(updated.state, job::State::Paused) {
            let call = cloud.safe("cloudscheduler.jobs.enable", |api| {
                api.scheduler.resume_job().set_name(&name).send()
            });
            call.await?;
        }
        Ok(outputs)
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        _: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let name = found.live.outputs.get("name").cloned().unwrap_or_default();
        let call = cloud.safe("cloudscheduler.jobs.delete", |api| {
            api.scheduler.delete_job().set_name(&name).send()
        });
        gone(call.await)
    }
}
