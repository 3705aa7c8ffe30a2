//! `updraft destroy`: deletes everything that this project has in this stage.

use super::carry_out::carry_out;
use super::plan::plan;
use super::world::Session;
use crate::cli::{DestroyArgs, PlanArgs};
use crate::exit::{Exit, Failure};
use crate::report::human::Purpose;

/// Plans with nothing wanted, shows the plan, asks, and carries it out; or only saves it.
pub(crate) async fn destroy(
    session: &mut Session<'_>,
    args: &DestroyArgs,
) -> Result<Exit, Failure> {
    if args.save.out.is_none() {
        return carry_out(session, &args.run, Purpose::Destroy).await;
    }
    let args = PlanArgs {
        destroy: true,
        save: args.save.clone(),
        consent: args.run.consent,
        scope: args.run.scope.clone(),
        ..PlanArgs::default()
    };
    plan(session, &args).await
}
