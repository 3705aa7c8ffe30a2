//! The members of a binding: their forms, and whether service accounts among them exist.
//!
//! Source: cloud.google.com/iam/docs/principal-identifiers and, for deleted ones,
//! cloud.google.com/iam/docs/allow-policies#handle-deleted-members.

use super::model::{Holder, Member, Policy};
use crate::cloud::Context;
use crate::google::accounts;
use crate::google::refusals::invalid;
use crate::store::Tx;
use crate::wire::Refusal;

const PREFIXES: &[&str] = &[
    "user:",
    "group:",
    "domain:",
    "serviceAccount:",
    "projectOwner:",
    "projectEditor:",
    "projectViewer:",
    "principal://",
    "principalSet://",
];

/// Checks a member as written. `current` is the policy that is replaced: it may hold members that are gone.
pub(super) fn check(
    tx: &Tx,
    context: &Context<'_>,
    (holder, current): (&Holder<'_>, &Policy),
    member: &str,
) -> Result<Member, Refusal> {
    if let "allUsers" | "allAuthenticatedUsers" = member {
        if holder.rules.public {
            return Ok(plain(member));
        }
        return Err(invalid(format!("Member {member} cannot be set on this resource.")));
    }
    if let Some(gone) = member.strip_prefix("deleted:") {
        return deleted(current, gone).ok_or_else(|| {
            invalid(format!("Policy member '{member}' is deleted and was not in the policy."))
        });
    }
    if !PREFIXES.iter().any(|prefix| member.starts_with(prefix) && member.len() > prefix.len()) {
        return Err(invalid(format!(
            "Invalid value for policy member '{member}': members must be of the form \"<type>:<value>\"."
        )));
    }
    let Some(email) = member.strip_prefix("serviceAccount:") else {
        return Ok(plain(&normal(member)));
    };
    let email = email.to_ascii_lowercase();
    let account = accounts::find(tx, context, &email)?
        .ok_or_else(|| invalid(format!("Service account {email} does not exist.")))?;
    Ok(Member { name: format!("serviceAccount:{email}"), uid: account.uid() })
}

fn plain(name: &str) -> Member {
    Member { name: name.to_owned(), uid: None }
}

/// Emails are the same in either case; everything else is left as written.
fn normal(member: &str) -> String {
    match member.split_once(':') {
        Some((kind @ ("user" | "group" | "domain"), value)) => {
            format!("{kind}:{}", value.to_ascii_lowercase())
        }
        _ => member.to_owned(),
    }
}

fn deleted(current: &Policy, gone: &str) -> Option<Member> {
    let (name, uid) = gone.split_once("?uid=")?;
    let gone = Member { name: name.to_owned(), uid: Some(uid.to_owned()) };
    current.bindings.iter().any(|binding| binding.members.contains(&gone)).then_some(gone)
}

/// A member as reads show it: a service account that is gone, even if there is another of its name, says so.
pub(super) fn show(tx: &Tx, member: &Member) -> Result<String, Refusal> {
    if is_live(tx, member)? {
        return Ok(member.name.clone());
    }
    let uid = member.uid.as_deref().unwrap_or_default();
    Ok(format!("deleted:{}?uid={uid}", member.name))
}

/// Whether a member still is who was meant.
pub(super) fn is_live(tx: &Tx, member: &Member) -> Result<bool, Refusal> {
    let (Some(uid), Some(email)) = (&member.uid, member.name.strip_prefix("serviceAccount:"))
    else {
        return Ok(true);
    };
    Ok(accounts::live_uid(tx, email)?.as_ref() == Some(uid))
}
