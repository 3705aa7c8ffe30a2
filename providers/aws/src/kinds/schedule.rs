//! `aws.schedule`: one schedule that calls one function, in the group that is ours.
//!
//! Listing schedules does not tell what they do, so each is read by itself: one `GetSchedule` per
//! schedule, of which AWS allows a thousand a second.

use async_trait::async_trait;
use aws_sdk_scheduler::types::{FlexibleTimeWindow, FlexibleTimeWindowMode, ScheduleState, Target};
use futures::{StreamExt, TryStreamExt, stream};
use updraft_contract::{
    Action, FieldSpec, Fields, Grant, KindSpec, Known, Live, Owner, Resource, ResourceId, Scope,
    Stages, Value, Verb,
};
use updraft_transport::ResourceKind;

use super::schedule_group::{self, client_token};
use super::schedule_read::{OTHER, OURS, get, names, read};
use super::{FUNCTION, ROLE, SCHEDULE, SCHEDULE_GROUP, cron, role};
use crate::client::Cloud;
use crate::errors::{Failure, gone};
use crate::kind::{Found, Made};
use crate::model;
use crate::place::Names;
use crate::survey::Survey;
use crate::triggers::Timer;

static SPEC: KindSpec = KindSpec {
    kind: SCHEDULE,
    needs: &[SCHEDULE_GROUP, ROLE, FUNCTION],
    snapshots: &[],
    fields: &[
        FieldSpec::plain("expression"),
        FieldSpec::plain("timezone"),
        FieldSpec::plain("function"),
        FieldSpec::plain("role"),
        FieldSpec::document("input"),
        FieldSpec::plain("state"),
        FieldSpec::plain("flexible-window"),
        // The manifest says when it runs, so nobody else bounds it.
        FieldSpec::plain("bounds"),
    ],
    grants: &[
        Grant { verb: Verb::Create, permissions: &["iam:PassRole", "scheduler:CreateSchedule"] },
        Grant {
            verb: Verb::Update,
            permissions: &["iam:PassRole", "scheduler:GetSchedule", "scheduler:UpdateSchedule"],
        },
        Grant { verb: Verb::Delete, permissions: &["scheduler:DeleteSchedule"] },
    ],
    reads: &["scheduler:GetSchedule", "scheduler:ListSchedules"],
    downtime: "",
    shows: &[],
};

/// How many schedules are read at once.
const AT_ONCE: usize = 16;

/// Returns what these schedules need; nothing for none. Those that have no expression, which the
/// caller has refused, are left out.
pub(crate) fn lower(names: Names<'_>, timers: &[Timer<'_>]) -> Vec<Resource> {
    let Some(first) = timers.first() else { return Vec::new() };
    let mut wanted = vec![schedule_group::wanted(names, first.origin)];
    for timer in timers {
        // One role for all schedules of a function.
        if timer.index == 0 {
            let carried = model::schedule(names, timer);
            wanted.push(role::for_schedules(names, timer.function, &carried, timer.origin));
        }
        let expression = cron::expression(timer.schedule).ok();
        wanted.extend(expression.map(|expression| one(names, timer, expression)));
    }
    wanted
}

fn one(names: Names<'_>, timer: &Timer<'_>, expression: (String, String)) -> Resource {
    let function = ResourceId { kind: FUNCTION, name: timer.function.name.clone() };
    let name = format!("{}.{}", timer.function.name, timer.index);
    let role = role::schedule_role_id(&timer.function.name);
    let (expression, timezone) = expression;
    let mut fields = Fields::new([
        ("name", Value::Text(names.physical(&name))),
        ("group", Value::output(&schedule_group::id(), "name")),
        ("expression", Value::Text(expression)),
        ("timezone", Value::Text(timezone)),
        ("function", Value::output(&function, "arn")),
        ("role", Value::output(&role, "arn")),
        ("state", Value::from("ENABLED")),
        ("flexible-window", Value::from("OFF")),
    ]);
    if let Some(input) = timer.input {
        fields.set("input", input);
    }
    let id = ResourceId { kind: SCHEDULE, name };
    Resource { id, fields, outputs: Made::new(), origin: timer.origin.clone() }
}

/// The kind.
pub(crate) struct Schedule;

