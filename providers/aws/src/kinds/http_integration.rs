//! `aws.http-integration`: what connects our HTTP API to one function.
//!
//! Creating one twice makes two, and it takes no tags: its description holds its address and
//! create nonce. The API is ours alone, so every integration in it is ours.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_apigatewayv2::types::{Integration, IntegrationType};
use updraft_contract::{
    Action, FieldSpec, Fields, Grant, KindSpec, Known, Live, Owner, Resource, ResourceId, Scope,
    Stages, Value, Verb, Version,
};
use updraft_transport::ResourceKind;
use updraft_transport::pages;

use super::http_api::{self, PAGE};
use super::{FUNCTION, HTTP_API, HTTP_INTEGRATION, collected, http};
use crate::client::Cloud;
use crate::errors::{Failure, absent, gone};
use crate::kind::{Found, Made};
use crate::marks;
use crate::survey::Survey;
use crate::triggers::Route;

static SPEC: KindSpec = KindSpec {
    kind: HTTP_INTEGRATION,
    needs: &[HTTP_API, FUNCTION],
    snapshots: &[],
    fields: &[
        FieldSpec::fixed("type"),
        FieldSpec::plain("function"),
        FieldSpec::plain("payload"),
        FieldSpec::plain("timeout-ms"),
    ],
    grants: &[
        Grant { verb: Verb::Create, permissions: &["apigateway:POST"] },
        Grant { verb: Verb::Update, permissions: &["apigateway:PATCH"] },
        Grant { verb: Verb::Delete, permissions: &["apigateway:DELETE"] },
    ],
    reads: &["apigateway:GET"],
    downtime: "",
    shows: &[],
};

/// The most an HTTP API waits, in milliseconds, which is also what it waits unless told otherwise.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
const TIMEOUT: i64 = 30_000;

/// The shape of the events that functions receive.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
const PAYLOAD: &str = "2.0";

/// What a description of ours starts with; the address and the nonce follow.
const OURS: &str = "updraft ";

/// Returns the address of the integration of a function.
pub(crate) fn id(function: &str) -> ResourceId {
    ResourceId { kind: HTTP_INTEGRATION, name: function.to_owned() }
}

/// Returns one integration for each function that these routes lead to.
pub(crate) fn wanted(routes: &[Route<'_>]) -> Vec<Resource> {
    let mut first: BTreeMap<&str, &Route<'_>> = BTreeMap::new();
    for route in routes {
        first.entry(&route.function.name).or_insert(route);
    }
    let resource = |route: &Route<'_>| {
        let fields = Fields::new([
            ("api-id", Value::output(&http_api::id(), "api-id")),
            ("type", Value::from("AWS_PROXY")),
            ("function", Value::output(&http::function(route), "arn")),
            ("payload", Value::from(PAYLOAD)),
            ("timeout-ms", Value::Int(TIMEOUT)),
        ]);
        let (id, origin) = (id(&route.function.name), route.origin.clone());
        Resource { id, fields, outputs: Made::new(), origin }
    };
    first.into_values().map(resource).collect()
}

/// The kind.
pub(crate) struct HttpIntegration;

