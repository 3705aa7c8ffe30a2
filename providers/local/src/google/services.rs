//! The services of the embedded Google Cloud.

use super::service::Service;
use super::{accounts, functions, logging, projects, storage};

/// Every service; the first method whose template matches answers.
#[rustfmt::skip]
pub(crate) const SERVICES: &[&Service] = &[
    &accounts::SERVICE,
    &functions::SERVICE,
    &logging::SERVICE,
    &projects::SERVICE,
    &storage::GRPC,
    &storage::SERVICE,
];
