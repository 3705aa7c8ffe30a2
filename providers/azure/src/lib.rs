//! Azure: lowers an app to Azure's resources, reads what exists, and makes one change at a time.
//! It neither compares nor orders nor prints.
//!
//! [`Azure::connect`] finds out which subscription it works in before anything else happens. Two
//! tables describe the rest: the kinds of resource in `kinds`, and the triggers in [`SUPPORT`].

mod access;
mod api;
mod arm;
mod blobs;
mod client;
mod conditions;
mod connect;
mod cosmos;
mod credentials;
mod data;
mod deployer;
mod errors;
mod granted;
mod homes;
mod http;
mod ids;
mod kind;
mod kinds;
mod lacking;
mod limits;
mod lro;
#[cfg(test)]
mod lro_tests;
mod marks;
mod operate;
mod package;
mod permit;
mod place;
mod preflight;
mod provider;
mod rates;
mod refusals;
mod roles;
mod secrets;
mod spans;
#[cfg(test)]
mod stub;
mod support;
mod survey;
mod things;
mod triggers;
mod verbs;

pub use connect::Settings;
pub use kinds::specs;
pub use limits::LIMITS;
pub use provider::Azure;
pub use support::SUPPORT;
pub use triggers::unsupported;
pub use updraft_transport::Backoff;
pub use verbs::specs as verbs;
