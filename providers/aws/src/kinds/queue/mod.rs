//! A queue of SQS: encrypted, with its marks, and with the dead-letter queue it hands over to.

mod lower;
mod read;
mod write;

pub(crate) use lower::{enough, impatient, wanted};
pub(crate) use read::{attributes, url};
pub(crate) use write::Queue;
