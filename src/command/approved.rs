//! `updraft apply PLAN`: does what a saved plan approves, and nothing else.
//!
//! The plan in the file is never carried out: it is made again from what is live, and of that only
//! the steps run that the file has, under the same expectations.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::SignedDuration;
use updraft_contract::{Cloud, KindSpec};

use super::consent::consent;
use super::file::read_capped;
use super::perform::perform;
use super::prepare::{Prepared, prepare_on};
use super::save::{artifacts, digest_of};
use super::site::{self, Site};
use super::tell::{ended, planned};
use super::world::{Session, World};
use super::{lacks, load, provider, review};
use crate::cli::{ApplyArgs, Global, LONGEST_LIFE, RunArgs, ScopeArgs};
use crate::exit::{Exit, Failure};
use crate::manifest::Manifest;
use crate::plan::Plan;
use crate::report::human::Purpose;
use crate::report::json::{PermissionsDocument, PlanDocument, PurposeWord, SavedDocument};
use crate::saved::{self, Answers, Flaw, MOST_BYTES, approve, unapproved};

/// A saved plan that may be carried out here and now, as far as the file alone tells.
struct Approved {
    document: PlanDocument,
    saved: SavedDocument,
    permissions: PermissionsDocument,
    plan: Plan,
}

/// Checks the plan, plans again, and carries out what both agree on.
pub(crate) async fn apply_saved(
    session: &mut Session<'_>,
    path: &Path,
    args: &ApplyArgs,
) -> Result<Exit, Failure> {
    let file = path.display().to_string();
    let blamed = |flaw: Flaw| flaw.blamed(&file);
    let document = read(session, path)?;
    if let Some(wanted) =
        args.digest.as_ref().filter(|digest| document.digest != Some((*digest).clone()))
    {
        let found = document.digest.clone().unwrap_or_else(|| "none".to_owned());
        return Err(blamed(Flaw::Another { found, wanted: wanted.clone() }));
    }
    let args = &args.run;
    let approved = current(session, document).map_err(blamed)?;
    let stage = approved.document.stage.clone();
    if let Some(asked) = session.global.stage.as_ref().filter(|asked| **asked != stage) {
        return Err(blamed(Flaw::elsewhere("stage", &stage, asked)));
    }
    // The run is the plan's: what an earlier run of it made, this one takes for its own.
    let global = Global { stage: Some(stage), ..session.global.clone() };
    let world = World { run: approved.saved.id.clone(), ..session.world.clone() };
    let mut session = Session { global: &global, world: &world, printer: session.printer };
    let manifest = load::load(&mut session)?;
    load::warn(&mut session, &manifest);
    same_source(&session, &approved, &manifest).map_err(blamed)?;
    let site = site::connect(&session, &manifest.app).await?;
    if let Err(failure) = same_place(&site, &approved).map_err(|flaw| flaw(&file)) {
        site.close().await?;
        return Err(failure);
    }
    let purpose = purpose(&approved.saved);
    let scope = ScopeArgs { target: approved.saved.targets.clone(), ..args.scope.clone() };
    let prepared = prepare_on(site, &session, manifest, (&scope, purpose)).await?;
    carry_out(&mut session, prepared, &approved, (args, &file)).await
}

/// Reads a saved plan.
pub(crate) fn read(session: &Session<'_>, path: &Path) -> Result<PlanDocument, Failure> {
    let bytes = read_capped(session, path, MOST_BYTES)?;
    saved::load(&bytes).map_err(|flaw| flaw.blamed(&path.display().to_string()))
}

/// Returns the kinds of every cloud this build knows.
pub(crate) fn kinds() -> Vec<KindSpec> {
    provider::KNOWN.iter().flat_map(|known| (known.kinds)()).copied().collect()
}

/// Returns what a saved plan is for.
pub(crate) fn purpose(saved: &SavedDocument) -> Purpose {
    match saved.purpose {
        PurposeWord::Apply => Purpose::Apply,
        PurposeWord::Destroy => Purpose::Destroy,
    }
}

/// Checks what the file alone tells: that it says enough, agrees with itself and has not ended.
fn current(session: &Session<'_>, document: PlanDocument) -> Result<Approved, Flaw> {
    let old = || Flaw::Old(document.format_version.clone());
    let saved = document.saved.clone().ok_or_else(old)?;
    let plan = saved::plan_of(&document, &kinds())?;
    let permissions = document.permissions.clone().ok_or_else(old)?;
    let time = |text: &str| {
        let malformed = |_| Flaw::Malformed(format!("`{text}` is no time"));
        text.parse::<jiff::Timestamp>().map_err(malformed)
    };
    let (made, ends) = (time(&saved.created)?, time(&saved.expires)?);
    if (session.world.now)() >= ends {
        return Err(Flaw::Expired(saved.expires));
    }
    // Both are written in whole seconds, each rounded on its own.
    let longest = SignedDuration::try_from(LONGEST_LIFE).unwrap_or(SignedDuration::MAX);
    if ends.duration_since(made) > longest.saturating_add(SignedDuration::from_secs(1)) {
        return Err(Flaw::Endless { made: saved.created, ends: saved.expires });
    }
    Ok(Approved { document, saved, permissions, plan })
}

