//! From an app to what has to happen: lower, read in bulk, compare, read exactly, compare again.

use updraft_contract::{App, CloudError, Provider, ResourceId, Scope, Unsupported};

use crate::desired::{Desired, Malformed};
use crate::diff::{Change, diff};
use crate::live;

/// Why nobody can say what has to happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The manifest asks for things that the cloud, or this version, cannot do.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Unsupported(Vec<Unsupported>),
    /// The provider's resources have no order. A bug.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The cloud could not be read.
    #[error(transparent)]
    Cloud(#[from] CloudError),
}

/// Returns what has to happen to every resource so that `app` is deployed and nothing else of
/// ours remains. An app without functions asks for everything of ours to go.
pub async fn survey(
    provider: &dyn Provider,
    scope: &Scope,
    app: &App,
) -> Result<Vec<Change>, Error> {
    let desired = Desired::arrange(provider.desired(app).map_err(Error::Unsupported)?)?;
    let observed = live::observe(provider, scope, &desired).await?;
    let doubtful = doubtful(&diff(&desired, observed.clone(), provider.kinds()));
    let live = live::confirm(provider, scope, observed, &doubtful).await?;
    Ok(diff(&desired, live, provider.kinds()))
}

/// Returns the addresses at which something would happen.
fn doubtful(changes: &[Change]) -> Vec<ResourceId> {
    changes.iter().filter(|change| !change.is_keep()).map(|change| change.id().clone()).collect()
}
