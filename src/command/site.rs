//! Connects to the clouds, real or embedded. After this nobody can tell which they are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use futures::future::join_all;
use updraft_contract::{App, Cloud, Function, Provider};
use updraft_local::{Addresses, Config, FaultPlan, Place, Running, Settings};

use super::provider::{Reach, provider};
use super::world::Session;
use crate::clouds::Clouds;
use crate::exit::{Exit, Failure};

/// The clouds that answer.
pub(crate) struct Site {
    providers: Vec<Box<dyn Provider>>,
    /// The clouds that do not, and why.
    pub(crate) missing: Vec<(Cloud, Failure)>,
    /// The embedded clouds, where this command had to start them.
    own: Option<Running>,
}

impl Site {
    /// Gathers clouds that somebody else connected to.
    pub(crate) fn of(providers: Vec<Box<dyn Provider>>, missing: Vec<(Cloud, Failure)>) -> Self {
        Self { providers, missing, own: None }
    }

    /// Returns the clouds.
    pub(crate) fn clouds(&self) -> Clouds<'_> {
        Clouds::of(self.providers.iter().map(AsRef::as_ref))
    }

    /// Returns the provider of the cloud that `function` runs on.
    pub(crate) fn provider_of(&self, function: &Function) -> Result<&dyn Provider, Failure> {
        let mut providers = self.providers.iter().map(AsRef::as_ref);
        let on = |provider: &&dyn Provider| provider.cloud() == function.cloud;
        if let Some(provider) = providers.find(on) {
            return Ok(provider);
        }
        let missing = self.missing.iter().find(|(cloud, _)| *cloud == function.cloud);
        Err(missing.map_or_else(
            || Failure::new(Exit::Failed, format!("the manifest has no {}", function.cloud)),
            |(_, failure)| failure.clone(),
        ))
    }

    /// Returns whether the clouds stop with this command.
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

/// Connects to the clouds that `app` names, at once; those that fail are kept apart.
pub(crate) async fn connect(session: &Session<'_>, app: &App) -> Result<Site, Failure> {
    let (local, own) = if session.global.local { local(session).await? } else { (None, None) };
    let each = app.providers.iter().map(|(cloud, config)| {
        let reach = match &local {
            Some(addresses) => Reach::Embedded(address(addresses, *cloud)),
            None => Reach::Real(session.global.endpoint_of(*cloud)),
        };
        async move { (*cloud, provider(*cloud, config.clone(), reach).await) }
    });
    let (mut providers, mut missing) = (Vec::new(), Vec::new());
    for (cloud, connected) in join_all(each).await {
        match connected {
            Ok(provider) => providers.push(provider),
            Err(failure) => missing.push((cloud, failure)),
        }
    }
    Ok(Site { providers, missing, own })
}

/// Returns the clouds that `app` names, without asking any: for what needs no answer.
pub(crate) async fn offline(app: &App) -> Result<Site, Failure> {
    let mut providers = Vec::new();
    for (cloud, config) in &app.providers {
        providers.push(provider(*cloud, config.clone(), Reach::Recorded(BTreeMap::new())).await?);
    }
    Ok(Site { providers, missing: Vec::new(), own: None })
}

/// Finds the embedded clouds that somebody keeps up, or starts them.
async fn local(session: &Session<'_>) -> Result<(Option<Addresses>, Option<Running>), Failure> {
    let folder = folder(session);
    if let Some(found) = updraft_local::running(&folder).await {
        return Ok((Some(found), None));
    }
    let running = start(folder).await?;
    let addresses = running.addresses();
    Ok((Some(addresses), Some(running)))
}

/// Returns the address of the embedded cloud that stands in for `cloud`.
fn address(addresses: &Addresses, cloud: Cloud) -> String {
    match cloud {
        Cloud::Aws => addresses.aws.clone(),
        Cloud::Azure => addresses.azure.clone(),
        Cloud::Gcp => addresses.google.clone(),
    }
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
        azure_port: super::serve::beside(super::serve::beside(port)),
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
