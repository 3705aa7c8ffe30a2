//! The services of the embedded Google Cloud.

use super::service::Service;
use super::{
    accounts, credentials, functions, logging, projects, pubsub, run, scheduler, secrets, storage,
    usage,
};

/// Every service; the first method whose template matches answers.
#[rustfmt::skip]
pub(crate) const SERVICES: &[&Service] = &[
    &accounts::SERVICE,
    &credentials::SERVICE,
    &functions::SERVICE,
    &logging::SERVICE,
    &projects::SERVICE,
    &pubsub::PUBLISHER,
    &pubsub::SERVICE,
    &pubsub::SUBSCRIBER,
    &run::SERVICE,
    &scheduler::SERVICE,
    &secrets::SERVICE,
    &storage::GRPC,
    &storage::SERVICE,
    &usage::SERVICE,
];