/// Checks that the project, the manifest and the code are those of the plan.
fn same_source(
    session: &Session<'_>,
    approved: &Approved,
    manifest: &Manifest,
) -> Result<(), Flaw> {
    let Approved { document, saved, .. } = approved;
    if manifest.app.project != document.project {
        return Err(Flaw::elsewhere("project", &document.project, &manifest.app.project));
    }
    let names = |local: bool| if local { "embedded clouds" } else { "real clouds" };
    if session.global.local != saved.local {
        return Err(Flaw::elsewhere("the", names(saved.local), names(session.global.local)));
    }
    if digest_of(&manifest.source.text) != saved.manifest.digest {
        return Err(Flaw::Manifest(session.global.file.display().to_string()));
    }
    if purpose(saved) == Purpose::Destroy {
        return Ok(());
    }
    let now = artifacts(&manifest.app);
    let changed = now.iter().filter(|code| !saved.artifacts.contains(code));
    let changed: BTreeSet<&str> = changed.flat_map(|code| &code.of).map(String::as_str).collect();
    if changed.is_empty() {
        return Ok(());
    }
    Err(Flaw::Code(changed.into_iter().collect::<Vec<_>>().join(", ")))
}

/// Checks that every cloud is the account and region of the plan.
#[expect(clippy::type_complexity, reason = "the file's name is known to the caller only")]
fn same_place(
    site: &Site,
    approved: &Approved,
) -> Result<(), Box<dyn FnOnce(&str) -> Failure + Send>> {
    if let Some((_, failure)) = site.missing.iter().find(|(_, why)| why.exit == Exit::Denied) {
        let failure = failure.clone();
        return Err(Box::new(move |_| failure));
    }
    let clouds = site.clouds();
    for planned in &approved.saved.clouds {
        let cloud = Cloud::ALL.into_iter().find(|cloud| cloud.word() == planned.cloud);
        let Some(provider) = cloud.and_then(|cloud| clouds.on(cloud)) else { continue };
        let here = provider.whereabouts();
        let flaw = if here.account != planned.account {
            Flaw::elsewhere("account", &planned.account, &here.account)
        } else if here.region != planned.region {
            Flaw::elsewhere("region", &planned.region, &here.region)
        } else {
            continue;
        };
        return Err(Box::new(move |file| flaw.blamed(file)));
    }
    Ok(())
}

/// Carries out what is planned now and was approved.
async fn carry_out(
    session: &mut Session<'_>,
    mut prepared: Prepared,
    approved: &Approved,
    (args, file): (&RunArgs, &str),
) -> Result<Exit, Failure> {
    let reviewed = review::planned(session, &prepared, &[]);
    let (review, sides) = match reviewed {
        Ok(reviewed) => reviewed,
        Err(failure) => {
            prepared.site.close().await?;
            return Err(failure);
        }
    };
    let approval = approve(&approved.plan, &prepared.plan, &prepared.kinds);
    let known = Answers::of(&prepared.plan);
    let refused = unapproved(&approved.permissions, (&review, &sides), &known);
    let approval = approval.without(&refused);
    let mut args = args.clone();
    args.yes = true;
    args.consent.allow_downtime |= approved.saved.consent.downtime;
    args.consent.destroy_data |= approved.saved.consent.destroy_data;
    prepared.scope.destroy_data = args.consent.destroy_data;
    let refused = approval.drifted.iter();
    prepared.refused =
        refused.map(|drift| ((drift.verb, drift.target.clone()), drift.why.clone())).collect();
    prepared.approved = Some(file.to_owned());
    if approval.is_spent() && prepared.missing.is_empty() {
        prepared.site.close().await?;
        return Err(Flaw::Spent.blamed(file));
    }
    planned(session, &prepared, &review);
    let able = match consent(&prepared, &args) {
        Ok(()) => lacks::check(session, &prepared).await,
        refused => refused,
    };
    if let Err(failure) = able {
        prepared.site.close().await?;
        return Err(failure);
    }
    let performed = perform(session, &prepared, args.parallelism).await;
    let result = performed.and_then(|outcome| ended(session, &prepared, &outcome));
    prepared.site.close().await?;
    result
}
