//! Tags of REST APIs and their stages.

use serde::Deserialize;
use serde_json::json;

use crate::cloud::Context;
use crate::ledger::Effect;
use crate::services::tagging;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

use super::model::{Api, Texts};
use super::refusals::{bad_request, not_found};
use super::shelf::Shelf;

/// The most tags a resource may have.
const MOST: usize = 50;

/// What an ARN names.
enum Target {
    Api,
    Stage(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Put {
    #[serde(default)]
    tags: Texts,
}

/// The ARN of an API. API Gateway's ARNs carry no account.
pub(crate) fn api_arn(region: &str, api: &str) -> String {
    format!("arn:aws:apigateway:{region}::/restapis/{api}")
}

/// The ARN of a stage.
pub(crate) fn stage_arn(region: &str, api: &str, stage: &str) -> String {
    format!("arn:aws:apigateway:{region}::/restapis/{api}/stages/{stage}")
}

/// `TagResource`: adds tags, or replaces their values.
pub(crate) fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let wanted: Put = request.read()?;
    change(request, tx, context, |tags| tags.extend(wanted.tags.clone()))
}

/// `UntagResource`.
pub(crate) fn remove(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let keys = request.queries("tagKeys");
    change(request, tx, context, |tags| tags.retain(|key, _| !keys.contains(&key.as_str())))
}

/// `GetTags`. AWS reserves its paging for later; all tags come at once.
pub(crate) fn get(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let (mut api, target) = found(&shelf, tx, request.label("resource_arn"))?;
    Ok(Reply::json(json!({ "tags": tags(&mut api, &target)? })))
}

fn change(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
    edit: impl FnOnce(&mut Texts),
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let arn = request.label("resource_arn");
    let (mut api, target) = found(&shelf, tx, arn)?;
    let tags = tags(&mut api, &target)?;
    edit(tags);
    check(tags)?;
    let now = tags.clone();
    shelf.save(tx, &api)?;
    index(tx, context, &shelf, (arn, &now))?;
    Ok(Reply::empty(204).did(Effect::Update, format!("tags/{arn}")))
}

fn found(shelf: &Shelf, tx: &Tx, arn: &str) -> Result<(Api, Target), Refusal> {
    let root = api_arn(&shelf.region, "");
    let Some(rest) = arn.strip_prefix(&root) else {
        return Err(bad_request(format!("Invalid resource ARN specified in the request: {arn}")));
    };
    let (id, target) = match rest.split_once("/stages/") {
        Some((id, stage)) => (id, Target::Stage(stage.to_owned())),
        None => (rest, Target::Api),
    };
    if id.is_empty() || id.contains('/') {
        return Err(bad_request(format!("Invalid resource ARN specified in the request: {arn}")));
    }
    Ok((shelf.api_by_id(tx, id)?, target))
}

fn tags<'a>(api: &'a mut Api, target: &Target) -> Result<&'a mut Texts, Refusal> {
    match target {
        Target::Api => Ok(&mut api.about.tags),
        Target::Stage(name) => {
            let stage = api.stages.get_mut(name);
            stage
                .map(|stage| &mut stage.tags)
                .ok_or_else(|| not_found("Invalid Stage identifier specified"))
        }
    }
}

/// Checks a resource's tags as a whole.
pub(crate) fn check(tags: &Texts) -> Result<(), Refusal> {
    if tags.len() > MOST {
        return Err(bad_request("Resource cannot have more than 50 tags"));
    }
    for (key, value) in tags {
        if key.is_empty() || key.chars().count() > 128 {
            return Err(bad_request("Tag keys must be between 1 and 128 characters long"));
        }
        if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
            return Err(bad_request(format!(
                "Invalid tag key: {key}. Tag keys cannot start with 'aws:'"
            )));
        }
        if value.chars().count() > 256 {
            return Err(bad_request("Tag values must not be longer than 256 characters"));
        }
    }
    Ok(())
}

/// Tells the tag index what a resource's tags are now.
pub(crate) fn index(
    tx: &mut Tx,
    context: &Context<'_>,
    shelf: &Shelf,
    (arn, tags): (&str, &Texts),
) -> Result<(), Refusal> {
    Ok(tagging::note(tx, context, (&shelf.account, &shelf.region), (arn, tags))?)
}

/// Tells the tag index that a resource is gone.
pub(crate) fn unindex(
    tx: &mut Tx,
    context: &Context<'_>,
    shelf: &Shelf,
    arn: &str,
) -> Result<(), Refusal> {
    Ok(tagging::forget(tx, context, (&shelf.account, &shelf.region), arn)?)
}