#[async_trait]
impl ResourceKind<Cloud, Survey> for Schedule {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        crate::marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let group = schedule_group::surveyed(cloud, survey).await?;
        if group.is_none_or(|group| group.owner != Owner::Us) {
            return Ok(Vec::new());
        }
        let group = schedule_group::name(cloud.place.names_in(&survey.scope));
        let listed = names(cloud, &group).await?;
        let reads = stream::iter(listed).map(|name| read(cloud, &group, name)).buffered(AT_ONCE);
        let found: Vec<Option<Found>> = reads.try_collect().await?;
        Ok(found.into_iter().flatten().map(|found| found.live).collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let names = cloud.place.names_in(scope);
        let group = schedule_group::name(names);
        let candidates =
            [Some(names.physical_of(id)), id.name.strip_prefix(OTHER).map(str::to_owned)];
        for name in candidates.into_iter().flatten() {
            let found = read(cloud, &group, name).await?;
            if let Some(found) = found.filter(|found| found.live.id == *id) {
                return Ok(Some(found));
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
        let wanted = Wanted::of(action)?;
        let token = client_token(scope, &action.target);
        let made = cloud.safe("scheduler:CreateSchedule", |clients| {
            let request = clients.scheduler.create_schedule().name(wanted.name);
            let request = request.group_name(wanted.group).client_token(&token);
            let request = request.description(&wanted.description).target(wanted.target.clone());
            let request = request.schedule_expression(wanted.expression);
            let request = request.schedule_expression_timezone(wanted.timezone);
            request.set_flexible_time_window(exact()).state(ScheduleState::Enabled).send()
        });
        Ok(outputs(Some(made.await?.schedule_arn())))
    }

    /// Replaces the whole schedule, and hands back what is not ours to decide.
    async fn update(
        &self,
        cloud: &Cloud,
        _: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        if updraft_transport::same(&SPEC, &found.live.fields, &action.body) {
            return Ok(found.live.outputs.clone());
        }
        let mut wanted = Wanted::of(action)?;
        let Some(now) = get(cloud, wanted.group, wanted.name).await? else {
            return Err(Failure::stale(&action.target));
        };
        if let Some(target) = now.target() {
            wanted.target.retry_policy = target.retry_policy().cloned();
            wanted.target.dead_letter_config = target.dead_letter_config().cloned();
        }
        let made = cloud.safe("scheduler:UpdateSchedule", |clients| {
            let request = clients.scheduler.update_schedule().name(wanted.name);
            let request = request.group_name(wanted.group).target(wanted.target.clone());
            let request = request.description(&wanted.description);
            let request = request.schedule_expression(wanted.expression);
            let request = request.schedule_expression_timezone(wanted.timezone);
            let request = request.set_kms_key_arn(now.kms_key_arn.clone());
            request.set_flexible_time_window(exact()).state(ScheduleState::Enabled).send()
        });
        Ok(outputs(Some(made.await?.schedule_arn())))
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        _: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let text = |name| found.live.fields.text(name).unwrap_or_default();
        let deleted = cloud.safe("scheduler:DeleteSchedule", |clients| {
            let request = clients.scheduler.delete_schedule();
            request.group_name(text("group")).name(text("name")).send()
        });
        gone(deleted.await)
    }
}

/// What a schedule is asked to be.
struct Wanted<'a> {
    group: &'a str,
    name: &'a str,
    description: String,
    expression: &'a str,
    timezone: &'a str,
    target: Target,
}

impl<'a> Wanted<'a> {
    fn of(action: &'a Action<Known>) -> Result<Self, Failure> {
        let text = |name| action.body.text(name).unwrap_or_default();
        let target = Target::builder().arn(text("function")).role_arn(text("role"));
        let target = target.set_input(action.body.text("input").map(str::to_owned)).build();
        let target = target.map_err(|error| {
            Failure::refused("scheduler:CreateSchedule", "InvalidRequest", error.to_string())
        })?;
        Ok(Self {
            group: text("group"),
            name: text("name"),
            description: format!("{OURS}{}", action.target),
            expression: text("expression"),
            timezone: text("timezone"),
            target,
        })
    }
}

/// At the minute, not some time after it.
fn exact() -> Option<FlexibleTimeWindow> {
    FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build().ok()
}

/// Collects what others may refer to.
pub(super) fn outputs(arn: Option<&str>) -> Made {
    arn.map(|arn| ("arn", arn.to_owned())).into_iter().collect()
}
