//! Google Cloud: lowers an app to Google's resources, reads what exists, and makes one change at
//! a time. It neither compares nor orders nor prints.
//!
//! [`Gcp::connect`] finds out which project it works in before anything else happens. Two tables
//! describe the rest: the kinds of resource in `kinds`, and the triggers in [`SUPPORT`].

mod agents;
mod bindings;
mod client;
mod connect;
mod data;
mod deployer;
mod errors;
mod granted;
mod grants;
mod holder;
mod kind;
mod kinds;
mod lacking;
pub mod limits;
mod lro;
mod marks;
mod operate;
mod permit;
mod place;
mod preflight;
mod provider;
mod queues;
mod rates;
mod raw;
mod refusals;
mod rest;
mod secrets;
mod support;
mod survey;
mod things;
mod triggers;
mod verbs;

pub use connect::Settings;
pub use kinds::specs;
pub use limits::LIMITS;
pub use provider::Gcp;
pub use support::SUPPORT;
pub use triggers::unsupported;
pub use verbs::specs as verbs;
