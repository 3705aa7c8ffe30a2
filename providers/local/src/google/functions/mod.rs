//! Cloud Functions v2: builds what is in a bucket and runs it as a Run service.
//!
//! Source: cloudfunctions.googleapis.com v2; limits from cloud.google.com/functions/quotas and the container contract
//! of Cloud Run.

mod check;
mod deploy;
mod methods;
mod record;
mod runtimes;
mod schema;
mod service;
mod show;
mod size;
mod trigger;
mod update;

pub(crate) use service::SERVICE;
