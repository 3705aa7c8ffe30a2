//! Who may do what in the embedded clouds, where the settings say that it is asked: functions by their roles, the
//! caller by the rights that the settings give it.

pub(crate) mod aws;
mod deployer;

pub use deployer::{Deployer, Role};
