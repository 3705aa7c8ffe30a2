//! `updraft local serve`: keeps the embedded cloud up until interrupted.

use std::path::Path;

use updraft_local::{Config, Deployer, FaultPlan, Place, Settings};

use super::signal::Interrupts;
use super::site::{embedded, folder};
use super::world::Session;
use crate::cli::ServeArgs;
use crate::exit::{Exit, Failure};
use crate::report::human;

/// Keeps the embedded cloud up.
pub(crate) async fn serve(session: &mut Session<'_>, args: &ServeArgs) -> Result<Exit, Failure> {
    let folder = args.state.as_ref().map_or_else(|| folder(session), Clone::clone);
    let faults = args.faults.as_deref().map_or_else(|| Ok(FaultPlan::default()), faults)?;
    let deployer = args.deployer.as_deref().map(deployer).transpose()?;
    let settings = Settings { enforce_iam: args.enforce_iam, deployer, ..Settings::default() };
    let mut interrupts = Interrupts::listen()
        .map_err(|error| Failure::new(Exit::Failed, format!("signals: {error}")))?;
    let config = Config {
        store: Place::Folder(folder.clone()),
        port: args.port,
        google_port: beside(args.port),
        azure_port: beside(beside(args.port)),
        settings,
        faults,
    };
    let running = updraft_local::serve(config).await.map_err(|error| embedded(&error))?;
    let (aws, azure, google) = (running.url(), running.azure_url(), running.google_url());
    session.printer.answer(&human::serving(&aws, &azure, &google, &folder));
    interrupts.next().await;
    session.printer.note("Stopping.");
    running.stop().await.map_err(|error| embedded(&error))?;
    Ok(Exit::Done)
}

/// Returns the port of the Google services: the one after that of AWS, or any.
pub(super) fn beside(port: u16) -> u16 {
    if port == 0 { 0 } else { port.saturating_add(1) }
}

/// Reads what callers may do.
fn deployer(path: &Path) -> Result<Deployer, Failure> {
    let wrong = |error: String| Failure::new(Exit::Failed, format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    Deployer::read(&text).map_err(wrong)
}

/// Reads a fault plan, TOML unless its name ends in `.json`.
fn faults(path: &Path) -> Result<FaultPlan, Failure> {
    let wrong = |error: String| Failure::new(Exit::Failed, format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    if path.extension().is_some_and(|end| end == "json") {
        serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))
    } else {
        toml::from_str(&text).map_err(|error| wrong(error.to_string()))
    }
}
