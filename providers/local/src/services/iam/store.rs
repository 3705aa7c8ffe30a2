//! Roles as they are kept.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::store::{Place, StoreError, Tx};
use crate::wire::Refusal;

/// A role with everything that hangs on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Role {
    /// Its account.
    pub(super) account: String,
    /// Its name as given; two names that differ in case only are one.
    pub(super) name: String,
    /// Its path, with slashes at both ends.
    pub(super) path: String,
    /// Its id, new whenever a role of the name is made again.
    pub(super) id: String,
    /// The trust policy.
    pub(super) trust: String,
    /// The description.
    pub(super) description: Option<String>,
    /// The longest session, in seconds.
    pub(super) max_session: i64,
    /// When it was made.
    pub(super) created: Moment,
    /// When its trust policy last changed.
    pub(super) trusted: Moment,
    /// Its tags.
    pub(super) tags: BTreeMap<String, String>,
    /// Its inline policies' documents by name.
    pub(super) inline: BTreeMap<String, String>,
    /// The ARNs of the managed policies attached.
    pub(super) attached: BTreeSet<String>,
}

impl Role {
    /// Its ARN.
    pub(super) fn arn(&self) -> String {
        format!("arn:aws:iam::{}:role{}{}", self.account, self.path, self.name)
    }

    /// How the ledger names it.
    pub(super) fn object(&self) -> String {
        format!("role/{}", self.name)
    }
}

fn place(account: &str) -> Place {
    Place::new("iam", account, "global")
}

/// Finds a role by name, in any case.
pub(super) fn find(tx: &Tx, account: &str, name: &str) -> Result<Option<Role>, StoreError> {
    tx.get(&place(account).key("role", &[&name.to_lowercase()]))
}

/// Finds a role by name, or refuses.
pub(super) fn must_find(tx: &Tx, account: &str, name: &str) -> Result<Role, Refusal> {
    find(tx, account, name)?
        .ok_or_else(|| no_such_entity(format!("The role with name {name} cannot be found.")))
}

/// Finds a role by its whole ARN.
pub(super) fn by_arn(tx: &Tx, arn: &str) -> Result<Option<Role>, StoreError> {
    let mut parts = arn.splitn(6, ':').skip(4);
    let (Some(account), Some(resource)) = (parts.next(), parts.next()) else { return Ok(None) };
    let name = resource.rsplit('/').next().unwrap_or_default();
    Ok(find(tx, account, name)?.filter(|role| role.arn() == arn))
}

/// Keeps a role.
pub(super) fn put(tx: &mut Tx, role: &Role) -> Result<(), StoreError> {
    tx.put(&place(&role.account).key("role", &[&role.name.to_lowercase()]), role)
}

/// Removes a role.
pub(super) fn remove(tx: &mut Tx, role: &Role) -> Result<(), StoreError> {
    tx.remove(&place(&role.account).key("role", &[&role.name.to_lowercase()]))?;
    Ok(())
}

/// Every role of the account, by name.
pub(super) fn all(tx: &Tx, account: &str) -> Result<Vec<Role>, StoreError> {
    tx.list(&place(account).prefix("role", &[]))
}

/// Something named is not there.
pub(super) fn no_such_entity(message: impl Into<String>) -> Refusal {
    Refusal::new(404, "NoSuchEntity", message)
}
