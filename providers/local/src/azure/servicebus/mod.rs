//! Service Bus: namespaces and queues in ARM, messages through REST, and what hosts of functions do with messages.
//!
//! Source: Microsoft.ServiceBus 2024-01-01 (`learn.microsoft.com/rest/api/servicebus`).

mod durations;
pub(crate) mod inside;
mod messages;
mod namespaces;
mod plane;
mod queues;
mod shelf;

pub(crate) use namespaces::TYPE as NAMESPACES;
pub(crate) use plane::PLANE;
pub(crate) use queues::TYPE as QUEUES;
