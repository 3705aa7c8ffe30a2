//! Text for people, in the conventions that Terraform made common.

mod breach;
mod comparison;
mod cost;
mod deployer;
mod document;
mod explanation;
mod failure;
mod finish;
mod page;
mod permission;
mod plan;
mod portability;
mod progress;
mod valid;
mod value;
mod words;

pub use breach::breached;
pub use comparison::comparison;
pub use cost::{lost, stopped};
pub use deployer::deployer;
pub use explanation::explanation;
pub use failure::{bug, failure};
pub use finish::{Ending, allow, finish, outputs};
pub(crate) use finish::{PLAN_AGAIN, told};
pub(crate) use permission::permission_change;
pub use permission::{lacked, permissions, permissions_of_plan};
pub(crate) use plan::parts;
pub use plan::{Purpose, View, blocked, obstacle, plan};
pub use portability::portability;
pub(crate) use progress::{doing, doing_at, event, still};
pub use valid::valid;
pub(crate) use value::inline;
pub use words::{
    agreed, agreements, from_snapshot, initialised, keep_up, log_line, plan_of_a_part,
    plans_of_two_places, question, saved, serving, snapped,
};
