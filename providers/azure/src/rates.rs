//! How often Azure lets itself be called, as data, and the brake when it says that little is left.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use updraft_transport::Rate;

/// The buckets of Azure Resource Manager for each subscription, region and caller, a fifth below
/// the published ones: reads 250 and 25 a second, writes and deletes 200 and 10 a second
/// (<https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling>).
const READS: Rate = Rate { bucket: "reads", per_second: 20.0, burst: 200.0 };
const WRITES: Rate = Rate { bucket: "writes", per_second: 8.0, burst: 160.0 };
const DELETES: Rate = Rate { bucket: "deletes", per_second: 8.0, burst: 160.0 };

/// Azure Resource Graph: 15 queries in 5 seconds
/// (<https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests>).
const QUERIES: Rate = Rate { bucket: "queries", per_second: 2.4, burst: 12.0 };

/// Returns the rate that an operation such as `Microsoft.Web/sites/read` is kept below.
pub(crate) fn of(operation: &str) -> Rate {
    if operation.starts_with("Microsoft.ResourceGraph/") {
        return QUERIES;
    }
    match operation.rsplit('/').next() {
        Some("read") => READS,
        Some("delete") => DELETES,
        Some(_) | None => WRITES,
    }
}

/// With fewer calls left than this, each waits until the bucket has refilled that far.
const LOW: u64 = 25;

/// What Azure last said was left of each bucket.
#[derive(Debug, Default)]
pub(crate) struct Brake {
    left: Mutex<BTreeMap<&'static str, u64>>,
}

impl Brake {
    /// Notes what an answer says is left: `x-ms-ratelimit-remaining-subscription-reads` and its
    /// like. Of two that are told, the lower counts.
    pub(crate) fn note(&self, rate: Rate, headers: &BTreeMap<String, String>) {
        let told = ["subscription", "subscription-global"].iter().filter_map(|of| {
            headers.get(&format!("x-ms-ratelimit-remaining-{of}-{}", rate.bucket))?.parse().ok()
        });
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        match told.min() {
            Some(least) => left.insert(rate.bucket, least),
            None => left.remove(rate.bucket),
        };
    }

    /// Returns how long the next call should wait.
    pub(crate) fn pause(&self, rate: Rate) -> Duration {
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = left.get(rate.bucket).map_or(0, |left| LOW.saturating_sub(*left));
        let missing = u32::try_from(missing).unwrap_or_default();
        Duration::from_secs_f64(f64::from(missing) / rate.per_second)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::{Brake, of};

    #[test]
    fn reads_writes_deletes_and_queries_have_buckets_of_their_own() {
        assert_eq!(of("Microsoft.Web/sites/read").bucket, "reads");
        assert_eq!(of("Microsoft.Web/sites/write").bucket, "writes");
        assert_eq!(of("Microsoft.Web/sites/host/listkeys/action").bucket, "writes");
        assert_eq!(of("Microsoft.Web/sites/delete").bucket, "deletes");
        assert_eq!(of("Microsoft.ResourceGraph/resources/action").bucket, "queries");
    }

    #[test]
    fn calls_slow_down_when_azure_says_that_few_are_left() {
        let (brake, rate) = (Brake::default(), of("Microsoft.Web/sites/write"));
        let say = |left: &str, global: &str| {
            BTreeMap::from([
                ("x-ms-ratelimit-remaining-subscription-writes".to_owned(), left.to_owned()),
                ("x-ms-ratelimit-remaining-subscription-global-writes".to_owned(), global.into()),
            ])
        };
        brake.note(rate, &say("199", "2999"));
        assert_eq!(brake.pause(rate), Duration::ZERO);
        brake.note(rate, &say("199", "5"));
        assert_eq!(brake.pause(rate), Duration::from_millis(2500));
        assert_eq!(brake.pause(of("Microsoft.Web/sites/read")), Duration::ZERO);
        brake.note(rate, &BTreeMap::new());
        assert_eq!(brake.pause(rate), Duration::ZERO);
    }
}
