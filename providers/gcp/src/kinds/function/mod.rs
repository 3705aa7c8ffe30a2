//! `gcp.function`: one function.

mod backend;
mod lower;
mod settings;
mod shape;
mod spec;
mod v2;
mod wait;
mod write;

pub(crate) use lower::{event_type, id, wanted};
pub(crate) use settings::refused;
pub(crate) use write::{Function, reading_uri};

#[cfg(test)]
pub(crate) mod tests;
