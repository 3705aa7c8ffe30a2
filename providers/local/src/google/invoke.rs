//! The seam between a Run service and the runtime that runs its code.

use super::run::{Deployment, HttpAnswer, HttpCall};
use crate::cloud::Cloud;

/// Runs one request in an instance of the deployment.
pub(crate) async fn invoke(_: &Cloud, deployment: Deployment, _: HttpCall) -> HttpAnswer {
    let text = format!("The embedded cloud does not run {} yet.", deployment.runtime);
    HttpAnswer::page(501, "Not implemented", &text)
}
