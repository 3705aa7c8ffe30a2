//! The provider against the embedded cloud, over the real SDK clients and wire protocols.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected must fail"
)]

mod access;
mod anchors;
mod buckets;
mod connect;
mod deploys;
mod drift;
mod functions;
mod http;
mod http_apis;
mod operate;
mod permissions;
mod permit;
mod preflight;
mod promises;
mod pulls;
mod pushes;
mod queues;
mod rest_apis;
mod roles;
mod schedules;
mod survey;
mod urls;
mod world;
