//! Changing a function. Every change is a new build and a new revision, whatever it is about.

use serde_json::Value;

use super::deploy::{self, deploy};
use super::methods::{idle, sent};
use super::record::{self, Function, Name};
use super::schema::FUNCTION;
use super::{check, show, trigger};
use crate::cloud::Context;
use crate::google::mask::Mask;
use crate::google::operations;
use crate::google::refusals::invalid_field;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// Changes the fields the mask names; without one, all.
pub(super) fn patch(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let name = Name::of(request);
    check::location(&name.location)?;
    let was = record::load(tx, context, &name)?;
    let body = request.json()?;
    check::name(&name, body.get("name").and_then(Value::as_str))?;
    let mask = Mask::of(request, &FUNCTION)?;
    let change = sent(request)?;
    let mut config = was.config.clone();
    mask.apply(&change, &mut config);
    let source = if mask.covers("buildConfig.source") { &change } else { &Value::Null };
    show::fill(&name, &mut config);
    let mut function = Function { config, before: None, ..was.clone() };
    check::configuration(&function)?;
    trigger::check(&function)?;
    fixed(&was, &function)?;
    check::identities(tx, context, &function)?;
    idle(&was, context)?;
    let kept = Some(was.digest.as_str()).filter(|digest| !digest.is_empty());
    let Some(source) = deploy::source(tx, &name, source, kept)? else {
        return Err(invalid_field("function.build_config.source", "The source must be set."));
    };
    // What never worked is not gone back to.
    let back = Some(was).filter(|was| was.broken.is_none());
    let operation = deploy(tx, context, &mut function, (source, back))?;
    record::save(tx, &function)?;
    let answer = operations::begin(tx, context, &operation)?;
    Ok(Reply::json(answer).did(Effect::Update, format!("function/{}", name.id)))
}

/// Refuses changes that need another function.
fn fixed(was: &Function, now: &Function) -> Result<(), Refusal> {
    if was.has_trigger() != now.has_trigger() {
        let message =
            "Function trigger type cannot be changed: delete the function and create it again.";
        return Err(invalid_field("function.event_trigger", message));
    }
    for (pointer, field) in [
        ("/eventTrigger/triggerRegion", "trigger_region"),
        ("/eventTrigger/pubsubTopic", "pubsub_topic"),
    ] {
        if was.text(pointer) != now.text(pointer) {
            let message = format!("Field event_trigger.{field} cannot be changed on update.");
            return Err(invalid_field(&format!("function.event_trigger.{field}"), message));
        }
    }
    Ok(())
}
