//! Secret Manager: secrets, their versions, and what they hold.
//!
//! Source: secretmanager.googleapis.com v1. The caller is the owner; whether a function's account may access a version
//! is asked where the function is deployed.

mod methods;
mod service;
mod shelf;
mod versions;

pub(crate) use service::SERVICE;
pub(crate) use shelf::value;
