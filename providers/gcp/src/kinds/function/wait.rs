//! Waiting until a function is in a state that can be used or changed.

use std::time::Duration;

use updraft_transport::{Class, Progress, wait_at};

use super::backend::{Backend, Reading, State};
use crate::client::Cloud;
use crate::errors::Failure;

/// How long a change that somebody else began may take: as long as one of ours.
const LIMIT: Duration = Duration::from_mins(30);

/// How long a deleted function may still answer.
const GONE_LIMIT: Duration = Duration::from_mins(5);

/// Waits until nothing is under way, well or badly. `None`: there is no such function.
pub(super) async fn settled(
    backend: &dyn Backend,
    cloud: &Cloud,
    name: &str,
) -> Result<Option<Reading>, Failure> {
    wait_at(cloud.poll, &format!("{name} settling"), LIMIT, || async {
        let Some(reading) = backend.read(cloud, name).await? else {
            return Ok(Progress::Done(None));
        };
        Ok::<_, Failure>(match &reading.state {
            State::Busy(what) => Progress::Waiting(what.clone()),
            State::Active | State::Broken(_) => Progress::Done(Some(reading)),
        })
    })
    .await
}

/// Waits until the function can be called, and tells why if it will not be.
pub(super) async fn ready(
    backend: &dyn Backend,
    cloud: &Cloud,
    name: &str,
) -> Result<Reading, Failure> {
    let Some(reading) = settled(backend, cloud, name).await? else {
        let message = format!("{name} vanished while it was waited for");
        let failure = Failure::refused("cloudfunctions.functions.get", "NOT_FOUND", message);
        return Err(Failure { class: Class::Missing, ..failure });
    };
    match &reading.state {
        State::Broken(why) => {
            Err(Failure::refused("cloudfunctions.functions.get", "Failed", why.clone()))
        }
        State::Active | State::Busy(_) => Ok(reading),
    }
}

/// Waits until the function is gone.
pub(super) async fn gone(backend: &dyn Backend, cloud: &Cloud, name: &str) -> Result<(), Failure> {
    wait_at(cloud.poll, &format!("{name} deleted"), GONE_LIMIT, || async {
        Ok::<_, Failure>(match backend.read(cloud, name).await? {
            Some(_) => Progress::Waiting("it still answers".to_owned()),
            None => Progress::Done(()),
        })
    })
    .await
}
