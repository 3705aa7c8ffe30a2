//! The Azure side of the embedded cloud through raw HTTP.

mod apps;
mod core;
mod data;
mod graph;
mod groups;
pub(crate) mod harness;
mod hosts;
mod monitor;
mod rights;
mod sites;
mod storage;
mod triggers;
