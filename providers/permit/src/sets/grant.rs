//! A permission taken apart into what can be compared one by one.

use std::collections::BTreeSet;

use updraft_contract::{Cloud, Effect, On, Permission, RoleContent, What, When, Who};

use super::when::Clauses;
use crate::document::text;
use crate::roles;

/// One who, one plane and one place of a permission, with all that may be done there.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    /// Which permission it comes from, counted from zero.
    pub(super) from: usize,
    /// Whether it lets or keeps.
    pub(super) effect: Effect,
    /// Who.
    pub(super) who: Name,
    /// Whether it is about data, on Azure.
    pub(super) plane: Plane,
    /// What may be done; patterns, in lower case where case does not count.
    pub(super) actions: Vec<String>,
    /// What may not, of that.
    pub(super) not: Vec<String>,
    /// Where, in lower case where case does not count.
    pub(super) place: Place,
    /// When.
    pub(super) when: Clauses,
    /// Where, as it is written.
    pub(super) shown: String,
}

/// Which of the sets of operations that Azure has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plane {
    /// Resources, and all of Google.
    Control,
    /// What is in them.
    Data,
    /// What is in databases of Cosmos DB, which has role assignments of its own.
    /// <https://learn.microsoft.com/azure/cosmos-db/how-to-connect-role-based-access-control>
    Cosmos,
}

/// How operations on the data of Cosmos DB start.
const COSMOS: &str = "microsoft.documentdb/databaseaccounts/";

/// Who, one at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// The identity of the function.
    Holder(String),
    /// Somebody a policy names: the kind of name, and the name.
    One(String, String),
    /// Everybody.
    Everybody,
    /// Something that is compared as text.
    Opaque(String),
}

/// Where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A scope, a resource or a pattern of ARNs.
    At(String),
    /// What carries the permission.
    Carrier,
    /// Something that is compared as text.
    Opaque(String),
}

/// Takes permissions apart.
pub(super) fn grants(permissions: &[&Permission]) -> Vec<Grant> {
    let each = permissions.iter().enumerate();
    each.flat_map(|(from, permission)| apart(from, permission)).collect()
}

fn apart(from: usize, permission: &Permission) -> Vec<Grant> {
    let mut all = Vec::new();
    for who in names(&permission.who) {
        for (place, shown) in places(permission.cloud, &permission.on) {
            for (plane, actions, not) in planes(permission.cloud, &permission.what) {
                all.push(Grant {
                    from,
                    effect: permission.effect,
                    who: who.clone(),
                    plane,
                    actions,
                    not,
                    place: place.clone(),
                    when: Clauses::of(&permission.when),
                    shown: shown.clone(),
                });
            }
        }
    }
    all
}

fn names(who: &Who) -> Vec<Name> {
    match who {
        Who::Holder(holder) => vec![Name::Holder(text(holder))],
        Who::Named(named) => {
            let each = named.iter().flat_map(|(kind, names)| {
                names.iter().map(|name| Name::One(kind.clone(), text(name)))
            });
            each.map(everybody).collect()
        }
        Who::AllBut(_) => vec![Name::Opaque(format!("{who:?}"))],
        Who::Everybody => vec![Name::Everybody],
    }
}

/// Recognises the names that mean everybody.
fn everybody(name: Name) -> Name {
    match &name {
        Name::One(kind, one) if (kind == "AWS" || kind == "*") && one == "*" => Name::Everybody,
        Name::One(kind, one) if kind == "allUsers" || one == "allUsers" => Name::Everybody,
        Name::One(..) | Name::Holder(_) | Name::Everybody | Name::Opaque(_) => name,
    }
}

fn places(cloud: Cloud, on: &On) -> Vec<(Place, String)> {
    match on {
        On::These(these) => {
            let each = these.iter().map(text);
            each.map(|place| (Place::At(folded(cloud, &place)), place)).collect()
        }
        On::AllBut(_) => vec![(Place::Opaque(format!("{on:?}")), "all but some".to_owned())],
        On::Carrier => vec![(Place::Carrier, String::new())],
    }
}

/// Scopes of Azure are the same in any case; ARNs and names of Google are not.
fn folded(cloud: Cloud, place: &str) -> String {
    match cloud {
        Cloud::Azure => place.trim_end_matches('/').to_lowercase(),
        Cloud::Aws | Cloud::Gcp => place.trim_end_matches('/').to_owned(),
    }
}

