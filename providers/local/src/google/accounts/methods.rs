//! What can be done with service accounts.

use serde_json::{Value, json};

use super::agents;
use super::shelf::{Account, all, bury, live, new_uid, save, unbury};
use crate::cloud::Context;
use crate::google::paging::Pages;
use crate::google::policy::{self, Holder, Rules};
use crate::google::refusals::{exists, invalid, invalid_field, not_found};
use crate::google::{project, projects};
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

const PAGES: Pages = Pages { items: "accounts", usual: 20, most: 100 };

static RULES: Rules = Rules {
    public: false,
    conditions: true,
    roles: &["roles/iam.", "roles/owner", "roles/editor", "roles/viewer"],
};

fn done(account: &Account, effect: Effect) -> Reply {
    Reply::json(account.show()).did(effect, format!("serviceAccount/{}", account.email))
}

/// Returns the account the path names, by email or unique id, once it is seen.
fn named(request: &Request, tx: &Tx, context: &Context<'_>) -> Result<Account, Refusal> {
    let asked = request.label("account");
    let project = &request.account;
    let found = if project::is_number(asked) {
        all(tx, context, project)?.into_iter().find(|account| account.uid == asked)
    } else {
        live(tx, asked)?
    };
    found
        .filter(|account| account.seen <= context.now)
        .filter(|account| account.project == *project || project == "-")
        .ok_or_else(|| absent(asked))
}

fn absent(asked: &str) -> Refusal {
    not_found(format!("Service account {asked} does not exist."))
}

fn check_texts(account: &Value) -> Result<(String, String), Refusal> {
    let text =
        |name: &str| account.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (display_name, description) = (text("displayName"), text("description"));
    if display_name.len() > 100 {
        return Err(invalid("Service account display name must be at most 100 bytes."));
    }
    if description.len() > 256 {
        return Err(invalid("Service account description must be at most 256 bytes."));
    }
    Ok((display_name, description))
}

/// Makes an account. It is seen a little later.
pub(super) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let project = &request.account;
    projects::check(project)?;
    let body = request.json()?;
    let id = body.get("accountId").and_then(Value::as_str).unwrap_or_default();
    if !is_account_id(id) {
        return Err(invalid_field(
            "account_id",
            "Invalid field account_id: it must be 6 to 30 characters and match [a-z]([-a-z0-9]*[a-z0-9]).",
        ));
    }
    let (display_name, description) =
        check_texts(body.get("serviceAccount").unwrap_or(&Value::Null))?;
    let email = format!("{id}@{project}.iam.gserviceaccount.com");
    if live(tx, &email)?.is_some() || agents::exists(tx, &email)?.is_some() {
        return Err(exists(format!(
            "Service account {id} already exists within project projects/{project}."
        )));
    }
    let account = Account {
        uid: new_uid(tx, &email)?,
        email,
        project: project.clone(),
        display_name,
        description,
        disabled: false,
        writes: 1,
        seen: context.now.plus(context.settings.service_account_ms),
        gone: None,
    };
    save(tx, &account)?;
    Ok(done(&account, Effect::Create))
}

fn is_account_id(id: &str) -> bool {
    let legal =
        |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    (6..=30).contains(&id.len())
        && id.bytes().all(legal)
        && id.starts_with(|letter: char| letter.is_ascii_lowercase())
        && !id.ends_with('-')
}

/// Answers with a page of accounts.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    projects::check(&request.account)?;
    let accounts = all(tx, context, &request.account)?;
    let items = accounts.iter().map(|account| (account.email.clone(), account.show())).collect();
    Ok(Reply::json(Value::Object(PAGES.cut(request, context, items)?)))
}

/// Answers with an account.
pub(super) fn get(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    Ok(Reply::json(named(request, tx, context)?.show()))
}

/// Changes display name and description, whichever the mask names.
pub(super) fn patch(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let mut account = named(request, tx, context)?;
    let body = request.json()?;
    let sent = body.get("serviceAccount").unwrap_or(&Value::Null);
    let (display_name, description) = check_texts(sent)?;
    let mask = body.get("updateMask").and_then(Value::as_str).unwrap_or_default();
    if mask.is_empty() {
        return Err(invalid_field("update_mask", "The update mask must not be empty."));
    }
    for path in mask.split(',') {
        match path.trim() {
            "displayName" | "display_name" => account.display_name.clone_from(&display_name),
            "description" => account.description.clone_from(&description),
            other => {
                let message = format!("Invalid field mask: the path '{other}' cannot be updated.");
                return Err(invalid_field("update_mask", message));
            }
        }
    }
    account.writes += 1;
    save(tx, &account)?;
    Ok(done(&account, Effect::Update))
}

/// Deletes an account; for 30 days it can be brought back.
pub(super) fn delete(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let mut account = named(request, tx, context)?;
    account.gone = Some(context.now);
    bury(tx, &account)?;
    Ok(Reply::json(json!({})).did(Effect::Delete, format!("serviceAccount/{}", account.email)))
}

/// Brings a deleted account back, by its unique id, unless another one has its email now.
pub(super) fn undelete(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let uid = request.label("account");
    if !project::is_number(uid) {
        return Err(invalid_field("name", "A deleted service account is named by its unique id."));
    }
    let mut account = unbury(tx, context, (&request.account, uid))?;
    if live(tx, &account.email)?.is_some() {
        return Err(exists(format!("Service account {} already exists.", account.email)));
    }
    account.gone = None;
    save(tx, &account)?;
    let restored = json!({"restoredAccount": account.show()});
    Ok(Reply::json(restored).did(Effect::Create, format!("serviceAccount/{}", account.email)))
}

/// Enables an account.
pub(super) fn enable(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    switch(named(request, tx, context)?, tx, false)
}

/// Disables an account: it can do nothing any more.
pub(super) fn disable(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    switch(named(request, tx, context)?, tx, true)
}

fn switch(mut account: Account, tx: &mut Tx, disabled: bool) -> Result<Reply, Refusal> {
    account.disabled = disabled;
    account.writes += 1;
    save(tx, &account)?;
    Ok(Reply::json(json!({})).did(Effect::Update, format!("serviceAccount/{}", account.email)))
}

/// Answers with the policy that says who may act as the account.
pub(super) fn get_policy(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let account = named(request, tx, context)?;
    policy::get(request, tx, &Holder { name: &account.name(), rules: &RULES })
}

/// Replaces that policy.
pub(super) fn set_policy(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let account = named(request, tx, context)?;
    policy::set(request, tx, context, &Holder { name: &account.name(), rules: &RULES })
}

/// Answers with the permissions the caller has on the account.
pub(super) fn test(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    named(request, tx, context)?;
    policy::test(request, context)
}
