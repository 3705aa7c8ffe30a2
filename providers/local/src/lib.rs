//! The embedded cloud: AWS services on loopback, in the wire protocols the AWS clients speak, over one store.
//!
//! It is as strict as the real one: real error codes, page sizes, delays and refusals. What it does not model it
//! refuses with status 501 and the operation's name; it never says yes to what it did not do.
//! It checks that a call is signed, never the signature itself: it knows no secret keys.

mod check;
mod clock;
mod cloud;
mod doors;
mod endpoint;
mod faults;
mod gateway;
mod held;
mod ledger;
mod limits;
mod page;
mod pipeline;
mod policy;
mod runtime;
mod server;
mod services;
mod settings;
mod socket;
mod store;
mod wire;

pub use endpoint::running;
pub use faults::{Fault, FaultKind, FaultPlan};
pub use ledger::{Effect, Entry};
pub use server::{Config, Error, Place, Running, reset, serve};
pub use settings::Settings;

/// The port `serve` is given by commands that name none.
pub const DEFAULT_PORT: u16 = 4580;
