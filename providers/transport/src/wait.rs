//! Waiting until a cloud has finished.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use updraft_contract::CloudError;

use crate::Backoff;

/// What a look at something under way has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress<T> {
    /// It is finished.
    Done(T),
    /// It is not; holds what the cloud says of it.
    Waiting(String),
}

/// Looks again and again, less and less often, until it is done or `limit` has passed.
pub async fn wait<T, E, F>(what: &str, limit: Duration, look: impl FnMut() -> F) -> Result<T, E>
where
    F: Future<Output = Result<Progress<T>, E>>,
    E: From<CloudError>,
{
    wait_at(Backoff::POLL, what, limit, look).await
}

/// Does the same with other pauses between the looks.
pub async fn wait_at<T, E, F>(
    pauses: Backoff,
    what: &str,
    limit: Duration,
    mut look: impl FnMut() -> F,
) -> Result<T, E>
where
    F: Future<Output = Result<Progress<T>, E>>,
    E: From<CloudError>,
{
    let started = Instant::now();
    let mut looks: u32 = 0;
    loop {
        let last = match look().await? {
            Progress::Done(done) => return Ok(done),
            Progress::Waiting(last) => last,
        };
        looks = looks.saturating_add(1);
        // One waiter per target: there is nobody to fall into step with, so no jitter.
        let pause = pauses.pause(looks, 1.0);
        if started.elapsed() + pause > limit {
            let what = what.to_owned();
            return Err(E::from(CloudError::TimedOut { what, seconds: limit.as_secs(), last }));
        }
        sleep(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use updraft_contract::CloudError;

    use super::{Progress, wait};

    #[tokio::test]
    async fn waiting_ends_when_it_is_done() {
        let looks = Cell::new(0);
        let done: Result<u32, CloudError> = wait("it", Duration::from_mins(1), || {
            looks.set(looks.get() + 1);
            let n = looks.get();
            async move {
                Ok(if n == 3 { Progress::Done(n) } else { Progress::Waiting("Pending".into()) })
            }
        })
        .await;
        assert_eq!(done, Ok(3));
    }

    #[tokio::test]
    async fn waiting_too_long_tells_the_last_answer() {
        let limit = Duration::from_millis(250);
        let done: Result<(), CloudError> = wait("function/api active", limit, || async {
            Ok(Progress::Waiting("Pending".into()))
        })
        .await;
        let said = done.unwrap_err().to_string();
        assert_eq!(said, "function/api active did not happen within 0 s; last answer: Pending");
    }
}
