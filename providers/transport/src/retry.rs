//! What a failed call means for the next attempt, and how long to pause before it.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// What a failed call means for the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// No repetition can help.
    Terminal,
    /// The target does not exist.
    Missing,
    /// The cloud asks for a slower pace, possibly naming the pause. Nothing was applied.
    Throttle(Option<Duration>),
    /// The cloud was busy or broken and says that nothing was applied.
    TransientNotApplied,
    /// Nobody knows whether it was applied: the answer was lost, or the cloud broke meanwhile.
    Ambiguous,
    /// Something made a moment ago is not visible everywhere yet. Holds how long that may take;
    /// a permanent mistake looks the same, so the deadline is real.
    Propagation(Duration),
    /// Another change of the same target is under way.
    ConflictInProgress,
    /// The target exists already.
    ConflictExists,
    /// The target is not in the state the call asked for.
    PreconditionFailed,
}

/// Whether a call may be sent again when nobody knows whether it was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Reads, and writes that have the same effect twice.
    Safe,
    /// Creates that would make a second thing, or mistake their own work for somebody else's.
    Once,
}

/// A source of numbers in `0.0..1.0`.
pub type Jitter = Arc<dyn Fn() -> f64 + Send + Sync>;

/// Returns the jitter to use outside tests: seeded by the operating system.
pub fn jitter() -> Jitter {
    Arc::new(|| {
        let bits = RandomState::new().build_hasher().finish() >> 32;
        f64::from(u32::try_from(bits).unwrap_or(0)) / (f64::from(u32::MAX) + 1.0)
    })
}

/// Pauses that double from `first` up to `limit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The first pause.
    pub first: Duration,
    /// The longest pause.
    pub limit: Duration,
}

impl Backoff {
    /// The pauses between looks at something that is under way.
    pub const POLL: Self =
        Self { first: Duration::from_millis(100), limit: Duration::from_secs(3) };
    /// The pauses after a refusal that asks for patience.
    pub const RETRY: Self =
        Self { first: Duration::from_millis(100), limit: Duration::from_secs(5) };
    /// The pauses after throttling.
    pub const THROTTLE: Self =
        Self { first: Duration::from_millis(500), limit: Duration::from_secs(20) };

    /// Returns the pause before attempt number `attempt`, counted from one: between half of it
    /// and all of it, so that workers refused together do not return together.
    pub fn pause(self, attempt: u32, random: f64) -> Duration {
        let doubled = self.first.saturating_mul(2u32.saturating_pow(attempt.saturating_sub(1)));
        doubled.min(self.limit).mul_f64(0.5 + random.clamp(0.0, 1.0) / 2.0)
    }
}

/// Repeats calls as far as the class of their failure allows.
#[derive(Clone)]
pub struct Retry {
    jitter: Jitter,
    persistence: Duration,
}

impl fmt::Debug for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Retry")
    }
}

impl Retry {
    /// Takes the source of randomness, and how long a cloud that cannot be reached is asked again.
    pub fn new(jitter: Jitter, persistence: Duration) -> Self {
        Self { jitter, persistence }
    }

    /// Calls `attempt` until it succeeds, fails for good, or has failed for too long.
    pub async fn run<T, E, F>(
        &self,
        repeat: Repeat,
        classify: impl Fn(&E) -> Class,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let started = Instant::now();
        let mut attempts: u32 = 0;
        loop {
            let error = match attempt().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            attempts = attempts.saturating_add(1);
            let Some(plan) = self.patience(classify(&error), repeat) else { return Err(error) };
            let pause = plan.backoff.pause(attempts, (self.jitter)()).max(plan.at_least);
            if started.elapsed() + pause > plan.deadline {
                return Err(error);
            }
            sleep(pause).await;
        }
    }
}

/// How a class of failure is waited out.
struct Patience {
    backoff: Backoff,
    deadline: Duration,
    at_least: Duration,
}

impl Retry {
    fn patience(&self, class: Class, repeat: Repeat) -> Option<Patience> {
        let plan =
            |backoff, deadline| Some(Patience { backoff, deadline, at_least: Duration::ZERO });
        match class {
            Class::Throttle(asked) => Some(Patience {
                backoff: Backoff::THROTTLE,
                deadline: Duration::from_mins(5),
                at_least: asked.unwrap_or_default(),
            }),
            Class::TransientNotApplied => plan(Backoff::RETRY, Duration::from_mins(1)),
            Class::Ambiguous => match repeat {
                Repeat::Safe => plan(Backoff::RETRY, self.persistence),
                Repeat::Once => None,
            },
            Class::Propagation(deadline) => plan(Backoff::RETRY, deadline),
            Class::ConflictInProgress => plan(Backoff::RETRY, Duration::from_mins(5)),
            Class::Terminal
            | Class::Missing
            | Class::ConflictExists
            | Class::PreconditionFailed => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Arc;
    use std::time::Duration;

    use super::{Backoff, Class, Repeat, Retry};

    async fn attempts_until(class: Class, repeat: Repeat, succeed_at: u32) -> (bool, u32) {
        let made = Cell::new(0);
        let retry = Retry::new(Arc::new(|| 0.5), Duration::from_secs(30));
        let outcome = retry
            .run(
                repeat,
                |class: &Class| *class,
                || {
                    made.set(made.get() + 1);
                    let done = made.get() >= succeed_at;
                    async move { if done { Ok(()) } else { Err(class) } }
                },
            )
            .await;
        (outcome.is_ok(), made.get())
    }

    #[test]
    fn pauses_double_up_to_the_limit() {
        let backoff = Backoff { first: Duration::from_secs(1), limit: Duration::from_secs(5) };
        let pauses: Vec<u64> = (1..=4).map(|n| backoff.pause(n, 1.0).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 5]);
        assert_eq!(backoff.pause(1, 0.0), Duration::from_millis(500));
        assert_eq!(backoff.pause(u32::MAX, 1.0), Duration::from_secs(5));
    }

    #[tokio::test]
    async fn an_ambiguous_create_is_not_repeated_but_an_ambiguous_read_is() {
        assert_eq!(attempts_until(Class::Ambiguous, Repeat::Once, 3).await, (false, 1));
        assert_eq!(attempts_until(Class::Ambiguous, Repeat::Safe, 3).await, (true, 3));
    }

    #[tokio::test]
    async fn a_throttled_create_is_repeated_because_nothing_was_applied() {
        assert_eq!(attempts_until(Class::Throttle(None), Repeat::Once, 2).await, (true, 2));
    }

    #[tokio::test]
    async fn propagation_is_waited_out_until_its_deadline_and_no_longer() {
        let limit = Duration::from_millis(400);
        assert!(attempts_until(Class::Propagation(limit), Repeat::Once, 3).await.0);
        let started = tokio::time::Instant::now();
        assert!(!attempts_until(Class::Propagation(limit), Repeat::Once, u32::MAX).await.0);
        assert!(started.elapsed() <= limit);
    }

    #[tokio::test]
    async fn what_exists_or_is_refused_is_not_asked_again() {
        for class in [Class::Terminal, Class::ConflictExists, Class::PreconditionFailed] {
            assert_eq!(attempts_until(class, Repeat::Safe, 2).await, (false, 1));
        }
    }
}
