//! `aws.rest-api`: one API Gateway REST API for a project and stage.
//!
//! Names of REST APIs are not unique and creating one twice makes two, so everything goes by
//! marks. A second one with our marks, left by two runs at once, is shown as a stray to delete.

use async_trait::async_trait;
use aws_sdk_apigateway::types::{
    EndpointConfiguration, EndpointType, Op, PatchOperation, RestApi as Api,
};
use updraft_contract::{
    Action, FieldSpec, Fields, Grant, KindSpec, Known, Live, Origin, Owner, Resource, ResourceId,
    Scope, Stages, Value, Verb, Version, shortened,
};
use updraft_transport::ResourceKind;
use updraft_transport::pages;

use super::permission::{self, Caller};
use super::{REST_API, collected, http, rest_route, rest_stage};
use crate::client::Cloud;
use crate::errors::{Failure, gone};
use crate::kind::{Found, Made};
use crate::marks::{self, Tags};
use crate::place::Names;
use crate::survey::Survey;
use crate::triggers::Route;

static SPEC: KindSpec = KindSpec {
    kind: REST_API,
    needs: &[],
    snapshots: &[],
    fields: &[
        FieldSpec::plain("name"),
        FieldSpec::plain("endpoint"),
        FieldSpec::plain("default-url"),
    ],
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

/// The longest name of an API: `Name` of the HTTP API's service model; REST APIs allow more.
pub(crate) const LONGEST_NAME: usize = 128;

/// Returns the address of the one REST API of a project and stage.
pub(crate) fn id() -> ResourceId {
    ResourceId { kind: REST_API, name: "main".to_owned() }
}

/// Returns the API that serves these routes, the routes, the stage and the permissions; nothing
/// for no routes.
pub(crate) fn lower(names: Names<'_>, routes: &[Route<'_>]) -> Vec<Resource> {
    let Some(first) = routes.first() else { return Vec::new() };
    let mut wanted = vec![api(names, first.origin)];
    wanted.extend(routes.iter().map(|route| rest_route::wanted(names, route)));
    wanted.push(rest_stage::wanted(names, routes, first.origin));
    wanted.extend(callers(names, routes).iter().map(|it| permission::wanted(names, it)));
    wanted
}

/// Returns what lets API Gateway call the functions of these routes.
pub(crate) fn callers<'a>(names: Names<'_>, routes: &[Route<'a>]) -> Vec<Caller<'a>> {
    let stage = rest_stage::name(names.stage);
    routes.iter().map(|route| http::caller(names, route, &id(), &stage)).collect()
}

fn api(names: Names<'_>, origin: &Origin) -> Resource {
    let name = shortened(&format!("{}-{}", names.project, names.stage), LONGEST_NAME);
    let fields = Fields::new([
        ("name", Value::Text(name)),
        ("endpoint", Value::from("REGIONAL")),
        ("default-url", Value::Bool(true)),
    ]);
    Resource { id: id(), fields, outputs: Made::new(), origin: origin.clone() }
}

/// Returns the id of our API, from this run's notes or from the cloud.
pub(crate) async fn api_id(cloud: &Cloud, scope: &Scope) -> Result<Option<String>, Failure> {
    let key = note_key(scope);
    if let Some(noted) = cloud.noted(&key) {
        return Ok(Some(noted));
    }
    let found = ours(cloud, scope).await?.into_iter().next().and_then(|api| api.id);
    cloud.note(&key, found.clone());
    Ok(found)
}

/// Returns the id of our API as this survey sees it.
pub(crate) async fn surveyed(cloud: &Cloud, survey: &Survey) -> Result<Option<String>, Failure> {
    Ok(listed(cloud, survey).await?.first().and_then(Api::id).map(str::to_owned))
}

/// Reads our APIs once for all kinds that ask.
async fn listed<'s>(cloud: &Cloud, survey: &'s Survey) -> Result<&'s [Api], Failure> {
    let apis = survey.rest_apis.get_or_try_init(|| ours(cloud, &survey.scope)).await?;
    cloud.note(&note_key(&survey.scope), apis.first().and_then(Api::id).map(str::to_owned));
    Ok(apis)
}

/// Reads every API that carries our marks, the oldest first.
///
/// The listing holds the tags, so one page answers for 500 APIs:
/// <https://docs.aws.amazon.com/apigateway/latest/api/API_GetRestApis.html>.
async fn ours(cloud: &Cloud, scope: &Scope) -> Result<Vec<Api>, Failure> {
    cloud.readings.rest_apis.get(&note_key(scope), read_ours(cloud, scope)).await
}

async fn read_ours(cloud: &Cloud, scope: &Scope) -> Result<Vec<Api>, Failure> {
    let apis = pages("apigateway:GetRestApis", |position: Option<String>| async move {
        let answer = cloud.safe("apigateway:GetRestApis", |clients| {
            let request = clients.apigateway.get_rest_apis().limit(500);
            request.set_position(position.clone()).send()
        });
        let answer = answer.await?;
        Ok::<_, Failure>((answer.items.unwrap_or_default(), answer.position))
    });
    let mut ours: Vec<Api> = apis.await?.into_iter().filter(|api| is_ours(scope, api)).collect();
    ours.sort_by(|a, b| (a.created_date(), a.id()).cmp(&(b.created_date(), b.id())));
    Ok(ours)
}

