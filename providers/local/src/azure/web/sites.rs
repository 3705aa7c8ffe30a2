//! `Microsoft.Web/sites`: function apps on Flex Consumption.
//!
//! Source: <https://learn.microsoft.com/rest/api/appservice/web-apps>.

use std::collections::BTreeMap;

use serde_json::Value;

use super::app::{self, App, SITE};
use super::shape::SITE_BODY;
use super::{check, logs, plans, settings, show, timers};
use crate::azure::engine;
use crate::azure::lro::{Begun, End, Style};
use crate::azure::put::Put;
use crate::azure::service::{Method, ResourceType, Tongue};
use crate::azure::shape::Shape;
use crate::azure::shelf::{self, Resource};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::members::{at, set, text};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// Sites.
pub(crate) static SITES: ResourceType = ResourceType {
    tongue: Tongue::Web,
    named: check::name,
    show: show::show,
    gone,
    methods: &[
        Method::list(engine::list).query(&["includeSlots"]),
        Method::get(engine::read),
        Method::put(&SITE_BODY, put),
        Method::patch(&SITE_BODY, patch),
        Method::delete(delete).query(&["deleteEmptyServerFarm", "deleteMetrics"]),
        Method::post("restart", &Shape::NOTHING, restart).query(&["softRestart", "synchronous"]),
        Method::post("syncfunctiontriggers", &Shape::NOTHING, sync),
    ],
    ..ResourceType::tracked(SITE, plans::VERSIONS)
};

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut put = Put::begin(request, tx, context)?;
    put.resource.members.entry("kind").or_insert_with(|| "app".into());
    name_system_identity(&mut put.resource, put.old.as_ref());
    check::name_is_free(tx, context, &put.resource)?;
    check::site(tx, &put.resource, put.old.as_ref())?;
    keep_app(tx, context, &mut put.resource, put.old.as_ref())?;
    put.resource.state = String::new();
    let begun = Begun {
        style: Style::AsyncOperation,
        status: if put.creates() { 202 } else { 200 },
        bodied: true,
        meanwhile: "Updating",
        ms: context.settings.operation_ms,
        end: End::Done,
    };
    put.later(tx, context, &begun)
}

fn patch(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut put = Put::begin(request, tx, context)?;
    let old = put.old.clone();
    name_system_identity(&mut put.resource, old.as_ref());
    check::site(tx, &put.resource, old.as_ref())?;
    keep_app(tx, context, &mut put.resource, old.as_ref())?;
    put.done_with(tx, context, 200)
}

/// A system-assigned identity has one principal for as long as the site has it.
fn name_system_identity(site: &mut Resource, old: Option<&Resource>) {
    let principal = |site: &Resource| {
        let identity = site.members.get("identity")?;
        let id = text(identity, "principalId");
        (!id.is_empty()).then(|| id.to_owned())
    };
    let before = old.and_then(principal);
    if let Some(identity) = site.members.get_mut("identity")
        && text(identity, "type").contains("SystemAssigned")
    {
        set(identity, "principalId", before.unwrap_or_else(|| uuid::Uuid::new_v4().to_string()));
    }
}

/// Takes the settings out of the site's configuration, and starts the host anew when something changed for it.
fn keep_app(
    tx: &mut Tx,
    context: &Context<'_>,
    site: &mut Resource,
    old: Option<&Resource>,
) -> Result<(), Refusal> {
    let before = if old.is_some() { app::find(tx, &site.name)? } else { None };
    let is_new = before.is_none();
    let mut state = before.unwrap_or_else(|| App::new(site, context));
    let sent = site.properties.get_mut("siteConfig").and_then(Value::as_object_mut);
    let sent = sent.and_then(|config| config.remove("appSettings"));
    if let Some(sent) = sent.filter(|sent| !sent.is_null()) {
        let pairs = sent.as_array().into_iter().flatten();
        let pairs = pairs.map(|one| (text(one, "name").to_owned(), text(one, "value").to_owned()));
        let new: BTreeMap<String, String> = pairs.collect();
        check::settings(&new)?;
        state.settings = new;
    }
    let changed = old.is_none_or(|old| {
        let config = |site: &Resource| at(&site.properties, "/functionAppConfig");
        config(old) != config(site) || old.members.get("identity") != site.members.get("identity")
    });
    if changed && !is_new {
        state.restart(context);
    }
    app::save(tx, &state)
}

/// Deletes a site, and its plan when that is empty then and the caller does not say otherwise.
fn delete(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let keeps_plan = request
        .query("deleteEmptyServerFarm")
        .is_some_and(|told| told.eq_ignore_ascii_case("false"));
    let site = shelf::find(tx, engine::asked(request))?;
    let reply = engine::delete(request, tx, context)?;
    if let (Some(site), false) = (site, keeps_plan) {
        let plan = site.text("serverFarmId");
        if plans::sites(tx, plan)?.is_empty() {
            shelf::remove(tx, context, plan)?;
        }
    }
    Ok(reply)
}

fn gone(site: &Resource, tx: &mut Tx, _: &Context<'_>) -> Result<(), Refusal> {
    logs::forget(tx, &site.name)?;
    timers::forget(tx, &site.name)?;
    app::remove(tx, &site.name)
}

fn restart(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let site = engine::found(request, tx)?;
    let mut state = settings::of(tx, &site)?;
    state.restart(context);
    app::save(tx, &state)?;
    Ok(Reply::empty(200).did(Effect::Update, site.id))
}

/// Makes what a package holds seen at once.
pub(super) fn sync(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let site = settings::site(request, tx)?;
    let mut state = settings::of(tx, &site)?;
    if let Some(release) = &mut state.release {
        release.seen = release.seen.min(context.now);
    }
    app::save(tx, &state)?;
    Ok(Reply::empty(204))
}
