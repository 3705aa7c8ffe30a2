//! Waiting until a function is in a state that can be used or changed.

use std::time::Duration;

use aws_sdk_lambda::types::{LastUpdateStatus, State};
use updraft_transport::{Class, Progress, wait};

use super::read::{Reading, exact};
use crate::client::Cloud;
use crate::errors::Failure;

/// How long AWS may take; its own waiters give up after five minutes (`FunctionActiveV2`).
const LIMIT: Duration = Duration::from_mins(5);

/// How long a deleted function may still answer.
const GONE_LIMIT: Duration = Duration::from_mins(2);

/// Where a function is on its way.
enum Stage {
    Ready,
    Busy(String),
    Failed(String),
}

/// Waits until nothing is under way, well or badly, and returns the function as it is then.
pub(super) async fn settled(cloud: &Cloud, name: &str) -> Result<Reading, Failure> {
    wait(&format!("function {name} settling"), LIMIT, || async {
        let reading = exact(cloud, name).await?.ok_or_else(|| vanished(name))?;
        Ok(match stage(&reading) {
            Stage::Busy(state) => Progress::Waiting(state),
            Stage::Ready | Stage::Failed(_) => Progress::Done(reading),
        })
    })
    .await
}

/// Waits until the function is usable, and tells why if it will not be.
///
/// Polls `GetFunction`: it has a budget of 100 calls a second to itself, where
/// `GetFunctionConfiguration` shares 15 with all writes.
pub(super) async fn ready(cloud: &Cloud, name: &str) -> Result<Reading, Failure> {
    let reading = settled(cloud, name).await?;
    match stage(&reading) {
        Stage::Failed(reason) => Err(Failure::refused("lambda:GetFunction", "Failed", reason)),
        Stage::Ready | Stage::Busy(_) => Ok(reading),
    }
}

/// Waits until the function is gone.
pub(super) async fn gone(cloud: &Cloud, name: &str) -> Result<(), Failure> {
    wait(&format!("function {name} deleted"), GONE_LIMIT, || async {
        Ok::<_, Failure>(match exact(cloud, name).await? {
            Some(_) => Progress::Waiting("it still answers".to_owned()),
            None => Progress::Done(()),
        })
    })
    .await
}

/// Reads the state. One that we do not know counts as under way, never as success.
///
/// An absent `State` is an emulator's; an absent `LastUpdateStatus` occurs while a function with
/// `SnapStart` is published, which we never do.
fn stage(reading: &Reading) -> Stage {
    let config = &reading.config;
    let reason = |text: Option<&str>| text.unwrap_or("AWS gives no reason").to_owned();
    match config.state() {
        Some(State::Failed) => return Stage::Failed(reason(config.state_reason())),
        Some(State::Active | State::ActiveNonInvocable | State::Inactive) | None => {}
        Some(other) => return Stage::Busy(format!("state {}", other.as_str())),
    }
    match config.last_update_status() {
        Some(LastUpdateStatus::Failed) => Stage::Failed(reason(config.last_update_status_reason())),
        Some(LastUpdateStatus::Successful) | None => Stage::Ready,
        Some(other) => Stage::Busy(format!("update {}", other.as_str())),
    }
}

fn vanished(name: &str) -> Failure {
    let message = format!("function {name} vanished while it was waited for");
    let failure = Failure::refused("lambda:GetFunction", "ResourceNotFoundException", message);
    Failure { class: Class::Missing, ..failure }
}
