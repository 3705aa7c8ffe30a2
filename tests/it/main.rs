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
#[cfg(all(feature = "aws", feature = "azure", feature = "gcp", target_os = "linux"))]
mod browser;
mod cli;
#[cfg(all(feature = "aws", feature = "gcp"))]
mod conformance;
#[cfg(all(feature = "aws", feature = "gcp"))]
mod convergence;
mod core;
#[cfg(all(feature = "aws", feature = "gcp"))]
mod deploy;
#[cfg(all(feature = "aws", feature = "gcp"))]
mod drift;
#[cfg(all(feature = "aws", feature = "azure", feature = "gcp"))]
mod exact;
#[cfg(all(feature = "aws", feature = "gcp"))]
mod ground;
mod licences;
mod manifest;
mod memory;
mod permit;
#[cfg(all(feature = "aws", feature = "azure", feature = "gcp"))]
mod readme;
#[cfg(all(feature = "aws", feature = "gcp"))]
mod world;
