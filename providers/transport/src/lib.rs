//! What every cloud call needs, whichever cloud it goes to: rate budgets, retry classes, paging,
//! waiting, redaction and a count of the calls made. It knows no cloud.

mod budget;
mod ledger;
mod page;
mod redact;
mod retry;
mod wait;

pub use budget::{Budgets, Rate};
pub use ledger::Ledger;
pub use page::pages;
pub use redact::Redactor;
pub use retry::{Backoff, Class, Jitter, Repeat, Retry, jitter};
pub use wait::{Progress, wait};
