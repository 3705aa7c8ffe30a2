//! The Azure side of the embedded cloud through raw HTTP.

mod apps;
mod blobs;
mod core;
mod cosmos;
mod data;
mod deliveries;
mod events;
mod graph;
mod groups;
pub(crate) mod harness;
mod hosts;
mod monitor;
mod planes;
mod queues;
mod rights;
mod service_bus;
mod sites;
mod storage;
mod triggers;
mod vaults;
