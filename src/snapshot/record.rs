//! Asks a cloud everything that planning may ask, and writes the answers down.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join;
use updraft_contract::{App, Fields, Live, Permission, Provider, ResourceId, Scope, What};
use updraft_permit::document::RoleRecord;

use super::document::{CloudRecord, FoundRecord, ObstacleRecord};
use crate::desired::Desired;
use crate::exact;
use crate::live;
use crate::survey::Error;

/// Records what `provider` answers about `app`, which is the part of an app on its cloud.
pub async fn record(
    provider: &dyn Provider,
    scope: &Scope,
    app: &App,
) -> Result<CloudRecord, Error> {
    let desired = Desired::arrange(provider.desired(app).map_err(Error::Unsupported)?)?;
    let looked = join(provider.preflight(scope, app), live::observe(provider, scope, &desired));
    let (obstacles, observed) = looked.await;
    let (obstacles, observed) = (obstacles?, observed?);
    let wanted: BTreeMap<&ResourceId, &Fields> =
        desired.iter().map(|resource| (&resource.id, &resource.fields)).collect();
    let ids: BTreeSet<ResourceId> =
        desired.ids().into_iter().chain(observed.iter().map(|live| live.id.clone())).collect();
    let ids: Vec<ResourceId> = ids.into_iter().collect();
    let examined = provider.examine(scope, &ids).await?;
    let roles = roles(provider, app, &observed).await;
    let found = |live: &Live| FoundRecord {
        address: live.id.to_string(),
        found: exact::live_of(live, wanted.get(&live.id).copied()),
    };
    let seen: Vec<FoundRecord> = observed.iter().map(found).collect();
    let there: BTreeSet<&ResourceId> = examined.iter().map(|live| &live.id).collect();
    let gone = observed.iter().filter(|live| !there.contains(&live.id));
    let at = provider.whereabouts();
    Ok(CloudRecord {
        cloud: provider.cloud().word().to_owned(),
        account: at.account,
        region: at.region,
        more: at.more.into_iter().map(|(name, text)| (name.to_owned(), text)).collect(),
        looked: ids.iter().map(ToString::to_string).collect(),
        gone: gone.map(|live| live.id.to_string()).collect(),
        examined: examined.iter().map(found).filter(|one| !seen.contains(one)).collect(),
        observed: seen,
        obstacles: obstacles.iter().map(ObstacleRecord::from).collect(),
        roles,
    })
}

/// Asks what is in the vendor's roles that the app has or gets. A cloud that does not say leaves
/// them to the data that Updraft brings along.
async fn roles(provider: &dyn Provider, app: &App, live: &[Live]) -> Vec<RoleRecord> {
    let vendors = |permission: Permission| match permission.what {
        What::Role(role) if !role.custom => Some(role.id),
        What::Role(_) | What::Actions(_) | What::AllBut(_) => None,
    };
    let permissions = provider.permissions(app).into_iter().chain(provider.granted(live));
    let ids: BTreeSet<String> = permissions.filter_map(vendors).collect();
    if ids.is_empty() {
        return Vec::new();
    }
    let contents = provider.roles(&ids).await.unwrap_or_default();
    contents.iter().map(RoleRecord::from).collect()
}
