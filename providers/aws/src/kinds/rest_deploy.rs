//! The deployments of a REST API: copies of its routes that its stages serve.

use aws_sdk_apigateway::types::{Deployment, Stage};
use updraft_transport::{Class, pages};

use super::rest_write::read_tree;
use crate::client::Cloud;
use crate::errors::{Failure, absent, gone};

/// What the description of a deployment of ours starts with; the digest of its routes follows.
const OURS: &str = "updraft ";

/// One API and its deployments.
pub(crate) struct Deployments<'a> {
    pub(crate) cloud: &'a Cloud,
    pub(crate) api_id: &'a str,
}

impl Deployments<'_> {
    /// Deploys the routes as they are now and returns the deployment.
    ///
    /// The digest is taken of what is there, not of what is wanted: should they differ, the next
    /// plan says so. One that a cut run has left is taken up again.
    pub(crate) async fn deploy(&self) -> Result<String, Failure> {
        let tree = read_tree(self.cloud, self.api_id).await?.unwrap_or_default();
        let description = format!("{OURS}{}", tree.digest());
        let same = |one: &Deployment| one.description() == Some(description.as_str());
        if let Some(left) = self.all().await?.iter().find(|one| same(one)) {
            return Ok(left.id().unwrap_or_default().to_owned());
        }
        let made = self.cloud.once("apigateway:CreateDeployment", |clients| {
            let request = clients.apigateway.create_deployment().rest_api_id(self.api_id);
            request.description(description.as_str()).send()
        });
        match made.await {
            Ok(made) => Ok(made.id.unwrap_or_default()),
            Err(failure) if failure.class == Class::Ambiguous => {
                let found = self.all().await?;
                let found = found.iter().find(|one| same(one)).and_then(Deployment::id);
                found.map(str::to_owned).ok_or(failure)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Removes our deployments that no stage uses.
    pub(crate) async fn tidy(&self) -> Result<(), Failure> {
        let (stages, deployments) = (self.stages().await?, self.all().await?);
        for deployment in unused(&stages, &deployments) {
            let deleted = self.cloud.safe("apigateway:DeleteDeployment", |clients| {
                let request = clients.apigateway.delete_deployment().rest_api_id(self.api_id);
                request.set_deployment_id(deployment.id.clone()).send()
            });
            gone(deleted.await)?;
        }
        Ok(())
    }

    /// Reads the stages of the API.
    pub(crate) async fn stages(&self) -> Result<Vec<Stage>, Failure> {
        let answer = self.cloud.safe("apigateway:GetStages", |clients| {
            clients.apigateway.get_stages().rest_api_id(self.api_id).send()
        });
        Ok(absent(answer.await)?.and_then(|answer| answer.item).unwrap_or_default())
    }

    /// Reads the deployments of the API.
    pub(crate) async fn all(&self) -> Result<Vec<Deployment>, Failure> {
        let (cloud, id) = (self.cloud, self.api_id);
        let all = pages("apigateway:GetDeployments", |position: Option<String>| async move {
            let answer = cloud.safe("apigateway:GetDeployments", |clients| {
                let request = clients.apigateway.get_deployments().rest_api_id(id).limit(500);
                request.set_position(position.clone()).send()
            });
            let answer = answer.await?;
            Ok::<_, Failure>((answer.items.unwrap_or_default(), answer.position))
        });
        Ok(absent(all.await)?.unwrap_or_default())
    }
}

/// Returns the digest of the routes that a deployment of ours serves.
pub(crate) fn digest(deployment: &Deployment) -> Option<&str> {
    deployment.description()?.strip_prefix(OURS)
}

/// Returns our deployments that no stage uses.
pub(crate) fn unused<'a>(
    stages: &'a [Stage],
    deployments: &'a [Deployment],
) -> impl Iterator<Item = &'a Deployment> {
    let used = |id: Option<&str>| {
        stages.iter().any(|stage| {
            let canary = stage.canary_settings().and_then(|canary| canary.deployment_id());
            stage.deployment_id() == id || (canary.is_some() && canary == id)
        })
    };
    deployments.iter().filter(move |one| digest(one).is_some() && !used(one.id()))
}

#[cfg(test)]
mod tests {
    use aws_sdk_apigateway::types::{Deployment, Stage};

    use super::unused;

    #[test]
    fn only_our_deployments_that_no_stage_uses_are_unused() {
        let deployment =
            |id: &str, text: &str| Deployment::builder().id(id).description(text).build();
        let deployments = [
            deployment("a", "updraft 1"),
            deployment("b", "updraft 2"),
            deployment("c", "by hand"),
        ];
        let stages = [Stage::builder().stage_name("dev").deployment_id("b").build()];
        let unused: Vec<_> = unused(&stages, &deployments).filter_map(Deployment::id).collect();
        assert_eq!(unused, ["a"]);
    }
}
