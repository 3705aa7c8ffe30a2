//! The Google side of the embedded cloud through raw HTTP.

mod accounts;
mod core;
pub(crate) mod harness;
mod policies;
