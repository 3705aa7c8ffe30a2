//! Token buckets: calls are paced below the limits a cloud publishes, so that none is refused.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How often something may be called.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// The bucket that calls share.
    pub bucket: &'static str,
    /// Calls per second in the long run.
    pub per_second: f64,
    /// Calls that may be made at once after a rest.
    pub burst: f64,
}

/// The buckets of every account and region, shared by all that call.
#[derive(Debug, Default)]
pub struct Budgets {
    buckets: Mutex<BTreeMap<(String, String, &'static str), Bucket>>,
}

/// How full a bucket was at a moment. Negative while callers wait.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Budgets {
    /// Waits until one more call fits the bucket of `account` and `region`, first come first served.
    pub async fn take(&self, account: &str, region: &str, rate: Rate) {
        let pause = self.reserve(account, region, rate);
        if !pause.is_zero() {
            sleep(pause).await;
        }
    }

    /// Takes a token, possibly one of the future, and returns how far in the future it lies.
    fn reserve(&self, account: &str, region: &str, rate: Rate) -> Duration {
        let now = Instant::now();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (account.to_owned(), region.to_owned(), rate.bucket);
        let bucket = buckets.entry(key).or_insert(Bucket { tokens: rate.burst, at: now });
        let rested = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.tokens = (bucket.tokens + rested * rate.per_second).min(rate.burst) - 1.0;
        bucket.at = now;
        if bucket.tokens >= 0.0 {
            return Duration::ZERO;
        }
        Duration::from_secs_f64(-bucket.tokens / rate.per_second)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Budgets, Rate};

    const RATE: Rate = Rate { bucket: "writes", per_second: 10.0, burst: 5.0 };

    #[tokio::test]
    async fn a_burst_is_free_and_the_rest_is_paced() {
        let budgets = Budgets::default();
        for _ in 0..5 {
            assert_eq!(budgets.reserve("1", "eu", RATE), Duration::ZERO);
        }
        for waiting in 1..=10 {
            let pause = budgets.reserve("1", "eu", RATE).as_secs_f64();
            let fair = f64::from(waiting) / RATE.per_second;
            assert!((fair - 0.05..=fair).contains(&pause), "{pause} for number {waiting}");
        }
    }

    #[tokio::test]
    async fn accounts_and_regions_do_not_share_a_bucket() {
        let budgets = Budgets::default();
        for (account, region) in [("1", "eu"), ("2", "eu"), ("1", "us")] {
            for _ in 0..5 {
                assert_eq!(budgets.reserve(account, region, RATE), Duration::ZERO);
            }
        }
    }
}
