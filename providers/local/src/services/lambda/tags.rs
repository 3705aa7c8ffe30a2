//! Tags of functions and of event source mappings, by ARN.

use std::collections::BTreeMap;

use serde_json::json;

use super::checks::{self, Checks};
use super::mappings::{self, tags::is_mapping};
use super::names::{Named, from_arn};
use super::record::{Function, existing, save};
use super::sheet::Sheet;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::services::tagging;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// `TagResource`.
pub(super) fn tag(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut sheet = Sheet::read(request)?;
    let tags: Option<BTreeMap<String, String>> = sheet.take("Tags")?;
    sheet.end()?;
    let mut required = Checks::default();
    required.required(tags.as_ref(), "tags");
    required.done()?;
    let tags = tags.unwrap_or_default();
    checks::tags(&tags)?;
    if is_mapping(request.label("Resource")) {
        let object = mappings::tags::change(request, tx, context, |all| all.extend(tags))?;
        return Ok(Reply::empty(204).did(Effect::Update, object));
    }
    let mut function = find(request, tx)?;
    function.tags.extend(tags);
    checks::tag_count(&function.tags)?;
    write(tx, context, &function)
}

/// `UntagResource`.
pub(super) fn untag(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let keys = request.queries("tagKeys");
    let mut required = Checks::default();
    required.required(keys.first(), "tagKeys");
    required.done()?;
    if is_mapping(request.label("Resource")) {
        let keep = |key: &String, _: &mut String| !keys.contains(&key.as_str());
        let object = mappings::tags::change(request, tx, context, |all| all.retain(keep))?;
        return Ok(Reply::empty(204).did(Effect::Update, object));
    }
    let mut function = find(request, tx)?;
    function.tags.retain(|key, _| !keys.contains(&key.as_str()));
    write(tx, context, &function)
}

/// `ListTags`.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let tags = if is_mapping(request.label("Resource")) {
        mappings::tags::read(request, tx, context)?
    } else {
        find(request, tx)?.tags
    };
    Ok(Reply::json(json!({"Tags": tags})))
}

fn find(request: &Request, tx: &Tx) -> Result<Function, Refusal> {
    let arn = request.label("Resource");
    let others = ["code-signing-config:", "capacity-provider:"];
    if others.iter().any(|kind| arn.contains(kind)) {
        return Err(Refusal::not_modelled(
            "tags of anything but functions and event source mappings",
        ));
    }
    let mut checks = Checks::default();
    let pattern = "Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:(function:[a-zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})";
    checks.that(from_arn(arn).is_some(), (arn, "resource"), pattern);
    checks.done()?;
    existing(tx, request, &Named::read(request, arn)?.latest()?)
}

fn write(tx: &mut Tx, context: &Context<'_>, function: &Function) -> Result<Reply, Refusal> {
    save(tx, function)?;
    tagging::note(tx, context, function.owner(), (&function.arn(), &function.tags))?;
    Ok(Reply::empty(204).did(Effect::Update, function.name.as_str()))
}
