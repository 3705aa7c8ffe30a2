//! Gathers the permission report of a manifest or a plan.

use std::collections::BTreeSet;

use updraft_contract::{App, Cloud, Outputs, ResourceId, RoleContent, What};
use updraft_permit::{Review, ReviewInput, Source};

use super::prepare::Prepared;
use super::world::Session;
use crate::clouds::Clouds;
use crate::exit::{Exit, Failure};
use crate::manifest;
use crate::permit::{self, Approvals, Sides};

/// Reports on what the manifest asks for, and returns that too.
pub(crate) fn offline(session: &Session<'_>, clouds: &Clouds<'_>, app: &App) -> (Review, Sides) {
    let sides = Sides { wanted: permit::wanted(clouds, app), ..Sides::default() };
    let about = About { source: Source::Manifest, sides: &sides, roles: &[] };
    let review = reviewed(session, (clouds, app), &about, &BTreeSet::new());
    (review, sides)
}

/// Reports on a plan, and returns both sides of it too. What was approved is looked up.
pub(crate) fn planned(
    session: &mut Session<'_>,
    prepared: &Prepared,
    roles: &[RoleContent],
) -> Result<(Review, Sides), Failure> {
    let clouds = prepared.site.clouds();
    let sides = permit::planned(&clouds, &prepared.app, &prepared.plan, &prepared.others);
    let approvals = approvals(session)?;
    let about = About { source: Source::Plan, sides: &sides, roles };
    let review = reviewed(session, (&clouds, &prepared.app), &about, &approvals.digests());
    let unused = approvals.unused(&review.approval.digest);
    if !unused.problems.is_empty() {
        let width = session.world.width;
        let drawn = manifest::render(&unused.source, &unused.problems, true, width);
        session.printer.note(&drawn);
    }
    Ok((review, sides))
}

/// Reads what was approved beside the manifest.
pub(crate) fn approvals(session: &mut Session<'_>) -> Result<Approvals, Failure> {
    Approvals::beside(&session.global.file).map_err(|problems| {
        session.printer.note(&problems.render(true, session.world.width));
        Failure::new(Exit::Failed, problems.to_string())
    })
}

/// Asks the clouds what is in the vendors' roles today; a cloud that does not say is left out.
pub(crate) async fn roles(prepared: &Prepared) -> Vec<RoleContent> {
    let clouds = prepared.site.clouds();
    let wanted = permit::wanted(&clouds, &prepared.app);
    let mut found = Vec::new();
    for provider in clouds.providers() {
        let of_cloud = wanted.iter().filter(|one| one.cloud == provider.cloud());
        let ids: BTreeSet<String> = of_cloud
            .filter_map(|one| match &one.what {
                What::Role(role) if !role.custom => Some(role.id.clone()),
                What::Role(_) | What::Actions(_) | What::AllBut(_) => None,
            })
            .collect();
        if !ids.is_empty() {
            found.extend(provider.roles(&ids).await.unwrap_or_default());
        }
    }
    found
}

/// What a report is about.
struct About<'a> {
    source: Source,
    sides: &'a Sides,
    roles: &'a [RoleContent],
}

fn reviewed(
    session: &Session<'_>,
    (clouds, app): (&Clouds<'_>, &App),
    about: &About<'_>,
    approved: &BTreeSet<String>,
) -> Review {
    let functions: Vec<(Cloud, String)> = app
        .functions
        .iter()
        .filter(|function| clouds.on(function.cloud).is_some())
        .map(|function| (function.cloud, function.name.clone()))
        .collect();
    let Sides { wanted, granted, ours } = about.sides;
    let foreign: BTreeSet<ResourceId> =
        granted.iter().map(|one| &one.carrier).filter(|id| !ours.contains(id)).cloned().collect();
    updraft_permit::review(&ReviewInput {
        source: about.source,
        version: env!("CARGO_PKG_VERSION"),
        project: &app.project,
        stage: &app.stage,
        manifest: &session.global.file.display().to_string(),
        place: &clouds.places(),
        functions: &functions,
        live: granted,
        wanted,
        // Both sides are settled already.
        outputs: &Outputs::default(),
        foreign: &foreign,
        roles: about.roles,
        approved,
    })
}
