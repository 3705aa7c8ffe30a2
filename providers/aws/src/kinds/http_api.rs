//! `aws.http-api`: one API Gateway HTTP API for a project and stage.
//!
//! Names are not unique and creating one twice makes two, so everything goes by marks. A second
//! one with our marks, left by two runs at once, is shown as a stray to delete.

use async_trait::async_trait;
use aws_sdk_apigatewayv2::types::{Api, ProtocolType};
use updraft_contract::{
    Action, FieldSpec, Fields, Grant, KindSpec, Known, Live, Origin, Owner, Resource, ResourceId,
    Scope, Stages, Value, Verb, Version, shortened,
};
use updraft_transport::ResourceKind;
use updraft_transport::pages;

use super::permission::{self, Caller};
use super::rest_api::LONGEST_NAME;
use super::{HTTP_API, collected, http, http_integration, http_route, http_stage};
use crate::client::Cloud;
use crate::errors::{Failure, gone};
use crate::kind::{Found, Made};
use crate::marks::{self, Tags};
use crate::place::Names;
use crate::survey::Survey;
use crate::triggers::Route;

static SPEC: KindSpec = KindSpec {
    kind: HTTP_API,
    needs: &[],
    snapshots: &[],
    fields: &[FieldSpec::plain("name"), FieldSpec::plain("default-url")],
    grants: &[
        // Tags in the create call take PUT on `/tags/*`.
        Grant { verb: Verb::Create, permissions: &["apigateway:POST", "apigateway:PUT"] },
        Grant { verb: Verb::Update, permissions: &["apigateway:PATCH"] },
        Grant { verb: Verb::Delete, permissions: &["apigateway:DELETE"] },
    ],
    reads: &["apigateway:GET"],
    downtime: "",
    shows: &[],
};

/// How many entries a page of an HTTP API's listings has at most.
pub(crate) const PAGE: &str = "500";

/// Returns the address of the one HTTP API of a project and stage.
pub(crate) fn id() -> ResourceId {
    ResourceId { kind: HTTP_API, name: "main".to_owned() }
}

/// Returns the API that serves these routes, the routes, what they lead to, the stage and the
/// permissions; nothing for no routes.
pub(crate) fn lower(names: Names<'_>, routes: &[Route<'_>]) -> Vec<Resource> {
    let Some(first) = routes.first() else { return Vec::new() };
    let mut wanted = vec![api(names, first.origin)];
    wanted.extend(http_integration::wanted(routes));
    wanted.extend(routes.iter().map(http_route::wanted));
    wanted.push(http_stage::wanted(routes, first.origin));
    wanted.extend(callers(names, routes).iter().map(|it| permission::wanted(names, it)));
    wanted
}

/// Returns what lets API Gateway call the functions of these routes.
///
/// The API is ours alone and has one stage, so any stage of it will do.
pub(crate) fn callers<'a>(names: Names<'_>, routes: &[Route<'a>]) -> Vec<Caller<'a>> {
    routes.iter().map(|route| http::caller(names, route, &id(), "*")).collect()
}

fn api(names: Names<'_>, origin: &Origin) -> Resource {
    let name = shortened(&format!("{}-{}", names.project, names.stage), LONGEST_NAME);
    let fields = Fields::new([("name", Value::Text(name)), ("default-url", Value::Bool(true))]);
    Resource { id: id(), fields, outputs: Made::new(), origin: origin.clone() }
}

/// Returns our API, read now.
pub(crate) async fn current(cloud: &Cloud, scope: &Scope) -> Result<Option<Api>, Failure> {
    Ok(ours(cloud, scope).await?.into_iter().next())
}

/// Returns our API as this survey sees it.
pub(crate) async fn surveyed<'s>(
    cloud: &Cloud,
    survey: &'s Survey,
) -> Result<Option<&'s Api>, Failure> {
    Ok(listed(cloud, survey).await?.first())
}

/// Reads our APIs once for all kinds that ask.
async fn listed<'s>(cloud: &Cloud, survey: &'s Survey) -> Result<&'s [Api], Failure> {
    Ok(survey.http_apis.get_or_try_init(|| ours(cloud, &survey.scope)).await?)
}

/// Reads every API that carries our marks, the oldest first. The listing holds the tags:
/// <https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html>.
async fn ours(cloud: &Cloud, scope: &Scope) -> Result<Vec<Api>, Failure> {
    cloud.readings.http_apis.get(&key(scope), read_ours(cloud, scope)).await
}

