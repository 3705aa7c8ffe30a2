//! The provider against the embedded Azure, over Microsoft's own clients and wire protocols.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected must fail"
)]

mod accounts;
mod apps;
mod connect;
mod containers;
mod cosmos;
mod events;
mod functions;
mod groups;
mod operate;
mod others;
mod packages;
mod parts;
mod permits;
mod preflight;
mod queues;
mod rights;
mod service_bus;
mod triggers;
mod world;
