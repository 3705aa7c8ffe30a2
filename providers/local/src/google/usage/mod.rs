//! Service Usage: which APIs are enabled, enabling them, and Google's agents.
//!
//! Source: serviceusage.googleapis.com v1, and v1beta1 for `generateServiceIdentity`, which v1 lacks.

mod apis;
mod methods;
mod service;

pub(crate) use apis::is_enabled;
pub(crate) use service::SERVICE;
