//! The Azure side of the embedded cloud through raw HTTP.

mod core;
mod groups;
pub(crate) mod harness;
mod storage;
