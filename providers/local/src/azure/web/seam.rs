//! What other services do with functions: look whether one is there, and call it.

use serde_json::Value;

use super::definition::Function;
use super::run::{self, Fault, Job};
use super::{app, seams};
use crate::azure::path::same;
use crate::cloud::{Cloud, Context};
use crate::store::Tx;
use crate::wire::Refusal;

/// The type of a function's trigger in lower case, `eventgridtrigger`; `None` while the function is not indexed.
///
/// `id` is that of a function: `…/providers/Microsoft.Web/sites/s/functions/f`.
pub(crate) fn trigger(tx: &Tx, context: &Context<'_>, id: &str) -> Result<Option<String>, Refusal> {
    let Some((site, function)) = parts(id) else { return Ok(None) };
    let Some((site, app)) = app::of_id(tx, site)? else { return Ok(None) };
    let functions = seams::listed(tx, context, &site, &app)?;
    let found = functions.iter().find(|one| same(&one.name, function));
    Ok(found.map(Function::kind))
}

/// Calls a function with what its trigger hands it, an event of Event Grid say, and waits. The error says why it did
/// not end well: the function failed, or is not there, or cannot be run here.
pub(crate) async fn call(cloud: &Cloud, id: &str, input: Value) -> Result<(), String> {
    let Some((site, function)) = parts(id) else {
        return Err("the id names no function".to_owned());
    };
    let name = site.rsplit('/').next().unwrap_or_default();
    let runnable = run::ready(cloud, name)?;
    let indexed = runnable.app.indexed();
    let found =
        indexed.and_then(|indexed| indexed.functions.iter().find(|one| same(&one.name, function)));
    let Some(function) = found.cloned() else { return Err("the function is not there".to_owned()) };
    if runnable.app.is_disabled(&function) {
        return Err("the function is disabled".to_owned());
    }
    let job = Job { function: &function, input, retry: None };
    run::call(cloud, &runnable, job).await.map(drop).map_err(|fault| match fault {
        Fault::Failed(text) | Fault::Unable(text) => text,
        Fault::TimedOut => "the function took too long".to_owned(),
        Fault::Busy => "as many instances run as may".to_owned(),
    })
}

/// The id of the site and the name of the function.
fn parts(id: &str) -> Option<(&str, &str)> {
    let at = id.to_ascii_lowercase().rfind("/functions/")?;
    Some((id.get(..at)?, id.get(at + "/functions/".len()..)?))
}
