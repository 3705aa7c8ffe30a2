//! Google Cloud as the core sees it.

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

/// Google Cloud, in one project and region.
pub struct Gcp {
    pub(crate) cloud: Cloud,
}

impl Gcp {
    /// Finds credentials and asks Google for the project. Refuses any but the one named.
    pub async fn connect(settings: Settings) -> Result<Self, CloudError> {
        Ok(Self { cloud: Cloud::connect(settings).await? })
    }

    /// Takes the project and region that the settings name, asks nobody and needs no credentials:
    /// for what is pure. Whatever would reach Google is refused as `Offline`.
    pub fn offline(settings: Settings) -> Self {
        Self { cloud: Cloud::offline(settings) }
    }

    /// Returns how often each operation was called so far, such as `cloudfunctions.functions.get`.
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.cloud.ledger().calls()
    }

    /// Returns the project worked in.
    pub fn project(&self) -> &str {
        &self.cloud.place.project
    }

    /// Returns the project's number, which Google's own service accounts are named after.
    pub fn number(&self) -> &str {
        &self.cloud.place.number
    }

    /// Returns the region worked in.
    pub fn region(&self) -> &str {
        &self.cloud.place.region
    }
}

#[async_trait]
impl Provider for Gcp {
    fn cloud(&self) -> updraft_contract::Cloud {
        updraft_contract::Cloud::Gcp
    }

    fn place(&self) -> String {
        format!("project {}, {}", self.cloud.place.project, self.cloud.place.region)
    }

    fn whereabouts(&self) -> Whereabouts {
        let Place { project, number, region, endpoint } = &self.cloud.place;
        let mut more = BTreeMap::from([("number", number.clone())]);
        more.extend(endpoint.clone().map(|url| ("endpoint", url)));
        Whereabouts { account: project.clone(), region: region.clone(), more }
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

    async fn preflight(&self, _: &Scope, app: &App) -> Result<Vec<Obstacle>, CloudError> {
        preflight::look(&self.cloud, app).await
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
        let kind = kinds::named(&action.target)?;
        updraft_transport::execute(kind, &self.cloud, scope, action, stages).await
    }
}
