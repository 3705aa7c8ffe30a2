//! `aws.rest-stage`: the stage of our REST API and the deployment it serves.
//!
//! A deployment is a copy of the routes. Its description holds the digest of what was copied, so
//! a new one is made when and only when the routes differ from it. The order of the two calls
//! (deploy, then point the stage at it) leaves at worst a deployment that no stage uses; such
//! ones are counted, and removed with the next change.

use async_trait::async_trait;
use updraft_contract::{
    Action, FieldSpec, Fields, Grant, KindSpec, Known, Live, Origin, Owner, Resource, ResourceId,
    Scope, Stages, Value, Verb, Version,
};
use updraft_transport::ResourceKind;

use super::rest_api::{self, replace};
use super::rest_deploy::{Deployments, digest, unused};
use super::{REST_API, REST_ROUTE, REST_STAGE, collected, http, rest_route, rest_tree};
use crate::client::Cloud;
use crate::errors::{Failure, gone};
use crate::kind::{Found, Made};
use crate::place::{Names, Place};
use crate::survey::Survey;
use crate::triggers::Route;

static SPEC: KindSpec = KindSpec {
    kind: REST_STAGE,
    needs: &[REST_API, REST_ROUTE],
    snapshots: &[REST_ROUTE],
    fields: &[
        FieldSpec::fixed("name"),
        FieldSpec::plain("routes"),
        FieldSpec::plain("unused-deployments"),
    ],
    grants: &[
        Grant { verb: Verb::Create, permissions: &["apigateway:GET", "apigateway:POST"] },
        Grant {
            verb: Verb::Update,
            permissions: &[
                "apigateway:DELETE",
                "apigateway:GET",
                "apigateway:PATCH",
                "apigateway:POST",
            ],
        },
        Grant { verb: Verb::Delete, permissions: &["apigateway:DELETE"] },
    ],
    reads: &["apigateway:GET"],
    downtime: "",
    shows: &["url"],
};

/// Returns the address of the one stage.
pub(crate) fn id() -> ResourceId {
    ResourceId { kind: REST_STAGE, name: "main".to_owned() }
}

/// Returns the stage's name: the project's stage in the characters API Gateway allows.
///
/// <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html>: alphanumeric
/// characters, hyphens and underscores, at most 128.
pub(crate) fn name(stage: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    stage.chars().map(safe).take(128).collect()
}

/// Returns where the stage is called, without a slash at its end.
///
/// An endpoint that stands in for AWS serves it at `LocalStack`'s path.
pub(crate) fn url(place: &Place, api_id: &str, stage: &str) -> String {
    if let Some(endpoint) = &place.endpoint {
        return format!("{endpoint}/restapis/{api_id}/{stage}/_user_request_");
    }
    let suffix = if place.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("https://{api_id}.execute-api.{}.{suffix}/{stage}", place.region)
}

/// Returns the stage that serves `routes`.
pub(crate) fn wanted(names: Names<'_>, routes: &[Route<'_>], origin: &Origin) -> Resource {
    let after = routes.iter().map(|route| rest_route::id(http::key(route)));
    let served = routes.iter().map(|route| rest_route::served(names, route)).collect();
    let fields = Fields::new([
        ("api-id", Value::output(&rest_api::id(), "api-id")),
        ("name", Value::Text(name(names.stage))),
        ("routes", Value::Text(rest_tree::digest(&served))),
        ("unused-deployments", Value::Int(0)),
        ("after", Value::List(after.map(|route| Value::output(&route, "key")).collect())),
    ]);
    Resource { id: id(), fields, outputs: Made::new(), origin: origin.clone() }
}

/// The kind.
pub(crate) struct RestStage;

#[async_trait]
impl ResourceKind<Cloud, Survey> for RestStage {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        crate::marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let Some(api_id) = rest_api::surveyed(cloud, survey).await? else { return Ok(Vec::new()) };
        let found = stage(cloud, &api_id, &name(&survey.scope.stage)).await?;
        Ok(found.into_iter().map(|found| found.live).collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        _: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let Some(api_id) = rest_api::api_id(cloud, scope).await? else { return Ok(None) };
        stage(cloud, &api_id, &name(&scope.stage)).await
    }

    async fn create(
        &self,
        cloud: &Cloud,
        _: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let (id, stage) = api_and_stage(&action.body);
        let _held = cloud.lock(id).await;
        let api = Deployments { cloud, api_id: id };
        let deployment = api.deploy().await?;
        let made = cloud.once("apigateway:CreateStage", |clients| {
            let request = clients.apigateway.create_stage().rest_api_id(id);
            request.stage_name(stage).deployment_id(deployment.clone()).send()
        });
        made.await?;
        api.tidy().await?;
        Ok(outputs(cloud, id, stage))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let (id, stage) = api_and_stage(&action.body);
        let _held = cloud.lock(id).await;
        let api = Deployments { cloud, api_id: id };
        if found.live.fields.get("routes") != action.body.get("routes") {
            let deployment = api.deploy().await?;
            let patch = replace("/deploymentId", &deployment);
            let patched = cloud.safe("apigateway:UpdateStage", |clients| {
                let request = clients.apigateway.update_stage().rest_api_id(id);
                request.stage_name(stage).patch_operations(patch.clone()).send()
            });
            patched.await?;
        }
        api.tidy().await?;
        Ok(outputs(cloud, id, stage))
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        _: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let (id, stage) = api_and_stage(&found.live.fields);
        let _held = cloud.lock(id).await;
        let deleted = cloud.safe("apigateway:DeleteStage", |clients| {
            clients.apigateway.delete_stage().rest_api_id(id).stage_name(stage).send()
        });
        gone(deleted.await)
    }
}

fn api_and_stage(fields: &Known) -> (&str, &str) {
    (fields.text("api-id").unwrap_or_default(), fields.text("name").unwrap_or_default())
}

fn outputs(cloud: &Cloud, api_id: &str, stage: &str) -> Made {
    [("url", url(&cloud.place, api_id, stage))].into_iter().collect()
}

/// Reads a stage together with what it serves.
async fn stage(cloud: &Cloud, api_id: &str, name: &str) -> Result<Option<Found>, Failure> {
    let api = Deployments { cloud, api_id };
    let stages = api.stages().await?;
    let Some(stage) = stages.iter().find(|stage| stage.stage_name() == Some(name)) else {
        return Ok(None);
    };
    let deployments = api.all().await?;
    let serving = deployments.iter().find(|one| one.id() == stage.deployment_id());
    let unused = unused(&stages, &deployments).count();
    let fields = collected([
        ("api-id", Value::from(api_id)),
        ("name", Value::from(name)),
        ("routes", Value::from(serving.and_then(digest).unwrap_or("not deployed by Updraft"))),
        ("unused-deployments", Value::Int(i64::try_from(unused).unwrap_or(i64::MAX))),
    ]);
    let live = Live {
        id: id(),
        version: Version::of(&fields),
        fields,
        outputs: outputs(cloud, api_id, name),
        owner: Owner::Us,
        holds: None,
    };
    Ok(Some(Found { live, nonce: None }))
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_stage_is_named_in_the_characters_allowed() {
        assert_eq!(name("prod"), "prod");
        assert_eq!(name("feature/x.y"), "feature_x_y");
    }
}
