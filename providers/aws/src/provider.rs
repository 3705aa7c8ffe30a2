//! AWS as the core sees it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use updraft_contract::{
    Action, App, CloudError, KindSpec, Known, Live, Obstacle, Provider, Resource, ResourceId,
    Scope, Stages, Support, Unsupported, Whereabouts,
};

use crate::client::Cloud;
use crate::connect::Settings;
use crate::kinds;
use crate::place::Place;
use crate::preflight;
use crate::support;
use crate::survey::Survey;
use crate::triggers;

/// Amazon Web Services, in one account and region.
pub struct Aws {
    pub(crate) cloud: Cloud,
}

impl Aws {
    /// Finds credentials and asks AWS whose they are. Refuses any account but the pinned one.
    pub async fn connect(settings: Settings) -> Result<Self, CloudError> {
        Ok(Self { cloud: Cloud::connect(settings).await? })
    }

    /// Takes the settings at their word, without credentials and without a network: the account
    /// they pin or twelve zeros, and the region they or the environment name or `us-east-1`.
    ///
    /// What is pure works as it does connected. Whatever would ask AWS fails.
    pub fn offline(settings: Settings) -> Self {
        Self { cloud: Cloud::offline(settings) }
    }

    /// Returns how often each operation was called so far, such as `Lambda.GetFunction`.
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.cloud.ledger().calls()
    }

    /// Returns who the credentials belong to, as an ARN.
    pub fn caller(&self) -> &str {
        &self.cloud.caller
    }

    /// Returns the account worked in.
    pub fn account(&self) -> &str {
        &self.cloud.place.account
    }

    /// Returns the region worked in.
    pub fn region(&self) -> &str {
        &self.cloud.place.region
    }
}

#[async_trait]
impl Provider for Aws {
    fn cloud(&self) -> updraft_contract::Cloud {
        updraft_contract::Cloud::Aws
    }

    fn place(&self) -> String {
        format!("account {}, {}", self.cloud.place.account, self.cloud.place.region)
    }

    fn whereabouts(&self) -> Whereabouts {
        let Place { partition, account, region, endpoint, .. } = &self.cloud.place;
        let mut more = BTreeMap::from([("partition", partition.clone())]);
        more.extend(endpoint.clone().map(|url| ("endpoint", url)));
        Whereabouts { account: account.clone(), region: region.clone(), more }
    }

    fn kinds(&self) -> &'static [KindSpec] {
        kinds::specs()
    }

    fn support(&self) -> &'static [Support] {
        support::SUPPORT
    }

    fn desired(&self, app: &App) -> Result<Vec<Resource>, Vec<Unsupported>> {
        triggers::desired(&self.cloud.place, app)
    }

    async fn preflight(&self, scope: &Scope, app: &App) -> Result<Vec<Obstacle>, CloudError> {
        preflight::obstacles(&self.cloud, scope, &app.on(updraft_contract::Cloud::Aws)).await
    }

    async fn observe(&self, scope: &Scope, wanted: &[ResourceId]) -> Result<Vec<Live>, CloudError> {
        let survey = Survey::new(scope, wanted);
        updraft_transport::observe(kinds::KINDS, &self.cloud, &survey).await
    }

    async fn examine(&self, scope: &Scope, ids: &[ResourceId]) -> Result<Vec<Live>, CloudError> {
        updraft_transport::examine(kinds::named, &self.cloud, scope, ids).await
    }

    async fn execute(
        &self,
        scope: &Scope,
        action: &Action<Known>,
        stages: &Stages<'_>,
    ) -> Result<BTreeMap<&'static str, String>, CloudError> {
        updraft_transport::execute(
            kinds::named(&action.target)?,
            &self.cloud,
            scope,
            action,
            stages,
        )
        .await
    }
}
