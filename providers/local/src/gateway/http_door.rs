//! The door of HTTP APIs: `/_updraft/http-api/{id}/{path}`, which is what their `apiEndpoint` says.

use std::collections::BTreeMap;

use crate::cloud::Cloud;
use crate::doors::Door;
use crate::services::Pending;
use crate::services::apigatewayv2::integrations::function_of;
use crate::services::apigatewayv2::model::{Api, Integration, Served, Stage};
use crate::services::apigatewayv2::shelf::Shelf;
use crate::store::Tx;
use crate::wire::{Refusal, Request};

use super::answer::{Answer, Reader, read};
use super::call::Call;
use super::function::{Ran, Run, run};
use super::matching::Template;
use super::{event_one, event_two};

/// The door.
pub(crate) const HTTP_API_DOOR: Door = Door {
    name: "HttpApi",
    is_at: |path| path.starts_with(ROOT),
    open: |request, cloud| -> Pending {
        Box::pin(async move { Ok(open(request, cloud).await?.reply()) })
    },
};

const ROOT: &str = "/_updraft/http-api/";

/// What is known of a call before its function runs.
struct Found {
    shelf: Shelf,
    api: Api,
    stage: Stage,
    routes: Vec<Served>,
    /// The path below the stage.
    path: String,
}

async fn open(request: Request, cloud: Cloud) -> Result<Answer, Refusal> {
    let rest = request.path.strip_prefix(ROOT).unwrap_or_default();
    let (id, path) = rest.split_once('/').unwrap_or((rest, ""));
    let Some(found) = cloud.transact(|tx, _| find(tx, id, path))? else { return Ok(not_found()) };
    let call = Call::new(&request, found.path.clone());
    let Some((served, parameters)) = route(&found.routes, &call) else { return Ok(not_found()) };
    let signer = call.signer.as_ref().filter(|_| served.route.authorization_type == "AWS_IAM");
    let known = signer.is_some_and(|signer| signer.account == found.shelf.account);
    if served.route.authorization_type == "AWS_IAM" && !known {
        return Ok(Answer::gateway(403, r#"{"message":"Forbidden"}"#));
    }
    let Some(integration) = &served.integration else { return Ok(broken()) };
    let Some(prepared) = prepare(&found, (served, integration), &call) else { return Ok(broken()) };
    let one = integration.payload_format_version == "1.0";
    let event = event(
        &call,
        &found,
        (served, &parameters),
        (one, signer.map(|signer| signer.key.as_str())),
    );
    let reader = if one { Reader::HttpOne } else { Reader::HttpTwo };
    Ok(match run(&cloud, prepared, &event).await? {
        Ran::Done(result) => read(&result, &reader).unwrap_or_else(broken),
        Ran::Failed | Ran::Refused => broken(),
        Ran::Late => Answer::gateway(503, r#"{"message":"Service Unavailable"}"#),
    })
}

/// The first segment may name a stage; `$default` serves everything else.
fn find(tx: &Tx, id: &str, path: &str) -> Result<Option<Found>, Refusal> {
    let Some(shelf) = Shelf::holding(tx, id)? else { return Ok(None) };
    let api = shelf.api_by_id(tx, id)?;
    if api.about.disable_execute_api_endpoint {
        return Ok(None);
    }
    let (first, below) = path.split_once('/').unwrap_or((path, ""));
    let (stage, path) = match api.stages.get(first) {
        Some(stage) if first != "$default" => (stage.clone(), format!("/{below}")),
        _ => match api.stages.get("$default") {
            Some(stage) => (stage.clone(), format!("/{path}")),
            None => return Ok(None),
        },
    };
    let deployment = stage.deployment_id.as_ref().and_then(|id| api.deployments.get(id));
    let routes = deployment.map(|deployment| deployment.routes.clone()).unwrap_or_default();
    Ok(Some(Found { shelf, api, stage, routes, path }))
}

/// A full match of path and method first, then greedy ones, then `$default`.
fn route<'a>(routes: &'a [Served], call: &Call) -> Option<(&'a Served, BTreeMap<String, String>)> {
    let matching = routes.iter().filter_map(|served| {
        let (method, path) = served.route.route_key.split_once(' ')?;
        let template = Template::new(path);
        // HTTP APIs take a trailing slash for part of the path; REST APIs do not.
        let slash = call.path.len() > 1 && call.path.ends_with('/');
        if slash && !path.ends_with('/') && !template.is_greedy() {
            return None;
        }
        let parameters = template.parameters(&call.path)?;
        (method == "ANY" || method == call.method).then_some((
            served,
            template,
            method == "ANY",
            parameters,
        ))
    });
    let best = matching.min_by(|(_, left, left_any, _), (_, right, right_any, _)| {
        let greedy = left.is_greedy().cmp(&right.is_greedy());
        greedy.then_with(|| left.by_preference(right)).then(left_any.cmp(right_any))
    });
    let default = || routes.iter().find(|served| served.route.route_key == "$default");
    best.map(|(served, _, _, parameters)| (served, parameters))
        .or_else(|| default().map(|served| (served, BTreeMap::new())))
}

fn prepare(
    found: &Found,
    (served, integration): (&Served, &Integration),
    call: &Call,
) -> Option<Run> {
    if integration.integration_method != "POST" {
        return None;
    }
    let Shelf { account, region, .. } = &found.shelf;
    let (api, stage) = (&found.api.about.api_id, &found.stage.stage_name);
    let route = match served.route.route_key.split_once(' ') {
        Some((_, path)) => format!("{}{path}", call.method),
        None => served.route.route_key.clone(),
    };
    Some(Run {
        function: function_of(&integration.integration_uri).ok()?,
        source: format!("arn:aws:execute-api:{region}:{account}:{api}/{stage}/{route}"),
        account: account.clone(),
        patience_ms: u64::try_from(integration.timeout_in_millis).unwrap_or_default(),
    })
}

fn event(
    call: &Call,
    found: &Found,
    (served, parameters): (&Served, &BTreeMap<String, String>),
    (one, access_key): (bool, Option<&str>),
) -> serde_json::Value {
    let Found { shelf, api, stage, .. } = found;
    let key = &served.route.route_key;
    if one {
        let resource = key.split_once(' ').map_or(key.as_str(), |(_, path)| path);
        let route = event_one::Route {
            account: &shelf.account,
            api: &api.about.api_id,
            stage: &stage.stage_name,
            resource_id: key,
            resource,
            parameters,
            variables: &stage.stage_variables,
            binary_types: &[],
            access_key,
        };
        return event_one::versioned(call, &route);
    }
    let route = event_two::Route {
        account: &shelf.account,
        api: &api.about.api_id,
        stage: &stage.stage_name,
        key,
        parameters,
        variables: &stage.stage_variables,
        access_key,
    };
    event_two::event(call, &route)
}

fn not_found() -> Answer {
    Answer::gateway(404, r#"{"message":"Not Found"}"#)
}

fn broken() -> Answer {
    Answer::gateway(500, r#"{"message":"Internal Server Error"}"#)
}