async fn read_ours(cloud: &Cloud, scope: &Scope) -> Result<Vec<Api>, Failure> {
    let apis = pages("apigateway:GetApis", |token: Option<String>| async move {
        let answer = cloud.safe("apigatewayv2:GetApis", |clients| {
            let request = clients.apigatewayv2.get_apis().max_results(PAGE);
            request.set_next_token(token.clone()).send()
        });
        let answer = answer.await?;
        Ok::<_, Failure>((answer.items.unwrap_or_default(), answer.next_token))
    });
    let mut ours: Vec<Api> = apis.await?.into_iter().filter(|api| is_ours(scope, api)).collect();
    ours.sort_by(|a, b| (a.created_date(), a.api_id()).cmp(&(b.created_date(), b.api_id())));
    Ok(ours)
}

fn is_ours(scope: &Scope, api: &Api) -> bool {
    api.protocol_type() == Some(&ProtocolType::Http)
        && marks::address(scope, HTTP_API.0, &tags(api)).as_deref() == Some("main")
}

fn tags(api: &Api) -> Tags {
    let pairs = api.tags().into_iter().flatten();
    pairs.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Returns the address of a second API with our marks.
fn stray(api_id: &str) -> ResourceId {
    ResourceId { kind: HTTP_API, name: format!("main.{api_id}") }
}

/// Normalises what the cloud says of an API.
fn found(id: ResourceId, api: &Api) -> Found {
    let fields = collected([
        ("name", Value::from(api.name().unwrap_or_default())),
        ("default-url", Value::Bool(!api.disable_execute_api_endpoint().unwrap_or_default())),
    ]);
    let outputs = outputs(api.api_id(), api.api_endpoint());
    let version = Version::of(&fields);
    let live = Live { id, fields, outputs, version, owner: Owner::Us, holds: None };
    Found { live, nonce: tags(api).remove(marks::NONCE) }
}

fn outputs(api_id: Option<&str>, endpoint: Option<&str>) -> Made {
    let endpoint = endpoint.map(|url| url.trim_end_matches('/'));
    let pairs = [("api-id", api_id), ("url", endpoint)];
    pairs.into_iter().filter_map(|(name, text)| Some((name, text?.to_owned()))).collect()
}

fn key(scope: &Scope) -> String {
    format!("http-api {}/{}", scope.project, scope.stage)
}

/// The kind.
pub(crate) struct HttpApi;

#[async_trait]
impl ResourceKind<Cloud, Survey> for HttpApi {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    fn exclusive(&self) -> bool {
        false
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let lives = listed(cloud, survey).await?.iter().enumerate().map(|(at, api)| {
            let id = if at == 0 { id() } else { stray(api.api_id().unwrap_or_default()) };
            found(id, api).live
        });
        Ok(lives.collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let apis = ours(cloud, scope).await?;
        let api = match id.name.strip_prefix("main.") {
            None => apis.first(),
            Some(stray) => apis.iter().skip(1).find(|api| api.api_id() == Some(stray)),
        };
        Ok(api.map(|api| found(id.clone(), api)))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let tags = marks::of(scope, &action.target);
        let made = cloud.once("apigatewayv2:CreateApi", |clients| {
            let request = clients.apigatewayv2.create_api().protocol_type(ProtocolType::Http);
            let request = request.name(action.body.text("name").unwrap_or_default());
            request.set_tags(Some(tags.clone().into_iter().collect())).send()
        });
        let made = made.await?;
        Ok(outputs(made.api_id(), made.api_endpoint()))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let (now, to) = (&found.live.fields, &action.body);
        let name = to.text("name").filter(|_| now.get("name") != to.get("name"));
        let disable = (now.get("default-url") != to.get("default-url")).then_some(false);
        if name.is_some() || disable.is_some() {
            let updated = cloud.safe("apigatewayv2:UpdateApi", |clients| {
                let request = clients.apigatewayv2.update_api();
                let request = request.set_api_id(found.live.outputs.get("api-id").cloned());
                let request = request.set_name(name.map(str::to_owned));
                request.set_disable_execute_api_endpoint(disable).send()
            });
            updated.await?;
        }
        Ok(found.live.outputs.clone())
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        _: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let api_id = found.live.outputs.get("api-id").cloned();
        let deleted = cloud.safe("apigatewayv2:DeleteApi", |clients| {
            clients.apigatewayv2.delete_api().set_api_id(api_id.clone()).send()
        });
        gone(deleted.await)
    }
}
