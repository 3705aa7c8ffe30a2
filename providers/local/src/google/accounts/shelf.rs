//! Where service accounts are kept, and when they are seen.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::agents;
use crate::clock::Moment;
use crate::cloud::Context;
use crate::google::project;
use crate::google::refusals::not_found;
use crate::members::set;
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// How long a deleted account can be brought back: 30 days.
const KEPT_MS: u64 = 30 * 24 * 3600 * 1000;

/// A service account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    /// Its email.
    pub(crate) email: String,
    /// Its project.
    pub(crate) project: String,
    /// Its unique id; another account of the same email has another.
    pub(crate) uid: String,
    /// Its display name.
    pub(crate) display_name: String,
    /// Its description.
    pub(crate) description: String,
    /// Whether it is disabled.
    pub(crate) disabled: bool,
    /// How often it was written.
    pub(crate) writes: u64,
    /// When it is seen.
    pub(crate) seen: Moment,
    /// When it was deleted.
    pub(crate) gone: Option<Moment>,
}

/// An account that a policy or a function may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// One of Google's own.
    Agent,
    /// One of a project's.
    Account(Box<Account>),
}

impl Found {
    /// Whether it may act.
    pub(crate) fn is_enabled(&self) -> bool {
        match self {
            Self::Agent => true,
            Self::Account(account) => !account.disabled,
        }
    }

    /// Its unique id, where it matters.
    pub(crate) fn uid(&self) -> Option<String> {
        match self {
            Self::Agent => None,
            Self::Account(account) => Some(account.uid.clone()),
        }
    }
}

fn place(project: &str) -> Place {
    Place::new("google", project, "global")
}

/// The project an email is of: `a@p.iam.gserviceaccount.com` is of `p`.
pub(super) fn project_of(email: &str) -> Option<&str> {
    email.split_once('@')?.1.strip_suffix(".iam.gserviceaccount.com")
}

/// Returns the account of an email if it exists and other services see it already.
pub(crate) fn find(tx: &Tx, context: &Context<'_>, email: &str) -> Result<Option<Found>, Refusal> {
    if let Some(there) = agents::exists(tx, email)? {
        return Ok(there.then_some(Found::Agent));
    }
    let account = live(tx, email)?.filter(|account| account.seen <= context.now);
    Ok(account.map(|account| Found::Account(Box::new(account))))
}

/// The unique id of the account that has an email now, seen or not.
pub(crate) fn live_uid(tx: &Tx, email: &str) -> Result<Option<String>, Refusal> {
    Ok(live(tx, email)?.map(|account| account.uid))
}

/// The account that has an email now.
pub(super) fn live(tx: &Tx, email: &str) -> Result<Option<Account>, Refusal> {
    let Some(project) = project_of(email) else { return Ok(None) };
    Ok(tx.get(&place(project).key("account", &[email]))?)
}

/// Every account of a project that is seen.
pub(super) fn all(tx: &Tx, context: &Context<'_>, project: &str) -> Result<Vec<Account>, Refusal> {
    let all: Vec<Account> = tx.list(&place(project).prefix("account", &[]))?;
    Ok(all.into_iter().filter(|account| account.seen <= context.now).collect())
}

/// Writes an account.
pub(super) fn save(tx: &mut Tx, account: &Account) -> Result<(), Refusal> {
    Ok(tx.put(&place(&account.project).key("account", &[&account.email]), account)?)
}

/// Moves an account to where it can be brought back from.
pub(super) fn bury(tx: &mut Tx, account: &Account) -> Result<(), Refusal> {
    let place = place(&account.project);
    tx.remove(&place.key("account", &[&account.email]))?;
    Ok(tx.put(&place.key("buried", &[&account.uid]), account)?)
}

/// Takes a deleted account of this unique id out of where it lies, while that is possible.
pub(super) fn unbury(
    tx: &mut Tx,
    context: &Context<'_>,
    (project, uid): (&str, &str),
) -> Result<Account, Refusal> {
    let key = place(project).key("buried", &[uid]);
    let found: Option<Account> = tx.get(&key)?;
    let fresh =
        |account: &Account| account.gone.is_some_and(|gone| gone.plus(KEPT_MS) > context.now);
    let Some(account) = found.filter(fresh) else {
        return Err(not_found(format!("Service account {uid} does not exist.")));
    };
    tx.remove(&key)?;
    Ok(account)
}

impl Account {
    /// Its resource name.
    pub(super) fn name(&self) -> String {
        format!("projects/{}/serviceAccounts/{}", self.project, self.email)
    }

    /// What reads answer.
    pub(super) fn show(&self) -> Value {
        let mut shown = json!({
            "name": self.name(),
            "projectId": self.project,
            "uniqueId": self.uid,
            "email": self.email,
            "etag": crate::google::etag(&[&self.uid, &self.writes.to_string()]),
            "oauth2ClientId": self.uid,
        });
        if !self.display_name.is_empty() {
            set(&mut shown, "displayName", self.display_name.clone());
        }
        if !self.description.is_empty() {
            set(&mut shown, "description", self.description.clone());
        }
        if self.disabled {
            set(&mut shown, "disabled", true);
        }
        shown
    }
}

/// A unique id: 21 digits, never given twice.
pub(super) fn new_uid(tx: &mut Tx, email: &str) -> Result<String, Refusal> {
    let key = Place::new("google", "iam", "global").key("uids", &[]);
    let count = tx.get::<u64>(&key)?.unwrap_or_default() + 1;
    tx.put(&key, &count)?;
    let digits = project::number(&format!("{email}#{count}"));
    Ok(format!("1{count:08}{digits}"))
}
