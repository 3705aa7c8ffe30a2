//! How often each operation was called, retries included.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts calls by operation. Clones share the count.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    calls: Arc<Mutex<BTreeMap<String, u64>>>,
}

impl Ledger {
    /// Counts one call.
    pub fn count(&self, operation: &str) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        *calls.entry(operation.to_owned()).or_default() += 1;
    }

    /// Returns the calls made so far.
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
