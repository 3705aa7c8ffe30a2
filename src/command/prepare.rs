//! What plan, apply and destroy share: from the manifest to a plan.

use updraft_contract::{App, Scope};

use super::scope::{known_clouds, scope};
use super::site::{self, Site};
use super::world::Session;
use super::{blame, load};
use crate::cli::ScopeArgs;
use crate::exit::{Exit, Failure};
use crate::plan::{Plan, concerns, targeted};
use crate::report::human::{Purpose, View};
use crate::survey::survey;

/// A plan and everything it takes to show it and to carry it out.
pub(crate) struct Prepared {
    /// The cloud.
    pub(crate) site: Site,
    /// What is ours there.
    pub(crate) scope: Scope,
    /// What has to happen.
    pub(crate) plan: Plan,
    /// The manifest as the user named it.
    pub(crate) manifest: String,
    /// Why the plan was made.
    pub(crate) purpose: Purpose,
    place: String,
}

impl Prepared {
    /// Returns what it takes to show the plan.
    pub(crate) fn view(&self) -> View<'_> {
        View {
            kinds: self.site.provider.kinds(),
            artifacts: &self.scope.artifacts,
            manifest: &self.manifest,
            place: &self.place,
            purpose: self.purpose,
        }
    }
}

/// Reads the manifest and the cloud, and plans.
pub(crate) async fn prepare(
    session: &mut Session<'_>,
    args: &ScopeArgs,
    purpose: Purpose,
) -> Result<Prepared, Failure> {
    let manifest = load::load(session)?;
    load::warn(session, &manifest);
    let mut app = manifest.app;
    let manifest = session.global.file.display().to_string();
    known_clouds(&app, &manifest)?;
    if purpose == Purpose::Destroy {
        app.functions.clear();
        app.managed.clear();
    }
    let site = site::connect(session, &app).await?;
    let scope = scope(&app, &session.world.run);
    match planned(&site, &scope, &app, args, &manifest).await {
        Ok(plan) => {
            let place = site.provider.place();
            Ok(Prepared { site, scope, plan, manifest, purpose, place })
        }
        Err(failure) => {
            site.close().await?;
            Err(failure)
        }
    }
}

async fn planned(
    site: &Site,
    scope: &Scope,
    app: &App,
    args: &ScopeArgs,
    manifest: &str,
) -> Result<Plan, Failure> {
    let provider = site.provider.as_ref();
    let app = app.on(provider.cloud());
    let mut changes =
        survey(provider, scope, &app).await.map_err(|error| blame::survey(error, manifest))?;
    let missing = |target: &&String| !changes.iter().any(|change| concerns(change, target));
    if let Some(target) = args.target.iter().find(missing) {
        return Err(Failure::new(Exit::Failed, format!("nothing is called {target}"))
            .hint("A target is an address as plans show it, such as aws.function/hello, or a manifest entry, such as function.hello."));
    }
    if !args.target.is_empty() {
        changes = targeted(changes, &args.target);
    }
    Plan::of(changes, provider.kinds()).map_err(|refused| blame::refused(&refused, manifest))
}
