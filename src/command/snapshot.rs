//! `updraft snapshot`: writes down what planning reads, and makes plans of what was written down.

use std::path::Path;

use futures::future::join_all;
use updraft_contract::{App, Cloud};

use super::again::shell_path;
use super::file::{read_capped, write_private};
use super::provider::{Reach, provider};
use super::scope::scope;
use super::site::{self, Site};
use super::world::Session;
use super::{blame, load};
use crate::cli::{Global, SnapshotArgs};
use crate::exit::{Exit, Failure};
use crate::manifest::Manifest;
use crate::report::{human, json};
use crate::saved::{MOST_BYTES, load_snapshot};
use crate::snapshot::{
    CloudRecord, Recorded, SNAPSHOT_FORMAT_VERSION, SnapshotDocument, record, sealed,
};

/// Records what every cloud answers.
pub(crate) async fn snapshot(
    session: &mut Session<'_>,
    args: &SnapshotArgs,
) -> Result<Exit, Failure> {
    let manifest = load::load(session)?;
    load::warn(session, &manifest);
    let site = site::connect(session, &manifest.app).await?;
    let recorded = recorded(session, &site, &manifest, args).await;
    site.close().await?;
    let document = sealed(SnapshotDocument {
        format_version: SNAPSHOT_FORMAT_VERSION.to_owned(),
        updraft_version: env!("CARGO_PKG_VERSION").to_owned(),
        created: format!("{:.0}", (session.world.now)()),
        project: manifest.app.project.clone(),
        stage: manifest.app.stage.clone(),
        local: session.global.local,
        clouds: recorded?,
        digest: None,
    });
    let text = json::written(&document) + "\n";
    match args.out.as_ref().filter(|path| path.as_os_str() != "-") {
        None => session.printer.answer(&text),
        Some(path) => {
            write_private(session, path, &text)?;
            session.printer.note(&human::snapped(path, &shell_path(path)));
        }
    }
    Ok(Exit::Done)
}

async fn recorded(
    session: &Session<'_>,
    site: &Site,
    manifest: &Manifest,
    args: &SnapshotArgs,
) -> Result<Vec<CloudRecord>, Failure> {
    let app = &manifest.app;
    let path = session.global.file.display().to_string();
    if let Some((cloud, why)) = site.missing.first() {
        return Err(incomplete(*cloud, why));
    }
    let (clouds, scope) = (site.clouds(), scope(app, &session.world.run));
    let each = clouds.providers().iter().map(|provider| {
        let (scope, part) = (&scope, app.on(provider.cloud()));
        async move {
            let asked = record(*provider, scope, &part);
            (provider.cloud(), tokio::time::timeout(args.cloud_timeout, asked).await)
        }
    });
    let mut records = Vec::new();
    for (cloud, answer) in join_all(each).await {
        match answer {
            Ok(Ok(record)) => records.push(record),
            Ok(Err(error)) => return Err(incomplete(cloud, &blame::survey(error, &path))),
            Err(_) => {
                let seconds = args.cloud_timeout.as_secs();
                let silent = Failure::new(Exit::Failed, format!("no answer within {seconds} s"));
                return Err(incomplete(cloud, &silent));
            }
        }
    }
    Ok(records)
}

/// Says that a snapshot which leaves out a cloud is not written.
fn incomplete(cloud: Cloud, why: &Failure) -> Failure {
    let message = format!("{} could not be recorded: {}", cloud.title(), why.message);
    let failure = Failure { message, ..why.clone() };
    failure.hint("A snapshot that leaves out a cloud is not written.")
}

/// Reads a snapshot, and refuses one of something else than the manifest is about.
pub(crate) fn read(session: &Session<'_>, path: &Path) -> Result<SnapshotDocument, Failure> {
    let bytes = read_capped(session, path, MOST_BYTES)?;
    let blamed = |flaw: crate::saved::Flaw| flaw.blamed(&path.display().to_string());
    let snapshot = load_snapshot(&bytes).map_err(blamed)?;
    match &session.global.stage {
        Some(asked) if *asked != snapshot.stage => {
            Err(blamed(crate::saved::Flaw::elsewhere("stage", &snapshot.stage, asked)))
        }
        Some(_) | None => Ok(snapshot),
    }
}

/// Returns the flags under which a snapshot was made.
pub(crate) fn global(session: &Session<'_>, snapshot: &SnapshotDocument) -> Global {
    let stage = Some(snapshot.stage.clone());
    Global { stage, local: snapshot.local, ..session.global.clone() }
}

/// Lets the clouds of a snapshot answer instead of the real ones.
pub(crate) async fn site_of(snapshot: SnapshotDocument, app: &App) -> Result<Site, Failure> {
    let SnapshotDocument { project, clouds, .. } = snapshot;
    if project != app.project {
        return Err(other("project", &project, &app.project));
    }
    let (mut providers, mut missing) = (Vec::new(), Vec::new());
    for (cloud, config) in &app.providers {
        let found = clouds.iter().find(|record| record.cloud == cloud.word());
        let Some(record) = found.cloned() else {
            missing.push((*cloud, Failure::new(Exit::Failed, "the snapshot does not have it")));
            continue;
        };
        let pinned = [
            ("account", &config.account, &record.account),
            ("region", &config.region, &record.region),
        ];
        let differs = |(_, pinned, found): &&(&str, &Option<String>, &String)| {
            pinned.as_ref().is_some_and(|pinned| plain(pinned) != plain(found))
        };
        if let Some((what, pinned, found)) = pinned.iter().find(differs) {
            missing.push((*cloud, other(what, found, pinned.as_deref().unwrap_or_default())));
            continue;
        }
        let mut config = config.clone();
        config.account = Some(record.account.clone());
        config.region = Some(record.region.clone());
        match provider(*cloud, config, Reach::Recorded(record.more.clone())).await {
            Ok(offline) => providers.push(Box::new(Recorded::new(offline, record, app)) as _),
            Err(failure) => missing.push((*cloud, failure)),
        }
    }
    Ok(Site::of(providers, missing))
}

/// Writes a region as every cloud names it: `West Europe` is `westeurope`.
fn plain(place: &str) -> String {
    place.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase()
}

fn other(what: &str, found: &str, wanted: &str) -> Failure {
    let message = format!("the snapshot is of {what} {found}, and the manifest is about {wanted}");
    Failure::new(Exit::Failed, message).hint("Make the snapshot again with this manifest.")
}
