//! Making, reading and deleting functions.

use serde_json::{Value, json};

use super::deploy::{self, deploy, metadata, operation_name};
use super::record::{self, Function, Name};
use super::{check, show, trigger};
use crate::cloud::Context;
use crate::google::operations::{self, End, Operation};
use crate::google::paging::Pages;
use crate::google::refusals::{aborted, invalid_field};
use crate::google::{projects, run};
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

const PAGES: Pages = Pages { items: "functions", usual: 1000, most: 1000 };

/// What only Google writes; it is not kept when it is sent.
const OUTPUT: &[&str] = &[
    "name",
    "state",
    "createTime",
    "updateTime",
    "stateMessages",
    "url",
    "satisfiesPzs",
    "satisfiesPzi",
];

/// The configuration in a request, without what only Google writes.
pub(super) fn sent(request: &Request) -> Result<Value, Refusal> {
    let mut config = request.json()?;
    if let Value::Object(members) = &mut config {
        for name in OUTPUT {
            members.remove(*name);
        }
    }
    for (part, names) in [
        ("buildConfig", &["build", "sourceProvenance", "sourceToken"][..]),
        ("serviceConfig", &["service", "uri", "revision"]),
        ("eventTrigger", &["trigger"]),
    ] {
        if let Some(Value::Object(members)) = config.get_mut(part) {
            for name in names {
                members.remove(*name);
            }
        }
    }
    Ok(config)
}

/// Refuses what is not there to be done while something else is under way.
pub(super) fn idle(function: &Function, context: &Context<'_>) -> Result<(), Refusal> {
    match function.state(context.now) {
        "DEPLOYING" | "DELETING" => Err(aborted(format!(
            "unable to queue the operation: another operation on '{}' is in progress",
            function.name.full()
        ))),
        _ => Ok(()),
    }
}

/// Makes a function; whether that works is told by the operation.
pub(super) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let name = Name::new(request, request.query("functionId").unwrap_or_default());
    let body = request.json()?;
    check::name(&name, body.get("name").and_then(Value::as_str))?;
    let mut config = sent(request)?;
    let Some(source) = deploy::source(tx, &name, &config, None)? else {
        return Err(invalid_field("function.build_config.source", "The source must be set."));
    };
    show::fill(&name, &mut config);
    let mut function = Function {
        name: name.clone(),
        config,
        digest: String::new(),
        deployments: 0,
        created: context.now,
        updated: context.now,
        settles: context.now,
        broken: None,
        before: None,
        gone: None,
    };
    check::configuration(&function)?;
    trigger::check(&function)?;
    check::identities(tx, context, &function)?;
    if let Some(taken) = taken(tx, context, &name)? {
        return taken;
    }
    let operation = deploy(tx, context, &mut function, (source, None))?;
    record::save(tx, &function)?;
    let answer = operations::begin(tx, context, &operation)?;
    Ok(Reply::json(answer).did(Effect::Create, format!("function/{}", name.id)))
}

/// Why a name cannot be had: its function is there, or another one's Run service has the name.
fn taken(
    tx: &mut Tx,
    context: &Context<'_>,
    name: &Name,
) -> Result<Option<Result<Reply, Refusal>>, Refusal> {
    let message = match record::find(tx, context, name)? {
        Some(there) => {
            // A failed function does not stand in the way of its own name; it exists all the same.
            if let Err(refusal) = idle(&there, context) {
                return Ok(Some(Err(refusal)));
            }
            format!("Could not create Cloud Run service. Resource '{}' already exists", name.full())
        }
        None if run::load(tx, context, &name.target())?.is_some() => {
            format!(
                "Could not create Cloud Run service. Resource '{}' already exists",
                name.target().name()
            )
        }
        None => return Ok(None),
    };
    let operation = Operation {
        name: operation_name(name),
        metadata: metadata(context, name, ("CREATE_FUNCTION", "create")),
        stages: Vec::new(),
        reached: 0,
        stage_ms: 0,
        began: context.now,
        over: context.now,
        end: End::Failed("ALREADY_EXISTS".to_owned(), message),
    };
    Ok(Some(operations::begin(tx, context, &operation).map(Reply::json)))
}

/// Answers with a function.
pub(super) fn get(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    if request.query("revision").is_some_and(|revision| !revision.is_empty()) {
        return Err(Refusal::not_modelled("a revision of a function"));
    }
    check::location(&request.region)?;
    let function = record::load(tx, context, &Name::of(request))?;
    Ok(Reply::json(show::show(&function, context)))
}

/// Answers with a page of functions, of one location or of all.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    projects::check(&request.account)?;
    if request.region != "-" {
        check::location(&request.region)?;
    }
    if request.query("orderBy").is_some_and(|order| !order.is_empty()) {
        return Err(Refusal::not_modelled("an order of functions"));
    }
    let filter = request.query("filter").unwrap_or_default().replace(['"', ' '], "");
    let wanted: Option<(&str, &str)> = match filter.as_str() {
        "" | "environment=GEN_2" | "environment:GEN_2" => None,
        other => Some(
            other
                .strip_prefix("labels.")
                .and_then(|label| label.split_once([':', '=']))
                .ok_or_else(|| Refusal::not_modelled(&format!("the filter {other}")))?,
        ),
    };
    let all = record::all(tx, context, (&request.account, &request.region))?;
    let items = all
        .iter()
        .filter(|function| {
            wanted.is_none_or(|(key, value)| {
                function.map("/labels").get(key).is_some_and(|found| found == value)
            })
        })
        .map(|function| (function.name.full(), show::show(function, context)))
        .collect();
    Ok(Reply::json(Value::Object(PAGES.cut(request, context, items)?)))
}

/// Deletes a function with its Run service and its trigger.
pub(super) fn delete(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let name = Name::of(request);
    check::location(&name.location)?;
    let mut function = record::load(tx, context, &name)?;
    idle(&function, context)?;
    let over = context.now.plus(context.settings.operation_ms);
    function.gone = Some(over);
    let later = (over > context.now).then_some(over);
    trigger::remove(tx, &function, later)?;
    run::remove(tx, context, &name.target(), over)?;
    if over <= context.now {
        record::forget(tx, &function)?;
    } else {
        record::save(tx, &function)?;
    }
    let operation = Operation {
        name: operation_name(&name),
        metadata: metadata(context, &name, ("DELETE_FUNCTION", "delete")),
        stages: Vec::new(),
        reached: 0,
        stage_ms: 0,
        began: context.now,
        over,
        end: End::Done(json!({"@type": "type.googleapis.com/google.protobuf.Empty"})),
    };
    let answer = operations::begin(tx, context, &operation)?;
    Ok(Reply::json(answer).did(Effect::Delete, format!("function/{}", name.id)))
}

/// Answers with how far an operation is.
pub(super) fn operation(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let name = format!(
        "projects/{}/locations/{}/operations/{}",
        request.account,
        request.region,
        request.label("operation")
    );
    Ok(Reply::json(operations::poll(tx, context, &name)?))
}
