//! Mappings are created, read, listed, changed and deleted.

use serde_json::{Map, Value};

use super::super::checks::{self, Checks};
use super::super::names::Named;
use super::super::refusals::{invalid, no_resource};
use super::super::show::insert;
use super::check;
use super::input::Input;
use super::model::{Mapping, Phase, Plan, all, find, save};
use crate::clock::Moment;
use crate::cloud::{Cloud, Context};
use crate::ledger::Effect;
use crate::page::{Cut, page};
use crate::services::{Pending, tagging};
use crate::store::{StoreError, Tx};
use crate::wire::{Refusal, Reply, Request};

type Written = Result<Reply, Refusal>;

/// Runs a change and lets the poller know.
fn ringing(
    request: Request,
    cloud: Cloud,
    work: fn(&Request, &mut Tx, &Context<'_>) -> Written,
) -> Pending {
    Box::pin(async move {
        let done = cloud.transact(|tx, context| work(&request, tx, context));
        cloud.bell.send_replace(());
        done
    })
}

/// `CreateEventSourceMapping`.
pub(in crate::services::lambda) fn create(request: Request, cloud: Cloud) -> Pending {
    ringing(request, cloud, create_one)
}

fn create_one(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Written {
    let input = Input::read(request)?;
    let mut required = Checks::default();
    required.required(input.function.as_ref(), "functionName");
    required.done()?;
    checks::tags(&input.tags)?;
    checks::tag_count(&input.tags)?;
    let queue = check::source(request, input.source.as_deref())?;
    let function = name(request, input.function.as_deref().unwrap_or_default())?;
    let mut plan = Plan {
        function,
        enabled: true,
        batch_size: 10,
        window: 0,
        concurrency: None,
        filters: Vec::new(),
        partial: false,
    };
    input.lay(&mut plan);
    check::batches(&plan, &queue)?;
    let mapping = Mapping {
        uuid: uuid::Uuid::new_v4().to_string(),
        account: request.account.clone(),
        region: request.region.clone(),
        queue,
        plan,
        tags: input.tags,
        modified: context.now,
        phase: Phase::Creating,
        settled: context.now.plus(context.settings.mapping_settling_ms),
    };
    let function = check::function(tx, request, &mapping.plan.function)?;
    check::single(tx, context, &mapping)?;
    check::queue(tx, context, &function, &mapping.queue)?;
    save(tx, &mapping, context.now)?;
    tagging::note(tx, context, mapping.owner(), (&mapping.arn(), &mapping.tags))?;
    let shown = mapping.begun(context.now);
    Ok(Reply::json(shown).status(202).did(Effect::Create, mapping.object()))
}

fn name(request: &Request, given: &str) -> Result<String, Refusal> {
    Ok(Named::read(request, given)?.latest()?.name)
}

/// `GetEventSourceMapping`.
pub(in crate::services::lambda) fn get(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Written {
    Ok(Reply::json(existing(request, tx, context)?.shown(context.now)))
}

fn existing(request: &Request, tx: &Tx, context: &Context<'_>) -> Result<Mapping, Refusal> {
    let uuid = request.label("UUID");
    let mut checks = Checks::default();
    let member = (uuid, "uUID");
    checks.that(uuid.len() >= 36, member, "Member must have length greater than or equal to 36");
    checks.that(uuid.len() <= 36, member, "Member must have length less than or equal to 36");
    checks.done()?;
    find(tx, &request.place(), (uuid, context.now))?.ok_or_else(no_resource)
}

/// The ARN of the function of the mapping that a request names.
pub(crate) fn mapped(tx: &Tx, request: &Request) -> Result<Option<String>, StoreError> {
    let named = (request.label("UUID"), Moment::now());
    Ok(find(tx, &request.place(), named)?.map(|mapping| mapping.function_arn()))
}

/// `ListEventSourceMappings`: never more than 100, whatever is asked for.
pub(in crate::services::lambda) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Written {
    let mut checks = Checks::default();
    let asked = request.query("MaxItems").map(|text| text.parse::<i64>().unwrap_or(-1));
    checks.range(asked, "maxItems", (1, 10_000));
    checks.done()?;
    let function = match request.query("FunctionName") {
        Some(given) => Some(name(request, given)?),
        None => None,
    };
    let source = request.query("EventSourceArn");
    let mut found = all(tx, &request.place(), context.now)?;
    found.retain(|one| {
        function.as_ref().is_none_or(|function| one.plan.function == *function)
            && source.is_none_or(|source| one.queue == source)
    });
    let asked = asked.and_then(|asked| usize::try_from(asked).ok());
    let token = request.query("Marker").filter(|marker| !marker.is_empty());
    let cut = Cut { limit: context.page_limit(asked, 100), token };
    let page = page(found, cut, |mapping| mapping.uuid.clone())
        .ok_or_else(|| invalid("Invalid marker"))?;
    let shown: Vec<Value> = page.items.iter().map(|one| one.shown(context.now)).collect();
    let mut answer = Map::new();
    insert(&mut answer, "EventSourceMappings", shown);
    if let Some(next) = page.next {
        insert(&mut answer, "NextMarker", next);
    }
    Ok(Reply::json(answer.into()))
}

/// `UpdateEventSourceMapping`.
pub(in crate::services::lambda) fn update(request: Request, cloud: Cloud) -> Pending {
    ringing(request, cloud, update_one)
}

fn update_one(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Written {
    let input = Input::read(request)?;
    if input.source.is_some() || !input.tags.is_empty() {
        return Err(Refusal::not_modelled("UpdateEventSourceMapping of sources and tags"));
    }
    let mut mapping = existing(request, tx, context)?;
    if mapping.is_busy(context.now) {
        return Err(check::in_use("update"));
    }
    let before = mapping.plan.enabled;
    if let Some(given) = &input.function {
        mapping.plan.function = name(request, given)?;
    }
    input.lay(&mut mapping.plan);
    check::batches(&mapping.plan, &mapping.queue)?;
    let function = check::function(tx, request, &mapping.plan.function)?;
    check::single(tx, context, &mapping)?;
    check::queue(tx, context, &function, &mapping.queue)?;
    mapping.phase = match (before, mapping.plan.enabled) {
        (false, true) => Phase::Enabling,
        (true, false) => Phase::Disabling,
        (true, true) | (false, false) => Phase::Updating,
    };
    mapping.modified = context.now;
    mapping.settled = context.now.plus(context.settings.mapping_settling_ms);
    save(tx, &mapping, context.now)?;
    let shown = mapping.begun(context.now);
    Ok(Reply::json(shown).status(202).did(Effect::Update, mapping.object()))
}

/// `DeleteEventSourceMapping`.
pub(in crate::services::lambda) fn delete(request: Request, cloud: Cloud) -> Pending {
    ringing(request, cloud, delete_one)
}

fn delete_one(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Written {
    let mut mapping = existing(request, tx, context)?;
    if mapping.is_busy(context.now) {
        return Err(check::in_use("delete"));
    }
    mapping.phase = Phase::Deleting;
    mapping.settled = context.now.plus(context.settings.mapping_settling_ms);
    save(tx, &mapping, context.now)?;
    tagging::forget(tx, context, mapping.owner(), &mapping.arn())?;
    let shown = mapping.begun(context.now);
    Ok(Reply::json(shown).status(202).did(Effect::Delete, mapping.object()))
}
