//! Schedule groups: what schedules are tagged, listed and deleted by.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::cloud::Context;
use crate::ledger::Effect;
use crate::services::tagging;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

use super::model::Group;
use super::refusals::{conflict, invalid};
use super::schedules::paged;
use super::shelf::{DEFAULT, Shelf};
use super::tags::{self, Tag};
use super::{check, tokens};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Create {
    client_token: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// `CreateScheduleGroup`.
pub(crate) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let wanted: Create = request.read()?;
    tokens::once(request, tx, wanted.client_token, |tx| {
        let shelf = Shelf::of(request);
        let name = request.label("Name");
        check::name("name", name)?;
        not_default(name)?;
        if shelf.group(tx, context, name).is_ok() {
            return Err(conflict(format!("Schedule group {name} already exists.")));
        }
        let tags = tags::read(wanted.tags)?;
        let made = Group {
            name: name.to_owned(),
            created: context.now,
            changed: context.now,
            tags,
            gone: None,
        };
        shelf.save_group(tx, &made)?;
        let arn = shelf.group_arn(name);
        tagging::note(tx, context, (&shelf.account, &shelf.region), (&arn, &made.tags))?;
        Ok(Reply::json(json!({ "ScheduleGroupArn": arn })).did(Effect::Create, object(name)))
    })
}

/// `GetScheduleGroup`.
pub(crate) fn get(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let name = request.label("Name");
    check::name("name", name)?;
    let group = shelf.group(tx, context, name)?;
    Ok(Reply::json(shown(&shelf, &group)))
}

/// `ListScheduleGroups`.
pub(crate) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let prefix = request.query("NamePrefix").unwrap_or_default();
    let all = shelf.groups(tx, context)?;
    let shown = all
        .iter()
        .filter(|group| group.name.starts_with(prefix))
        .map(|group| (group.name.clone(), shown(&shelf, group)));
    paged(request, context, "ScheduleGroups", shown.collect())
}

/// `DeleteScheduleGroup`: its schedules go at once, the group itself is `DELETING` for a while.
pub(crate) fn delete(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let token = request.query("clientToken").map(str::to_owned);
    tokens::once(request, tx, token, |tx| {
        let shelf = Shelf::of(request);
        let name = request.label("Name");
        check::name("name", name)?;
        not_default(name)?;
        let mut group = shelf.group(tx, context, name)?;
        if group.gone.is_some() {
            return Err(conflict(format!("Schedule group {name} is being deleted.")));
        }
        group.gone = Some(context.now.plus(context.settings.schedule_group_deleting_ms));
        group.changed = context.now;
        shelf.save_group(tx, &group)?;
        shelf.bury(tx, context)?;
        shelf.empty(tx, name)?;
        tagging::forget(tx, context, (&shelf.account, &shelf.region), &shelf.group_arn(name))?;
        Ok(Reply::json(json!({})).did(Effect::Delete, object(name)))
    })
}

fn not_default(name: &str) -> Result<(), Refusal> {
    if name == DEFAULT {
        return Err(invalid("This operation cannot be performed on schedule group default."));
    }
    Ok(())
}

fn object(name: &str) -> String {
    format!("schedule-group/{name}")
}

fn shown(shelf: &Shelf, group: &Group) -> Value {
    json!({
        "Arn": shelf.group_arn(&group.name),
        "Name": group.name,
        "State": if group.gone.is_some() { "DELETING" } else { "ACTIVE" },
        "CreationDate": group.created.epoch(),
        "LastModificationDate": group.changed.epoch(),
    })
}
