//! Who may do what in the embedded clouds, where the settings say that it is asked: functions by their roles, the
//! caller by the rights that the settings give it.

pub(crate) mod aws;
mod book;
mod deployer;
pub(crate) mod google;

pub use book::Asked;
pub(crate) use book::Book;
pub use deployer::{Deployer, Role};
