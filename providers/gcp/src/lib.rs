//! Google Cloud: lowers an app to Google's resources, reads what exists, and makes one change at
//! a time. It neither compares nor orders nor prints.
//!
//! [`SUPPORT`] says which triggers it serves.

#[allow(dead_code, reason = "the kinds that change policies come next")]
mod bindings;
mod triggers;

pub use triggers::{SUPPORT, unsupported};
