//! The provider against the embedded cloud, over Google's own clients and wire protocols.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected must fail"
)]

mod accounts;
mod apps;
mod buckets;
mod callers;
mod connect;
mod data;
mod events;
mod functions;
mod operate;
mod permits;
mod policies;
mod preflight;
mod schedules;
mod world;
