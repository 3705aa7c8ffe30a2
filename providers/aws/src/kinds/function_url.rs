//! `aws.function-url`: the address of a function's own. It belongs to the function it is on.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_lambda::types::{FunctionUrlAuthType, InvokeMode};
use futures::{StreamExt, TryStreamExt, stream};
use updraft_contract::{
    Action, Auth, FieldSpec, Fields, Grant, KindSpec, Known, Live, Owner, Resource, ResourceId,
    Scope, Stages, Value, Verb, Version,
};
use updraft_transport::ResourceKind;

use super::permission::{self, Caller};
use super::{FUNCTION, FUNCTION_URL, collected, http};
use crate::client::Cloud;
use crate::errors::{Failure, absent, gone};
use crate::kind::{Found, Made};
use crate::marks;
use crate::place::Names;
use crate::survey::Survey;
use crate::triggers::Route;

static SPEC: KindSpec = KindSpec {
    kind: FUNCTION_URL,
    needs: &[FUNCTION],
    snapshots: &[],
    fields: &[FieldSpec::plain("authorization"), FieldSpec::plain("invoke-mode")],
    grants: &[
        Grant {
            verb: Verb::Create,
            permissions: &["lambda:CreateFunctionUrlConfig", "lambda:TagResource"],
        },
        Grant { verb: Verb::Update, permissions: &["lambda:UpdateFunctionUrlConfig"] },
        Grant { verb: Verb::Delete, permissions: &["lambda:DeleteFunctionUrlConfig"] },
    ],
    reads: &["lambda:GetFunctionUrlConfig"],
    downtime: "",
    shows: &["url"],
};

/// The tag of functions that had a URL from us at some time: no listing tells which functions have
/// one, so these are asked. Never removed and never compared.
const HAD_URL: &str = "updraft:url";

/// Returns the URL of each function that one of these routes leads to, and who may call it.
pub(crate) fn lower(names: Names<'_>, routes: &[Route<'_>]) -> Vec<Resource> {
    let url = |route: &Route<'_>| {
        let mut wanted = vec![wanted(route)];
        wanted.extend(open(route).map(|caller| permission::wanted(names, &caller)));
        wanted
    };
    routes.iter().flat_map(url).collect()
}

/// Returns who must be let in for these URLs to work.
pub(crate) fn callers<'a>(_: Names<'_>, routes: &[Route<'a>]) -> Vec<Caller<'a>> {
    routes.iter().flat_map(open).collect()
}

fn id(function: String) -> ResourceId {
    ResourceId { kind: FUNCTION_URL, name: function }
}

fn wanted(route: &Route<'_>) -> Resource {
    let fields = Fields::new([
        ("function", Value::output(&http::function(route), "name")),
        ("authorization", Value::from(http::authorization(route.auth))),
        ("invoke-mode", Value::from("BUFFERED")),
    ]);
    let id = id(route.function.name.clone());
    Resource { id, fields, outputs: Made::new(), origin: route.origin.clone() }
}

/// Returns who must be let in for the URL to work.
///
/// One open to all takes two statements since October 2025:
/// <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>. One that asks for IAM takes
/// none: callers within the account are allowed by their own policies.
fn open<'a>(route: &Route<'a>) -> impl Iterator<Item = Caller<'a>> + use<'a> {
    let route = *route;
    let both = match route.auth {
        Auth::None => &[("lambda:InvokeFunctionUrl", false), ("lambda:InvokeFunction", true)][..],
        Auth::Iam | Auth::Key => &[],
    };
    both.iter().map(move |(action, via_url)| Caller {
        function: &route.function.name,
        suffix: permission::suffix(if *via_url { "url invoke" } else { "url" }),
        action,
        principal: "*",
        source_arn: None,
        source_account: None,
        url_auth: (!via_url).then_some("NONE"),
        via_url: *via_url,
        why: "the URL is open to everyone",
        origin: route.origin,
    })
}

