//! Blobs: the Blob service's REST protocol as far as Azure's clients use it for block blobs, and what other parts of
//! this cloud do with blobs themselves.
//!
//! Source: `learn.microsoft.com/rest/api/storageservices/blob-service-rest-api`.

mod blocks;
mod conditions;
mod containers;
pub(crate) mod inside;
mod items;
mod list;
mod operations;
mod plane;
mod range;
mod record;

pub(crate) use plane::PLANE;
pub(crate) use record::{Address, forget};
