//! Keeps warm instances per function, starts new ones when all are busy, and stops those that
//! idle, belong to an older revision or to a function that is gone.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::deployed::{Call, Deployed, Failure, Host, Outcome, Sink};
use super::instance::Instance;
use super::interpreter::{self, Interpreter};
use super::unpack::unpack;

/// How long an instance may wait for its next event.
const IDLE: Duration = Duration::from_mins(1);

/// All running functions.
#[derive(Clone)]
pub(crate) struct Runtimes {
    shared: Arc<Shared>,
}

struct Shared {
    now: fn() -> Timestamp,
    stopping: watch::Sender<bool>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Where archives are unpacked; made when the first function starts.
    folder: Option<Arc<TempDir>>,
    functions: BTreeMap<String, Function>,
    interpreters: BTreeMap<String, Interpreter>,
}

/// The instances of one function.
#[derive(Default)]
struct Function {
    revision: String,
    idle: Vec<(Instant, Instance)>,
    busy: u64,
}

/// Counts one busy instance for as long as it lives.
struct Busy<'a> {
    shared: &'a Shared,
    arn: &'a str,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        if let Some(function) = self.shared.lock().functions.get_mut(self.arn) {
            function.busy = function.busy.saturating_sub(1);
        }
    }
}

impl fmt::Debug for Runtimes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Runtimes").finish_non_exhaustive()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Runtimes {
    /// Starts with nothing running.
    pub(crate) fn new(now: fn() -> Timestamp) -> Self {
        let stopping = watch::Sender::new(false);
        Self { shared: Arc::new(Shared { now, stopping, state: Mutex::default() }) }
    }

    /// Runs one event in a warm or a new instance; log lines go to `sink` as they come.
    pub(crate) async fn invoke(
        &self,
        deployed: &Deployed,
        call: &Call,
        sink: Sink<'_>,
    ) -> Result<Outcome, Failure> {
        let _busy = self.claim(deployed)?;
        let mut instance = match self.warm(deployed) {
            Some(instance) => instance,
            None => self.start(deployed).await.map_err(Failure::Unable)?,
        };
        let mut stopping = self.shared.stopping.subscribe();
        let finished = tokio::select! {
            finished = instance.run(deployed, call, sink) => finished,
            _ = stopping.wait_for(|stopping| *stopping) => {
                return Err(Failure::Unable("the embedded cloud is stopping".to_owned()));
            }
        };
        if finished.reusable {
            self.keep(deployed, instance);
        }
        Ok(finished.outcome)
    }

    /// Stops the idle instances of a function that changed or is gone.
    pub(crate) fn forget(&self, arn: &str) {
        let stopped = self.shared.lock().functions.get_mut(arn).map(|function| {
            function.revision.clear();
            std::mem::take(&mut function.idle)
        });
        drop(stopped);
    }

    /// Stops everything, also what is at work.
    pub(crate) fn stop(&self) {
        self.shared.stopping.send_replace(true);
        let stopped = std::mem::take(&mut *self.shared.lock());
        drop(stopped);
    }

    fn claim<'a>(&'a self, deployed: &'a Deployed) -> Result<Busy<'a>, Failure> {
        let mut state = self.shared.lock();
        let function = state.functions.entry(deployed.arn.clone()).or_default();
        if deployed.concurrency.is_some_and(|limit| function.busy >= limit) {
            return Err(Failure::Busy);
        }
        function.busy += 1;
        Ok(Busy { shared: &self.shared, arn: &deployed.arn })
    }

    fn warm(&self, deployed: &Deployed) -> Option<Instance> {
        let mut state = self.shared.lock();
        let function = state.functions.get_mut(&deployed.arn)?;
        if function.revision != deployed.revision {
            function.revision.clone_from(&deployed.revision);
            function.idle.clear();
        }
        while let Some((_, mut instance)) = function.idle.pop() {
            if instance.alive() {
                return Some(instance);
            }
        }
        None
    }

    fn keep(&self, deployed: &Deployed, instance: Instance) {
        let mut state = self.shared.lock();
        if *self.shared.stopping.borrow() {
            return;
        }
        let Some(function) = state.functions.get_mut(&deployed.arn) else { return };
        if function.revision != deployed.revision {
            return;
        }
        function.idle.push((Instant::now(), instance));
        drop(state);
        let shared = Arc::downgrade(&self.shared);
        tokio::spawn(async move {
            sleep(IDLE).await;
            if let Some(shared) = shared.upgrade() {
                for function in shared.lock().functions.values_mut() {
                    function.idle.retain(|(since, _)| since.elapsed() < IDLE);
                }
            }
        });
    }

    async fn start(&self, deployed: &Deployed) -> Result<Instance, String> {
        let interpreter = self.interpreter(deployed.host, &deployed.runtime).await?;
        let task_root = self.task_root(deployed).await?;
        Instance::start(deployed, &interpreter, &task_root, self.shared.now).await
    }

    async fn interpreter(&self, host: Host, runtime: &str) -> Result<Interpreter, String> {
        let known_as = format!("{host:?}/{runtime}");
        if let Some(known) = self.shared.lock().interpreters.get(&known_as).cloned() {
            return Ok(known);
        }
        let found = interpreter::find((host, runtime), self.folder()?.path()).await?;
        self.shared.lock().interpreters.insert(known_as, found.clone());
        Ok(found)
    }

    async fn task_root(&self, deployed: &Deployed) -> Result<PathBuf, String> {
        let home = self.folder()?;
        let root = home.path().to_owned();
        let digest = deployed.digest.clone();
        let folder = root.join(&digest);
        if folder.is_dir() {
            return Ok(folder);
        }
        let code = Arc::clone(&deployed.code);
        let unpacked = tokio::task::spawn_blocking(move || {
            let folder = unpack(&code()?, &root, &digest).map_err(|defect| defect.to_string());
            drop(home);
            folder
        });
        unpacked.await.map_err(|error| error.to_string())?
    }

    /// The folder of unpacked archives and bootstraps; it goes with the last that uses it.
    fn folder(&self) -> Result<Arc<TempDir>, String> {
        let mut state = self.shared.lock();
        if let Some(folder) = &state.folder {
            return Ok(Arc::clone(folder));
        }
        let made = tempfile::Builder::new().prefix("updraft-functions-").tempdir();
        let made = made.map_err(|error| format!("there is no temporary folder: {error}"))?;
        Ok(Arc::clone(state.folder.insert(Arc::new(made))))
    }
}