/// How many URLs are read at once.
const AT_ONCE: usize = 16;

/// The kind.
pub(crate) struct FunctionUrl;

#[async_trait]
impl ResourceKind<Cloud, Survey> for FunctionUrl {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let mut all: BTreeSet<ResourceId> = survey.wanted(FUNCTION_URL).cloned().collect();
        for reading in survey.functions(cloud).await?.values() {
            let ours = marks::address(&survey.scope, FUNCTION.0, &reading.tags);
            all.extend(ours.filter(|_| reading.tags.contains_key(HAD_URL)).map(id));
        }
        let reads = stream::iter(all).map(|id| read(cloud, &survey.scope, id)).buffered(AT_ONCE);
        let found: Vec<Option<Found>> = reads.try_collect().await?;
        Ok(found.into_iter().flatten().map(|found| found.live).collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        read(cloud, scope, id.clone()).await
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let wanted = Wanted::of(&action.body);
        let arn = cloud.place.names_in(scope).function_arn(&action.target.name);
        let tagged = cloud.safe("lambda:TagResource", |clients| {
            clients.lambda.tag_resource().resource(&arn).tags(HAD_URL, "yes").send()
        });
        tagged.await?;
        let made = cloud.once("lambda:CreateFunctionUrlConfig", |clients| {
            let request = clients.lambda.create_function_url_config();
            let request = request.function_name(wanted.function).auth_type(wanted.auth.clone());
            request.invoke_mode(wanted.mode.clone()).send()
        });
        Ok(outputs(made.await?.function_url()))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        if updraft_transport::same(&SPEC, &found.live.fields, &action.body) {
            return Ok(found.live.outputs.clone());
        }
        let wanted = Wanted::of(&action.body);
        let made = cloud.safe("lambda:UpdateFunctionUrlConfig", |clients| {
            let request = clients.lambda.update_function_url_config();
            let request = request.function_name(wanted.function).auth_type(wanted.auth.clone());
            request.invoke_mode(wanted.mode.clone()).send()
        });
        Ok(outputs(made.await?.function_url()))
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        _: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let function = found.live.fields.text("function").unwrap_or_default();
        let deleted = cloud.safe("lambda:DeleteFunctionUrlConfig", |clients| {
            clients.lambda.delete_function_url_config().function_name(function).send()
        });
        gone(deleted.await)
    }
}

async fn read(cloud: &Cloud, scope: &Scope, id: ResourceId) -> Result<Option<Found>, Failure> {
    let function = cloud.place.names_in(scope).physical_of(&id);
    let answer = cloud.safe("lambda:GetFunctionUrlConfig", |clients| {
        clients.lambda.get_function_url_config().function_name(&function).send()
    });
    let Some(config) = absent(answer.await)? else { return Ok(None) };
    let mode = config.invoke_mode().map_or("BUFFERED", InvokeMode::as_str);
    let fields = collected([
        ("function", Value::from(function.as_str())),
        ("authorization", Value::from(config.auth_type().as_str())),
        ("invoke-mode", Value::from(mode)),
    ]);
    let live = Live {
        id,
        version: Version::of(&fields),
        fields,
        outputs: outputs(config.function_url()),
        owner: Owner::Us,
        holds: None,
    };
    Ok(Some(Found { live, nonce: None }))
}

/// What a URL is asked to be.
struct Wanted<'a> {
    function: &'a str,
    auth: FunctionUrlAuthType,
    mode: InvokeMode,
}

impl<'a> Wanted<'a> {
    fn of(body: &'a Known) -> Self {
        Self {
            function: body.text("function").unwrap_or_default(),
            auth: FunctionUrlAuthType::from(body.text("authorization").unwrap_or_default()),
            mode: InvokeMode::from(body.text("invoke-mode").unwrap_or_default()),
        }
    }
}

fn outputs(url: &str) -> Made {
    [("url", url.to_owned())].into_iter().collect()
}
