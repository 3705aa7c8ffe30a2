//! `updraft permissions`: what each function may do, who may call it, and why.

use std::collections::BTreeMap;
use std::path::Path;

use updraft_contract::{App, Cloud, Permit};
use updraft_permit::{Finding, Review, document};

use super::answer::answer;
use super::gates::Gates;
use super::prepare::prepare_on;
use super::stored::Stored;
use super::world::Session;
use super::{compare, gates, load, review, site, tell};
use crate::cli::{PermissionsArgs, PermissionsCommand};
use crate::clouds::Clouds;
use crate::exit::{Exit, Failure};
use crate::permit::Sides;
use crate::report::human::Purpose;
use crate::report::{html, human, json, markdown, sarif};
use crate::scan::{Input, scan};

/// Writes the report, or compares two policies.
pub(crate) async fn permissions(
    session: &mut Session<'_>,
    args: &PermissionsArgs,
) -> Result<Exit, Failure> {
    if let Some(PermissionsCommand::Diff(args)) = &args.command {
        return compare::diff(session, args);
    }
    if session.global.json && (args.form.markdown || args.form.html || args.form.sarif) {
        return Err(Failure::new(Exit::Failed, "the report has one form at a time")
            .hint("Leave --json out, or the other."));
    }
    let gates = Gates::read(session, &args.gates)?;
    if !args.scan {
        gates.without_scan()?;
    }
    if let Some(path) = &args.plan {
        return saved(session, args, (path, &gates));
    }
    if args.gates.deny_new_access && !args.live {
        let what = "without --live or --plan nothing is known to be new";
        return Err(Failure::new(Exit::Failed, what)
            .hint("Add --live or --plan FILE, or say what may be allowed with --ceiling FILE."));
    }
    if args.live { live(session, args, &gates).await } else { offline(session, args, &gates).await }
}

/// Reports what the manifest asks for.
async fn offline(
    session: &mut Session<'_>,
    args: &PermissionsArgs,
    gates: &Gates,
) -> Result<Exit, Failure> {
    let manifest = load::load(session)?;
    load::warn(session, &manifest);
    let site = site::offline(&manifest.app).await?;
    let clouds = site.clouds();
    let (mut review, sides) = review::offline(session, &clouds, &manifest.app);
    if args.scan {
        review.add(scanned(&clouds, (&manifest.app, &manifest.sources), &sides));
    }
    write(session, args, &review)?;
    gates::judge(gates, &review, &sides)
}

/// Reports what a saved plan does to permissions. What was approved since counts as approved.
fn saved(
    session: &mut Session<'_>,
    args: &PermissionsArgs,
    (path, gates): (&Path, &Gates),
) -> Result<Exit, Failure> {
    let Stored { permissions, .. } = Stored::read(session, path)?;
    let mut review = permissions.review;
    review.approval.approved |=
        review::approvals(session)?.digests().contains(&review.approval.digest);
    write(session, args, &review)?;
    let wanted = document::permissions(&permissions.after);
    let wanted = wanted.map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    gates::judge(gates, &review, &Sides { wanted, ..Sides::default() })
}

/// Compares what handlers call with what the manifest gives them.
fn scanned(
    clouds: &Clouds<'_>,
    (app, sources): (&App, &BTreeMap<String, String>),
    sides: &Sides,
) -> Vec<Finding> {
    let verbs = clouds.on(Cloud::Aws).map(Permit::verbs).unwrap_or_default();
    scan(&Input { app, sources, permissions: &sides.wanted, verbs })
}

/// Reports what is live beside what the manifest asks for.
async fn live(
    session: &mut Session<'_>,
    args: &PermissionsArgs,
    gates: &Gates,
) -> Result<Exit, Failure> {
    let manifest = load::load(session)?;
    load::warn(session, &manifest);
    let sources = manifest.sources.clone();
    let site = site::connect(session, &manifest.app).await?;
    let scope = (&args.scope(), Purpose::Apply);
    let prepared = prepare_on(site, session, manifest, scope).await?;
    let roles = review::roles(&prepared).await;
    let told = review::planned(session, &prepared, &roles).and_then(|(mut review, sides)| {
        if args.scan {
            review.add(scanned(&prepared.site.clouds(), (&prepared.app, &sources), &sides));
        }
        write(session, args, &review)?;
        tell::noted(session, &prepared);
        let judged = gates::judge(gates, &review, &sides)?;
        tell::missing(&prepared).map_or(Ok(judged), Err)
    });
    prepared.site.close().await?;
    told
}

/// Writes the report in the form asked for.
fn write(
    session: &mut Session<'_>,
    args: &PermissionsArgs,
    review: &Review,
) -> Result<(), Failure> {
    let text = if session.global.json {
        json::written(review)
    } else if args.form.markdown {
        markdown::permissions(review)
    } else if args.form.html {
        html::permissions(review)
    } else if args.form.sarif {
        sarif::findings(review)
    } else {
        human::permissions(review)
    };
    answer(session, &text, args.output.as_deref())
}
