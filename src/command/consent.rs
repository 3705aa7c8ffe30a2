//! What a person must have agreed to before a plan is carried out, beyond the plan itself.

use super::prepare::Prepared;
use crate::cli::RunArgs;
use crate::exit::{Exit, Failure};
use crate::report::human;

/// Refuses to lose data that nobody allowed to be lost, and to stop what runs unattended.
///
/// Somebody who is asked sees what stops in the plan, and agrees to it by going ahead.
pub(crate) fn consent(prepared: &Prepared, args: &RunArgs) -> Result<(), Failure> {
    let plan = prepared.permitted();
    let lost = human::lost(&plan);
    if !lost.is_empty() && !args.consent.destroy_data {
        let failure = Failure::new(Exit::Failed, "data would be lost; nothing was changed");
        return Err(lost
            .into_iter()
            .fold(failure, Failure::detail)
            .hint("Add --destroy-data if it may be lost."));
    }
    let stopped = human::stopped(&plan, &prepared.kinds);
    if !stopped.is_empty() && args.yes && !args.consent.allow_downtime {
        let failure =
            Failure::new(Exit::Failed, "something would stop for a while; nothing was changed");
        return Err(stopped
            .into_iter()
            .fold(failure, Failure::detail)
            .hint("Add --allow-downtime if it may, or leave --yes out to be asked."));
    }
    Ok(())
}
