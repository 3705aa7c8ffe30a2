//! `aws.rest-route`: one method of our REST API, with its path and its integration.
//!
//! The API is ours alone, so every method in it is ours. Each call sets up one part, all parts
//! can be repeated, and a method that lacks its integration shows as one that differs: a run cut
//! anywhere is finished by the next. A path left with neither methods nor children is shown at
//! the address `EMPTY <path>`, so that it is removed.

use async_trait::async_trait;
use updraft_contract::{
    Action, FieldSpec, Fields, Grant, KindSpec, Known, Live, Owner, Resource, ResourceId, Scope,
    Stages, Value, Verb, Version,
};
use updraft_transport::ResourceKind;

use super::rest_tree::{self, DEFAULT_TIMEOUT, Tree, Wired};
use super::rest_write::{change, make, prune, read_tree, remove};
use super::{FUNCTION, REST_API, REST_ROUTE, collected, http, rest_api, rest_stage};
use crate::client::Cloud;
use crate::errors::Failure;
use crate::kind::{Found, Made};
use crate::place::{Names, Place};
use crate::survey::Survey;
use crate::triggers::Route;

static SPEC: KindSpec = KindSpec {
    kind: REST_ROUTE,
    needs: &[REST_API, FUNCTION],
    snapshots: &[],
    fields: &[
        FieldSpec::plain("authorization"),
        FieldSpec::plain("api-key"),
        FieldSpec::plain("integration"),
        FieldSpec::plain("function"),
        FieldSpec::plain("timeout-ms"),
    ],
    grants: &[
        Grant {
            verb: Verb::Create,
            permissions: &["apigateway:POST", "apigateway:PUT", "apigateway:DELETE"],
        },
        Grant { verb: Verb::Update, permissions: &["apigateway:PATCH", "apigateway:PUT"] },
        Grant { verb: Verb::Delete, permissions: &["apigateway:DELETE"] },
    ],
    reads: &["apigateway:GET"],
    downtime: "",
    shows: &["url"],
};

/// What stands for the method in the address of a path that serves nothing.
const EMPTY: &str = "EMPTY";

/// Returns the address of a method and path.
pub(crate) fn id(key: String) -> ResourceId {
    ResourceId { kind: REST_ROUTE, name: key }
}

/// Returns what serves one trigger.
pub(crate) fn wanted(names: Names<'_>, route: &Route<'_>) -> Resource {
    let key = http::key(route);
    let fields = Fields::new([
        ("api-id", Value::output(&rest_api::id(), "api-id")),
        ("authorization", Value::from(http::authorization(route.auth))),
        ("api-key", Value::Bool(false)),
        ("integration", Value::from("AWS_PROXY")),
        ("function", Value::output(&http::function(route), "arn")),
        ("timeout-ms", Value::Int(timeout(names.place, route))),
    ]);
    // Known before it exists, so that a stage can refer to it.
    let outputs = [("key", key.clone())].into_iter().collect();
    Resource { id: id(key), fields, outputs, origin: route.origin.clone() }
}

/// Returns what the wanted route will serve, for the digest of a deployment.
pub(crate) fn served(names: Names<'_>, route: &Route<'_>) -> String {
    let wired = Wired {
        authorization: http::authorization(route.auth).to_owned(),
        api_key: false,
        integration: Some("AWS_PROXY".to_owned()),
        function: Some(names.function_arn(&route.function.name)),
        timeout: timeout(names.place, route),
    };
    rest_tree::served(route.method.word(), route.path, &wired)
}

/// Returns how long the gateway waits: longer than 29 seconds only where the account may.
fn timeout(place: &Place, route: &Route<'_>) -> i64 {
    let needed = route.function.timeout.as_millis();
    let allowed = place.rest_timeout.map_or(0, |quota| quota.as_millis());
    i64::try_from(needed.min(allowed)).unwrap_or(DEFAULT_TIMEOUT).max(DEFAULT_TIMEOUT)
}

/// The kind.
pub(crate) struct RestRoute;

