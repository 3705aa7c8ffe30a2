//! Event source mappings: queues whose messages are handed to functions.
//!
//! Only queues of SQS are modelled. Sources: Lambda API reference, `CreateEventSourceMapping` and its companions;
//! developer guide, "Using Lambda with Amazon SQS"; error texts as the service sends them.

mod answer;
mod check;
mod delivery;
mod event;
mod filter;
mod input;
mod model;
mod operations;
mod poller;
mod rules;
pub(super) mod tags;

pub(crate) use operations::mapped;
pub(super) use operations::{create, delete, get, list, update};
pub(crate) use poller::start;
