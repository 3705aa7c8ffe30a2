//! What is in the roles that Azure and Google define, as it was when it was looked up.
//!
//! Vendors change their roles. The contents here are pinned, each by a digest; what a vendor has
//! changed since shows as drift caused by the vendor. Each role names the page of the vendor's
//! documentation that says what is in it.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde::Deserialize;
use sha2::{Digest, Sha256};
use updraft_contract::{Cloud, Permission, RoleContent, What, hex};

#[cfg(test)]
mod tests;

const AZURE: &str = include_str!("../data/roles/azure.json");
const GOOGLE: &str = include_str!("../data/roles/google.json");

/// What a vendor changed in a role of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleDrift {
    /// The role.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// What it contains now and did not.
    pub gained: BTreeSet<String>,
    /// What it contained and does not now.
    pub lost: BTreeSet<String>,
}

/// One pinned role, as it stands in the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pinned {
    id: String,
    title: String,
    source: String,
    #[serde(default)]
    actions: BTreeSet<String>,
    #[serde(default)]
    not_actions: BTreeSet<String>,
    #[serde(default)]
    data_actions: BTreeSet<String>,
    #[serde(default)]
    not_data_actions: BTreeSet<String>,
    sha256: String,
}

impl Pinned {
    fn content(&self) -> RoleContent {
        RoleContent {
            id: self.id.clone(),
            title: self.title.clone(),
            custom: false,
            actions: self.actions.clone(),
            not_actions: self.not_actions.clone(),
            data_actions: self.data_actions.clone(),
            not_data_actions: self.not_data_actions.clone(),
        }
    }
}

/// Returns a role that Azure defines, by its GUID.
pub fn azure(guid: &str) -> Option<RoleContent> {
    let found = table(Cloud::Azure).iter().find(|role| role.id.eq_ignore_ascii_case(guid));
    found.map(Pinned::content)
}

/// Returns a role that Google defines, by its name, such as `roles/run.invoker`.
pub fn google(name: &str) -> Option<RoleContent> {
    table(Cloud::Gcp).iter().find(|role| role.id == name).map(Pinned::content)
}

/// Returns every role of a cloud that is pinned here. AWS has none.
pub fn all(cloud: Cloud) -> impl Iterator<Item = RoleContent> {
    table(cloud).iter().map(Pinned::content)
}

/// Returns the page of the vendor's documentation that a pinned role was taken from.
pub fn source(cloud: Cloud, id: &str) -> Option<&'static str> {
    let found = table(cloud).iter().find(|role| role.id.eq_ignore_ascii_case(id));
    found.map(|role| role.source.as_str())
}

/// Returns what tells the contents of one role from those of another: names play no part.
pub fn digest(cloud: Cloud, role: &RoleContent) -> String {
    let mut hasher = Sha256::new();
    for (name, all) in [
        ("actions", &role.actions),
        ("not_actions", &role.not_actions),
        ("data_actions", &role.data_actions),
        ("not_data_actions", &role.not_data_actions),
    ] {
        hasher.update(format!("{name}\n"));
        for action in folded(cloud, all) {
            hasher.update(format!("{action}\n"));
        }
    }
    hex(&hasher.finalize())
}

/// Returns one digest of every pinned role of a cloud, for reports.
pub fn version(cloud: Cloud) -> String {
    let mut hasher = Sha256::new();
    for role in table(cloud) {
        hasher.update(format!("{} {}\n", role.id, role.sha256));
    }
    let digest = hex(&hasher.finalize());
    format!("{} roles, {}", table(cloud).len(), digest.get(..12).unwrap_or_default())
}

/// Returns what the vendor changed in a role since it was pinned, or `None` where nothing did.
///
/// What a role leaves out counts as `not …`: gaining that is losing an action.
pub fn drift(cloud: Cloud, pinned: &RoleContent, live: &RoleContent) -> Option<RoleDrift> {
    if digest(cloud, pinned) == digest(cloud, live) {
        return None;
    }
    let (before, after) = (lines(cloud, pinned), lines(cloud, live));
    Some(RoleDrift {
        id: pinned.id.clone(),
        title: pinned.title.clone(),
        gained: after.difference(&before).cloned().collect(),
        lost: before.difference(&after).cloned().collect(),
    })
}

