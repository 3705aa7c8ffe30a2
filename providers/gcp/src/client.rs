//! The one place that holds Google's clients and sends requests: paced, repeated as far as is
//! safe, counted, and never over plain HTTP to anything but this machine.
//!
//! The clients themselves repeat nothing: their defaults retry neither 429 nor 409, and a repeated
//! create would mistake its own work for somebody else's. One send is one request.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use google_cloud_gax::error::Error;
use tokio::sync::OwnedMutexGuard;
use tokio::time::timeout;
use updraft_transport::{Backoff, Budgets, Jitter, Ledger, Locks, Repeat, Retry, jitter};

use crate::connect::Clients;
use crate::errors::{Failure, failure, lost};
use crate::place::Place;
use crate::rates;

/// How long any request may take, uploads included, whose client knows no limit: 100 MiB at a
/// megabit a second. All others have a shorter one.
const LONGEST: Duration = Duration::from_mins(15);

/// Everything that talks to Google Cloud goes through here.
pub(crate) struct Cloud {
    /// Where it works.
    pub(crate) place: Place,
    /// The pauses between looks at something under way.
    pub(crate) poll: Backoff,
    /// Keeps those who were refused together from returning together.
    pub(crate) jitter: Jitter,
    /// One client for each service; none offline. To be used through [`Cloud::safe`] and
    /// [`Cloud::once`].
    clients: Option<Clients>,
    ledger: Ledger,
    budgets: Option<Budgets>,
    retry: Retry,
    locks: Locks,
    notes: Mutex<BTreeMap<String, String>>,
}

impl Cloud {
    /// Takes clients for a place that is known; without them every call is refused. `paced` keeps
    /// calls below Google's quotas.
    pub(crate) fn new(
        clients: Option<Clients>,
        place: Place,
        paced: bool,
        (retry, poll): (Retry, Backoff),
    ) -> Self {
        Self {
            place,
            poll,
            jitter: jitter(),
            clients,
            ledger: Ledger::default(),
            budgets: paced.then(Budgets::default),
            retry,
            locks: Locks::default(),
            notes: Mutex::default(),
        }
    }

    /// Returns how often each operation was called.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Sends a read, or a write that has the same effect twice; repeats it when in doubt.
    ///
    /// `operation` is spelled like the permission: `cloudfunctions.functions.get`.
    pub(crate) async fn safe<T, F>(
        &self,
        operation: &'static str,
        send: impl Fn(&Clients) -> F + Send + Sync,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Error>> + Send,
        T: Send,
    {
        let clients = self.clients(operation)?;
        self.send(Repeat::Safe, operation, || send(clients)).await
    }

    /// Sends a write that must not happen twice; repeats it only when it certainly did not happen.
    /// A lost answer comes back as [`Class::Ambiguous`](updraft_transport::Class).
    pub(crate) async fn once<T, F>(
        &self,
        operation: &'static str,
        send: impl Fn(&Clients) -> F + Send + Sync,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Error>> + Send,
        T: Send,
    {
        let clients = self.clients(operation)?;
        self.send(Repeat::Once, operation, || send(clients)).await
    }

    /// Returns the clients, and refuses `operation` where there are none.
    pub(crate) fn clients(&self, operation: &str) -> Result<&Clients, Failure> {
        self.clients.as_ref().ok_or_else(|| {
            Failure::refused(operation, "Offline", "nothing is asked of Google Cloud offline")
        })
    }

    async fn send<T, F>(
        &self,
        repeat: Repeat,
        operation: &'static str,
        attempt: impl Fn() -> F + Send + Sync,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Error>> + Send,
        T: Send,
    {
        let paced = || async {
            self.pace(operation).await;
            self.ledger.count(operation);
            // Boxed: the clients' futures are large and deep.
            let sent: BoxFuture<'_, _> = Box::pin(attempt());
            let Ok(answer) = timeout(LONGEST, sent).await else {
                let message = format!("no answer within {} s", LONGEST.as_secs());
                return Err(lost(operation, message));
            };
            answer.map_err(|error| failure(operation, &error))
        };
        self.retry.run(repeat, |failure: &Failure| failure.class, paced).await
    }

    /// Sends a request that no client has a method for, and repeats it as `repeat` says.
    ///
    /// `attempt` answers with a failure of its own making; see [`crate::errors::refused`].
    pub(crate) async fn raw<T, F>(
        &self,
        repeat: Repeat,
        operation: &'static str,
        attempt: impl Fn() -> F + Send + Sync,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>> + Send,
        T: Send,
    {
        let paced = || async {
            self.pace(operation).await;
            self.ledger.count(operation);
            let sent: BoxFuture<'_, _> = Box::pin(attempt());
            sent.await
        };
        self.retry.run(repeat, |failure: &Failure| failure.class, paced).await
    }

    async fn pace(&self, operation: &'static str) {
        let Some(budgets) = &self.budgets else { return };
        if let Some(rate) = rates::of(operation) {
            budgets.take(&self.place.project, &self.place.region, rate).await;
        }
    }

    /// Waits until nobody else in this run works on `what`, such as one policy, and keeps it so.
    pub(crate) async fn lock(&self, what: &str) -> OwnedMutexGuard<()> {
        self.locks.lock(what).await
    }

    /// Returns what this run noted under `key`, such as the name of an operation under way.
    pub(crate) fn noted(&self, key: &str) -> Option<String> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Notes something for the rest of the run, or forgets it.
    pub(crate) fn note(&self, key: &str, value: Option<String>) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        match value {
            Some(value) => notes.insert(key.to_owned(), value),
            None => notes.remove(key),
        };
    }
}