#[async_trait]
impl ResourceKind<Cloud, Survey> for RestRoute {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        crate::marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let Some(api_id) = rest_api::surveyed(cloud, survey).await? else { return Ok(Vec::new()) };
        let tree = read_tree(cloud, &api_id).await?.unwrap_or_default();
        let view = View { cloud, scope: &survey.scope, api_id: &api_id, tree: &tree };
        let keys = tree.routes().map(|(path, method, _)| format!("{method} {path}"));
        let wanted: Vec<&str> = survey.wanted(REST_ROUTE).map(|id| id.name.as_str()).collect();
        let empty = tree.bare().filter(|path| !leads_to(path, &wanted));
        let ids = keys.chain(empty.map(|path| format!("{EMPTY} {path}"))).map(id);
        Ok(ids.filter_map(|id| view.found(&id)).map(|found| found.live).collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let Some(api_id) = rest_api::api_id(cloud, scope).await? else { return Ok(None) };
        let Some(tree) = read_tree(cloud, &api_id).await? else { return Ok(None) };
        Ok(View { cloud, scope, api_id: &api_id, tree: &tree }.found(id))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let api_id = action.body.text("api-id").unwrap_or_default();
        make(cloud, api_id, &action.target, &wired(&action.body)).await?;
        Ok(outputs(cloud, scope, api_id, &action.target))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let api_id = action.body.text("api-id").unwrap_or_default();
        change(cloud, api_id, &action.target.name, &wired(&action.body)).await?;
        Ok(outputs(cloud, scope, api_id, &action.target))
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        _: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let api_id = found.live.fields.text("api-id").unwrap_or_default();
        let (method, path) = http::parts(&found.live.id.name);
        if method == EMPTY {
            return prune(cloud, api_id, path).await;
        }
        remove(cloud, api_id, method, path).await
    }
}

/// Returns whether a path is one of the wanted ones or on the way to one.
fn leads_to(path: &str, wanted: &[&str]) -> bool {
    let below = format!("{path}/");
    wanted
        .iter()
        .map(|key| http::parts(key).1)
        .any(|other| other == path || other.starts_with(&below))
}

/// One read of one API.
struct View<'a> {
    cloud: &'a Cloud,
    scope: &'a Scope,
    api_id: &'a str,
    tree: &'a Tree,
}

impl View<'_> {
    /// Normalises what stands at `id`.
    fn found(&self, id: &ResourceId) -> Option<Found> {
        let (method, path) = http::parts(&id.name);
        let mut fields = vec![("api-id", Value::from(self.api_id))];
        if method == EMPTY {
            self.tree.bare().find(|bare| *bare == path)?;
        } else {
            fields.extend(compared(self.tree.route(method, path)?));
        }
        let fields = collected(fields);
        let live = Live {
            id: id.clone(),
            version: Version::of(&fields),
            fields,
            outputs: outputs(self.cloud, self.scope, self.api_id, id),
            owner: Owner::Us,
            holds: None,
        };
        Some(Found { live, nonce: None })
    }
}

fn compared(wired: &Wired) -> Vec<(&'static str, Value)> {
    let optional =
        [("integration", wired.integration.as_ref()), ("function", wired.function.as_ref())];
    let optional =
        optional.into_iter().filter_map(|(name, text)| Some((name, text?.clone().into())));
    let mut fields: Vec<(&'static str, Value)> = optional.collect();
    fields.push(("authorization", Value::from(wired.authorization.as_str())));
    fields.push(("api-key", Value::Bool(wired.api_key)));
    fields.push(("timeout-ms", Value::Int(wired.timeout)));
    fields
}

fn wired(body: &Known) -> Wired {
    let text = |name| body.text(name).map(str::to_owned);
    Wired {
        authorization: text("authorization").unwrap_or_default(),
        api_key: body.get("api-key") == Some(&Value::Bool(true)),
        integration: text("integration"),
        function: text("function"),
        timeout: body.int("timeout-ms").unwrap_or(DEFAULT_TIMEOUT),
    }
}

fn outputs(cloud: &Cloud, scope: &Scope, api_id: &str, id: &ResourceId) -> Made {
    let (method, path) = http::parts(&id.name);
    let mut outputs: Made = [("key", id.name.clone())].into_iter().collect();
    if method != EMPTY {
        let base = rest_stage::url(&cloud.place, api_id, &rest_stage::name(&scope.stage));
        outputs.insert("url", format!("{base}{path}"));
    }
    outputs
}
