//! Roles themselves: create, read, change, delete, list.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{basics, listed, paging, tags, whole};
use super::input::{Input, add_tags, over_limit, policy};
use super::principals::check_principals;
use super::store::{Role, all, find, must_find, put, remove};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::policy::Kind;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request, Xml};

/// The most a trust policy may have, without whitespace (IAM quotas, "Role trust policy length").
const TRUST_MOST: usize = 2048;

/// The session length of a role that names none.
const SESSION: i64 = 3600;

/// `CreateRole`.
pub(super) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let known = [
        "Path",
        "RoleName",
        "AssumeRolePolicyDocument",
        "Description",
        "MaxSessionDuration",
        "Tags",
    ];
    let mut input = Input::read(request, &known)?;
    let mut role = Role {
        account: request.account.clone(),
        name: input.role_name(),
        path: input.path(),
        id: new_id(),
        trust: input.document("AssumeRolePolicyDocument", "assumeRolePolicyDocument"),
        description: input.description().filter(|text| !text.is_empty()),
        max_session: input.max_session().unwrap_or(SESSION),
        created: context.now,
        trusted: context.now,
        tags: BTreeMap::new(),
        inline: BTreeMap::new(),
        attached: BTreeSet::new(),
    };
    let given = input.tags();
    input.done()?;
    if find(tx, &request.account, &role.name)?.is_some() {
        let message = format!("Role with name {} already exists.", role.name);
        return Err(Refusal::new(409, "EntityAlreadyExists", message));
    }
    add_tags(&mut role.tags, given)?;
    role.trust = checked_trust(tx, &role.trust)?;
    put(tx, &role)?;
    let fields = Xml::new("Role").with_all(basics(&role)).with_all(tags(&role.tags));
    Ok(Reply::result([fields]).did(Effect::Create, role.object()))
}

/// `AROA` and seventeen letters and digits.
fn new_id() -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let random = uuid::Uuid::new_v4();
    let two = uuid::Uuid::new_v4();
    let bytes = random.into_bytes().into_iter().chain(two.into_bytes());
    let letters = bytes.filter_map(|byte| LETTERS.get(usize::from(byte % 32))).take(17);
    letters.fold("AROA".to_owned(), |mut id, letter| {
        id.push(char::from(*letter));
        id
    })
}

/// The trust policy as it is kept: without whitespace, which IAM neither counts nor returns.
fn checked_trust(tx: &Tx, document: &str) -> Result<String, Refusal> {
    let read = policy(document, Kind::Trust)?;
    check_principals(tx, &read)?;
    let kept = compact(document);
    if kept.chars().count() > TRUST_MOST {
        return Err(over_limit(format!("Cannot exceed quota for ACLSizePerRole: {TRUST_MOST}")));
    }
    Ok(kept)
}

/// Drops the whitespace between a JSON document's tokens.
pub(super) fn compact(document: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    document
        .chars()
        .filter(|one| {
            if quoted {
                quoted = escaped || *one != '"';
                escaped = !escaped && *one == '\\';
                return true;
            }
            quoted = *one == '"';
            !one.is_ascii_whitespace()
        })
        .collect()
}

/// `GetRole`.
pub(super) fn get(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let mut input = Input::read(request, &["RoleName"])?;
    let name = input.role_name();
    input.done()?;
    let role = must_find(tx, &request.account, &name)?;
    Ok(Reply::result([Xml::new("Role").with_all(whole(&role))]))
}

/// `UpdateRole`.
pub(super) fn update(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let mut input = Input::read(request, &["RoleName", "Description", "MaxSessionDuration"])?;
    let name = input.role_name();
    let (description, max_session) = (input.description(), input.max_session());
    input.done()?;
    let mut role = must_find(tx, &request.account, &name)?;
    if let Some(description) = description {
        role.description = Some(description).filter(|text| !text.is_empty());
    }
    role.max_session = max_session.unwrap_or(SESSION);
    put(tx, &role)?;
    Ok(Reply::result([]).did(Effect::Update, role.object()))
}

/// `UpdateAssumeRolePolicy`.
pub(super) fn update_trust(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let mut input = Input::read(request, &["RoleName", "PolicyDocument"])?;
    let name = input.role_name();
    let document = input.document("PolicyDocument", "policyDocument");
    input.done()?;
    let mut role = must_find(tx, &request.account, &name)?;
    let trust = checked_trust(tx, &document)?;
    if role.trust != trust {
        role.trusted = context.now;
    }
    role.trust = trust;
    put(tx, &role)?;
    Ok(Reply::empty(200).did(Effect::Update, role.object()))
}

/// `DeleteRole`. Its policies must be gone first.
pub(super) fn delete(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let mut input = Input::read(request, &["RoleName"])?;
    let name = input.role_name();
    input.done()?;
    let role = must_find(tx, &request.account, &name)?;
    let conflict = |message: &str| Err(Refusal::new(409, "DeleteConflict", message));
    if !role.attached.is_empty() {
        return conflict("Cannot delete entity, must detach all policies first.");
    }
    if !role.inline.is_empty() {
        return conflict("Cannot delete entity, must delete policies first.");
    }
    remove(tx, &role)?;
    Ok(Reply::empty(200).did(Effect::Delete, role.object()))
}

/// `ListRoles`.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let mut input = Input::read(request, &["PathPrefix", "Marker", "MaxItems"])?;
    let (prefix, wanted) = (input.path_prefix(), input.paging());
    input.done()?;
    let roles = all(tx, &request.account)?;
    let under = roles.into_iter().filter(|role| role.path.starts_with(&prefix)).collect();
    let page = wanted.cut(context, under, |role: &Role| role.name.to_lowercase())?;
    let roles = Xml::members("Roles", page.items.iter().map(listed));
    Ok(Reply::result(paging(&page).into_iter().chain([roles])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whitespace_between_tokens_is_dropped_and_within_text_kept() {
        assert_eq!(compact("{ \"a b\" : [ \"\\\" c\" ]\n}"), "{\"a b\":[\"\\\" c\"]}");
    }

    #[test]
    fn ids_are_as_iam_makes_them() {
        let id = new_id();
        assert!(id.starts_with("AROA") && id.len() == 21, "{id}");
        assert_ne!(id, new_id());
    }
}
