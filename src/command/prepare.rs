//! What plan, apply and destroy share: from the manifest to a plan.

use std::collections::BTreeMap;

use updraft_contract::{App, Cloud, KindSpec, Live, Obstacle, ResourceId, Scope};

use super::save::{artifacts, digest_of};
use super::scope::scope;
use super::site::{self, Site};
use super::world::Session;
use super::{blame, load};
use crate::apply::Refusals;
use crate::cli::ScopeArgs;
use crate::exit::{Exit, Failure};
use crate::manifest::Manifest;
use crate::plan::{Plan, concerns, targeted};
use crate::report::human::{Purpose, View};
use crate::report::json::ArtifactDocument;
use crate::survey::survey_all;

/// A plan and everything it takes to show it and to carry it out.
pub(crate) struct Prepared {
    /// The clouds.
    pub(crate) site: Site,
    /// What is ours there.
    pub(crate) scope: Scope,
    /// What is wanted; nothing where everything is to be destroyed.
    pub(crate) app: App,
    /// The whole app, even where everything is to be destroyed.
    pub(crate) full: App,
    /// What has to happen.
    pub(crate) plan: Plan,
    /// What somebody else put beside it.
    pub(crate) others: Vec<Live>,
    /// The clouds that the plan says nothing of, and why.
    pub(crate) missing: Vec<(Cloud, Failure)>,
    /// What the clouds found that is worth a word.
    pub(crate) noted: Vec<Obstacle>,
    /// The manifest as the user named it.
    pub(crate) manifest: String,
    /// Why the plan was made.
    pub(crate) purpose: Purpose,
    /// The kinds of every cloud.
    pub(crate) kinds: Vec<KindSpec>,
    /// What the plan is limited to.
    pub(crate) targets: Vec<String>,
    /// The digest of the manifest's text.
    pub(crate) digest: String,
    /// The steps that must not run, because a saved plan is carried out and they are not in it.
    pub(crate) refused: Refusals,
    /// The saved plan that is carried out, as the user named it.
    pub(crate) approved: Option<String>,
    /// The packaged code.
    pub(crate) artifacts: Vec<ArtifactDocument>,
    sizes: BTreeMap<String, u64>,
    place: String,
}

impl Prepared {
    /// Returns what it takes to show the plan.
    pub(crate) fn view(&self) -> View<'_> {
        View {
            kinds: &self.kinds,
            sizes: &self.sizes,
            manifest: &self.manifest,
            place: &self.place,
            purpose: self.purpose,
        }
    }
}

impl Prepared {
    /// Returns the plan without what must not run, to ask what it costs.
    pub(crate) fn permitted(&self) -> Plan {
        let mut plan = self.plan.clone();
        let refused: Vec<&ResourceId> = self.refused.keys().map(|(_, id)| id).collect();
        plan.changes.retain(|change| !refused.contains(&change.id()));
        plan
    }
}

/// Reads the manifest and the clouds, and plans.
pub(crate) async fn prepare(
    session: &mut Session<'_>,
    args: &ScopeArgs,
    purpose: Purpose,
) -> Result<Prepared, Failure> {
    let manifest = load::load(session)?;
    load::warn(session, &manifest);
    let site = site::connect(session, &manifest.app).await?;
    prepare_on(site, session, manifest, (args, purpose)).await
}

/// Reads the clouds, and plans.
pub(crate) async fn prepare_on(
    mut site: Site,
    session: &Session<'_>,
    manifest: Manifest,
    (args, purpose): (&ScopeArgs, Purpose),
) -> Result<Prepared, Failure> {
    let digest = digest_of(&manifest.source.text);
    let mut app = manifest.app;
    let manifest = session.global.file.display().to_string();
    let full = app.clone();
    if purpose == Purpose::Destroy {
        app.functions.clear();
        app.managed.clear();
    }
    let artifacts = artifacts(&app);
    let sizes = artifacts.iter().map(|code| (code.digest.clone(), code.bytes)).collect();
    let scope = Scope { thorough: args.thorough, ..scope(&app, &session.world.run) };
    let missing = std::mem::take(&mut site.missing);
    match planned(&site, &scope, &app, args, (&manifest, missing)).await {
        Ok(Planned { plan, others, missing, noted }) => {
            let (kinds, place) = (site.clouds().kinds().to_vec(), site.clouds().places());
            let targets = args.target.clone();
            Ok(Prepared {
                site,
                scope,
                app,
                full,
                plan,
                others,
                missing,
                noted,
                manifest,
                purpose,
                kinds,
                targets,
                digest,
                refused: Refusals::new(),
                approved: None,
                artifacts,
                sizes,
                place,
            })
        }
        Err(failure) => {
            site.close().await?;
            Err(failure)
        }
    }
}

/// A plan, and what it says nothing of.
struct Planned {
    plan: Plan,
    others: Vec<Live>,
    missing: Vec<(Cloud, Failure)>,
    noted: Vec<Obstacle>,
}

async fn planned(
    site: &Site,
    scope: &Scope,
    app: &App,
    args: &ScopeArgs,
    (manifest, mut missing): (&str, Vec<(Cloud, Failure)>),
) -> Result<Planned, Failure> {
    let clouds = site.clouds();
    let surveyed = survey_all(&clouds, scope, app, args.cloud_timeout).await;
    let failed = surveyed.missing.into_iter();
    missing.extend(failed.map(|(cloud, error)| (cloud, blame::survey(error, manifest))));
    if missing.len() == app.providers.len() {
        return Err(blame::all(missing));
    }
    let mut changes = surveyed.changes;
    let nowhere = |target: &&String| !changes.iter().any(|change| concerns(change, target));
    if let Some(target) = args.target.iter().find(nowhere) {
        return Err(Failure::new(Exit::Failed, format!("nothing is called {target}"))
            .hint("A target is an address as plans show it, such as aws.function/hello, or a manifest entry, such as function.hello."));
    }
    if !args.target.is_empty() {
        changes = targeted(changes, &args.target);
    }
    let plan =
        Plan::of(changes, clouds.kinds()).map_err(|refused| blame::refused(&refused, manifest))?;
    // What others put there is about everything, which a targeted plan is not.
    let others = if args.target.is_empty() { surveyed.others } else { Vec::new() };
    Ok(Planned { plan, others, missing, noted: surveyed.noted })
}
