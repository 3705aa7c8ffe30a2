//! `updraft plan`: shows what would change and changes nothing.

use super::prepare::prepare;
use super::tell;
use super::world::Session;
use crate::cli::PlanArgs;
use crate::exit::{Exit, Failure};
use crate::report::human::Purpose;
use crate::report::{human, json};

/// Shows what would change.
pub(crate) async fn plan(session: &mut Session<'_>, args: &PlanArgs) -> Result<Exit, Failure> {
    let prepared = prepare(session, &args.scope, Purpose::Apply).await?;
    if session.global.json {
        let scope = &prepared.scope;
        let document = json::plan(&prepared.plan, &scope.project, &scope.stage);
        session.printer.answer(&json::written(&document));
    } else {
        session.printer.answer(&human::plan(&prepared.plan, &prepared.view()));
    }
    tell::noted(session, &prepared);
    let changes = !prepared.plan.is_empty();
    let missing = tell::missing(&prepared);
    prepared.site.close().await?;
    if let Some(failure) = missing {
        return Err(failure);
    }
    Ok(if changes && args.detailed_exitcode { Exit::Changes } else { Exit::Done })
}
