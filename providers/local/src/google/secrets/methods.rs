//! The methods of secrets.

use serde_json::{Value, json};

use super::service::SECRET;
use super::shelf;
use crate::cloud::Context;
use crate::google::etag;
use crate::google::mask::Mask;
use crate::google::paging::Pages;
use crate::google::policy::{self, Holder, Rules};
use crate::google::refusals::{exists, invalid};
use crate::ledger::Effect;
use crate::members::{set, text};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// What the policy of a secret may say.
static RULES: Rules = Rules { public: false, conditions: true, roles: &["roles/secretmanager."] };

/// The project and the secret in the path.
pub(super) fn named(request: &Request) -> (&str, &str) {
    (&request.account, request.label("secret"))
}

/// `CreateSecret`.
pub(super) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let id = request.query("secretId").unwrap_or_default();
    let legal = |letter: u8| letter.is_ascii_alphanumeric() || b"-_".contains(&letter);
    if id.is_empty() || id.len() > 255 || !id.bytes().all(legal) {
        return Err(invalid(
            "The provided Secret ID [secretId] does not match the expected format [[a-zA-Z_0-9]+]",
        ));
    }
    let project = request.account.as_str();
    let name = shelf::name(project, id);
    if shelf::find(tx, project, id)?.is_some() {
        return Err(exists(format!("Secret [{name}] already exists.")));
    }
    let mut secret = request.json()?;
    if secret.get("replication").is_none() {
        return Err(invalid("The replication of the secret must be given."));
    }
    crate::google::storage::check_labels(secret.get("labels"))?;
    set(&mut secret, "name", name.as_str());
    set(&mut secret, "createTime", context.now.iso_millis());
    set(&mut secret, "etag", etag(&[&name, &context.now.iso_millis()]));
    shelf::put(tx, (project, id), &secret)?;
    Ok(Reply::json(secret).did(Effect::Create, name))
}

/// `GetSecret`.
pub(super) fn get(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let (project, id) = named(request);
    Ok(Reply::json(shelf::load(tx, project, id)?))
}

/// `ListSecrets`.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let all = shelf::all(tx, &request.account)?;
    let count = all.len();
    let items = all.into_iter().map(|one| (text(&one, "name").to_owned(), one)).collect();
    let pages = Pages { items: "secrets", usual: 250, most: 25_000 };
    let mut answer = Value::Object(pages.cut(request, context, items)?);
    set(&mut answer, "totalSize", count);
    Ok(Reply::json(answer))
}

/// `UpdateSecret`.
pub(super) fn update(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (project, id) = named(request);
    let mut secret = shelf::load(tx, project, id)?;
    let mask = Mask::parse(request.query("updateMask").unwrap_or_default(), &SECRET)?;
    if mask.covers("name") || mask.covers("replication") {
        return Err(invalid("The update mask names a field that cannot be updated."));
    }
    mask.apply(&request.json()?, &mut secret);
    crate::google::storage::check_labels(secret.get("labels"))?;
    set(&mut secret, "etag", etag(&[id, &context.now.iso_millis()]));
    shelf::put(tx, (project, id), &secret)?;
    Ok(Reply::json(secret).did(Effect::Update, shelf::name(project, id)))
}

/// `DeleteSecret`.
pub(super) fn delete(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let (project, id) = named(request);
    shelf::load(tx, project, id)?;
    shelf::remove(tx, project, id)?;
    policy::forget(tx, &holder(request))?;
    Ok(Reply::json(json!({})).did(Effect::Delete, shelf::name(project, id)))
}

/// The name of the secret in policies.
fn holder(request: &Request) -> String {
    let (project, id) = named(request);
    format!("projects/{project}/secrets/{id}")
}

/// `GetIamPolicy`.
pub(super) fn get_policy(
    request: &Request,
    tx: &mut Tx,
    _: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (project, id) = named(request);
    shelf::load(tx, project, id)?;
    policy::get(request, tx, &Holder { name: &holder(request), rules: &RULES })
}

/// `SetIamPolicy`.
pub(super) fn set_policy(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (project, id) = named(request);
    shelf::load(tx, project, id)?;
    policy::set(request, tx, context, &Holder { name: &holder(request), rules: &RULES })
}

/// `TestIamPermissions`.
pub(super) fn test_permissions(
    request: &Request,
    _: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    policy::test(request, context)
}
