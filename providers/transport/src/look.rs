//! Reading resources: all of a survey at once, or some exactly.

use futures::future::try_join_all;
use futures::{StreamExt, TryStreamExt, stream};
use updraft_contract::{CloudError, Live, ResourceId, Scope};

use crate::{Failure, ResourceKind};

/// How many exact reads are under way at once.
const AT_ONCE: usize = 16;

/// Returns what every kind finds in one survey.
pub async fn observe<C: Sync + 'static, S: Sync + 'static>(
    kinds: &[&dyn ResourceKind<C, S>],
    cloud: &C,
    survey: &S,
) -> Result<Vec<Live>, CloudError> {
    let found = try_join_all(kinds.iter().map(|kind| kind.list(cloud, survey))).await?;
    Ok(found.into_iter().flatten().collect())
}

/// Returns what stands at exactly these addresses, in their order; `named` gives the kind of each.
pub async fn examine<C: Sync + 'static, S: Sync + 'static>(
    named: impl Fn(&ResourceId) -> Result<&'static dyn ResourceKind<C, S>, Failure> + Sync,
    cloud: &C,
    scope: &Scope,
    ids: &[ResourceId],
) -> Result<Vec<Live>, CloudError> {
    let named = &named;
    let reads = stream::iter(ids.to_vec()).map(|id| async move {
        let found = named(&id)?.read(cloud, scope, &id).await?;
        Ok::<_, Failure>(found.map(|found| found.live))
    });
    let found: Vec<Option<Live>> = reads.buffered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}
