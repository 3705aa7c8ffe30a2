//! What Google Cloud tells of permissions.

use std::collections::BTreeSet;

use async_trait::async_trait;
use updraft_contract::{
    App, CloudError, Live, Permission, Permit, RoleContent, Scope, Task, VerbSpec,
};

use crate::Gcp;
use crate::granted;
use crate::verbs;

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

    fn deployer(&self, _app: &App, _task: Task) -> Vec<Permission> {
        Vec::new()
    }

    fn written(&self, _permissions: &[Permission]) -> Vec<(String, String)> {
        Vec::new()
    }

    async fn lacking(
        &self,
        _scope: &Scope,
        _needed: &[Permission],
    ) -> Result<Option<Vec<Permission>>, CloudError> {
        Ok(None)
    }

    async fn roles(&self, _ids: &BTreeSet<String>) -> Result<Vec<RoleContent>, CloudError> {
        Ok(Vec::new())
    }
}
