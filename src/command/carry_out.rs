//! What apply and destroy share: show the plan, ask, run it, and tell how it ended.

use super::confirm::confirm;
use super::consent::consent;
use super::perform::{clock, perform};
use super::prepare::prepare;
use super::tell::{ended, planned};
use super::world::Session;
use crate::cli::ApplyArgs;
use crate::exit::{Exit, Failure};
use crate::report::human::Purpose;
use crate::report::json::Stream;

/// Plans, shows the plan, asks, and carries it out.
pub(crate) async fn carry_out(
    session: &mut Session<'_>,
    args: &ApplyArgs,
    purpose: Purpose,
) -> Result<Exit, Failure> {
    if !session.global.json {
        return attempt(session, args, purpose).await;
    }
    let clock = clock(session.world);
    let stream = Stream::new(&clock);
    session.printer.answer(&stream.version().written());
    let result = attempt(session, args, purpose).await;
    if let Err(failure) = &result {
        session.printer.answer(&stream.failure(failure).written());
    }
    result
}

async fn attempt(
    session: &mut Session<'_>,
    args: &ApplyArgs,
    purpose: Purpose,
) -> Result<Exit, Failure> {
    let mut prepared = prepare(session, &args.scope, purpose).await?;
    prepared.scope.destroy_data = args.destroy_data;
    planned(session, &prepared);
    let agreed = prepared.plan.is_empty() || args.yes;
    let allowed = match consent(&prepared, args) {
        Ok(()) if !agreed => confirm(session, purpose).await,
        decided => decided,
    };
    if let Err(failure) = allowed {
        prepared.site.close().await?;
        return Err(failure);
    }
    let performed = perform(session, &prepared, args.parallelism).await;
    let result = performed.and_then(|outcome| ended(session, &prepared, &outcome));
    prepared.site.close().await?;
    result
}
