//! What can be asked of APIs.

use serde_json::{Value, json};

use super::apis::{LISTED, enable, is_enabled};
use crate::cloud::Context;
use crate::google::operations::{self, Operation};
use crate::google::paging::Pages;
use crate::google::refusals::{denied, invalid_field};
use crate::google::{accounts, project, projects};
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

const PAGES: Pages = Pages { items: "services", usual: 50, most: 200 };

fn show(tx: &Tx, context: &Context<'_>, (project, api): (&str, &str)) -> Result<Value, Refusal> {
    let parent = format!("projects/{}", project::number(project));
    if !api.ends_with(".googleapis.com") {
        return Err(denied(format!("Not found or permission denied for service(s): {api}.")));
    }
    let state = if is_enabled(tx, context, (project, api))? { "ENABLED" } else { "DISABLED" };
    Ok(json!({
        "name": format!("{parent}/services/{api}"),
        "parent": parent,
        "state": state,
        "config": {"name": api},
    }))
}

/// Answers with one API.
pub(super) fn get(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    projects::check(&request.account)?;
    Ok(Reply::json(show(tx, context, (&request.account, request.label("api")))?))
}

/// Answers with up to 30 APIs.
pub(super) fn batch_get(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    projects::check(&request.account)?;
    let names = request.queries("names");
    if names.is_empty() || names.len() > 30 {
        return Err(invalid_field("names", "Between 1 and 30 names must be given."));
    }
    let mut shown = Vec::new();
    for name in names {
        let api = name.strip_prefix("projects/").and_then(|rest| rest.split_once("/services/"));
        let Some((owner, api)) = api else {
            return Err(invalid_field("names", format!("The name '{name}' is not valid.")));
        };
        if project::number(owner) != project::number(&request.account) {
            let message = format!("The name '{name}' is not of the parent of the request.");
            return Err(invalid_field("names", message));
        }
        shown.push(show(tx, context, (owner, api))?);
    }
    Ok(Reply::json(json!({"services": shown})))
}

/// Answers with a page of APIs.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    projects::check(&request.account)?;
    let wanted = match request.query("filter").unwrap_or_default() {
        "" => None,
        "state:ENABLED" => Some("ENABLED"),
        "state:DISABLED" => Some("DISABLED"),
        other => {
            return Err(invalid_field("filter", format!("The filter '{other}' is not valid.")));
        }
    };
    let mut items = Vec::new();
    for api in LISTED {
        let shown = show(tx, context, (&request.account, api))?;
        if wanted.is_none_or(|state| shown.get("state").and_then(Value::as_str) == Some(state)) {
            items.push(((*api).to_owned(), shown));
        }
    }
    Ok(Reply::json(Value::Object(PAGES.cut(request, context, items)?)))
}

/// Enables up to 20 APIs.
pub(super) fn batch_enable(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let project = &request.account;
    projects::check(project)?;
    let body = request.json()?;
    let ids = body.get("serviceIds").and_then(Value::as_array).into_iter().flatten();
    let ids: Vec<&str> = ids.filter_map(Value::as_str).collect();
    if ids.is_empty() || ids.len() > 20 {
        return Err(invalid_field("service_ids", "Between 1 and 20 services must be given."));
    }
    let mut shown = Vec::new();
    for api in &ids {
        enable(tx, (project, api))?;
        shown.push(show(tx, context, (project, api))?);
    }
    let name = format!("operations/acat.p2-{}-{}", project::number(project), uuid::Uuid::new_v4());
    let metadata = json!({
        "@type": "type.googleapis.com/google.api.serviceusage.v1.OperationMetadata",
        "resourceNames": ids.iter().map(|api| format!("projects/{}/services/{api}", project::number(project))).collect::<Vec<_>>(),
    });
    let response = json!({
        "@type": "type.googleapis.com/google.api.serviceusage.v1.BatchEnableServicesResponse",
        "services": shown,
    });
    let operation: Operation = operations::plain(name, metadata, response, context);
    let answer = operations::begin(tx, context, &operation)?;
    Ok(Reply::json(answer).did(Effect::Update, format!("apis/{}", ids.join(","))))
}

/// Makes a service's agent. The operation it answers is over already and cannot be polled.
pub(super) fn identity(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (project, api) = (&request.account, request.label("api"));
    projects::check(project)?;
    if !is_enabled(tx, context, (project, api))? {
        return Err(denied(format!("{api} is not enabled in project {project}.")));
    }
    let Some(email) = accounts::make_agent(tx, project, api)? else {
        return Err(Refusal::not_modelled(&format!("the agent of {api}")));
    };
    let response = json!({
        "@type": "type.googleapis.com/google.api.serviceusage.v1beta1.ServiceIdentity",
        "email": email,
        "uniqueId": format!("1{}00000000", project::number(&email)),
    });
    let answer =
        json!({"name": "operations/finished.DONE_OPERATION", "done": true, "response": response});
    Ok(Reply::json(answer).did(Effect::Create, format!("agent/{email}")))
}

/// Answers with how far an operation is.
pub(super) fn operation(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let name = format!("operations/{}", request.label("operation"));
    Ok(Reply::json(operations::poll(tx, context, &name)?))
}
