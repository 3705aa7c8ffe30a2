//! Tags of schedule groups; schedules themselves have none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::cloud::Context;
use crate::ledger::Effect;
use crate::services::tagging;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

use super::check;
use super::model::Group;
use super::refusals::{constraint, invalid};
use super::shelf::Shelf;

/// The most tags a group may have.
const MOST: usize = 200;

/// A tag as the wire has it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Tag {
    key: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Put {
    #[serde(default)]
    tags: Vec<Tag>,
}

/// Reads and checks tags.
pub(crate) fn read(tags: Vec<Tag>) -> Result<BTreeMap<String, String>, Refusal> {
    let mut read = BTreeMap::new();
    for Tag { key, value } in tags {
        check::length("tags.member.key", &key, (1, 128))?;
        check::length("tags.member.value", &value, (1, 256))?;
        if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
            return Err(invalid("Tag keys cannot start with 'aws:'."));
        }
        if read.insert(key, value).is_some() {
            return Err(invalid("Duplicate tag keys found."));
        }
    }
    Ok(read)
}

/// `TagResource`: adds tags, or replaces their values.
pub(crate) fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let wanted: Put = request.read()?;
    let tags = read(wanted.tags)?;
    change(request, tx, context, |now| now.extend(tags))
}

/// `UntagResource`.
pub(crate) fn remove(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let keys = request.queries("TagKeys");
    change(request, tx, context, |now| now.retain(|key, _| !keys.contains(&key.as_str())))
}

/// `ListTagsForResource`.
pub(crate) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let group = found(request, tx, context)?;
    let tags: Vec<Tag> = group.tags.into_iter().map(|(key, value)| Tag { key, value }).collect();
    Ok(Reply::json(json!({ "Tags": tags })))
}

fn change(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
    edit: impl FnOnce(&mut BTreeMap<String, String>),
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let mut group = found(request, tx, context)?;
    edit(&mut group.tags);
    if group.tags.len() > MOST {
        return Err(constraint("tags", "Member must have length less than or equal to 200"));
    }
    shelf.save_group(tx, &group)?;
    let arn = shelf.group_arn(&group.name);
    tagging::note(tx, context, (&shelf.account, &shelf.region), (&arn, &group.tags))?;
    Ok(Reply::json(json!({})).did(Effect::Update, format!("schedule-group/{}", group.name)))
}

fn found(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Group, Refusal> {
    let shelf = Shelf::of(request);
    let arn = request.label("ResourceArn");
    let Some(name) = arn.strip_prefix(&shelf.group_arn("")) else {
        return Err(constraint(
            "resourceArn",
            "Member must be the ARN of a schedule group of this account and Region",
        ));
    };
    shelf.group(tx, context, name)
}
