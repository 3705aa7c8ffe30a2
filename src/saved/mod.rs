//! Saved plans: read with suspicion, and held against what would be planned now.
//!
//! A saved plan is an approval and not a program. It never tells what to do: it only tells which
//! of the steps that are planned anew may run.

mod approval;
mod flaw;
mod load;
mod past;
mod permitted;

pub use approval::{Approval, Drift, approve};
pub use flaw::Flaw;
pub use load::{MOST_BYTES, load, load_snapshot, plan_of, spot};
pub use permitted::{Answers, unapproved};
