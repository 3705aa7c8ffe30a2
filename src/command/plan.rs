//! `updraft plan`: shows what would change and changes nothing.

use super::gates::{self, Gates};
use super::prepare::{Prepared, prepare, prepare_on};
use super::save::{document, save};
use super::world::Session;
use super::{load, review, snapshot, tell};
use crate::cli::PlanArgs;
use crate::exit::{Exit, Failure};
use crate::report::human::Purpose;
use crate::report::{human, json};

/// Shows what would change, and saves it where that is asked for.
pub(crate) async fn plan(session: &mut Session<'_>, args: &PlanArgs) -> Result<Exit, Failure> {
    let gates = Gates::read(session, &args.gates)?;
    gates.without_scan()?;
    let purpose = if args.destroy { Purpose::Destroy } else { Purpose::Apply };
    let Some(path) = &args.snapshot else {
        let prepared = prepare(session, &args.scope, purpose).await?;
        return told(session, prepared, (args, &gates)).await;
    };
    let recorded = snapshot::read(session, path)?;
    let global = snapshot::global(session, &recorded);
    let mut session = Session { global: &global, world: session.world, printer: session.printer };
    let manifest = load::load(&mut session)?;
    load::warn(&mut session, &manifest);
    session.printer.note(&human::from_snapshot(path, &recorded.created));
    let site = snapshot::site_of(recorded, &manifest.app).await?;
    let prepared = prepare_on(site, &session, manifest, (&args.scope, purpose)).await?;
    told(&mut session, prepared, (args, &gates)).await
}

/// Shows a plan, and saves it where that is asked for.
async fn told(
    session: &mut Session<'_>,
    prepared: Prepared,
    (args, gates): (&PlanArgs, &Gates),
) -> Result<Exit, Failure> {
    let judged = if session.global.json {
        let document = document(session, &prepared, &args.save, args.consent);
        session.printer.answer(&json::written(&document));
        review::planned(session, &prepared, &[])
    } else {
        session.printer.answer(&human::plan(&prepared.plan, &prepared.view()));
        tell::permitted(session, &prepared)
    };
    let judged = judged.and_then(|(review, sides)| gates::judge(gates, &review, &sides));
    tell::noted(session, &prepared);
    let changes = !prepared.plan.is_empty();
    let missing = tell::missing(&prepared);
    let saved = match (&args.save.out, &missing) {
        (Some(path), None) => save(session, &prepared, (path, &args.save), args.consent),
        (Some(_) | None, _) => Ok(()),
    };
    prepared.site.close().await?;
    saved?;
    if let Some(failure) = missing {
        return Err(unsaved(failure, args));
    }
    judged?;
    Ok(if changes && args.detailed_exitcode { Exit::Changes } else { Exit::Done })
}

/// Says that a plan which leaves out a cloud is not saved.
fn unsaved(failure: Failure, args: &PlanArgs) -> Failure {
    if args.save.out.is_none() {
        return failure;
    }
    failure.hint("A plan that leaves out a cloud is not saved.")
}
