//! `updraft deployer-policy`: the least permissions that running Updraft takes. Offline.

use std::collections::BTreeMap;

use super::load;
use super::site;
use super::world::Session;
use crate::cli::{DeployerArgs, Task};
use crate::exit::{Exit, Failure};
use crate::report::{human, json};

/// Writes the documents that give an identity what `plan` or `apply` of this manifest takes.
pub(crate) async fn deployer_policy(
    session: &mut Session<'_>,
    args: &DeployerArgs,
) -> Result<Exit, Failure> {
    let manifest = load::load(session)?;
    load::warn(session, &manifest);
    let app = manifest.app;
    let site = site::offline(&app).await?;
    let (word, task) = match args.task {
        Task::Plan => ("plan", updraft_contract::Task::Plan),
        Task::Apply => ("apply", updraft_contract::Task::Apply),
    };
    let mut clouds = BTreeMap::new();
    let mut shown = Vec::new();
    for provider in site.clouds().providers() {
        let cloud = provider.cloud();
        let written = provider.written(&provider.deployer(&app.on(cloud), task));
        shown.push((cloud, provider.place(), written.clone()));
        clouds.insert(cloud.word().to_owned(), written);
    }
    let text = if session.global.json {
        json::written(&json::deployer(word, clouds))
    } else {
        human::deployer(word, &shown)
    };
    session.printer.answer(&text);
    Ok(Exit::Done)
}
