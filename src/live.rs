//! Asks a provider what exists.
//!
//! Bulk reads are cheap and may be behind the truth, so whatever would change because of them is
//! read again, exactly, before anybody plans on it.

use std::collections::BTreeSet;

use updraft_contract::{CloudError, Live, Provider, ResourceId, Scope};

use crate::desired::Desired;

/// Reads in bulk what is ours and what stands at a wanted address.
pub async fn observe(
    provider: &dyn Provider,
    scope: &Scope,
    desired: &Desired,
) -> Result<Vec<Live>, CloudError> {
    provider.observe(scope, &desired.ids()).await
}

/// Replaces what was read of `doubtful` addresses by what exact reads say.
pub async fn confirm(
    provider: &dyn Provider,
    scope: &Scope,
    observed: Vec<Live>,
    doubtful: &[ResourceId],
) -> Result<Vec<Live>, CloudError> {
    if doubtful.is_empty() {
        return Ok(observed);
    }
    let exact = provider.examine(scope, doubtful).await?;
    let replaced: BTreeSet<&ResourceId> = doubtful.iter().collect();
    let trusted = observed.into_iter().filter(|live| !replaced.contains(&live.id));
    Ok(trusted.chain(exact).collect())
}
