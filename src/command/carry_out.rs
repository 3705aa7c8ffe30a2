//! What apply and destroy share: show the plan, ask, run it, and tell how it ended.

use super::confirm::confirm;
use super::consent::consent;
use super::lacks;
use super::perform::{clock, perform};
use super::prepare::prepare;
use super::review;
use super::tell::{ended, planned};
use super::world::Session;
use crate::cli::RunArgs;
use crate::exit::{Exit, Failure};
use crate::report::human::Purpose;
use crate::report::json::Stream;

/// Plans, shows the plan, asks, and carries it out.
pub(crate) async fn carry_out(
    session: &mut Session<'_>,
    args: &RunArgs,
    purpose: Purpose,
) -> Result<Exit, Failure> {
    streamed(session, async |session| attempt(session, args, purpose).await).await
}

/// Lets a command tell a program what it does, from its first line to why it failed.
pub(crate) async fn streamed(
    session: &mut Session<'_>,
    attempt: impl AsyncFnOnce(&mut Session<'_>) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    if !session.global.json {
        return attempt(session).await;
    }
    let clock = clock(session.world);
    let stream = Stream::new(&clock);
    session.printer.answer(&stream.version().written());
    let result = attempt(session).await;
    if let Err(failure) = &result {
        session.printer.answer(&stream.failure(failure).written());
    }
    result
}

async fn attempt(
    session: &mut Session<'_>,
    args: &RunArgs,
    purpose: Purpose,
) -> Result<Exit, Failure> {
    let mut prepared = prepare(session, &args.scope, purpose).await?;
    prepared.scope.destroy_data = args.consent.destroy_data;
    let shown = review::planned(session, &prepared, &[]).and_then(|(review, _)| {
        planned(session, &prepared, &review);
        consent(&prepared, args)
    });
    let able = match shown {
        Ok(()) => lacks::check(session, &prepared).await,
        refused => refused,
    };
    let agreed = prepared.plan.is_empty() || args.yes;
    let allowed = match able {
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
