//! A ceiling: the most that functions may ever be given, as people reviewed it once.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value as Json;
use updraft_contract::{
    Cloud, Effect, Kind, On, Permission, ResourceId, RoleContent, Side, Value, What, When, Who,
};

use crate::aws::{self, PolicyKind, ReadError, Reference, Statement};
use crate::document::is_open;
use crate::{Change, Comparison, Undecided, Verdict, roles, sets};

#[cfg(test)]
mod tests;

/// The most that functions may be given.
///
/// A cloud that the file does not name has no ceiling; one that it names has, and an empty list
/// there means nothing at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ceiling {
    aws: Option<Vec<Statement>>,
    azure: Option<AzureCeiling>,
    gcp: Option<GoogleCeiling>,
}

/// Why a ceiling cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCeiling {
    /// It is not JSON of the form that ceilings have.
    #[error("the ceiling cannot be read: {0}")]
    Form(String),
    /// The policy in it is wrong.
    #[error("the policy under `aws` is wrong")]
    Policy(#[from] ReadError),
}

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    aws: Option<Json>,
    azure: Option<AzureCeiling>,
    gcp: Option<GoogleCeiling>,
}

/// The most on Azure: operations, `*` for any run, in these scopes and below.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct AzureCeiling {
    #[serde(default)]
    actions: BTreeSet<String>,
    #[serde(default)]
    data_actions: BTreeSet<String>,
    #[serde(default)]
    scopes: BTreeSet<String>,
}

/// The most on Google Cloud: permissions, on these resources and below.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct GoogleCeiling {
    #[serde(default)]
    permissions: BTreeSet<String>,
    #[serde(default)]
    resources: BTreeSet<String>,
}

impl Ceiling {
    /// Reads a ceiling:
    /// `{"aws": POLICY, "azure": {"actions": [], "data_actions": [], "scopes": []},
    /// "gcp": {"permissions": [], "resources": []}}`.
    ///
    /// # Errors
    ///
    /// What is wrong with it; a key that is not known is wrong.
    pub fn read(text: &str) -> Result<Self, BadCeiling> {
        let file: File =
            serde_json::from_str(text).map_err(|error| BadCeiling::Form(error.to_string()))?;
        let policy = |json: Json| aws::read("aws", &json.to_string(), PolicyKind::Identity);
        Ok(Self { aws: file.aws.map(policy).transpose()?, azure: file.azure, gcp: file.gcp })
    }

    /// Returns whether it says anything about a cloud.
    pub fn covers(&self, cloud: Cloud) -> bool {
        match cloud {
            Cloud::Aws => self.aws.is_some(),
            Cloud::Azure => self.azure.is_some(),
            Cloud::Gcp => self.gcp.is_some(),
        }
    }
}

/// Returns what functions may do beyond a ceiling.
///
/// Only what functions do is held against it: not who calls them, and not what deploys them. What
/// depends on names that are not known yet is undecided where the ceiling does not allow every
/// name. The verdict is that of what is beyond; what the ceiling leaves unused is not reported.
pub fn within(ceiling: &Ceiling, permissions: &[Permission]) -> Comparison {
    let filled: Vec<Permission> = permissions
        .iter()
        .filter(|one| one.side == Side::Does && ceiling.covers(one.cloud))
        .map(|one| roles::filled(one, &[]))
        .collect();
    let mut all = Comparison::default();
    for function in filled.iter().map(|one| (one.cloud, &one.function)).collect::<BTreeSet<_>>() {
        let ours = filled.iter().filter(|one| (one.cloud, &one.function) == function);
        let one = beyond(ceiling, function.0, &ours.collect::<Vec<_>>());
        all.newly_allowed.extend(one.newly_allowed);
        all.undecided
            .extend(one.undecided.into_iter().filter(|it| it.change == Change::NewlyAllowed));
    }
    let (open, known): (Vec<_>, Vec<_>) =
        all.newly_allowed.drain(..).partition(|access| is_open(&access.resource));
    all.newly_allowed = known;
    all.undecided.extend(open.into_iter().map(|access| Undecided {
        about: access.about,
        change: Change::NewlyAllowed,
        action: access.action,
        resource: access.resource,
        why: "the name is known only after applying".to_owned(),
        old_statements: access.old_statements,
        new_statements: access.new_statements,
    }));
    all.verdict = match (all.newly_allowed.is_empty(), all.undecided.is_empty()) {
        (false, _) => Verdict::NewAccess,
        (true, false) => Verdict::Undecided,
        (true, true) => Verdict::NoNewAccess,
    };
    all
}

fn beyond(ceiling: &Ceiling, cloud: Cloud, permissions: &[&Permission]) -> Comparison {
    match cloud {
        Cloud::Aws => {
            let most = ceiling.aws.clone().unwrap_or_default();
            let statements: Vec<Statement> =
                permissions.iter().filter_map(|one| Statement::of(one)).collect();
            aws::compare(&most, &statements, PolicyKind::Identity, &Reference)
        }
        Cloud::Azure => {
            let most = ceiling.azure.clone().unwrap_or_default();
            let role = RoleContent {
                actions: most.actions,
                data_actions: most.data_actions,
                ..RoleContent::default()
            };
            beside(cloud, role, &most.scopes, permissions)
        }
        Cloud::Gcp => {
            let most = ceiling.gcp.clone().unwrap_or_default();
            let role = RoleContent { actions: most.permissions, ..RoleContent::default() };
            beside(cloud, role, &most.resources, permissions)
        }
    }
}

fn beside(
    cloud: Cloud,
    role: RoleContent,
    on: &BTreeSet<String>,
    permissions: &[&Permission],
) -> Comparison {
    let most = Permission {
        cloud,
        function: String::new(),
        side: Side::Does,
        who: Who::Everybody,
        effect: Effect::Allow,
        what: What::Role(role),
        on: On::These(on.iter().map(|one| Value::from(one.as_str())).collect()),
        when: When::Always,
        carrier: ResourceId { kind: Kind("ceiling"), name: String::new() },
        reasons: BTreeSet::new(),
    };
    sets::compare(&[&most], permissions)
}
