//! Reads that many ask for at once and one request answers.
//!
//! Whoever asks gets an answer that was read after they asked, never an older one; those who wait
//! for the same thing share the next reading.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::errors::Failure;

/// The latest reading of each thing, by its key.
#[derive(Debug, Default)]
pub(crate) struct Shared<T> {
    asked: AtomicU64,
    latest: Mutex<BTreeMap<String, Slot<T>>>,
}

/// One thing: locked while it is read.
type Slot<T> = Arc<tokio::sync::Mutex<Option<Reading<T>>>>;

/// What was read, and how many had asked when the reading began.
#[derive(Debug)]
struct Reading<T> {
    serves: u64,
    value: T,
}

impl<T: Clone> Shared<T> {
    /// Returns what `read` says of `key`, or what it said to somebody else if that reading began
    /// after this call.
    pub(crate) async fn get<F>(&self, key: &str, read: F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let ticket = self.asked.fetch_add(1, Ordering::SeqCst);
        let slot = self.slot(key);
        let mut held = slot.lock().await;
        if let Some(reading) = held.as_ref()
            && ticket < reading.serves
        {
            return Ok(reading.value.clone());
        }
        let serves = self.asked.load(Ordering::SeqCst);
        let value = read.await?;
        *held = Some(Reading { serves, value: value.clone() });
        Ok(value)
    }

    fn slot(&self, key: &str) -> Slot<T> {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(latest.entry(key.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::Shared;

    #[tokio::test]
    async fn those_who_wait_share_the_next_reading() {
        let (shared, reads) = (Shared::<u32>::default(), Cell::new(0));
        let read = || async {
            reads.set(reads.get() + 1);
            let now = reads.get();
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok(now)
        };
        let asked = (0..10).map(|_| shared.get("x", read()));
        let answers = futures::future::join_all(asked).await;
        assert!(answers.iter().all(|answer| *answer == Ok(1) || *answer == Ok(2)));
        assert!(reads.get() <= 2, "{}", reads.get());
    }

    #[tokio::test]
    async fn nobody_gets_a_reading_from_before_they_asked() {
        let shared = Shared::<u32>::default();
        for now in 0..3 {
            assert_eq!(shared.get("x", async { Ok(now) }).await, Ok(now));
        }
    }
}
