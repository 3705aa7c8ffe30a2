//! Reading schedules: what `EventBridge` Scheduler says of them, in the words of their fields.

use aws_sdk_scheduler::operation::get_schedule::GetScheduleOutput;
use aws_sdk_scheduler::types::{ScheduleState, ScheduleSummary, Target};
use aws_smithy_types::DateTime;
use updraft_contract::{Live, Owner, ResourceId, Value, Version};
use updraft_transport::pages;

use super::schedule::outputs;
use super::{SCHEDULE, collected};
use crate::client::Cloud;
use crate::errors::{Failure, absent};
use crate::kind::Found;

/// What a description of ours starts with; the address follows.
pub(super) const OURS: &str = "updraft ";

/// What stands for the function in the address of a schedule that somebody else put into our
/// group; its name follows.
pub(super) const OTHER: &str = "other.";

/// Lists the schedules of a group.
pub(super) async fn names(cloud: &Cloud, group: &str) -> Result<Vec<String>, Failure> {
    let all = pages("scheduler:ListSchedules", |token: Option<String>| async move {
        let answer = cloud.safe("scheduler:ListSchedules", |clients| {
            let request = clients.scheduler.list_schedules().group_name(group).max_results(100);
            request.set_next_token(token.clone()).send()
        });
        let answer = answer.await?;
        Ok::<_, Failure>((answer.schedules, answer.next_token))
    });
    let all: Vec<ScheduleSummary> = absent(all.await)?.unwrap_or_default();
    Ok(all.into_iter().filter_map(|schedule| schedule.name).collect())
}

/// Reads one schedule.
pub(super) async fn read(
    cloud: &Cloud,
    group: &str,
    name: String,
) -> Result<Option<Found>, Failure> {
    Ok(get(cloud, group, &name).await?.map(|schedule| found(group, &name, &schedule)))
}

/// Asks for one schedule.
pub(super) async fn get(
    cloud: &Cloud,
    group: &str,
    name: &str,
) -> Result<Option<GetScheduleOutput>, Failure> {
    let answer = cloud.safe("scheduler:GetSchedule", |clients| {
        clients.scheduler.get_schedule().group_name(group).name(name).send()
    });
    absent(answer.await)
}

/// Normalises what the cloud says of a schedule.
fn found(group: &str, name: &str, schedule: &GetScheduleOutput) -> Found {
    let target = schedule.target();
    let window = schedule.flexible_time_window().map(|window| window.mode().as_str());
    let text = |text: Option<&str>| Value::from(text.unwrap_or_default());
    let mut fields = vec![
        ("name", Value::from(name)),
        ("group", Value::from(group)),
        ("expression", text(schedule.schedule_expression())),
        ("timezone", Value::from(schedule.schedule_expression_timezone().unwrap_or("UTC"))),
        ("function", text(target.map(Target::arn))),
        ("role", text(target.map(Target::role_arn))),
        ("state", Value::from(schedule.state().map_or("ENABLED", ScheduleState::as_str))),
        ("flexible-window", Value::from(window.unwrap_or("OFF"))),
    ];
    fields.extend(target.and_then(Target::input).map(|input| ("input", Value::from(input))));
    fields.extend(bounds(schedule).map(|bounds| ("bounds", Value::Text(bounds))));
    let fields = collected(fields);
    let live = Live {
        id: address(name, schedule.description().unwrap_or_default()),
        version: Version::of(&fields),
        fields,
        outputs: outputs(schedule.arn()),
        owner: Owner::Us,
        holds: None,
    };
    Found { live, nonce: None }
}

/// Writes from when until when a schedule runs, if it is bounded: seconds since the Unix epoch.
fn bounds(schedule: &GetScheduleOutput) -> Option<String> {
    let second = |date: Option<&DateTime>| date.map_or(String::new(), |at| at.secs().to_string());
    let bounds = format!("{}..{}", second(schedule.start_date()), second(schedule.end_date()));
    (bounds != "..").then_some(bounds)
}

/// Reads a schedule's address from its description.
fn address(name: &str, description: &str) -> ResourceId {
    let address = description.strip_prefix(OURS).and_then(|id| id.strip_prefix(SCHEDULE.0));
    let logical = address.and_then(|rest| rest.strip_prefix('/')).map(str::to_owned);
    let name = logical.unwrap_or_else(|| format!("{OTHER}{name}"));
    ResourceId { kind: SCHEDULE, name }
}
