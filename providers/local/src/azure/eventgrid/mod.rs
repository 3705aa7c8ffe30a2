//! Event Grid: subscriptions on storage accounts, and the delivery of what happens to blobs to functions.
//!
//! Source: Microsoft.EventGrid 2025-02-15 (`learn.microsoft.com/rest/api/eventgrid`),
//! `learn.microsoft.com/azure/event-grid/event-schema-blob-storage` and `.../delivery-and-retry`.

mod check;
mod deliver;
mod filter;
mod occur;
mod subscriptions;

pub(crate) use deliver::start;
pub(crate) use occur::{Change, blob_changed};
pub(crate) use subscriptions::{REGIONAL, TYPE as SUBSCRIPTIONS};
