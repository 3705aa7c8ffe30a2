//! `SimulatePrincipalPolicy`: what the policies of a role, or of the caller, say to actions that are only imagined.
//!
//! Source: IAM API reference, `SimulatePrincipalPolicy`. Policies of resources and boundaries are not modelled; a
//! request for them is refused as such.

use super::answer::{paging, values};
use super::input::Input;
use super::principals::is_account;
use super::store::no_such_entity;
use super::trust::policies_of;
use crate::cloud::Context;
use crate::judge::aws::{caller_arn, documents};
use crate::policy::{Ask, By, Keys, Policy, Verdict, matching, verdict};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request, Xml};

const MEMBERS: &[&str] = &[
    "PolicySourceArn",
    "ActionNames",
    "ResourceArns",
    "ContextEntries",
    "CallerArn",
    "MaxItems",
    "Marker",
];

/// One imagined request.
struct Imagined {
    action: String,
    resource: String,
}

/// `SimulatePrincipalPolicy`: one result for each action on each resource.
pub(super) fn principal(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let mut input = Input::read(request, MEMBERS)?;
    let source = input.source_arn();
    let (actions, resources) = (input.actions(), input.values("ResourceArns"));
    let (keys, wanted) = (input.context_entries(), input.paging());
    input.done()?;
    let policies = policies(tx, context, (request, &source))?;
    let resources = if resources.is_empty() { vec!["*".to_owned()] } else { resources };
    let each = |action: &String| {
        let one =
            |resource: &String| Imagined { action: action.clone(), resource: resource.clone() };
        resources.iter().map(one).collect::<Vec<_>>()
    };
    let imagined: Vec<Imagined> = actions.iter().flat_map(each).collect();
    let page = wanted.cut(context, imagined, |one| format!("{}\n{}", one.action, one.resource))?;
    let results = page.items.iter().map(|one| result((&source, &policies, &keys), one));
    let results = Xml::members("EvaluationResults", results);
    Ok(Reply::result(paging(&page).into_iter().chain([results])))
}

/// The policies of who is imagined to ask.
fn policies(
    tx: &Tx,
    context: &Context<'_>,
    (request, source): (&Request, &str),
) -> Result<Vec<Policy>, Refusal> {
    let mut parts = source.splitn(6, ':').skip(4);
    let (account, entity) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (kind, name) = entity.split_once('/').unwrap_or((entity, ""));
    if !source.starts_with("arn:aws:iam::")
        || !is_account(account)
        || !["role", "user", "group"].contains(&kind)
    {
        let message =
            format!("Invalid Entity Arn: {source} does not clearly define entity type and name.");
        return Err(Refusal::new(400, "InvalidInput", message));
    }
    let name = name.rsplit('/').next().unwrap_or_default();
    let missing = || no_such_entity(format!("The {kind} with name {name} cannot be found."));
    if kind == "role" {
        let found = if account == request.account { policies_of(tx, source)? } else { None };
        return found.ok_or_else(missing);
    }
    match context.deployer {
        Some(deployer) if source == caller_arn(&request.account, true) => {
            Ok(documents(&deployer.aws))
        }
        Some(_) | None => Err(missing()),
    }
}

fn result((source, policies, keys): (&str, &[Policy], &Keys), one: &Imagined) -> Vec<Xml> {
    let asked = Ask {
        by: By::Arn(source),
        action: &one.action,
        resource: Some(&one.resource),
        keys: keys.clone(),
    };
    let decision = match verdict(policies, &asked) {
        Verdict::Allowed => "allowed",
        Verdict::Denied => "explicitDeny",
        Verdict::Silent => "implicitDeny",
    };
    let about = matching(policies, &asked).flat_map(|statement| &statement.conditions);
    let mut missing: Vec<String> = about
        .filter(|condition| keys.get(&condition.key).is_none())
        .map(|condition| condition.key.clone())
        .collect();
    missing.sort();
    missing.dedup();
    vec![
        Xml::text("EvalActionName", one.action.as_str()),
        Xml::text("EvalResourceName", one.resource.as_str()),
        Xml::text("EvalDecision", decision),
        Xml::new("MatchedStatements"),
        values("MissingContextValues", &missing),
    ]
}
