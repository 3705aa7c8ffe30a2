//! Schedules: create, get, update, delete, list.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::cloud::Context;
use crate::ledger::Effect;
use crate::page::{Cut, page};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

use super::check;
use super::model::{Plan, Schedule, Target, Window};
use super::refusals::{conflict, constraint, invalid};
use super::shelf::{DEFAULT, Shelf};
use super::{target, tokens};

/// The most schedules or groups of a page.
const MOST: i64 = 100;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Wanted {
    client_token: Option<String>,
    group_name: Option<String>,
    schedule_expression: Option<String>,
    schedule_expression_timezone: Option<String>,
    start_date: Option<f64>,
    end_date: Option<f64>,
    description: Option<String>,
    state: Option<String>,
    target: Option<Target>,
    flexible_time_window: Option<Window>,
    action_after_completion: Option<String>,
}

impl Wanted {
    /// What is not said has the service's default, in creates and updates alike.
    fn plan(self) -> Result<Plan, Refusal> {
        let missing = |member: &str| constraint(member, "Member must not be null");
        Ok(Plan {
            schedule_expression: self
                .schedule_expression
                .ok_or_else(|| missing("scheduleExpression"))?,
            schedule_expression_timezone: self
                .schedule_expression_timezone
                .unwrap_or_else(|| "UTC".to_owned()),
            start_date: self.start_date,
            end_date: self.end_date,
            description: self.description,
            state: self.state.unwrap_or_else(|| "ENABLED".to_owned()),
            target: self.target.ok_or_else(|| missing("target"))?,
            flexible_time_window: self
                .flexible_time_window
                .ok_or_else(|| missing("flexibleTimeWindow"))?,
            action_after_completion: self
                .action_after_completion
                .unwrap_or_else(|| "NONE".to_owned()),
        })
    }
}

/// `CreateSchedule`.
pub(crate) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let wanted: Wanted = request.read()?;
    tokens::once(request, tx, wanted.client_token.clone(), |tx| {
        let (shelf, name, group, plan) = read(request, tx, context, wanted)?;
        if shelf.find(tx, &group, &name)?.is_some() {
            return Err(conflict(format!("Schedule {name} already exists.")));
        }
        let made = Schedule { name, group, created: context.now, changed: context.now, plan };
        shelf.save(tx, &made)?;
        Ok(answered(&shelf, &made).did(Effect::Create, object(&made)))
    })
}

/// `UpdateSchedule`: replaces the schedule as a whole.
pub(crate) fn update(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let wanted: Wanted = request.read()?;
    tokens::once(request, tx, wanted.client_token.clone(), |tx| {
        let (shelf, name, group, plan) = read(request, tx, context, wanted)?;
        let before = shelf.schedule(tx, &group, &name)?;
        let now = Schedule { changed: context.now, plan, ..before };
        shelf.save(tx, &now)?;
        Ok(answered(&shelf, &now).did(Effect::Update, object(&now)))
    })
}

fn read(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
    wanted: Wanted,
) -> Result<(Shelf, String, String, Plan), Refusal> {
    let shelf = Shelf::of(request);
    let name = request.label("Name").to_owned();
    check::name("name", &name)?;
    let group = wanted.group_name.clone().unwrap_or_else(|| DEFAULT.to_owned());
    check::name("groupName", &group)?;
    let plan = wanted.plan()?;
    target::plan(&plan, context.now.seconds())?;
    shelf.open_group(tx, context, &group)?;
    target::role(tx, context, &shelf, (&plan.target.role_arn, &group))?;
    Ok((shelf, name, group, plan))
}

fn answered(shelf: &Shelf, schedule: &Schedule) -> Reply {
    Reply::json(json!({ "ScheduleArn": shelf.schedule_arn(&schedule.group, &schedule.name) }))
}

fn object(schedule: &Schedule) -> String {
    format!("schedule/{}/{}", schedule.group, schedule.name)
}

