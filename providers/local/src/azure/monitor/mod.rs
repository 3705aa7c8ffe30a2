//! Log Analytics workspaces and Application Insights components.

mod components;
mod workspaces;

pub(super) use components::{COMPONENTS, DETECTORS};
pub(super) use workspaces::WORKSPACES;
