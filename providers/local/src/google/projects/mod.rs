//! Resource Manager v3: projects and their allow policies. Any id is a project.
//!
//! Source: cloudresourcemanager.googleapis.com v3, `projects`.

mod methods;
mod service;

pub(crate) use methods::check;
pub(crate) use service::SERVICE;
