//! Permissions of Google Cloud as bindings of policies give them: the typed model, and how it is
//! written as roles of members and read back. Pure.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{
    Cloud, Effect, On, Permission, Reason, ResourceId, RoleContent, Side, Value, What, When, Who,
};

use crate::place::Names;
use crate::things::Spot;

/// Who gets a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    /// What a function runs as.
    Function(String),
    /// What triggers call a function as.
    Caller(String),
    /// One of Google's own accounts, by its email. It serves the whole project.
    Agent(String),
}

/// A role that is wanted in one policy, and what asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// The policy.
    pub(crate) spot: Spot,
    /// The role.
    pub(crate) role: String,
    /// Who gets it.
    pub(crate) to: Party,
    /// The expression under which it counts.
    pub(crate) when: Option<String>,
    /// What asks for it.
    pub(crate) reason: Reason,
}

impl Grant {
    /// A role that counts always.
    pub(crate) fn new(spot: Spot, role: &str, to: Party, reason: Reason) -> Self {
        Self { spot, role: role.to_owned(), to, when: None, reason }
    }

    /// Returns the permissions that are wanted, each once with all its reasons, in order.
    pub(crate) fn merged(names: Names<'_>, grants: Vec<Grant>) -> Vec<Permission> {
        merged(grants.into_iter().map(|grant| grant.permission(names)))
    }

    fn permission(self, names: Names<'_>) -> Permission {
        let (function, email, holds) = match self.to {
            Party::Function(name) => (name.clone(), names.account_email(&name), true),
            Party::Caller(name) => {
                let email = names.account_email(&format!("{name}.caller"));
                (name, email, false)
            }
            Party::Agent(email) => (String::new(), email, false),
        };
        Permission {
            cloud: Cloud::Gcp,
            function,
            side: Side::Does,
            who: account(&email, holds),
            effect: Effect::Allow,
            what: role(&self.role),
            on: on(self.spot.holder(names).name()),
            when: self.when.map_or(When::Always, When::Expression),
            carrier: self.spot.0,
            reasons: BTreeSet::from([self.reason]),
        }
    }
}

/// Returns each permission once, with the reasons of all that are alike, in order.
pub(crate) fn merged(all: impl Iterator<Item = Permission>) -> Vec<Permission> {
    let mut once: BTreeMap<Permission, BTreeSet<Reason>> = BTreeMap::new();
    for mut permission in all {
        let reasons = std::mem::take(&mut permission.reasons);
        once.entry(permission).or_default().extend(reasons);
    }
    once.into_iter().map(|(permission, reasons)| Permission { reasons, ..permission }).collect()
}

/// Returns a service account: as the one that a permission is about, or as somebody else.
pub(crate) fn account(email: &str, holds: bool) -> Who {
    let member = format!("serviceAccount:{email}");
    if holds { Who::Holder(Value::Text(member)) } else { named(&member) }
}

/// The kind of name under which everybody with an account of Google's goes, who has none.
const GOOGLE: &str = "Google";

/// Everyone on the internet, as policies name them.
pub(crate) const EVERYONE: &str = "allUsers";

/// Returns whom a policy names: `user:jo@example.com`, `allUsers`.
pub(crate) fn named(member: &str) -> Who {
    if member == EVERYONE {
        return Who::Everybody;
    }
    let (kind, name) = member.split_once(':').unwrap_or((GOOGLE, member));
    Who::Named(BTreeMap::from([(kind.to_owned(), BTreeSet::from([Value::from(name)]))]))
}

/// Returns a role of Google's.
pub(crate) fn role(id: &str) -> What {
    let (id, title) = (id.to_owned(), id.to_owned());
    What::Role(RoleContent { id, title, ..RoleContent::default() })
}

/// Returns one thing, by its full name.
pub(crate) fn on(name: &str) -> On {
    On::These(BTreeSet::from([Value::from(name)]))
}

/// Returns the role and the member that a permission is written as in a policy.
pub(crate) fn binding(permission: &Permission) -> (String, String) {
    let role = match &permission.what {
        What::Role(role) => role.id.clone(),
        What::Actions(_) | What::AllBut(_) => String::new(),
    };
    let member = match &permission.who {
        Who::Holder(value) => value.as_text().unwrap_or_default().to_owned(),
        Who::Everybody => EVERYONE.to_owned(),
        Who::Named(all) | Who::AllBut(all) => {
            let first = all.iter().next().and_then(|(kind, names)| {
                let name = names.iter().next()?.as_text()?;
                Some(if kind == GOOGLE { name.to_owned() } else { format!("{kind}:{name}") })
            });
            first.unwrap_or_default()
        }
    };
    (role, member)
}

/// Returns that somebody may call the service that a function is.
pub(crate) fn called(function: &str, carrier: &ResourceId, service: &str, who: Who) -> Permission {
    Permission {
        cloud: Cloud::Gcp,
        function: function.to_owned(),
        side: Side::Called,
        who,
        effect: Effect::Allow,
        what: role(crate::kinds::callers::INVOKER),
        on: on(service),
        when: When::Always,
        carrier: carrier.clone(),
        reasons: BTreeSet::new(),
    }
}
