//! Tags of HTTP APIs and their stages.

use serde::Deserialize;
use serde_json::json;

use crate::cloud::Context;
use crate::ledger::Effect;
use crate::services::tagging;
use crate::store::Tx;
use crate::wire::{Body, Refusal, Reply, Request};

use super::model::{Api, Texts};
use super::shelf::Shelf;
use crate::services::apigateway::refusals::{bad_request, not_found};
pub(crate) use crate::services::apigateway::tags::check;

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
    format!("arn:aws:apigateway:{region}::/apis/{api}")
}

/// The ARN of a stage.
pub(crate) fn stage_arn(region: &str, api: &str, stage: &str) -> String {
    format!("arn:aws:apigateway:{region}::/apis/{api}/stages/{stage}")
}

/// `TagResource`: adds tags, or replaces their values.
pub(crate) fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let wanted: Put = request.read()?;
    let done = change(request, tx, context, |tags| tags.extend(wanted.tags.clone()))?;
    Ok(Reply { body: Body::Json(json!({})), ..done.status(201) })
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

/// `GetTags`.
pub(crate) fn get(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let (mut api, target) = found(&shelf, tx, request.label("resource-arn"))?;
    Ok(Reply::json(json!({ "tags": tags(&mut api, &target)? })))
}

fn change(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
    edit: impl FnOnce(&mut Texts),
) -> Result<Reply, Refusal> {
    let shelf = Shelf::of(request);
    let arn = request.label("resource-arn");
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
                .ok_or_else(|| not_found("Invalid stage identifier specified"))
        }
    }
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
