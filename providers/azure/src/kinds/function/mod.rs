//! `azure.function`: a function app with its settings, who may call it, and its package.
//!
//! The digest of what was published is a tag that is written last, so that a publication that was
//! cut short is seen, and finished by whoever comes next.

mod auth;
mod lower;
mod publish;
mod refused;
mod settings;
mod shape;
mod spec;
mod verify;
mod write;

pub(crate) use auth::{APPLICATION, OBJECT};
pub(crate) use lower::{called, id, package, wanted};
pub(crate) use refused::of as refused;
pub(crate) use write::Function;

#[cfg(test)]
mod tests;
