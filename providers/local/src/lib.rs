//! The embedded clouds: AWS, Google and Azure services on loopback, in the wire protocols their clients speak, over one
//! store, ledger and fault plan.
//!
//! It is as strict as the real one: real error codes, page sizes, delays and refusals. What it does not model it
//! refuses with status 501 and the operation's name; it never says yes to what it did not do.
//! It checks that a call is signed, never the signature itself: it knows no secret keys.

mod azure;
mod call;
mod check;
mod clock;
mod cloud;
mod doors;
mod due;
mod endpoint;
mod faults;
mod gateway;
mod google;
mod held;
mod judge;
mod ledger;
mod limits;
mod members;
mod page;
mod pipeline;
mod policy;
mod runtime;
mod server;
mod services;
mod settings;
mod socket;
mod store;
mod token;
mod wire;

pub use endpoint::{Addresses, running};
pub use faults::{Fault, FaultKind, FaultPlan};
pub use judge::{Asked, Deployer, Role};
pub use ledger::{Effect, Entry};
pub use server::{Config, Error, Place, Running, reset, serve};
pub use settings::Settings;
pub use store::Contents;

/// The port `serve` is given by commands that name none, for the AWS services.
pub const DEFAULT_PORT: u16 = 4580;

/// The port of the Google services beside it.
pub const DEFAULT_GOOGLE_PORT: u16 = 4581;

/// The port of Azure beside them.
pub const DEFAULT_AZURE_PORT: u16 = 4582;
