//! Deploys apps on an embedded cloud of the test's own, through the real provider and real HTTP.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use updraft::apply::{Context, Outcome, apply};
use updraft::plan::Plan;
use updraft::survey::survey;
use updraft_aws::Aws;
use updraft_contract::{App, Provider as _};
use updraft_local::{Config, FaultPlan, Running, Settings};

use crate::world::{app, scope};

/// A cloud and a provider that works on it.
pub(crate) struct Site {
    /// The cloud.
    pub(crate) cloud: Running,
    aws: Aws,
    runs: AtomicU64,
}

/// Starts an empty cloud.
pub(crate) async fn site(settings: Settings) -> Site {
    let config = Config { settings, ..Config::in_memory() };
    let cloud = updraft_local::serve(config).await.unwrap();
    let aws = connect(&cloud).await;
    Site { cloud, aws, runs: AtomicU64::new(0) }
}

async fn connect(cloud: &Running) -> Aws {
    let settings = updraft_aws::Settings {
        region: Some("eu-west-1".to_owned()),
        endpoint: Some(cloud.url()),
        credentials: Some(("111122223333".to_owned(), "secret".to_owned())),
        ..updraft_aws::Settings::default()
    };
    Aws::connect(settings).await.unwrap()
}

impl Site {
    /// Plans the way `updraft plan` does.
    pub(crate) async fn plan(&self, wanted: &App) -> Result<Plan, String> {
        let scope = scope(wanted, &self.run());
        let changes = survey(&self.aws, &scope, wanted).await.map_err(|e| e.to_string())?;
        Plan::of(changes, self.aws.kinds()).map_err(|e| e.to_string())
    }

    /// Plans and applies the way `updraft apply` does.
    pub(crate) async fn deploy(&self, wanted: &App) -> Result<Outcome, String> {
        let plan = self.plan(wanted).await?;
        let scope = scope(wanted, &self.run());
        let context =
            Context { provider: &self.aws, scope: &scope, parallelism: 8, should_stop: &|| false };
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

    /// Returns what the cloud holds, without what it remembers of the past on purpose: its index
    /// of tags and the client tokens it has seen.
    pub(crate) fn holds(&self) -> Vec<String> {
        let keys = self.cloud.keys().unwrap().into_iter();
        keys.filter(|key| !key.starts_with("tagging/") && !key.contains("/tokens/")).collect()
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
