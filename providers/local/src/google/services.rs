//! The services of the embedded Google Cloud.

use super::projects;
use super::service::Service;

/// Every service; the first method whose template matches answers.
pub(crate) const SERVICES: &[&Service] = &[&projects::SERVICE];
