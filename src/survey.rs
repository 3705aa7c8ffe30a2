//! From an app to what has to happen: lower, read in bulk, compare, read exactly, compare again.
//!
//! Each cloud is asked on its own: one that is down leaves the others' part as it is.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::{join, join_all};
use updraft_contract::{
    App, Cloud, CloudError, Live, Obstacle, Provider, ResourceId, Scope, Unsupported,
};

use crate::clouds::Clouds;
use crate::desired::{Desired, Malformed};
use crate::diff::{Change, diff};
use crate::live;

/// Why nobody can say what has to happen on a cloud.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The manifest asks for things that the cloud, or this version, cannot do.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Unsupported(Vec<Unsupported>),
    /// Something outside the app stands in its way.
    #[error("{}", .0.iter().map(|found| found.message.clone()).collect::<Vec<_>>().join("; "))]
    Obstructed(Vec<Obstacle>),
    /// The provider's resources have no order. A bug.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The cloud could not be read.
    #[error(transparent)]
    Cloud(#[from] CloudError),
}

/// What has to happen, cloud by cloud.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surveyed {
    /// What has to happen on the clouds that answered.
    pub changes: Vec<Change>,
    /// What was found there that is not ours and that nobody asks for.
    pub others: Vec<Live>,
    /// What they found that is worth a word.
    pub noted: Vec<Obstacle>,
    /// The clouds of which nothing can be said, and why.
    pub missing: Vec<(Cloud, Error)>,
}

/// Surveys every cloud at once, and goes on without those that fail or take longer than `patience`.
pub async fn survey_all(
    clouds: &Clouds<'_>,
    scope: &Scope,
    app: &App,
    patience: Duration,
) -> Surveyed {
    let each = clouds.providers().iter().map(|provider| async move {
        let part = app.on(provider.cloud());
        let asked = examined(*provider, scope, &part);
        let answer = tokio::time::timeout(patience, asked).await;
        (provider.cloud(), answer.unwrap_or_else(|_| Err(silent(patience))))
    });
    let mut surveyed = Surveyed::default();
    for (cloud, answer) in join_all(each).await {
        match answer {
            Ok(examined) => {
                surveyed.changes.extend(examined.changes);
                surveyed.others.extend(examined.others);
                surveyed.noted.extend(examined.noted);
            }
            Err(error) => surveyed.missing.push((cloud, error)),
        }
    }
    surveyed
}

fn silent(patience: Duration) -> Error {
    let what = "an answer to what exists".to_owned();
    let last = "none".to_owned();
    CloudError::TimedOut { what, seconds: patience.as_secs(), last }.into()
}

/// Returns what has to happen on one cloud so that `app` is deployed and nothing else of ours
/// remains. An app without functions asks for everything of ours to go.
pub async fn survey(
    provider: &dyn Provider,
    scope: &Scope,
    app: &App,
) -> Result<Vec<Change>, Error> {
    examined(provider, scope, app).await.map(|examined| examined.changes)
}

/// What was found on one cloud.
struct Examined {
    changes: Vec<Change>,
    others: Vec<Live>,
    noted: Vec<Obstacle>,
}

async fn examined(provider: &dyn Provider, scope: &Scope, app: &App) -> Result<Examined, Error> {
    let desired = Desired::arrange(provider.desired(app).map_err(Error::Unsupported)?)?;
    let looked = join(provider.preflight(scope, app), live::observe(provider, scope, &desired));
    let (obstacles, observed) = looked.await;
    // What a cloud says of a service that is switched off is worse than the obstacle's own words.
    let (blocking, noted): (Vec<_>, Vec<_>) = obstacles?.into_iter().partition(|o| o.blocks);
    if !blocking.is_empty() {
        return Err(Error::Obstructed(blocking));
    }
    let observed = observed?;
    let doubtful = doubtful(&diff(&desired, observed.clone(), provider.kinds()));
    let live = live::confirm(provider, scope, observed, &doubtful).await?;
    let changes = diff(&desired, live.clone(), provider.kinds());
    let asked: BTreeSet<&ResourceId> = changes.iter().map(Change::id).collect();
    let others = live.into_iter().filter(|live| !asked.contains(&live.id)).collect();
    Ok(Examined { changes, others, noted })
}

/// Returns the addresses at which something would happen.
fn doubtful(changes: &[Change]) -> Vec<ResourceId> {
    changes.iter().filter(|change| !change.is_keep()).map(|change| change.id().clone()).collect()
}
