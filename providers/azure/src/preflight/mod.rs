//! Looks at what an app relies on and does not own, before anything is planned on it: resource
//! providers that are not registered, regions that lack the plan, names that are taken,
//! permissions that are missing, things of others that are not there.
//!
//! Only reads. A look that fails is told and stops nothing: the cloud itself has the last word.

mod names;
mod offers;
mod permissions;
mod registrations;
mod things;

use updraft_contract::{App, Cloud as Provider, CloudError, Obstacle, Origin, Resource, Scope};

use crate::api::RESOURCES;
use crate::client::Cloud;
use crate::errors::Failure;
use crate::place::Names;
use crate::triggers;
pub(crate) use permissions::{allowed, may};

/// Returns what stands in the app's way.
pub(crate) async fn look(cloud: &Cloud, _: &Scope, app: &App) -> Result<Vec<Obstacle>, CloudError> {
    let app = app.on(Provider::Azure);
    if app.functions.is_empty() && app.managed.is_empty() {
        return Ok(Vec::new());
    }
    let names = cloud.place.names(&app.project, &app.stage);
    let wanted = triggers::desired(&cloud.place, &app).unwrap_or_default();
    let unregistered = registrations::missing(cloud, &wanted).await;
    if unregistered.iter().any(|obstacle| obstacle.blocks) {
        // What needs a provider that is not registered only says so once more.
        return Ok(unregistered);
    }
    let (group, offers, taken, denied, theirs) = futures::join!(
        group(cloud, names, &app),
        offers::lacking(cloud, &app),
        names::taken(cloud, names, &wanted),
        permissions::missing(cloud, names, &wanted),
        things::missing(cloud, names, &app),
    );
    let mut found = unregistered;
    for more in [group, offers, taken, denied, theirs] {
        found.extend(more);
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Returns an obstacle if the group that the manifest names is not there.
async fn group(cloud: &Cloud, names: Names<'_>, app: &App) -> Vec<Obstacle> {
    let Some(group) = &cloud.place.resource_group else { return Vec::new() };
    let origin = first(app);
    match cloud.arm.get(&names.group_id(), RESOURCES).await {
        Ok(Some(_)) => Vec::new(),
        Ok(None) => vec![Obstacle {
            message: format!("there is no resource group {group} in the subscription"),
            mend: format!("az group create --name {group} --location {}", cloud.place.region),
            origin: origin.cloned(),
            blocks: true,
        }],
        Err(failure) => vec![unknown(&format!("resource group {group}"), failure, origin)],
    }
}

/// Returns what asks for anything on the cloud first.
fn first(app: &App) -> Option<&Origin> {
    let function = app.functions.first().map(|function| &function.origin);
    function.or_else(|| app.managed.first().map(|managed| &managed.origin))
}

/// Returns the resources of one kind.
fn of_kind(wanted: &[Resource], kind: updraft_contract::Kind) -> impl Iterator<Item = &Resource> {
    wanted.iter().filter(move |resource| resource.id.kind == kind)
}

/// Says that something could not be looked at.
fn unknown(what: &str, failure: Failure, origin: Option<&Origin>) -> Obstacle {
    let error = CloudError::from(failure);
    Obstacle {
        message: format!("{what} could not be checked: {error}"),
        mend: "nothing, if deploying works all the same".to_owned(),
        origin: origin.cloned(),
        blocks: false,
    }
}
