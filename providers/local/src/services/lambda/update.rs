//! Functions' code and settings are updated, one update at a time.

use super::checks::Checks;
use super::functions::{check_architectures, first};
use super::names::Named;
use super::record::{Function, existing, save};
use super::refusals::{pending, stale, updating};
use super::settings::Settings;
use super::sheet::Sheet;
use super::{code, roles, runtimes, show};
use crate::cloud::{Cloud, Context};
use crate::ledger::Effect;
use crate::services::Pending;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

type Done = Result<(Reply, String), Refusal>;

/// `UpdateFunctionCode`; instances of the old code stop.
pub(super) fn code_task(request: Request, cloud: Cloud) -> Pending {
    task(request, cloud, update_code)
}

/// `UpdateFunctionConfiguration`; instances of the old settings stop.
pub(super) fn configuration_task(request: Request, cloud: Cloud) -> Pending {
    task(request, cloud, update_configuration)
}

fn task(
    request: Request,
    cloud: Cloud,
    update: fn(&Request, &mut Tx, &Context<'_>) -> Done,
) -> Pending {
    Box::pin(async move {
        let (reply, arn) = cloud.transact(|tx, context| update(&request, tx, context))?;
        if reply.effect == Effect::Update {
            cloud.runtimes.forget(&arn);
        }
        Ok(reply)
    })
}

fn update_code(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Done {
    let mut sheet = Sheet::read(request)?;
    let architectures: Option<Vec<String>> = sheet.take("Architectures")?;
    let dry = sheet.take("DryRun")?.unwrap_or(false);
    let revision: Option<String> = sheet.take("RevisionId")?;
    let mut checks = Checks::default();
    check_architectures(&mut checks, architectures.as_deref());
    checks.done()?;
    let named = Named::in_path(request)?.latest()?;
    let mut function = existing(tx, request, &named)?;
    let archive = code::take(&mut sheet, tx, request)?;
    sheet.end()?;
    may_start(&function, context, revision.as_deref())?;
    if let Some(architecture) = first(architectures) {
        function.architecture = architecture;
    }
    if dry {
        function.code = archive.code;
        return Ok((Reply::json(show::configuration(&function, context.now)), named.arn));
    }
    code::store(tx, &mut function, archive)?;
    finish(tx, context, function)
}

fn update_configuration(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Done {
    let mut sheet = Sheet::read(request)?;
    let settings = Settings::take(&mut sheet)?;
    let revision: Option<String> = sheet.take("RevisionId")?;
    sheet.end()?;
    let mut checks = Checks::default();
    settings.check(&mut checks);
    checks.done()?;
    let named = Named::in_path(request)?.latest()?;
    let mut function = existing(tx, request, &named)?;
    may_start(&function, context, revision.as_deref())?;
    let before = function.config.clone();
    settings.apply(&mut function.config)?;
    if function.config.runtime != before.runtime {
        runtimes::check(&function.config.runtime, context.now)?;
    }
    if function.config.role != before.role {
        roles::check(tx, context, request, (&function.config.role, &named.arn))?;
    }
    finish(tx, context, function)
}

/// Refuses an update while another or the creation runs, and one of a revision that is not the latest.
fn may_start(
    function: &Function,
    context: &Context<'_>,
    revision: Option<&str>,
) -> Result<(), Refusal> {
    if function.is_pending(context.now) {
        return Err(pending());
    }
    if function.is_updating(context.now) {
        return Err(updating(&function.arn()));
    }
    if revision.is_some_and(|revision| revision != function.revision(context.now)) {
        return Err(stale("GetFunction/GetAlias"));
    }
    Ok(())
}

fn finish(tx: &mut Tx, context: &Context<'_>, mut function: Function) -> Done {
    function.revise(context.now);
    function.updated = Some(context.now.plus(context.settings.function_update_ms));
    save(tx, &function)?;
    let shown = show::configuration(&function, context.now);
    let arn = function.arn();
    Ok((Reply::json(shown).did(Effect::Update, function.name), arn))
}
