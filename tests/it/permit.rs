//! Clouds of tests that have no permissions.

/// Says of a test's cloud that nobody needs a permission there.
macro_rules! no_permissions {
    ($name:ident) => {
        #[async_trait::async_trait]
        impl updraft_contract::Permit for $name {
            fn verbs(&self) -> &'static [updraft_contract::VerbSpec] {
                &[]
            }

            fn permissions(&self, _: &updraft_contract::App) -> Vec<updraft_contract::Permission> {
                Vec::new()
            }

            fn granted(&self, _: &[updraft_contract::Live]) -> Vec<updraft_contract::Permission> {
                Vec::new()
            }

            fn lasting(&self, _: &[updraft_contract::Live]) -> Vec<updraft_contract::Permission> {
                Vec::new()
            }

            fn deployer(
                &self,
                _: &updraft_contract::App,
                _: updraft_contract::Task,
            ) -> Vec<updraft_contract::Permission> {
                Vec::new()
            }

            fn written(&self, _: &[updraft_contract::Permission]) -> Vec<(String, String)> {
                Vec::new()
            }

            async fn lacking(
                &self,
                _: &updraft_contract::Scope,
                _: &[updraft_contract::Permission],
                _: &updraft_contract::TakenOn,
            ) -> Result<Option<Vec<updraft_contract::Permission>>, updraft_contract::CloudError>
            {
                Ok(None)
            }

            async fn roles(
                &self,
                _: &std::collections::BTreeSet<String>,
            ) -> Result<Vec<updraft_contract::RoleContent>, updraft_contract::CloudError> {
                Ok(Vec::new())
            }
        }
    };
}

pub(crate) use no_permissions;
