//! The methods of versions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::methods::named;
use super::shelf::{self, Version};
use crate::cloud::Context;
use crate::google::etag;
use crate::google::paging::Pages;
use crate::google::refusals::{invalid, not_found, precondition};
use crate::ledger::Effect;
use crate::members::{at, set, text};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// The most a version may hold (cloud.google.com/secret-manager/quotas).
const LARGEST: usize = 65_536;

/// `AddSecretVersion`.
pub(super) fn add(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let (project, secret) = named(request);
    shelf::load(tx, project, secret)?;
    let data = text(&at(&request.json()?, "/payload"), "data").to_owned();
    let length = STANDARD.decode(&data).unwrap_or_default().len();
    if length == 0 || length > LARGEST {
        return Err(invalid(format!("The secret payload must have 1 to {LARGEST} bytes.")));
    }
    let last = shelf::versions(tx, project, secret)?.last().map_or(0, |last| last.number);
    let version = Version {
        number: last + 1,
        state: "ENABLED".to_owned(),
        created: context.now,
        destroyed: None,
        data,
    };
    shelf::put_version(tx, (project, secret), &version)?;
    let shown = show(request, &version);
    let name = text(&shown, "name").to_owned();
    Ok(Reply::json(shown).did(Effect::Create, name))
}

fn show(request: &Request, version: &Version) -> Value {
    let (project, secret) = named(request);
    let name = format!("{}/versions/{}", shelf::name(project, secret), version.number);
    let mut shown = json!({
        "name": name, "createTime": version.created.iso_millis(), "state": version.state,
        "replicationStatus": {"automatic": {}}, "etag": etag(&[&name, &version.state]),
    });
    if let Some(destroyed) = version.destroyed {
        set(&mut shown, "destroyTime", destroyed.iso_millis());
    }
    shown
}

fn load(request: &Request, tx: &Tx) -> Result<Version, Refusal> {
    let (project, secret) = named(request);
    let wanted = request.label("version");
    shelf::load(tx, project, secret)?;
    shelf::version(tx, (project, secret), wanted)?.ok_or_else(|| {
        let name = shelf::name(project, secret);
        not_found(format!(
            "Secret Version [{name}/versions/{wanted}] not found or has no versions."
        ))
    })
}

/// `GetSecretVersion`.
pub(super) fn get(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    Ok(Reply::json(show(request, &load(request, tx)?)))
}

/// `ListSecretVersions`, the newest first.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (project, secret) = named(request);
    shelf::load(tx, project, secret)?;
    let all = shelf::versions(tx, project, secret)?;
    let count = all.len();
    let items = all.iter().map(|version| {
        (format!("{:010}", u64::from(u32::MAX) - version.number), show(request, version))
    });
    let pages = Pages { items: "versions", usual: 250, most: 25_000 };
    let mut answer = Value::Object(pages.cut(request, context, items.collect())?);
    set(&mut answer, "totalSize", count);
    Ok(Reply::json(answer))
}

/// `AccessSecretVersion`.
pub(super) fn access(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let version = load(request, tx)?;
    let shown = show(request, &version);
    let name = text(&shown, "name");
    if version.state != "ENABLED" {
        let state = &version.state;
        return Err(precondition(format!("Secret Version [{name}] is in {state} state.")));
    }
    Ok(Reply::json(json!({"name": name, "payload": {"data": version.data}})))
}

/// `EnableSecretVersion`.
pub(super) fn enable(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    put(request, tx, context, "ENABLED")
}

/// `DisableSecretVersion`.
pub(super) fn disable(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    put(request, tx, context, "DISABLED")
}

/// `DestroySecretVersion`.
pub(super) fn destroy(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    put(request, tx, context, "DESTROYED")
}

fn put(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
    state: &str,
) -> Result<Reply, Refusal> {
    let mut version = load(request, tx)?;
    if version.state == "DESTROYED" {
        return Err(precondition("The version is in DESTROYED state."));
    }
    state.clone_into(&mut version.state);
    if state == "DESTROYED" {
        version.destroyed = Some(context.now);
        version.data.clear();
    }
    shelf::put_version(tx, named(request), &version)?;
    let shown = show(request, &version);
    let name = text(&shown, "name").to_owned();
    Ok(Reply::json(shown).did(Effect::Update, name))
}
