//! Amazon Web Services: lowers an app to AWS resources, reads what exists, and makes one change
//! at a time. It neither compares nor orders nor prints.
//!
//! [`Aws::connect`] finds out where the credentials lead before anything else happens. Two tables
//! describe the rest: the kinds of resource in `kinds`, and the triggers in `triggers`.

mod access;
mod client;
mod connect;
mod errors;
mod kind;
mod kinds;
pub mod limits;
mod marks;
mod operate;
mod place;
mod policy;
mod preflight;
mod provider;
mod rates;
mod shared;
mod sources;
mod subject;
mod support;
mod survey;
mod triggers;

pub use connect::Settings;
pub use limits::LIMITS;
pub use provider::Aws;
pub use support::SUPPORT;
pub use triggers::unsupported;
