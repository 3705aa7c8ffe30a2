//! Text for people, in the conventions that Terraform made common.

mod document;
mod failure;
mod finish;
mod page;
mod plan;
mod progress;
mod valid;
mod value;
mod words;

pub use failure::{bug, failure};
pub(crate) use finish::told;
pub use finish::{Ending, finish, outputs};
pub use plan::{Purpose, View, blocked, plan};
pub(crate) use progress::{doing, event, still};
pub use valid::valid;
pub use words::{initialised, keep_up, log_line, question, serving};
