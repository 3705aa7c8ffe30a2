//! Runs due schedules while the server runs. What falls due while it does not is not made up for.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::clock::Moment;
use crate::cloud::Cloud;
use crate::ledger::{Effect, Entry};
use crate::policy::Keys;
use crate::services::{iam, lambda};
use crate::store::Tx;
use crate::wire::Refusal;

use super::expression::Expression;
use super::model::Schedule;
use super::shelf::Shelf;
use super::target;

/// How often schedules are looked at. They name whole minutes, or seconds in `at(...)`.
const EVERY: Duration = Duration::from_secs(1);

/// A schedule that is due.
#[derive(Clone, Debug)]
struct Due {
    shelf: Shelf,
    schedule: Schedule,
    at: Timestamp,
}

/// Watches the schedules until the cloud stops.
pub(crate) fn start(cloud: &Cloud) {
    let cloud = cloud.clone();
    tokio::spawn(async move {
        let mut stopping = cloud.stopping();
        let mut since = Moment::now();
        loop {
            tokio::select! {
                _ = stopping.wait_for(|stopping| *stopping) => return,
                () = tokio::time::sleep(EVERY) => {}
            }
            let now = Moment::now();
            // A store that fails says so to whoever asks it next; a schedule has nobody to tell.
            let found = cloud.transact(|tx, context| {
                let runs = context.settings.schedules_run;
                if runs { due(tx, stamp(since), stamp(now)) } else { Ok(Vec::new()) }
            });
            let found = found.unwrap_or_default();
            for one in found {
                fire(&cloud, &one);
            }
            since = now;
        }
    });
}

fn stamp(moment: Moment) -> Timestamp {
    Timestamp::from_millisecond(moment.millis()).unwrap_or_default()
}

/// Returns what falls due after `since` and not after `now`, of every account and region.
fn due(tx: &mut Tx, since: Timestamp, now: Timestamp) -> Result<Vec<Due>, Refusal> {
    let mut found = Vec::new();
    for (shelf, schedule) in Shelf::every_schedule(tx)? {
        if schedule.plan.state == "ENABLED"
            && let Some(at) = next(&schedule, since)
            && at <= now
        {
            found.push(Due { shelf, schedule, at });
        }
    }
    Ok(found)
}

fn next(schedule: &Schedule, since: Timestamp) -> Option<Timestamp> {
    let plan = &schedule.plan;
    let zone = TimeZone::get(&plan.schedule_expression_timezone).ok()?;
    let date = |seconds: f64| {
        Timestamp::from_duration(jiff::SignedDuration::try_from_secs_f64(seconds).ok()?).ok()
    };
    let start = match plan.start_date {
        Some(start) => date(start)?,
        None => stamp(schedule.changed),
    };
    let at = Expression::parse(&plan.schedule_expression)?.next(start, since.max(start), &zone)?;
    let over = plan.end_date.and_then(date).is_some_and(|end| at > end);
    (!over).then_some(at)
}

/// Hands the event to the function, with the role's permissions as they are now, and enters it in the ledger.
fn fire(cloud: &Cloud, due: &Due) {
    let Due { shelf, schedule, .. } = due;
    let target = &schedule.plan.target;
    let seq = cloud.ledger.arrive();
    let permitted = cloud.transact(|tx, context| {
        target::role(tx, context, shelf, (&target.role_arn, &schedule.group))?;
        let asked = ("lambda:InvokeFunction", target.arn.as_str());
        if iam::permits(tx, &target.role_arn, asked, Keys::default())? {
            return Ok(());
        }
        let message = format!("{} may not invoke {}", target.role_arn, target.arn);
        Err(Refusal::new(403, "AccessDeniedException", message))
    });
    let done = permitted.and_then(|()| lambda::invoke_later(cloud, &target.arn, event(due)));
    let (status, error) = match done {
        Ok(()) => (202, None),
        Err(refusal) => (refusal.status, Some(refusal.code)),
    };
    cloud.ledger.record(Entry {
        seq,
        service: "scheduler".to_owned(),
        operation: "RunSchedule".to_owned(),
        method: String::new(),
        path: String::new(),
        account: shelf.account.clone(),
        region: shelf.region.clone(),
        status,
        error,
        effect: Effect::None,
        object: Some(format!("schedule/{}/{}", schedule.group, schedule.name)),
        fault: None,
    });
    complete(cloud, due);
}

/// Deletes a schedule that wanted that, once it will not run again.
fn complete(cloud: &Cloud, due: &Due) {
    let Due { shelf, schedule, at } = due;
    if schedule.plan.action_after_completion == "DELETE" && next(schedule, *at).is_none() {
        // As above: nobody to tell.
        cloud.transact(|tx, _| shelf.forget(tx, &schedule.group, &schedule.name)).ok();
    }
}

/// The schedule's input with its context attributes filled in, or the service's own event.
fn event(due: &Due) -> Bytes {
    let Due { shelf, schedule, at } = due;
    let arn = shelf.schedule_arn(&schedule.group, &schedule.name);
    let time = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let id = uuid::Uuid::new_v4().to_string();
    let Some(input) = &schedule.plan.target.input else {
        let event = json!({
            "version": "0",
            "id": id,
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": shelf.account,
            "time": time,
            "region": shelf.region,
            "resources": [arn],
            "detail": "{}",
        });
        return Bytes::from(event.to_string());
    };
    // Scheduler User Guide, "Adding context attributes".
    let filled = input
        .replace("<aws.scheduler.schedule-arn>", &arn)
        .replace("<aws.scheduler.scheduled-time>", &time)
        .replace("<aws.scheduler.execution-id>", &id)
        .replace("<aws.scheduler.attempt-number>", "1");
    Bytes::from(filled)
}
