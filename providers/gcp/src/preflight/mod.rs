//! Looks at what an app relies on and does not own, before anything is planned on it: services
//! that are switched off, permissions that are missing, things of others that are not as needed.
//!
//! Only reads. A look that fails is told and stops nothing: the cloud itself has the last word.

mod agents;
mod permissions;
mod services;
mod things;

use futures::future::join_all;
use updraft_contract::{App, Cloud as Provider, CloudError, Obstacle, Origin};

use crate::client::Cloud;
use crate::errors::Failure;
use things::Look;

/// Returns what stands in the app's way.
pub(crate) async fn look(cloud: &Cloud, app: &App) -> Result<Vec<Obstacle>, CloudError> {
    let app = app.on(Provider::Gcp);
    if app.functions.is_empty() && app.managed.is_empty() {
        return Ok(Vec::new());
    }
    let names = cloud.place.names(&app.project, &app.stage);
    let switched_off = services::switched_off(cloud, &app).await;
    let off = switched_off.iter().any(|obstacle| obstacle.blocks);
    if off {
        // What needs a service that is off only says so once more.
        return Ok(switched_off);
    }
    let looks = things::looks(names, &app);
    let (missing, agents, theirs) = futures::join!(
        permissions::missing(cloud, names, &app),
        agents::missing(cloud, &app),
        join_all(looks.iter().map(|look| of_one(cloud, look))),
    );
    let mut found = switched_off;
    found.extend(missing);
    found.extend(agents);
    found.extend(theirs.into_iter().flatten());
    found.sort();
    found.dedup();
    Ok(found)
}

async fn of_one(cloud: &Cloud, look: &Look<'_>) -> Vec<Obstacle> {
    match look.obstacles(cloud).await {
        Ok(found) => found,
        Err(failure) => vec![unknown(&look.what(), failure, Some(look.origin()))],
    }
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
