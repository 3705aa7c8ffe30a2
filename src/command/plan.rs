//! `updraft plan`: shows what would change and changes nothing.

use updraft_permit::Review;

use super::gates::{self, Gates};
use super::prepare::{Prepared, prepare, prepare_on};
use super::save::{document, save};
use super::world::Session;
use super::{load, review, snapshot, tell};
use crate::cli::PlanArgs;
use crate::exit::{Exit, Failure};
use crate::permit::Sides;
use crate::report::human::Purpose;
use crate::report::json::PlanDocument;
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
    let shown = shown(session, &prepared, args);
    tell::noted(session, &prepared);
    let changes = !prepared.plan.is_empty();
    let missing = tell::missing(&prepared);
    prepared.site.close().await?;
    let (reviewed, document) = shown?;
    if let Some(failure) = missing {
        return Err(unsaved(failure, args));
    }
    if let Some(path) = &args.save.out {
        save(session, path, &document)?;
    }
    gates::judge(gates, &reviewed.0, &reviewed.1)?;
    Ok(if changes && args.detailed_exitcode { Exit::Changes } else { Exit::Done })
}

/// Shows a plan and what it does to permissions, and returns that and the document of it all.
fn shown(
    session: &mut Session<'_>,
    prepared: &Prepared,
    args: &PlanArgs,
) -> Result<((Review, Sides), PlanDocument), Failure> {
    if !session.global.json {
        session.printer.answer(&human::plan(&prepared.plan, &prepared.view()));
    }
    let reviewed = review::planned(session, prepared, &[])?;
    let document = document(session, prepared, (&args.save, args.consent), &reviewed);
    if session.global.json {
        session.printer.answer(&json::written(&document));
        return Ok((reviewed, document));
    }
    if let Some(changes) = human::permissions_of_plan(&reviewed.0, prepared.purpose) {
        session.printer.answer(&changes);
    }
    let consent = document.saved.as_ref().map(|saved| saved.consent);
    if let Some(agreed) = consent.and_then(human::agreements) {
        session.printer.answer(&agreed);
    }
    Ok((reviewed, document))
}

/// Says that a plan which leaves out a cloud is not saved.
fn unsaved(failure: Failure, args: &PlanArgs) -> Failure {
    if args.save.out.is_none() {
        return failure;
    }
    failure.hint("A plan that leaves out a cloud is not saved.")
}
