//! The provider against the embedded Azure, over Microsoft's own clients and wire protocols.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected must fail"
)]
#![expect(dead_code, reason = "what is not used yet is for tests of kinds that come")]

mod accounts;
mod apps;
mod connect;
mod containers;
mod groups;
mod parts;
mod preflight;
mod queues;
mod rights;
mod service_bus;
mod world;
