//! Amazon Web Services: lowers an app to AWS resources, reads what exists, and makes one change
//! at a time. It neither compares nor orders nor prints.
//!
//! [`Aws::connect`] finds out where the credentials lead before anything else happens. Two tables
//! describe the rest: the kinds of resource in `kinds`, and the triggers in `triggers`.

mod access;
mod client;
mod connect;
mod deployer;
mod errors;
mod granted;
mod grants;
mod kind;
mod kinds;
mod lacking;
pub mod limits;
mod marks;
mod model;
mod operate;
mod permit;
mod place;
mod policy;
mod preflight;
mod provider;
mod rates;
mod render;
mod shared;
mod sources;
mod subject;
mod support;
mod survey;
mod triggers;
mod written;

pub use access::VERBS;
pub use connect::Settings;
pub use kinds::specs;
pub use limits::LIMITS;
pub use provider::Aws;
pub use support::SUPPORT;
pub use triggers::unsupported;