/// Returns the roles of the vendor that are in use, are pinned here, and contain something else today.
pub fn drifts(cloud: Cloud, live: &[RoleContent]) -> Vec<RoleDrift> {
    let vendors = live.iter().filter(|role| !role.custom);
    let each = vendors.filter_map(|role| {
        let pinned = match cloud {
            Cloud::Azure => azure(&role.id),
            Cloud::Gcp => google(&role.id),
            Cloud::Aws => None,
        };
        drift(cloud, &pinned?, role)
    });
    each.collect()
}

/// Puts the contents into a role that came by its name alone: those of today where somebody looked,
/// else those that are pinned. A role that nobody knows stays empty.
pub fn filled(permission: &Permission, today: &[RoleContent]) -> Permission {
    let What::Role(role) = &permission.what else { return permission.clone() };
    if !empty(role) {
        return permission.clone();
    }
    let live = today.iter().find(|one| one.id.eq_ignore_ascii_case(&role.id) && !empty(one));
    let found = live.cloned().or_else(|| match permission.cloud {
        Cloud::Azure => azure(&role.id),
        Cloud::Gcp => google(&role.id),
        Cloud::Aws => None,
    });
    let Some(found) = found else { return permission.clone() };
    let named = !role.title.is_empty() && role.title != role.id;
    let title = if named { role.title.clone() } else { found.title };
    let what = What::Role(RoleContent { id: role.id.clone(), title, custom: role.custom, ..found });
    Permission { what, ..permission.clone() }
}

/// Returns whether nothing is known of what a role contains.
pub(crate) fn empty(role: &RoleContent) -> bool {
    role.actions.is_empty() && role.data_actions.is_empty()
}

/// Returns every operation of Azure that pinned roles name in full, in lower case.
pub(crate) fn operations() -> &'static BTreeSet<String> {
    static OPERATIONS: OnceLock<BTreeSet<String>> = OnceLock::new();
    OPERATIONS.get_or_init(|| {
        let roles = table(Cloud::Azure).iter();
        let all = roles.flat_map(|role| {
            let out = role.not_actions.iter().chain(&role.not_data_actions);
            role.actions.iter().chain(&role.data_actions).chain(out)
        });
        all.filter(|action| !action.contains('*')).map(|action| action.to_lowercase()).collect()
    })
}

fn lines(cloud: Cloud, role: &RoleContent) -> BTreeSet<String> {
    let not = |all: &BTreeSet<String>| -> Vec<String> {
        folded(cloud, all).into_iter().map(|action| format!("not {action}")).collect()
    };
    let mut all = folded(cloud, &role.actions);
    all.extend(folded(cloud, &role.data_actions));
    all.extend(not(&role.not_actions));
    all.extend(not(&role.not_data_actions));
    all
}

/// Operations of Azure are the same in any case.
fn folded(cloud: Cloud, all: &BTreeSet<String>) -> BTreeSet<String> {
    match cloud {
        Cloud::Azure => all.iter().map(|action| action.to_lowercase()).collect(),
        Cloud::Aws | Cloud::Gcp => all.clone(),
    }
}

fn table(cloud: Cloud) -> &'static [Pinned] {
    static TABLES: [OnceLock<Vec<Pinned>>; 2] = [const { OnceLock::new() }; 2];
    let [azure, google] = &TABLES;
    // The files are part of the program; a test says that they can be read.
    match cloud {
        Cloud::Aws => &[],
        Cloud::Azure => azure.get_or_init(|| serde_json::from_str(AZURE).unwrap_or_default()),
        Cloud::Gcp => google.get_or_init(|| serde_json::from_str(GOOGLE).unwrap_or_default()),
    }
}