fn planes(cloud: Cloud, what: &What) -> Vec<(Plane, Vec<String>, Vec<String>)> {
    let lower = |all: &BTreeSet<String>| -> Vec<String> {
        match cloud {
            Cloud::Aws | Cloud::Azure => all.iter().map(|action| action.to_lowercase()).collect(),
            Cloud::Gcp => all.iter().cloned().collect(),
        }
    };
    match what {
        What::Actions(actions) => vec![(Plane::Control, lower(actions), Vec::new())],
        What::AllBut(actions) => vec![(Plane::Control, vec!["*".to_owned()], lower(actions))],
        // A role that nobody knows is one operation of its own: the same role allows the same.
        What::Role(role) if roles::empty(role) => {
            vec![(Plane::Control, vec![format!("role {}", role.id.to_lowercase())], Vec::new())]
        }
        What::Role(role) => {
            let both = [
                (Plane::Control, lower(&role.actions), lower(&role.not_actions)),
                (data_plane(role), lower(&role.data_actions), lower(&role.not_data_actions)),
            ];
            both.into_iter().filter(|(_, actions, _)| !actions.is_empty()).collect()
        }
    }
}

/// Returns the plane of what a role allows of data.
fn data_plane(role: &RoleContent) -> Plane {
    let cosmos = |action: &String| action.to_lowercase().starts_with(COSMOS);
    if role.data_actions.iter().all(cosmos) { Plane::Cosmos } else { Plane::Data }
}

impl Name {
    /// Returns whether everybody meant by `other` is meant by this.
    pub(super) fn covers(&self, other: &Name) -> bool {
        match (self, other) {
            (Name::Everybody, _) => true,
            (Name::One(kind, name), Name::One(..)) if authenticated(kind, name) => true,
            (Name::Holder(ours), Name::Holder(theirs)) => {
                ours == theirs || open(ours) || open(theirs)
            }
            (Name::Holder(_) | Name::One(..) | Name::Opaque(_), _) => self == other,
        }
    }

    /// Returns the name for people, where it is not the function itself.
    pub(super) fn shown(&self) -> Option<String> {
        match self {
            Name::Holder(_) => None,
            Name::One(kind, name) => Some(format!("{kind} {name}")),
            Name::Everybody => Some("everybody".to_owned()),
            Name::Opaque(text) => Some(text.clone()),
        }
    }
}

/// Google's name for everybody with a Google account.
fn authenticated(kind: &str, name: &str) -> bool {
    kind == "allAuthenticatedUsers" || name == "allAuthenticatedUsers"
}

impl Place {
    /// Returns whether all of `other` is in this: for certain, perhaps, or not.
    pub(super) fn covers(&self, other: &Place) -> Covers {
        match (self, other) {
            (Place::At(ours), Place::At(theirs)) => within(ours, theirs),
            (Place::Carrier, Place::Carrier) => Covers::Yes,
            (Place::Opaque(ours), Place::Opaque(theirs)) if ours == theirs => Covers::Yes,
            (Place::Opaque(_), _) | (_, Place::Opaque(_)) => {
                Covers::Perhaps("what is left out is compared as text only")
            }
            (Place::At(_), Place::Carrier) | (Place::Carrier, Place::At(_)) => Covers::No,
        }
    }
}

/// Whether one thing covers another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Covers {
    /// It does.
    Yes,
    /// It may, and this is why one cannot tell.
    Perhaps(&'static str),
    /// It does not.
    No,
}

fn within(ours: &str, theirs: &str) -> Covers {
    if ours.starts_with("arn:") {
        // A star in the other pattern is taken only by a star in ours.
        let taken = super::globs::takes(ours, theirs);
        return if taken { Covers::Yes } else { Covers::No };
    }
    let below =
        theirs.strip_prefix(ours).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if below || ours.is_empty() || ours == "*" {
        return Covers::Yes;
    }
    let first = |text: &str, word: &str| text.starts_with(word);
    if first(ours, "organizations/") || first(ours, "folders/") {
        return Covers::Perhaps(
            "which folders and organizations a project is in is not known here",
        );
    }
    let project = first(ours, "projects/") && ours.matches('/').count() == 1;
    if project && (first(theirs, "projects/_/") || first(theirs, "//storage.")) {
        return Covers::Perhaps("which project a bucket is in is not known here");
    }
    if first(ours, "/providers/microsoft.management/managementgroups/") {
        return Covers::Perhaps("which subscriptions are in a management group is not known here");
    }
    Covers::No
}

impl Clauses {
    /// Takes a condition apart into clauses that all have to hold.
    pub(super) fn of(when: &When) -> Self {
        match when {
            When::Always => Self::default(),
            When::Tests(tests) => Self::new(tests.iter().map(|test| {
                let values: Vec<String> = test.values.iter().map(text).collect();
                format!("{} {} {values:?}", test.operator, test.key.to_lowercase())
            })),
            When::Expression(expression) => Self::new(super::when::split(expression)),
        }
    }
}

/// Returns whether a name is known only after applying: then it is that of what is there.
fn open(name: &str) -> bool {
    name.contains("${")
}
