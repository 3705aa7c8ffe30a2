//! `updraft destroy`: deletes everything that this project has in this stage.

use super::carry_out::carry_out;
use super::world::Session;
use crate::cli::ApplyArgs;
use crate::exit::{Exit, Failure};
use crate::report::human::Purpose;

/// Plans with nothing wanted, shows the plan, asks, and carries it out.
pub(crate) async fn destroy(session: &mut Session<'_>, args: &ApplyArgs) -> Result<Exit, Failure> {
    carry_out(session, args, Purpose::Destroy).await
}