#[async_trait]
impl ResourceKind<Cloud, Survey> for HttpIntegration {
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
        let Some(api) = http_api::surveyed(cloud, survey).await? else { return Ok(Vec::new()) };
        let found = all(cloud, api.api_id().unwrap_or_default()).await?;
        Ok(found.into_iter().map(|found| found.live).collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let Some(api) = http_api::current(cloud, scope).await? else { return Ok(None) };
        let all = all(cloud, api.api_id().unwrap_or_default()).await?;
        Ok(all.into_iter().find(|found| found.live.id == *id))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let api_id = action.body.text("api-id").unwrap_or_default();
        let function = action.body.text("function").unwrap_or_default();
        let nonce = marks::nonce(scope, &action.target);
        let description = format!("{OURS}{} {nonce}", action.target);
        let _held = cloud.lock(api_id).await;
        let made = cloud.once("apigatewayv2:CreateIntegration", |clients| {
            let request = clients.apigatewayv2.create_integration().api_id(api_id);
            let request = request.integration_type(IntegrationType::AwsProxy);
            let request = request.integration_uri(function).payload_format_version(PAYLOAD);
            request.timeout_in_millis(milliseconds(&action.body)).description(&description).send()
        });
        Ok(outputs(made.await?.integration_id()))
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
            let api_id = action.body.text("api-id").unwrap_or_default();
            let function = action.body.text("function").unwrap_or_default();
            let _held = cloud.lock(api_id).await;
            let updated = cloud.safe("apigatewayv2:UpdateIntegration", |clients| {
                let request = clients.apigatewayv2.update_integration().api_id(api_id);
                let request = request.set_integration_id(integration_id(found));
                let request = request.integration_uri(function).payload_format_version(PAYLOAD);
                request.timeout_in_millis(milliseconds(&action.body)).send()
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
        let deleted = cloud.safe("apigatewayv2:DeleteIntegration", |clients| {
            let request = clients.apigatewayv2.delete_integration().api_id(api_id);
            request.set_integration_id(integration_id(found)).send()
        });
        gone(deleted.await)
    }
}

fn integration_id(found: &Found) -> Option<String> {
    found.live.outputs.get("integration-id").cloned()
}

fn outputs(integration_id: Option<&str>) -> Made {
    integration_id.map(|id| ("integration-id", id.to_owned())).into_iter().collect()
}

fn milliseconds(body: &Known) -> i32 {
    body.int("timeout-ms").and_then(|ms| i32::try_from(ms).ok()).unwrap_or(30_000)
}

/// Reads every integration of an API, each at its address.
async fn all(cloud: &Cloud, api_id: &str) -> Result<Vec<Found>, Failure> {
    let all = cloud.readings.http_integrations.get(api_id, read_all(cloud, api_id)).await?;
    Ok(addressed(api_id, all))
}

async fn read_all(cloud: &Cloud, api_id: &str) -> Result<Vec<Integration>, Failure> {
    let listing = pages("apigatewayv2:GetIntegrations", |token: Option<String>| async move {
        let answer = cloud.safe("apigatewayv2:GetIntegrations", |clients| {
            let request = clients.apigatewayv2.get_integrations().api_id(api_id).max_results(PAGE);
            request.set_next_token(token.clone()).send()
        });
        let answer = answer.await?;
        Ok::<_, Failure>((answer.items.unwrap_or_default(), answer.next_token))
    });
    Ok(absent(listing.await)?.unwrap_or_default())
}

/// Gives every integration its address. Those without a description of ours, and a second one for
/// the same function, are strays named after their id.
fn addressed(api_id: &str, mut all: Vec<Integration>) -> Vec<Found> {
    all.sort_by(|a, b| a.integration_id().cmp(&b.integration_id()));
    let mut found: BTreeMap<ResourceId, Found> = BTreeMap::new();
    for integration in &all {
        let (function, nonce) = marked(integration.description().unwrap_or_default());
        let own = integration.integration_id().unwrap_or_default();
        let stray = || id(&format!("{}.{own}", function.unwrap_or("other")));
        let id = function.map(id).filter(|id| !found.contains_key(id)).unwrap_or_else(stray);
        let fields = collected(fields(api_id, integration));
        let version = Version::of(&fields);
        let outputs = outputs(integration.integration_id());
        let live = Live { id: id.clone(), fields, outputs, version, owner: Owner::Us, holds: None };
        found.insert(id, Found { live, nonce: nonce.map(str::to_owned) });
    }
    found.into_values().collect()
}

/// Reads a function and a create nonce from a description.
fn marked(description: &str) -> (Option<&str>, Option<&str>) {
    let ours = description.strip_prefix(OURS).and_then(|rest| rest.split_once(' '));
    let Some((address, nonce)) = ours else { return (None, None) };
    let function = address.strip_prefix(HTTP_INTEGRATION.0).and_then(|rest| rest.strip_prefix('/'));
    (function, Some(nonce))
}

fn fields(api_id: &str, integration: &Integration) -> Vec<(&'static str, Value)> {
    let kind = integration.integration_type().map(IntegrationType::as_str).unwrap_or_default();
    let timeout = integration.timeout_in_millis().map_or(TIMEOUT, i64::from);
    vec![
        ("api-id", Value::from(api_id)),
        ("type", Value::from(kind)),
        ("function", Value::from(function(integration.integration_uri().unwrap_or_default()))),
        ("payload", Value::from(integration.payload_format_version().unwrap_or("1.0"))),
        ("timeout-ms", Value::Int(timeout)),
    ]
}

/// Returns the function's ARN; the console writes the long form that REST APIs use.
fn function(uri: &str) -> &str {
    let long = uri.split_once(":lambda:path/2015-03-31/functions/").map(|(_, rest)| rest);
    long.and_then(|rest| rest.strip_suffix("/invocations")).unwrap_or(uri)
}

#[cfg(test)]
mod tests {
    use aws_sdk_apigatewayv2::types::{Integration, IntegrationType};
    use updraft_contract::Value;

    use super::addressed;

    fn integration(id: &str, description: &str) -> Integration {
        Integration::builder()
            .integration_id(id)
            .description(description)
            .integration_type(IntegrationType::AwsProxy)
            .integration_uri("arn:aws:lambda:eu-west-1:111122223333:function:f")
            .payload_format_version("2.0")
            .timeout_in_millis(30_000)
            .build()
    }

    #[test]
    fn the_description_holds_address_and_nonce() {
        let found = addressed("x", vec![integration("i", "updraft aws.http-integration/f run/n")]);
        assert_eq!(found[0].live.id.to_string(), "aws.http-integration/f");
        assert_eq!(found[0].nonce.as_deref(), Some("run/n"));
        assert_eq!(found[0].live.fields.get("timeout-ms"), Some(&Value::Int(30_000)));
    }

    #[test]
    fn a_second_one_and_a_handmade_one_are_strays() {
        let marked = "updraft aws.http-integration/f run/n";
        let found = addressed(
            "x",
            vec![integration("b", marked), integration("a", marked), integration("c", "by hand")],
        );
        let ids: Vec<String> = found.iter().map(|found| found.live.id.name.clone()).collect();
        assert_eq!(ids, ["f", "f.b", "other.c"]);
    }
}
