//! The comparison of AWS policies, held against the rules of policies by an evaluator of its own.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed step fails the test"
)]

mod generate;
mod oracle;
mod pairs;
mod reading;
mod rewrite;
mod tags;
mod vectors;
