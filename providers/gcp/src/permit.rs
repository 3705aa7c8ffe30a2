//! What Google Cloud tells of permissions.

use std::collections::BTreeSet;

use async_trait::async_trait;
use updraft_contract::{
    App, CloudError, Live, Permission, Permit, RoleContent, Scope, TakenOn, Task, VerbSpec,
};

use crate::Gcp;
use crate::{deployer, granted, lacking, verbs};

#[async_trait]
impl Permit for Gcp {
    fn verbs(&self) -> &'static [VerbSpec] {
        verbs::specs()
    }

    fn permissions(&self, app: &App) -> Vec<Permission> {
        granted::wanted(&self.cloud.place, app)
    }

    fn granted(&self, live: &[Live]) -> Vec<Permission> {
        granted::live(live)
    }

    fn lasting(&self, live: &[Live]) -> Vec<Permission> {
        granted::lasting(live)
    }

    fn deployer(&self, app: &App, task: Task) -> Vec<Permission> {
        deployer::permissions(&self.cloud.place, app, task)
    }

    fn written(&self, permissions: &[Permission]) -> Vec<(String, String)> {
        deployer::written(permissions)
    }

    async fn lacking(
        &self,
        _: &Scope,
        needed: &[Permission],
        _: &TakenOn,
    ) -> Result<Option<Vec<Permission>>, CloudError> {
        lacking::lacking(&self.cloud, needed).await.map(Some)
    }

    async fn roles(&self, ids: &BTreeSet<String>) -> Result<Vec<RoleContent>, CloudError> {
        lacking::roles(&self.cloud, ids).await
    }
}
