//! Pub/Sub: topics, subscriptions, and the messages between them, pulled or pushed.
//!
//! Source: pubsub.googleapis.com v1 and `google/pubsub/v1/pubsub.proto`. The caller is the owner; what Google's own
//! agent and the accounts that push may do is asked of the policies.

mod check;
mod data;
mod dead;
mod filter;
mod push;
mod rpc;
mod service;
mod shelf;
mod subscriptions;
mod tables;
mod topics;

pub(crate) use push::next_pushes;
pub(crate) use service::{PUBLISHER, SERVICE, SUBSCRIBER};
