//! Queue messages: the Queue service's REST protocol, and what other parts of this cloud do with messages themselves.
//!
//! Source: `learn.microsoft.com/rest/api/storageservices/queue-service-rest-api`.

pub(crate) mod inside;
mod messages;
mod operations;
mod plane;
mod queues;
mod shelf;

pub(crate) use plane::PLANE;
pub(crate) use shelf::{count, forget};
