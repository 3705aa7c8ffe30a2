//! What was asked of the caller's rights.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// One thing the caller needed to be allowed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// The cloud: `aws`, `azure`, `gcp`.
    pub cloud: &'static str,
    /// `s3:PutObject`, `Microsoft.Web/sites/write`, `run.services.get`.
    pub action: String,
    /// The resource or scope.
    pub resource: String,
}

/// Everything that was asked, once each.
#[derive(Debug, Default)]
pub(crate) struct Book(Mutex<BTreeSet<Asked>>);

impl Book {
    /// Notes something that was asked.
    pub(crate) fn note(&self, cloud: &'static str, action: &str, resource: &str) {
        let (action, resource) = (action.to_owned(), resource.to_owned());
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.insert(Asked { cloud, action, resource });
    }

    /// Returns what was asked.
    pub(crate) fn all(&self) -> BTreeSet<Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
