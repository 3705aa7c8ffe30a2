//! `updraft apply`: makes the cloud match the manifest, or carries out a saved plan.

use super::approved::apply_saved;
use super::carry_out::{carry_out, streamed};
use super::world::Session;
use crate::cli::ApplyArgs;
use crate::exit::{Exit, Failure};
use crate::report::human::Purpose;

/// Plans, shows the plan, asks, and carries it out; a saved plan has been asked about before.
pub(crate) async fn apply(session: &mut Session<'_>, args: &ApplyArgs) -> Result<Exit, Failure> {
    let Some(path) = &args.plan else {
        return carry_out(session, &args.run, Purpose::Apply).await;
    };
    streamed(session, async |session| apply_saved(session, path, args).await).await
}
