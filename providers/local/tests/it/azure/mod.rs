//! The Azure side of the embedded cloud through raw HTTP.

mod core;
mod data;
mod graph;
mod groups;
pub(crate) mod harness;
mod monitor;
mod rights;
mod storage;
