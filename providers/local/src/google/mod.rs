//! The embedded Google Cloud: REST and gRPC services on a listener of their own, over the store, ledger and fault
//! plan that AWS's side uses too.
//!
//! A method is found by HTTP method and path, its query and body are checked against what Google's API knows, and
//! its handler sees proto3 JSON in one spelling: camelCase names, enum names, defaults left out.

#![allow(clippy::unnecessary_wraps, reason = "every method has the signature its table wants")]

mod accounts;
mod admit;
mod credentials;
mod delivery;
mod door;
mod engine;
mod etag;
mod eventarc;
mod functions;
mod grpc;
mod identify;
mod invoke;
mod logging;
mod mask;

mod operations;
mod paging;
mod partial;
mod policy;
mod project;
mod projects;
mod pubsub;
mod refusals;
mod route;
mod run;
mod scheduler;
mod schema;
mod seams;
mod secrets;
mod service;
mod services;
mod start;
mod storage;
mod triggers;
mod usage;
mod write;

pub(crate) use admit::{admit, throttled};
pub(crate) use door::door;
pub(crate) use etag::etag;
pub(crate) use identify::identify;
pub(crate) use policy::condition_holds;
pub(crate) use refusals::{denied, detailed};
pub(crate) use service::{Method, Service, Tongue};
#[cfg(test)]
pub(crate) use services::SERVICES;
pub(crate) use start::start;
pub(crate) use write::write;
