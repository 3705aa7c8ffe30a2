//! What the caller may do, and what was asked of that.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::Deployer;

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

/// The rights of the caller, and everything that was asked of them, once each.
#[derive(Debug, Default)]
pub(crate) struct Book {
    asked: Mutex<BTreeSet<Asked>>,
    deployer: Mutex<Option<Arc<Deployer>>>,
}

impl Book {
    /// A book in which nothing was asked yet.
    pub(crate) fn new(deployer: Option<Deployer>) -> Self {
        Self { asked: Mutex::default(), deployer: Mutex::new(deployer.map(Arc::new)) }
    }

    /// Returns what the caller may do; `None` for everything.
    pub(crate) fn deployer(&self) -> Option<Arc<Deployer>> {
        self.deployer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets the caller do this from now on, and nothing else.
    pub(crate) fn limit(&self, deployer: Deployer) {
        let mut kept = self.deployer.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some(Arc::new(deployer));
    }

    /// Notes something that was asked.
    pub(crate) fn note(&self, cloud: &'static str, action: &str, resource: &str) {
        let (action, resource) = (action.to_owned(), resource.to_owned());
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.insert(Asked { cloud, action, resource });
    }

    /// Forgets what was asked.
    pub(crate) fn clear(&self) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Returns what was asked.
    pub(crate) fn all(&self) -> BTreeSet<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
