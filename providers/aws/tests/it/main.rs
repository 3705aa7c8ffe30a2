//! The provider against the embedded cloud, over the real SDK clients and wire protocols.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected must fail"
)]

mod connect;
mod drift;
mod functions;
mod operate;
mod permissions;
mod promises;
mod roles;
mod survey;
mod world;
