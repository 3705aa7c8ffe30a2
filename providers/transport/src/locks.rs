//! One at a time: steps of one run that change the same document wait for each other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

/// Locks by name. They hold within one run; other runs are kept apart by conditional writes.
#[derive(Debug, Default)]
pub struct Locks {
    locks: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Locks {
    /// Waits until nobody else in this run works on `what`, such as one API, and keeps it so.
    pub async fn lock(&self, what: &str) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(locks.entry(what.to_owned()).or_default())
        };
        lock.lock_owned().await
    }
}