fn is_ours(scope: &Scope, api: &Api) -> bool {
    marks::address(scope, REST_API.0, &tags(api)).as_deref() == Some("main")
}

fn tags(api: &Api) -> Tags {
    let pairs = api.tags().into_iter().flatten();
    pairs.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Returns the address of a second API with our marks.
fn stray(api_id: &str) -> ResourceId {
    ResourceId { kind: REST_API, name: format!("main.{api_id}") }
}

/// Normalises what the cloud says of an API.
fn found(id: ResourceId, api: &Api) -> Found {
    let endpoint = api.endpoint_configuration().map(EndpointConfiguration::types);
    let types = endpoint.unwrap_or_default().iter().map(EndpointType::as_str);
    let fields = collected([
        ("name", Value::from(api.name().unwrap_or_default())),
        ("endpoint", Value::Text(types.collect::<Vec<_>>().join(","))),
        ("default-url", Value::Bool(!api.disable_execute_api_endpoint())),
    ]);
    let version = Version::of(&fields);
    let live = Live { id, fields, outputs: outputs(api), version, owner: Owner::Us, holds: None };
    Found { live, nonce: tags(api).remove(marks::NONCE) }
}

fn outputs(api: &Api) -> Made {
    let pairs = [("api-id", api.id()), ("root-id", api.root_resource_id())];
    pairs.into_iter().filter_map(|(name, id)| Some((name, id?.to_owned()))).collect()
}

fn note_key(scope: &Scope) -> String {
    format!("rest-api {}/{}", scope.project, scope.stage)
}

/// The kind.
pub(crate) struct RestApi;

#[async_trait]
impl ResourceKind<Cloud, Survey> for RestApi {
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
        let apis = listed(cloud, survey).await?;
        let lives = apis.iter().enumerate().map(|(at, api)| {
            let id = if at == 0 { id() } else { stray(api.id().unwrap_or_default()) };
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
        let wanted = id.name.strip_prefix("main.");
        let api = match wanted {
            None => apis.first(),
            Some(stray) => apis.iter().skip(1).find(|api| api.id() == Some(stray)),
        };
        if wanted.is_none() {
            cloud.note(&note_key(scope), api.and_then(Api::id).map(str::to_owned));
        }
        Ok(api.map(|api| found(id.clone(), api)))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let endpoint = EndpointConfiguration::builder().types(EndpointType::Regional).build();
        let tags = marks::of(scope, &action.target);
        let made = cloud.once("apigateway:CreateRestApi", |clients| {
            let request = clients.apigateway.create_rest_api();
            request
                .name(action.body.text("name").unwrap_or_default())
                .endpoint_configuration(endpoint.clone())
                .set_tags(Some(tags.clone().into_iter().collect()))
                .send()
        });
        let made = made.await?;
        let api = Api::builder().set_id(made.id).set_root_resource_id(made.root_resource_id);
        let api = api.build();
        cloud.note(&note_key(scope), api.id().map(str::to_owned));
        Ok(outputs(&api))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let patch = patch(&found.live.fields, &action.body);
        if !patch.is_empty() {
            cloud
                .safe("apigateway:UpdateRestApi", |clients| {
                    let request = clients.apigateway.update_rest_api();
                    let request =
                        request.set_rest_api_id(found.live.outputs.get("api-id").cloned());
                    request.set_patch_operations(Some(patch.clone())).send()
                })
                .await?;
        }
        Ok(found.live.outputs.clone())
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let api_id = found.live.outputs.get("api-id").cloned();
        let deleted = cloud.safe("apigateway:DeleteRestApi", |clients| {
            clients.apigateway.delete_rest_api().set_rest_api_id(api_id.clone()).send()
        });
        gone(deleted.await)?;
        if cloud.noted(&note_key(scope)) == api_id {
            cloud.note(&note_key(scope), None);
        }
        Ok(())
    }
}

/// Returns the patch from one configuration to another.
///
/// Paths: <https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateRestApi-Patch>.
fn patch(from: &Known, to: &Known) -> Vec<PatchOperation> {
    let mut patch = Vec::new();
    if from.get("name") != to.get("name") {
        patch.push(replace("/name", to.text("name").unwrap_or_default()));
    }
    if from.get("endpoint") != to.get("endpoint") {
        let old = from.text("endpoint").unwrap_or_default();
        patch.push(replace(&format!("/endpointConfiguration/types/{old}"), "REGIONAL"));
    }
    if from.get("default-url") != to.get("default-url") {
        patch.push(replace("/disableExecuteApiEndpoint", "false"));
    }
    patch
}

/// Returns one replacement of a patch.
pub(crate) fn replace(path: &str, value: &str) -> PatchOperation {
    PatchOperation::builder().op(Op::Replace).path(path).value(value).build()
}
