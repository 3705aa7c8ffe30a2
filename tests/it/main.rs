//! The integration tests, in one binary so that the SDKs are linked once.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed step fails the test"
)]

mod apart;
mod architecture;
mod cli;
#[cfg(feature = "aws")]
mod conformance;
#[cfg(feature = "aws")]
mod convergence;
mod core;
#[cfg(feature = "aws")]
mod deploy;
#[cfg(feature = "aws")]
mod ground;
mod licences;
mod manifest;
mod memory;
#[cfg(feature = "aws")]
mod readme;
#[cfg(feature = "aws")]
mod world;
