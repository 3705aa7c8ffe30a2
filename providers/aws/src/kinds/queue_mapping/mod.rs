//! What lets Lambda pull messages from a queue for a function: an event source mapping.

mod lower;
mod read;
mod write;

pub(crate) use lower::{problems, wanted};
pub(crate) use write::QueueMapping;