/// `GetSchedule`.
pub(crate) fn get(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let (shelf, found) = named(request, tx, context)?;
    let mut shown = json!(found.plan);
    if let Some(map) = shown.as_object_mut() {
        map.insert("Arn".to_owned(), json!(shelf.schedule_arn(&found.group, &found.name)));
        map.insert("GroupName".to_owned(), json!(found.group));
        map.insert("Name".to_owned(), json!(found.name));
        map.insert("CreationDate".to_owned(), json!(found.created.epoch()));
        map.insert("LastModificationDate".to_owned(), json!(found.changed.epoch()));
    }
    Ok(Reply::json(shown))
}

/// `DeleteSchedule`.
pub(crate) fn delete(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let token = request.query("clientToken").map(str::to_owned);
    tokens::once(request, tx, token, |tx| {
        let (shelf, found) = named(request, tx, context)?;
        shelf.forget(tx, &found.group, &found.name)?;
        Ok(Reply::json(json!({})).did(Effect::Delete, object(&found)))
    })
}

fn named(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<(Shelf, Schedule), Refusal> {
    let shelf = Shelf::of(request);
    let name = request.label("Name");
    check::name("name", name)?;
    let group = request.query("groupName").unwrap_or(DEFAULT);
    check::name("groupName", group)?;
    shelf.group(tx, context, group)?;
    let found = shelf.schedule(tx, group, name)?;
    Ok((shelf, found))
}

/// `ListSchedules`, all of them or those of one group.
pub(crate) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let group = request.query("ScheduleGroup");
    if let Some(group) = group {
        check::name("groupName", group)?;
        shelf.group(tx, context, group)?;
    }
    let prefix = request.query("NamePrefix").unwrap_or_default();
    let state = request.query("State");
    let mut all = shelf.schedules(tx, group)?;
    all.retain(|one| {
        one.name.starts_with(prefix) && state.is_none_or(|state| one.plan.state == state)
    });
    let shown: Vec<(String, Value)> = all
        .iter()
        .map(|one| (format!("{}/{}", one.group, one.name), summary(&shelf, one)))
        .collect();
    paged(request, context, "Schedules", shown)
}

fn summary(shelf: &Shelf, schedule: &Schedule) -> Value {
    json!({
        "Arn": shelf.schedule_arn(&schedule.group, &schedule.name),
        "Name": schedule.name,
        "GroupName": schedule.group,
        "State": schedule.plan.state,
        "CreationDate": schedule.created.epoch(),
        "LastModificationDate": schedule.changed.epoch(),
        "Target": { "Arn": schedule.plan.target.arn },
    })
}

/// Answers with the page a request asks for; each item comes with its key.
pub(crate) fn paged(
    request: &Request,
    context: &Context<'_>,
    member: &str,
    mut all: Vec<(String, Value)>,
) -> Result<Reply, Refusal> {
    let asked = match request.query("MaxResults").map(str::parse::<i64>) {
        None => MOST,
        Some(Ok(asked)) => asked,
        Some(Err(_)) => return Err(invalid("MaxResults must be a number.")),
    };
    check::range("maxResults", asked, (1, MOST))?;
    all.sort_by(|(left, _), (right, _)| left.cmp(right));
    let limit = context.page_limit(usize::try_from(asked).ok(), 100);
    let cut = page(all, Cut { limit, token: request.query("NextToken") }, |(key, _)| key.clone())
        .ok_or_else(|| invalid("Invalid NextToken."))?;
    let items: Vec<Value> = cut.items.into_iter().map(|(_, shown)| shown).collect();
    let mut answer = json!({});
    if let Some(map) = answer.as_object_mut() {
        map.insert(member.to_owned(), Value::Array(items));
        if let Some(next) = cut.next {
            map.insert("NextToken".to_owned(), Value::String(next));
        }
    }
    Ok(Reply::json(answer))
}
