//! Deploys apps on an embedded cloud of the test's own, through the real provider and real HTTP.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use updraft::apply::{Context, Outcome, Refusals, apply, apply_approved};
use updraft::clouds::Clouds;
use updraft::plan::Plan;
use updraft::survey::survey;
use updraft_contract::{Action, App, Expect, KindSpec, Provider, ResourceId, Stages, Verb};
use updraft_local::{Config, Entry, FaultPlan, Running, Settings};

use crate::ground::Ground;
use crate::world::{app, scope};

/// How often a cloud refuses to delete something before somebody believes it.
const REFUSALS: usize = 3;

/// A cloud and a provider that works on it.
pub(crate) struct Site {
    /// The cloud.
    pub(crate) cloud: Running,
    ground: Ground,
    provider: Box<dyn Provider>,
    runs: AtomicU64,
}

/// Starts an empty cloud. Nothing is called on schedule, which would leave log lines by the clock.
pub(crate) async fn site(ground: Ground, settings: Settings) -> Site {
    let settings = Settings { schedules_run: false, ..settings };
    let config = Config { settings, ..Config::in_memory() };
    let cloud = updraft_local::serve(config).await.unwrap();
    let provider = (ground.connect)(&cloud).await;
    // What connecting takes is no part of a deployment.
    cloud.clear_ledger();
    Site { cloud, ground, provider, runs: AtomicU64::new(0) }
}

impl Site {
    /// Plans the way `updraft plan` does.
    pub(crate) async fn plan(&self, wanted: &App) -> Result<Plan, String> {
        let scope = scope(wanted, &self.run());
        let changes =
            survey(self.provider.as_ref(), &scope, wanted).await.map_err(|e| e.to_string())?;
        Plan::of(changes, self.provider.kinds()).map_err(|e| e.to_string())
    }

    /// Returns the kinds of the cloud.
    pub(crate) fn kinds(&self) -> &'static [KindSpec] {
        self.provider.kinds()
    }

    /// Applies a plan of `wanted` without the steps that are `refused`.
    pub(crate) async fn carry_out(&self, wanted: &App, plan: &Plan, refused: &Refusals) -> Outcome {
        let scope = scope(wanted, &self.run());
        let clouds = Clouds::of([self.provider.as_ref()]);
        let context =
            Context { clouds: &clouds, scope: &scope, parallelism: 8, should_stop: &|| false };
        apply_approved(plan, refused, &context, &mut |_| {}).await
    }

    /// Deletes one resource of `deployed`, whatever uses it; `false` where the cloud refuses.
    pub(crate) async fn delete(&self, deployed: &App, target: &ResourceId) -> bool {
        let scope = scope(deployed, &self.run());
        let found = self.provider.examine(&scope, std::slice::from_ref(target)).await.unwrap();
        let Some(live) = found.into_iter().next() else { return false };
        let action = Action {
            verb: Verb::Delete,
            target: live.id,
            body: live.fields,
            expect: Expect::Unchanged(live.version),
            origin: None,
            needs: BTreeSet::new(),
        };
        self.cloud.clear_ledger();
        let stages = Stages::silent();
        tokio::select! {
            done = self.provider.execute(&scope, &action, &stages) => done.is_ok(),
            () = self.refused() => false,
        }
    }

    /// Returns once a deletion has been refused again and again. Ours would wait for minutes for what uses it to go.
    async fn refused(&self) {
        let refused = |entry: &Entry| entry.method == "DELETE" && entry.status >= 400;
        while self.cloud.ledger().iter().filter(|entry| refused(entry)).count() < REFUSALS {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Plans and applies the way `updraft apply` does.
    pub(crate) async fn deploy(&self, wanted: &App) -> Result<Outcome, String> {
        let plan = self.plan(wanted).await?;
        let scope = scope(wanted, &self.run());
        let clouds = Clouds::of([self.provider.as_ref()]);
        let context =
            Context { clouds: &clouds, scope: &scope, parallelism: 8, should_stop: &|| false };
        Ok(apply(&plan, &context, &mut |_| {}).await)
    }

    /// Deploys and fails the test unless everything was done.
    pub(crate) async fn deploy_all(&self, wanted: &App) {
        let outcome = self.deploy(wanted).await.unwrap();
        assert!(outcome.is_complete(), "{:#?} {:#?}", outcome.failed, outcome.skipped);
    }

    /// Fails the test unless the cloud is as `wanted`.
    pub(crate) async fn assert_settled(&self, wanted: &App) {
        let plan = self.plan(wanted).await.unwrap();
        assert!(plan.is_empty(), "the second plan is not empty: {:#?}", plan.steps);
    }

    /// Destroys everything of ours and returns what the cloud still holds.
    pub(crate) async fn destroy(&self) -> Vec<String> {
        let nothing = app(Vec::new());
        self.deploy_all(&nothing).await;
        self.assert_settled(&nothing).await;
        self.holds()
    }

    /// Returns what the cloud holds, without what it remembers of the past on purpose.
    pub(crate) fn holds(&self) -> Vec<String> {
        let keys = self.cloud.keys().unwrap().into_iter();
        keys.filter(|key| !(self.ground.remembers)(key)).collect()
    }

    /// Starts to deploy and is killed after `calls` calls: nothing that it sends later arrives.
    pub(crate) async fn deploy_killed_after(&self, wanted: &App, calls: u64) {
        self.cloud.clear_ledger();
        self.cloud.set_faults(FaultPlan::stop_after(calls));
        tokio::select! {
            _ = self.deploy(wanted) => {}
            () = self.called(calls) => {}
        }
        self.cloud.set_faults(FaultPlan::none());
    }

    /// Returns once more than `calls` calls have been made.
    async fn called(&self, calls: u64) {
        while (self.cloud.ledger().len() as u64) <= calls {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    fn run(&self) -> String {
        format!("run-{}", self.runs.fetch_add(1, Ordering::Relaxed))
    }
}

/// Runs a future to its end.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}
