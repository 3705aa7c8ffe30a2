//! Managed policies attached to roles.

use super::answer::paging;
use super::input::{Input, over_limit};
use super::managed::managed;
use super::store::{must_find, no_such_entity, put};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request, Xml};

/// The most managed policies a role may have (IAM quotas, default).
const MOST: usize = 10;

/// `AttachRolePolicy`: attaching again changes nothing.
pub(super) fn attach(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let (role_name, arn) = names(request)?;
    let mut role = must_find(tx, &request.account, &role_name)?;
    if managed(&arn).is_none() {
        if arn.starts_with("arn:aws:iam::aws:policy/") {
            return Err(Refusal::not_modelled(&format!("the AWS managed policy {arn}")));
        }
        return Err(no_such_entity(format!("Policy {arn} does not exist or is not attachable.")));
    }
    let fresh = role.attached.insert(arn.clone());
    if role.attached.len() > MOST {
        return Err(over_limit(format!("Cannot exceed quota for PoliciesPerRole: {MOST}")));
    }
    put(tx, &role)?;
    let effect = if fresh { Effect::Create } else { Effect::None };
    Ok(Reply::empty(200).did(effect, format!("{}/attached/{arn}", role.object())))
}

fn names(request: &Request) -> Result<(String, String), Refusal> {
    let mut input = Input::read(request, &["RoleName", "PolicyArn"])?;
    let names = (input.role_name(), input.policy_arn());
    input.done()?;
    Ok(names)
}

/// `DetachRolePolicy`.
pub(super) fn detach(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let (role_name, arn) = names(request)?;
    let mut role = must_find(tx, &request.account, &role_name)?;
    if !role.attached.remove(&arn) {
        return Err(no_such_entity(format!("Policy {arn} was not found.")));
    }
    put(tx, &role)?;
    Ok(Reply::empty(200).did(Effect::Delete, format!("{}/attached/{arn}", role.object())))
}

/// `ListAttachedRolePolicies`.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let mut input = Input::read(request, &["RoleName", "PathPrefix", "Marker", "MaxItems"])?;
    let (role_name, prefix, wanted) = (input.role_name(), input.path_prefix(), input.paging());
    input.done()?;
    let role = must_find(tx, &request.account, &role_name)?;
    let is_under =
        |arn: &String| managed(arn).is_some_and(|policy| policy.path().starts_with(&prefix));
    let arns = role.attached.into_iter().filter(is_under).collect();
    let page = wanted.cut(context, arns, String::clone)?;
    let policies = policies("AttachedPolicies", &page.items);
    Ok(Reply::result(paging(&page).into_iter().chain([policies])))
}

/// A list of attached policies.
pub(super) fn policies<'a>(name: &'static str, arns: impl IntoIterator<Item = &'a String>) -> Xml {
    Xml::members(
        name,
        arns.into_iter().map(|arn| {
            let name = arn.rsplit('/').next().unwrap_or_default();
            vec![Xml::text("PolicyName", name), Xml::text("PolicyArn", arn.as_str())]
        }),
    )
}
