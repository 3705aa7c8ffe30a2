//! `updraft apply`: makes the cloud match the manifest.

use super::carry_out::carry_out;
use super::world::Session;
use crate::cli::ApplyArgs;
use crate::exit::{Exit, Failure};
use crate::report::human::Purpose;

/// Plans, shows the plan, asks, and carries it out.
pub(crate) async fn apply(session: &mut Session<'_>, args: &ApplyArgs) -> Result<Exit, Failure> {
    carry_out(session, args, Purpose::Apply).await
}
