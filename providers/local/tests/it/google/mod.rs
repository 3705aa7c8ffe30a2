//! The Google side of the embedded cloud through raw HTTP.

mod accounts;
mod core;
mod deployed;
mod door;
mod functions;
pub(crate) mod harness;
mod policies;
mod scheduler;
mod triggers;
mod usage;
