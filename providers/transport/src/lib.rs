//! What every cloud call needs, whichever cloud it goes to: rate budgets, retry classes, paging,
//! waiting, redaction, a count of the calls made, and the safe way to carry out one step. It
//! knows no cloud.

mod budget;
mod endpoint;
mod failure;
mod kind;
mod ledger;
mod locks;
mod look;
mod page;
mod redact;
mod retry;
mod steps;
mod wait;

pub use budget::{Budgets, Rate};
pub use endpoint::{loopback, trusted, untrusted};
pub use failure::{Failure, absent, gone, told};
pub use kind::{Found, Made, ResourceKind, known, made};
pub use ledger::Ledger;
pub use locks::Locks;
pub use look::{examine, observe};
pub use page::pages;
pub use redact::Redactor;
pub use retry::{Backoff, Class, Jitter, Repeat, Retry, jitter};
pub use steps::{execute, same};
pub use wait::{Progress, wait, wait_at};
