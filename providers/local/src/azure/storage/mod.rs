//! Storage accounts, and what is administered through ARM in them: blob containers and queues.
//!
//! Source: Microsoft.Storage 2025-01-01 (`learn.microsoft.com/rest/api/storagerp`). Blobs and messages are in
//! [`super::blob`] and [`super::queue`].

mod account;
mod check;
mod containers;
mod plane;
mod queues;
mod service;
mod shelf;
mod show;
mod wire;

pub(crate) use account::TYPE as ACCOUNTS;
pub(crate) use check::{container_name, queue_name};
pub(crate) use containers::TYPE as CONTAINERS;
pub(crate) use plane::{
    Level, Named, Needs, account as usable_account, admit, conflict, legal, missing, refuse,
    version,
};
pub(crate) use queues::TYPE as QUEUES;
pub(crate) use service::{BLOB_SERVICES, QUEUE_SERVICES};
pub(crate) use shelf::{
    account_of, child, child_id, children, is_name_held, keep_child, remove_child,
};
pub(crate) use wire::{etag, quoted, write};
