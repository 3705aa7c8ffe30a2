//! `aws.http-route`: one route of our HTTP API.
//!
//! The API is ours alone, so every route in it is ours. A route key exists once in an API.

use async_trait::async_trait;
use aws_sdk_apigatewayv2::types::{Api, AuthorizationType, Route as Answer};
use updraft_contract::{
    Action, FieldSpec, Fields, Grant, KindSpec, Known, Live, Owner, Resource, ResourceId, Scope,
    Stages, Value, Verb, Version,
};
use updraft_transport::ResourceKind;
use updraft_transport::pages;

use super::http_api::{self, PAGE};
use super::{HTTP_API, HTTP_INTEGRATION, HTTP_ROUTE, collected, http, http_integration};
use crate::client::Cloud;
use crate::errors::{Failure, absent, gone};
use crate::kind::{Found, Made};
use crate::survey::Survey;
use crate::triggers::Route;

static SPEC: KindSpec = KindSpec {
    kind: HTTP_ROUTE,
    needs: &[HTTP_API, HTTP_INTEGRATION],
    snapshots: &[],
    fields: &[FieldSpec::plain("authorization"), FieldSpec::plain("integration")],
    grants: &[
        Grant { verb: Verb::Create, permissions: &["apigateway:POST"] },
        Grant { verb: Verb::Update, permissions: &["apigateway:PATCH"] },
        Grant { verb: Verb::Delete, permissions: &["apigateway:DELETE"] },
    ],
    reads: &["apigateway:GET"],
    downtime: "",
    shows: &["url"],
};

/// Returns the address of a route key.
pub(crate) fn id(key: String) -> ResourceId {
    ResourceId { kind: HTTP_ROUTE, name: key }
}

/// Returns what serves one trigger.
pub(crate) fn wanted(route: &Route<'_>) -> Resource {
    let (key, api) = (http::key(route), http_api::id());
    let integration = http_integration::id(&route.function.name);
    let fields = Fields::new([
        ("api-id", Value::output(&api, "api-id")),
        ("base-url", Value::output(&api, "url")),
        ("authorization", Value::from(http::authorization(route.auth))),
        ("integration", Value::output(&integration, "integration-id")),
    ]);
    // Known before it exists, so that a stage can refer to it.
    let outputs = [("key", key.clone())].into_iter().collect();
    Resource { id: id(key), fields, outputs, origin: route.origin.clone() }
}

/// The kind.
pub(crate) struct HttpRoute;

#[async_trait]
impl ResourceKind<Cloud, Survey> for HttpRoute {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        crate::marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let Some(api) = http_api::surveyed(cloud, survey).await? else { return Ok(Vec::new()) };
        let base = Base::of(api);
        let routes = all(cloud, base.api_id).await?;
        Ok(routes.iter().filter_map(|route| Some(base.found(route)?.live)).collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let Some(api) = http_api::current(cloud, scope).await? else { return Ok(None) };
        let base = Base::of(&api);
        let routes = all(cloud, base.api_id).await?;
        let route = routes.iter().find(|route| route.route_key() == Some(id.name.as_str()));
        Ok(route.and_then(|route| base.found(route)))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        _: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let (api_id, target) = api_and_target(&action.body);
        let _held = cloud.lock(api_id).await;
        let made = cloud.once("apigatewayv2:CreateRoute", |clients| {
            let request = clients.apigatewayv2.create_route().api_id(api_id).target(&target);
            let request = request.route_key(&action.target.name);
            request.authorization_type(authorization(&action.body)).send()
        });
        let route_id = made.await?.route_id;
        Ok(outputs(&action.target.name, action.body.text("base-url"), route_id.as_deref()))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        if !updraft_transport::same(&SPEC, &found.live.fields, &action.body) {
            let (api_id, target) = api_and_target(&action.body);
            let _held = cloud.lock(api_id).await;
            let updated = cloud.safe("apigatewayv2:UpdateRoute", |clients| {
                let request = clients.apigatewayv2.update_route().api_id(api_id).target(&target);
                let request = request.set_route_id(found.live.outputs.get("route-id").cloned());
                request.authorization_type(authorization(&action.body)).send()
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
        let api_id = found.live.fields.text("api-id").unwrap_or_default();
        let _held = cloud.lock(api_id).await;
        let deleted = cloud.safe("apigatewayv2:DeleteRoute", |clients| {
            let request = clients.apigatewayv2.delete_route().api_id(api_id);
            request.set_route_id(found.live.outputs.get("route-id").cloned()).send()
        });
        gone(deleted.await)
    }
}

/// Reads every route of an API.
async fn all(cloud: &Cloud, api_id: &str) -> Result<Vec<Answer>, Failure> {
    cloud.readings.http_routes.get(api_id, read_all(cloud, api_id)).await
}

async fn read_all(cloud: &Cloud, api_id: &str) -> Result<Vec<Answer>, Failure> {
    let listing = pages("apigatewayv2:GetRoutes", |token: Option<String>| async move {
        let answer = cloud.safe("apigatewayv2:GetRoutes", |clients| {
            let request = clients.apigatewayv2.get_routes().api_id(api_id).max_results(PAGE);
            request.set_next_token(token.clone()).send()
        });
        let answer = answer.await?;
        Ok::<_, Failure>((answer.items.unwrap_or_default(), answer.next_token))
    });
    Ok(absent(listing.await)?.unwrap_or_default())
}

/// An API and where it is served.
struct Base<'a> {
    api_id: &'a str,
    url: &'a str,
}

impl<'a> Base<'a> {
    fn of(api: &'a Api) -> Self {
        let url = api.api_endpoint().unwrap_or_default().trim_end_matches('/');
        Self { api_id: api.api_id().unwrap_or_default(), url }
    }

    /// Normalises what the cloud says of a route.
    fn found(&self, route: &Answer) -> Option<Found> {
        let key = route.route_key()?;
        let target = route.target().unwrap_or_default();
        let kind = route.authorization_type().map(AuthorizationType::as_str);
        let fields = collected([
            ("api-id", Value::from(self.api_id)),
            ("base-url", Value::from(self.url)),
            ("authorization", Value::from(kind.unwrap_or("NONE"))),
            ("integration", Value::from(target.strip_prefix("integrations/").unwrap_or(target))),
        ]);
        let live = Live {
            id: id(key.to_owned()),
            version: Version::of(&fields),
            fields,
            outputs: outputs(key, Some(self.url), route.route_id()),
            owner: Owner::Us,
            holds: None,
        };
        Some(Found { live, nonce: None })
    }
}

fn api_and_target(body: &Known) -> (&str, String) {
    let integration = body.text("integration").unwrap_or_default();
    (body.text("api-id").unwrap_or_default(), format!("integrations/{integration}"))
}

fn authorization(body: &Known) -> AuthorizationType {
    AuthorizationType::from(body.text("authorization").unwrap_or_default())
}

fn outputs(key: &str, base: Option<&str>, route_id: Option<&str>) -> Made {
    let mut outputs: Made = [("key", key.to_owned())].into_iter().collect();
    let (_, path) = http::parts(key);
    outputs.extend(base.map(|base| ("url", format!("{base}{path}"))));
    outputs.extend(route_id.map(|id| ("route-id", id.to_owned())));
    outputs
}
