//! Runs what is deployed: a request goes in at the service's door, its function's answer comes out.
//!
//! It knows nothing of policies: whoever calls [`respond`] has decided that the caller may. What a function prints
//! becomes entries of Cloud Logging.

mod build;
mod container;
mod environment;
mod respond;

#[cfg(test)]
mod tests;

#[allow(unused_imports, reason = "deploying joins later")]
pub(crate) use build::{Build, check};
#[allow(unused_imports, reason = "deploying joins later")]
pub(crate) use container::{Container, Inbound, Outbound, Signature};
#[allow(unused_imports, reason = "deploying joins later")]
pub(crate) use respond::respond;
