//! Placeholder.

pub mod limits;

pub use limits::LIMITS;
