//! The door of REST APIs: `/restapis/{id}/{stage}/_user_request_/{path}` stands for the API's invoke URL.
//!
//! It serves what was deployed, and answers as API Gateway does (developer guide, "Gateway response types").

use std::collections::BTreeMap;

use crate::cloud::Cloud;
use crate::doors::Door;
use crate::services::Pending;
use crate::services::apigateway::grammar;
use crate::services::apigateway::model::{Api, Deployment, Integration, Route, Stage};
use crate::services::apigateway::shelf::Shelf;
use crate::store::Tx;
use crate::wire::{Refusal, Request};

use super::answer::{Answer, Reader, read};
use super::call::Call;
use super::event_one;
use super::function::{Ran, Run, run};
use super::matching::{Template, best};

/// The door.
pub(crate) const REST_API_DOOR: Door = Door {
    name: "RestApi",
    is_at: |path| address(path).is_some(),
    open: |request, cloud| -> Pending {
        Box::pin(async move { Ok(open(request, cloud).await?.reply()) })
    },
};

/// The largest body API Gateway takes, in bytes.
const LARGEST: usize = 10 << 20;

/// What is known of a call before its function runs.
struct Found {
    shelf: Shelf,
    api: Api,
    stage: Stage,
    deployment: Deployment,
}

/// Splits a path into the API's id, the stage and the path below it.
fn address(path: &str) -> Option<(&str, &str, String)> {
    let rest = path.strip_prefix("/restapis/")?;
    let (id, rest) = rest.split_once('/')?;
    let (stage, rest) = rest.split_once('/')?;
    let below = rest.strip_prefix("_user_request_")?;
    (below.is_empty() || below.starts_with('/'))
        .then(|| (id, stage, if below.is_empty() { "/".to_owned() } else { below.to_owned() }))
}

async fn open(request: Request, cloud: Cloud) -> Result<Answer, Refusal> {
    let Some((id, stage, path)) = address(&request.path) else { return Ok(forbidden()) };
    let call = Call::new(&request, path);
    let found = cloud.transact(|tx, _| find(tx, id, stage))?;
    let Some(found) = found else { return Ok(forbidden()) };
    if call.body.len() > LARGEST {
        return Ok(Answer::gateway(413, r#"{"message":"Request Too Long"}"#));
    }
    let Some((route, parameters)) = route(&found.deployment, &call) else { return Ok(no_token()) };
    let signer = match allowed(&found, route, &call) {
        Ok(signer) => signer,
        Err(answer) => return Ok(answer),
    };
    let Some(integration) = &route.method.method_integration else { return Ok(broken(500)) };
    let Some(prepared) = prepare(&found, (route, integration), &call) else {
        return Ok(broken(500));
    };
    let about = event_one::Route {
        account: &found.shelf.account,
        api: &found.api.about.id,
        stage: &found.stage.stage_name,
        resource_id: &route.resource,
        resource: &route.path,
        parameters: &parameters,
        variables: &found.stage.variables,
        binary_types: &found.deployment.binary_media_types,
        access_key: signer.as_deref(),
    };
    let event = event_one::event(&call, &about);
    let reader = Reader::Rest {
        binary_types: &found.deployment.binary_media_types,
        accept: call.header("accept"),
    };
    Ok(match run(&cloud, prepared, &event).await? {
        Ran::Done(result) => read(&result, &reader).unwrap_or_else(|| broken(502)),
        Ran::Failed => broken(502),
        Ran::Late => Answer::gateway(504, r#"{"message": "Endpoint request timed out"}"#),
        Ran::Refused => broken(500),
    })
}

fn find(tx: &Tx, id: &str, stage: &str) -> Result<Option<Found>, Refusal> {
    let Some(shelf) = Shelf::holding(tx, id)? else { return Ok(None) };
    let api = shelf.api_by_id(tx, id)?;
    let Some(stage) = api.stages.get(stage).cloned() else { return Ok(None) };
    let Some(deployment) = shelf.deployment(tx, id, &stage.deployment_id)? else { return Ok(None) };
    let closed = api.about.disable_execute_api_endpoint;
    Ok((!closed).then_some(Found { shelf, api, stage, deployment }))
}

/// The path decides first, then the method: its own, or `ANY`.
fn route<'a>(
    deployment: &'a Deployment,
    call: &Call,
) -> Option<(&'a Route, BTreeMap<String, String>)> {
    let routes = || deployment.routes.iter();
    let (at, parameters) =
        best(routes().map(|route| (route, Template::new(&route.path))), &call.path)?;
    let of = |name: &str| {
        routes().find(|route| route.path == at.path && route.method.http_method == name)
    };
    of(&call.method).or_else(|| of("ANY")).map(|route| (route, parameters))
}

/// Returns who signed, where the method wants it.
fn allowed(found: &Found, route: &Route, call: &Call) -> Result<Option<String>, Answer> {
    // No API keys are modelled, so none is valid.
    if route.method.api_key_required {
        return Err(forbidden());
    }
    if route.method.authorization_type != "AWS_IAM" {
        return Ok(None);
    }
    let Some(signer) = &call.signer else { return Err(no_token()) };
    if signer.account != found.shelf.account {
        return Err(Answer::gateway(
            403,
            r#"{"Message":"User is not authorized to access this resource"}"#,
        )
        .typed("AccessDeniedException"));
    }
    Ok(Some(signer.key.clone()))
}

/// Says which function is run on whose behalf; nothing when the integration is one API Gateway cannot use.
fn prepare(
    found: &Found,
    (route, integration): (&Route, &Integration),
    call: &Call,
) -> Option<Run> {
    // Lambda's invoke path is a POST; anything else fails when it is called, not when it is put.
    if integration.http_method != "POST" {
        return None;
    }
    let Shelf { account, region, .. } = &found.shelf;
    let (api, stage) = (&found.api.about.id, &found.stage.stage_name);
    let path = route.path.trim_start_matches('/');
    Some(Run {
        function: grammar::function_of(&integration.uri).ok()?,
        source: format!(
            "arn:aws:execute-api:{region}:{account}:{api}/{stage}/{}/{path}",
            call.method
        ),
        account: account.clone(),
        patience_ms: u64::try_from(integration.timeout_in_millis).unwrap_or_default(),
    })
}

fn forbidden() -> Answer {
    Answer::gateway(403, r#"{"message":"Forbidden"}"#).typed("ForbiddenException")
}

fn no_token() -> Answer {
    Answer::gateway(403, r#"{"message":"Missing Authentication Token"}"#)
        .typed("MissingAuthenticationTokenException")
}

fn broken(status: u16) -> Answer {
    Answer::gateway(status, r#"{"message": "Internal server error"}"#)
        .typed("InternalServerErrorException")
}
