//! Text for people, in the conventions that Terraform made common.

mod cost;
mod document;
mod failure;
mod finish;
mod page;
mod plan;
mod portability;
mod progress;
mod valid;
mod value;
mod words;

pub use cost::{lost, stopped};
pub use failure::{bug, failure};
pub(crate) use finish::told;
pub use finish::{Ending, finish, outputs};
pub use plan::{Purpose, View, blocked, obstacle, plan};
pub use portability::portability;
pub(crate) use progress::{doing, doing_at, event, still};
pub use valid::valid;
pub use words::{initialised, keep_up, log_line, question, serving};
