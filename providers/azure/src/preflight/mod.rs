//! Looks at what an app relies on and does not own, before anything is planned on it. Only reads.

use updraft_contract::{App, CloudError, Obstacle, Scope};

use crate::client::Cloud;

/// Returns what stands in the app's way.
#[expect(clippy::unused_async, reason = "there is nothing to look at yet")]
pub(crate) async fn look(_: &Cloud, _: &Scope, _: &App) -> Result<Vec<Obstacle>, CloudError> {
    Ok(Vec::new())
}
