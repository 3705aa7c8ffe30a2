//! The services of the embedded Google Cloud.

use super::service::Service;
use super::{accounts, logging, projects};

/// Every service; the first method whose template matches answers.
pub(crate) const SERVICES: &[&Service] =
    &[&accounts::SERVICE, &logging::SERVICE, &projects::SERVICE];
