//! What AWS tells of permissions.

use std::collections::BTreeSet;

use async_trait::async_trait;
use updraft_contract::{
    App, Cloud, CloudError, Live, Permission, Permit, RoleContent, Scope, TakenOn, Task, VerbSpec,
};

use crate::access::VERBS;
use crate::{Aws, deployer, granted, lacking, model, written};

#[async_trait]
impl Permit for Aws {
    fn verbs(&self) -> &'static [VerbSpec] {
        &VERBS
    }

    fn permissions(&self, app: &App) -> Vec<Permission> {
        let app = app.on(Cloud::Aws);
        model::permissions(self.cloud.place.names(&app.project, &app.stage), &app)
    }

    fn granted(&self, live: &[Live]) -> Vec<Permission> {
        granted::granted(&self.cloud.place, live)
    }

    fn lasting(&self, _: &[Live]) -> Vec<Permission> {
        Vec::new()
    }

    fn deployer(&self, app: &App, task: Task) -> Vec<Permission> {
        deployer::deployer(&self.cloud.place, app, task)
    }

    fn written(&self, permissions: &[Permission]) -> Vec<(String, String)> {
        written::written(permissions)
    }

    async fn lacking(
        &self,
        _: &Scope,
        needed: &[Permission],
        _: &TakenOn,
    ) -> Result<Option<Vec<Permission>>, CloudError> {
        lacking::lacking(&self.cloud, needed).await
    }

    async fn roles(&self, _ids: &BTreeSet<String>) -> Result<Vec<RoleContent>, CloudError> {
        Ok(Vec::new())
    }
}
