//! `aws.http-stage`: the `$default` stage of our HTTP API, which deploys by itself.

use async_trait::async_trait;
use updraft_contract::{
    Action, FieldSpec, Fields, Grant, KindSpec, Known, Live, Origin, Owner, Resource, ResourceId,
    Scope, Stages, Value, Verb, Version,
};
use updraft_transport::ResourceKind;

use super::{HTTP_API, HTTP_ROUTE, HTTP_STAGE, collected, http, http_api, http_route};
use crate::client::Cloud;
use crate::errors::{Failure, absent, gone};
use crate::kind::{Found, Made};
use crate::survey::Survey;
use crate::triggers::Route;

static SPEC: KindSpec = KindSpec {
    kind: HTTP_STAGE,
    needs: &[HTTP_API, HTTP_ROUTE],
    snapshots: &[],
    fields: &[FieldSpec::plain("auto-deploy")],
    grants: &[
        Grant { verb: Verb::Create, permissions: &["apigateway:POST"] },
        Grant { verb: Verb::Update, permissions: &["apigateway:PATCH"] },
        Grant { verb: Verb::Delete, permissions: &["apigateway:DELETE"] },
    ],
    reads: &["apigateway:GET"],
    downtime: "",
    shows: &["url"],
};

/// The stage that is served at the API's own address, without a name in the path.
const DEFAULT: &str = "$default";

fn id() -> ResourceId {
    ResourceId { kind: HTTP_STAGE, name: "main".to_owned() }
}

/// Returns the stage, which comes after the routes so that it deploys them once.
pub(crate) fn wanted(routes: &[Route<'_>], origin: &Origin) -> Resource {
    let api = http_api::id();
    let after = routes.iter().map(|route| http_route::id(http::key(route)));
    let fields = Fields::new([
        ("api-id", Value::output(&api, "api-id")),
        ("url", Value::output(&api, "url")),
        ("auto-deploy", Value::Bool(true)),
        ("after", Value::List(after.map(|route| Value::output(&route, "key")).collect())),
    ]);
    Resource { id: id(), fields, outputs: Made::new(), origin: origin.clone() }
}

/// The kind.
pub(crate) struct HttpStage;

#[async_trait]
impl ResourceKind<Cloud, Survey> for HttpStage {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        crate::marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let Some(api) = http_api::surveyed(cloud, survey).await? else { return Ok(Vec::new()) };
        let (api_id, url) = (api.api_id().unwrap_or_default(), api.api_endpoint());
        let found = stage(cloud, api_id, url.unwrap_or_default()).await?;
        Ok(found.into_iter().map(|found| found.live).collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        _: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let Some(api) = http_api::current(cloud, scope).await? else { return Ok(None) };
        let (api_id, url) = (api.api_id().unwrap_or_default(), api.api_endpoint());
        stage(cloud, api_id, url.unwrap_or_default()).await
    }

    async fn create(
        &self,
        cloud: &Cloud,
        _: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let api_id = action.body.text("api-id").unwrap_or_default();
        let _held = cloud.lock(api_id).await;
        let made = cloud.once("apigatewayv2:CreateStage", |clients| {
            let request = clients.apigatewayv2.create_stage().api_id(api_id);
            request.stage_name(DEFAULT).auto_deploy(true).send()
        });
        made.await?;
        Ok(outputs(&action.body))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let api_id = action.body.text("api-id").unwrap_or_default();
        if found.live.fields.get("auto-deploy") != action.body.get("auto-deploy") {
            let _held = cloud.lock(api_id).await;
            let updated = cloud.safe("apigatewayv2:UpdateStage", |clients| {
                let request = clients.apigatewayv2.update_stage().api_id(api_id);
                request.stage_name(DEFAULT).auto_deploy(true).send()
            });
            updated.await?;
        }
        Ok(outputs(&action.body))
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        _: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let api_id = found.live.fields.text("api-id").unwrap_or_default();
        let _held = cloud.lock(api_id).await;
        let deleted = cloud.safe("apigatewayv2:DeleteStage", |clients| {
            clients.apigatewayv2.delete_stage().api_id(api_id).stage_name(DEFAULT).send()
        });
        gone(deleted.await)
    }
}

fn outputs(body: &Known) -> Made {
    body.text("url").map(|url| ("url", url.to_owned())).into_iter().collect()
}

/// Reads the stage of the API served at `url`.
async fn stage(cloud: &Cloud, api_id: &str, url: &str) -> Result<Option<Found>, Failure> {
    let answer = cloud.safe("apigatewayv2:GetStage", |clients| {
        clients.apigatewayv2.get_stage().api_id(api_id).stage_name(DEFAULT).send()
    });
    let Some(stage) = absent(answer.await)? else { return Ok(None) };
    let fields = collected([
        ("api-id", Value::from(api_id)),
        ("url", Value::from(url.trim_end_matches('/'))),
        ("auto-deploy", Value::Bool(stage.auto_deploy().unwrap_or_default())),
    ]);
    let live = Live {
        id: id(),
        version: Version::of(&fields),
        outputs: outputs(&fields),
        fields,
        owner: Owner::Us,
        holds: None,
    };
    Ok(Some(Found { live, nonce: None }))
}
