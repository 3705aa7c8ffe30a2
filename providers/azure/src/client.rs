//! The one place that holds Azure's clients and sends requests: paced, repeated as far as is safe,
//! counted, and never over plain HTTP to anything but this machine.
//!
//! Every write of Azure Resource Manager names what it writes, so that sending it twice has the
//! effect of sending it once. What exists is therefore read before anything is created.

use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use azure_core::http::ClientOptions;
use tokio::sync::OwnedMutexGuard;
use updraft_transport::{Backoff, Ledger, Locks, Repeat};

use crate::arm::Arm;
use crate::errors::Failure;
use crate::http::{Answer, Ask};
use crate::place::Place;

/// Everything that talks to Azure goes through here.
pub(crate) struct Cloud {
    /// Where it works.
    pub(crate) place: Place,
    /// Azure Resource Manager.
    pub(crate) arm: Arm,
    locks: Locks,
}

impl Cloud {
    /// Takes what sends requests, for a place that is known.
    pub(crate) fn new(arm: Arm, place: Place) -> Self {
        Self { place, arm, locks: Locks::default() }
    }

    /// Returns how often each operation was called.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.arm.ledger
    }

    /// Returns the pauses between looks at something under way.
    pub(crate) fn poll(&self) -> Backoff {
        self.arm.poll
    }

    /// Sends a request that is not for Azure Resource Manager: to a function, or to where its
    /// package is uploaded. Repeats it as `repeat` says.
    pub(crate) async fn send(&self, repeat: Repeat, ask: &Ask) -> Result<Answer, Failure> {
        self.arm.send(repeat, ask).await
    }

    /// Returns who is asking, for Microsoft's own clients of the data planes.
    pub(crate) fn credential(&self) -> Arc<dyn TokenCredential> {
        self.arm.http.credential()
    }

    /// Returns how Microsoft's own clients of the data planes reach their services. They want
    /// `https://` even for this machine.
    pub(crate) fn options(&self) -> ClientOptions {
        self.arm.http.options()
    }

    /// Waits until nobody else in this run works on `what`, and keeps it so.
    pub(crate) async fn lock(&self, what: &str) -> OwnedMutexGuard<()> {
        self.locks.lock(what).await
    }
}
