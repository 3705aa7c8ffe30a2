//! Runs what is deployed: a request goes in at the service's door, its function's answer comes out.
//!
//! It knows nothing of policies: whoever calls [`respond`](fn@respond) has decided that the caller may. What a function prints
//! becomes entries of Cloud Logging.

mod build;
mod container;
mod environment;
mod respond;

#[cfg(test)]
mod tests;

pub(crate) use build::{Build, check};
pub(crate) use container::{Container, Inbound, Outbound, Signature};
pub(crate) use respond::respond;
