//! What AWS tells of permissions.

use std::collections::BTreeSet;

use async_trait::async_trait;
use updraft_contract::{
    App, Cloud, CloudError, Live, Permission, Permit, RoleContent, Scope, Task, VerbSpec,
};

use crate::access::VERBS;
use crate::{Aws, granted, model};

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
