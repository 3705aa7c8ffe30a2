//! IAM: service accounts, Google's agents among them, and who may act as them.
//!
//! Source: iam.googleapis.com v1, `projects.serviceAccounts`.

mod agents;
mod methods;
mod service;
mod shelf;

pub(crate) use agents::{agent, make_agent};
pub(crate) use service::SERVICE;
pub(crate) use shelf::{Found, find, live_uid};
