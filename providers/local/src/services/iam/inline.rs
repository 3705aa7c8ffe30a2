//! Inline policies of roles.

use super::answer::{encoded, paging, values};
use super::input::{Input, over_limit, policy};
use super::roles::compact;
use super::store::{must_find, no_such_entity, put as keep};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::policy::Kind;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request, Xml};

/// The most a role's inline policies may have together, without whitespace (IAM quotas).
const MOST: usize = 10_240;

/// `PutRolePolicy`: makes or replaces.
pub(super) fn put(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let mut input = Input::read(request, &["RoleName", "PolicyName", "PolicyDocument"])?;
    let (role_name, name) = (input.role_name(), input.policy_name());
    let document = input.document("PolicyDocument", "policyDocument");
    input.done()?;
    let mut role = must_find(tx, &request.account, &role_name)?;
    policy(&document, Kind::Identity)?;
    let effect = if role.inline.insert(name.clone(), document).is_some() {
        Effect::Update
    } else {
        Effect::Create
    };
    let size: usize = role.inline.values().map(|text| compact(text).chars().count()).sum();
    if size > MOST {
        let message =
            format!("Maximum policy size of {MOST} bytes exceeded for role {}", role.name);
        return Err(over_limit(message));
    }
    keep(tx, &role)?;
    Ok(Reply::empty(200).did(effect, format!("{}/policy/{name}", role.object())))
}

/// `GetRolePolicy`.
pub(super) fn get(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let mut input = Input::read(request, &["RoleName", "PolicyName"])?;
    let (role_name, name) = (input.role_name(), input.policy_name());
    input.done()?;
    let role = must_find(tx, &request.account, &role_name)?;
    let document = role.inline.get(&name).ok_or_else(|| missing(&name))?;
    Ok(Reply::result([
        Xml::text("RoleName", role.name.as_str()),
        Xml::text("PolicyName", name.as_str()),
        Xml::text("PolicyDocument", encoded(document)),
    ]))
}

fn missing(name: &str) -> Refusal {
    no_such_entity(format!("The role policy with name {name} cannot be found."))
}

/// `DeleteRolePolicy`.
pub(super) fn delete(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let mut input = Input::read(request, &["RoleName", "PolicyName"])?;
    let (role_name, name) = (input.role_name(), input.policy_name());
    input.done()?;
    let mut role = must_find(tx, &request.account, &role_name)?;
    role.inline.remove(&name).ok_or_else(|| missing(&name))?;
    keep(tx, &role)?;
    Ok(Reply::empty(200).did(Effect::Delete, format!("{}/policy/{name}", role.object())))
}

/// `ListRolePolicies`.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let mut input = Input::read(request, &["RoleName", "Marker", "MaxItems"])?;
    let (role_name, wanted) = (input.role_name(), input.paging());
    input.done()?;
    let role = must_find(tx, &request.account, &role_name)?;
    let page = wanted.cut(context, role.inline.into_keys().collect(), String::clone)?;
    let names = values("PolicyNames", &page.items);
    Ok(Reply::result(paging(&page).into_iter().chain([names])))
}
