//! Connects to the cloud, real or embedded. After this nobody can tell which it is.

use std::path::{Path, PathBuf};

use updraft_contract::{App, Cloud, Provider};
use updraft_local::{Config, FaultPlan, Place, Running, Settings};

use super::provider::provider;
use super::world::Session;
use crate::exit::{Exit, Failure};

/// A cloud that answers.
pub(crate) struct Site {
    /// How to talk to it.
    pub(crate) provider: Box<dyn Provider>,
    /// The embedded cloud, where this command had to start it.
    own: Option<Running>,
}

impl Site {
    /// Returns whether the cloud stops with this command.
    pub(crate) fn ends_with_command(&self) -> bool {
        self.own.is_some()
    }

    /// Stops what this command started.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        match self.own {
            Some(running) => running.stop().await.map_err(|error| embedded(&error)),
            None => Ok(()),
        }
    }
}

/// Connects to the cloud that `app` is for.
pub(crate) async fn connect(session: &Session<'_>, app: &App) -> Result<Site, Failure> {
    let config = app.providers.get(&Cloud::Aws).cloned().unwrap_or_default();
    if !session.global.local {
        return Ok(Site { provider: provider(config, None).await?, own: None });
    }
    let folder = folder(session);
    let (url, own) = match updraft_local::running(&folder).await {
        Some(found) => (found.aws, None),
        None => start(folder).await.map(|running| (running.url(), Some(running)))?,
    };
    Ok(Site { provider: provider(config, Some(url)).await?, own })
}

/// Returns where the embedded cloud keeps its state: beside the manifest.
pub(crate) fn folder(session: &Session<'_>) -> PathBuf {
    let manifest = session.world.folder.join(&session.global.file);
    manifest.parent().unwrap_or(Path::new(".")).join(".updraft").join("local")
}

/// Starts the embedded cloud, on its usual port if that is free so that URLs stay valid.
async fn start(folder: PathBuf) -> Result<Running, Failure> {
    let config = |port| Config {
        store: Place::Folder(folder.clone()),
        port,
        google_port: super::serve::beside(port),
        settings: Settings::default(),
        faults: FaultPlan::default(),
    };
    match updraft_local::serve(config(updraft_local::DEFAULT_PORT)).await {
        Err(updraft_local::Error::Port { .. }) => {
            updraft_local::serve(config(0)).await.map_err(|error| embedded(&error))
        }
        other => other.map_err(|error| embedded(&error)),
    }
}

/// Explains why the embedded cloud does not work.
pub(crate) fn embedded(error: &updraft_local::Error) -> Failure {
    let failure = Failure::new(Exit::Failed, format!("the embedded cloud: {error}"));
    match error {
        updraft_local::Error::InUse(_) => failure
            .hint("Another Updraft command uses it. Wait for it, or keep one up with `updraft local serve`: then many can."),
        updraft_local::Error::Store(_) => {
            failure.hint("`updraft local reset` empties it and starts over.")
        }
        updraft_local::Error::Port { .. } => {
            failure.hint("Choose another port with --port, or 0 for any that is free.")
        }
        updraft_local::Error::Folder { .. } => failure,
    }
}
