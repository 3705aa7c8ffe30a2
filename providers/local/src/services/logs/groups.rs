//! Log groups and their retention.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::checks::{self, existing, invalid, violated};
use super::record::{Group, exists, group_key, put_group};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::page::{Cut, page};
use crate::services::tagging;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// The days `PutRetentionPolicy` takes (its API reference).
const DAYS: &[u32] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create {
    log_group_name: String,
    kms_key_id: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    log_group_class: Option<String>,
    deletion_protection_enabled: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Name {
    log_group_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Describe {
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PutRetention {
    log_group_name: String,
    retention_in_days: i64,
}

/// The group's ARN, without the `:*` that stands for its streams.
pub(super) fn arn(request: &Request, name: &str) -> String {
    format!("arn:aws:logs:{}:{}:log-group:{name}", request.region, request.account)
}

/// `CreateLogGroup`.
pub(super) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let input: Create = request.read()?;
    checks::group_name(&input.log_group_name)?;
    if input.kms_key_id.is_some() {
        return Err(Refusal::not_modelled("CreateLogGroup.kmsKeyId"));
    }
    if input.deletion_protection_enabled == Some(true) {
        return Err(Refusal::not_modelled("CreateLogGroup.deletionProtectionEnabled"));
    }
    match input.log_group_class.as_deref() {
        None | Some("STANDARD") => {}
        Some(class @ ("INFREQUENT_ACCESS" | "DELIVERY" | "ESSENTIALS")) => {
            return Err(Refusal::not_modelled(&format!("the log group class {class}")));
        }
        Some(class) => {
            let constraint = "Member must satisfy enum value set: [INFREQUENT_ACCESS, STANDARD, DELIVERY, ESSENTIALS]";
            return Err(violated(class, "logGroupClass", constraint));
        }
    }
    let tags = input.tags.unwrap_or_default();
    checks::tags(&tags)?;
    if tags.len() > 50 {
        return Err(violated("", "tags", "Member must have length less than or equal to 50"));
    }
    let place = request.place();
    if exists(tx, &place, &input.log_group_name)? {
        let message = "The specified log group already exists";
        return Err(Refusal::new(400, "ResourceAlreadyExistsException", message));
    }
    let name = input.log_group_name;
    let group = Group { name: name.clone(), created: context.now, retention: None, tags };
    put_group(tx, &place, &group)?;
    let owner = (request.account.as_str(), request.region.as_str());
    tagging::note(tx, context, owner, (&arn(request, &name), &group.tags))?;
    Ok(Reply::empty(200).did(Effect::Create, name))
}

/// `DeleteLogGroup`, with all its streams and events.
pub(super) fn delete(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let Name { log_group_name: name } = request.read()?;
    checks::group_name(&name)?;
    let place = request.place();
    existing(tx, &place, &name)?;
    tx.remove(&group_key(&place, &name))?;
    tx.remove_all(&place.prefix("stream", &[&name]))?;
    tx.remove_all(&place.prefix("event", &[&name]))?;
    let owner = (request.account.as_str(), request.region.as_str());
    tagging::forget(tx, context, owner, &arn(request, &name))?;
    Ok(Reply::empty(200).did(Effect::Delete, name))
}

/// `DescribeLogGroups`.
pub(super) fn describe(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let input: Describe = request.read()?;
    let limit = context.page_limit(Some(checks::limit(input.limit, 50)?), 50);
    if let Some(prefix) = &input.log_group_name_prefix {
        checks::group_name(prefix)?;
    }
    if input.log_group_name_prefix.is_some() && input.log_group_name_pattern.is_some() {
        return Err(invalid(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let prefix = input.log_group_name_prefix.unwrap_or_default();
    let pattern = input.log_group_name_pattern.unwrap_or_default();
    let mut groups: Vec<Group> = tx
        .list::<Group>(&request.place().prefix("group", &[]))?
        .into_iter()
        .filter(|group| group.name.starts_with(&prefix) && group.name.contains(&pattern))
        .collect();
    groups.sort_by(|left, right| left.name.cmp(&right.name));
    let cut = Cut { limit, token: input.next_token.as_deref() };
    let page = page(groups, cut, |group| group.name.clone())
        .ok_or_else(|| invalid("The specified nextToken is invalid."))?;
    let mut answer = Map::new();
    let shown: Vec<Value> = page.items.iter().map(|group| show(request, group)).collect();
    answer.insert("logGroups".to_owned(), shown.into());
    if let Some(next) = page.next {
        answer.insert("nextToken".to_owned(), next.into());
    }
    Ok(Reply::json(Value::Object(answer)))
}

fn show(request: &Request, group: &Group) -> Value {
    let arn = arn(request, &group.name);
    let mut shown = json!({
        "logGroupName": group.name,
        "creationTime": group.created.millis(),
        "metricFilterCount": 0,
        "arn": format!("{arn}:*"),
        "storedBytes": 0,
        "logGroupClass": "STANDARD",
        "logGroupArn": arn,
    });
    if let (Some(shown), Some(days)) = (shown.as_object_mut(), group.retention) {
        shown.insert("retentionInDays".to_owned(), days.into());
    }
    shown
}

/// `PutRetentionPolicy`.
pub(super) fn put_retention(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let input: PutRetention = request.read()?;
    checks::group_name(&input.log_group_name)?;
    let asked = input.retention_in_days;
    let Some(days) = DAYS.iter().copied().find(|days| i64::from(*days) == asked) else {
        let set = DAYS.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        let constraint = format!("Member must satisfy enum value set: [{set}]");
        return Err(violated(&asked.to_string(), "retentionInDays", &constraint));
    };
    retain(request, tx, &input.log_group_name, Some(days))
}

/// `DeleteRetentionPolicy`.
pub(super) fn delete_retention(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let Name { log_group_name: name } = request.read()?;
    checks::group_name(&name)?;
    retain(request, tx, &name, None)
}

fn retain(
    request: &Request,
    tx: &mut Tx,
    name: &str,
    retention: Option<u32>,
) -> Result<Reply, Refusal> {
    let place = request.place();
    let group = Group { retention, ..existing(tx, &place, name)? };
    put_group(tx, &place, &group)?;
    Ok(Reply::empty(200).did(Effect::Update, name))
}
