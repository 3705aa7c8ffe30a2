//! Tags of log groups, by ARN.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::checks::{self, existing, invalid};
use super::groups::arn;
use super::record::{Group, put_group};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::services::tagging;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Tag {
    resource_arn: String,
    tags: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Untag {
    resource_arn: String,
    tag_keys: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    resource_arn: String,
}

/// `TagResource`.
pub(super) fn tag(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let input: Tag = request.read()?;
    if input.tags.is_empty() {
        return Err(checks::violated(
            "",
            "tags",
            "Member must have length greater than or equal to 1",
        ));
    }
    checks::tags(&input.tags)?;
    let mut group = find(request, tx, &input.resource_arn)?;
    group.tags.extend(input.tags);
    if group.tags.len() > 50 {
        let message = "The maximum number of tags allowed on a resource is 50.";
        return Err(Refusal::new(400, "TooManyTagsException", message));
    }
    save(request, tx, context, &group)
}

/// `UntagResource`.
pub(super) fn untag(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let input: Untag = request.read()?;
    let mut group = find(request, tx, &input.resource_arn)?;
    group.tags.retain(|key, _| !input.tag_keys.contains(key));
    save(request, tx, context, &group)
}

/// `ListTagsForResource`.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let input: List = request.read()?;
    let group = find(request, tx, &input.resource_arn)?;
    Ok(Reply::json(json!({"tags": group.tags})))
}

/// The group of an ARN, with or without the `:*` that `DescribeLogGroups` puts at its end.
fn find(request: &Request, tx: &Tx, given: &str) -> Result<Group, Refusal> {
    let prefix = arn(request, "");
    let Some(name) = given.strip_prefix(&prefix) else {
        if given.starts_with("arn:aws:logs:") && given.contains(":log-group:") {
            return Err(checks::no_group());
        }
        return Err(invalid(format!("The resource ARN '{given}' is not the ARN of a log group.")));
    };
    existing(tx, &request.place(), name.strip_suffix(":*").unwrap_or(name))
}

fn save(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
    group: &Group,
) -> Result<Reply, Refusal> {
    put_group(tx, &request.place(), group)?;
    let owner = (request.account.as_str(), request.region.as_str());
    tagging::note(tx, context, owner, (&arn(request, &group.name), &group.tags))?;
    Ok(Reply::empty(200).did(Effect::Update, group.name.as_str()))
}
