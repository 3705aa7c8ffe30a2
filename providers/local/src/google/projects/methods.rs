//! What can be asked of projects.

use serde_json::json;

use crate::cloud::Context;
use crate::google::policy::{self, Holder, Rules};
use crate::google::project;
use crate::google::refusals::{denied, invalid_field};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

static RULES: Rules = Rules { public: false, conditions: true, roles: &[] };

/// Refuses what cannot be a project id: 6 to 30 lower-case letters, digits and hyphens, a letter first.
pub(crate) fn check(id: &str) -> Result<(), Refusal> {
    let first = id.starts_with(|letter: char| letter.is_ascii_lowercase());
    let legal =
        |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    let fits = first && (6..=30).contains(&id.len()) && id.bytes().all(legal) && !id.ends_with('-');
    if fits || project::is_number(id) {
        return Ok(());
    }
    Err(invalid_field("name", format!("Project id '{id}' is not valid.")))
}

/// Refuses a project named by its number: numbers cannot be turned back into ids here, so it is somebody else's.
fn by_id<'a>(request: &'a Request, permission: &str) -> Result<&'a str, Refusal> {
    let id = request.account.as_str();
    check(id)?;
    if project::is_number(id) {
        let message = format!(
            "Permission '{permission}' denied on resource \
             '//cloudresourcemanager.googleapis.com/projects/{id}' (or it may not exist)."
        );
        return Err(denied(message));
    }
    Ok(id)
}

/// Answers with a project.
pub(super) fn get(request: &Request, _: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let id = by_id(request, "resourcemanager.projects.get")?;
    Ok(Reply::json(json!({
        "name": format!("projects/{}", project::number(id)),
        "parent": "organizations/100000000001",
        "projectId": id,
        "state": "ACTIVE",
        "displayName": id,
        "createTime": "2026-01-01T00:00:00Z",
        "updateTime": "2026-01-01T00:00:00Z",
        "etag": "W/\"5f1a9c0b7e3d2468\"",
    })))
}

/// Answers with a project's policy.
pub(super) fn get_policy(
    request: &Request,
    tx: &mut Tx,
    _: &Context<'_>,
) -> Result<Reply, Refusal> {
    let id = by_id(request, "resourcemanager.projects.getIamPolicy")?;
    policy::get(request, tx, &Holder { name: &format!("projects/{id}"), rules: &RULES })
}

/// Replaces it.
pub(super) fn set_policy(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let id = by_id(request, "resourcemanager.projects.setIamPolicy")?;
    policy::set(request, tx, context, &Holder { name: &format!("projects/{id}"), rules: &RULES })
}

/// Answers with the permissions the caller has.
pub(super) fn test(request: &Request, _: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    by_id(request, "resourcemanager.projects.get")?;
    policy::test(request, context)
}
