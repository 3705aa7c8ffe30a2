//! Who asks.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

use super::automaton::TooMany;
use super::bits::Bits;
use super::case::{Case, distinct};
use super::statement::Principals;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Principal {
    /// Somebody who has not signed in.
    Anonymous,
    /// Somebody of a kind: an ARN or a unique id of AWS, a service, an identity provider.
    Named(String, String),
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Principal::Anonymous => f.write_str("*"),
            Principal::Named(kind, name) => write!(f, "{kind} {name}"),
        }
    }
}

impl Principal {
    fn named(kind: &str, name: impl Into<String>) -> Self {
        Principal::Named(kind.to_owned(), name.into())
    }

    /// Reads what `Display` writes.
    pub(super) fn read(text: &str) -> Self {
        match text.split_once(' ') {
            Some((kind, name)) => Self::named(kind, name),
            None => Principal::Anonymous,
        }
    }
}

/// The parts of an element that are reported apart: each name of it, or all of it together.
pub(super) fn parts(principals: &Principals) -> Vec<Principals> {
    match principals {
        Principals::Of(kinds) => kinds
            .iter()
            .flat_map(|(kind, names)| names.iter().map(move |name| (kind, name)))
            .map(|(kind, name)| {
                Principals::Of(BTreeMap::from([(kind.clone(), BTreeSet::from([name.clone()]))]))
            })
            .collect(),
        Principals::Holder | Principals::AllBut(_) | Principals::Everybody => {
            vec![principals.clone()]
        }
    }
}

/// What to call an element.
pub(super) fn words(principals: &Principals) -> Option<String> {
    let list = |kinds: &BTreeMap<String, BTreeSet<String>>| {
        let names = kinds.iter().flat_map(|(kind, names)| {
            names.iter().map(move |name| Principal::named(kind, name).to_string())
        });
        names.collect::<Vec<_>>().join(", ")
    };
    match principals {
        Principals::Holder => None,
        Principals::Everybody => Some("*".to_owned()),
        Principals::Of(kinds) => Some(list(kinds)),
        Principals::AllBut(kinds) => Some(format!("all but {}", list(kinds))),
    }
}

/// Returns the cases of who asks, by which of `elements` are about them.
pub(super) fn cases(elements: &[Principals]) -> Result<Vec<Case<Principal>>, TooMany> {
    let mut found = Vec::new();
    for principal in candidates(elements) {
        let mut truth = Bits::none(elements.len());
        let mut unknown = Vec::new();
        for (number, element) in elements.iter().enumerate() {
            match about(element, &principal) {
                Some(holds) => truth.set(number, holds),
                None => unknown.push(number),
            }
        }
        let doubt: Rc<str> =
            format!("whether {principal} is meant depends on what AWS knows of it").into();
        let case = Case { truth, doubt: None, value: principal };
        found.extend(case.split(&unknown, &doubt)?);
    }
    Ok(distinct(found))
}

/// Whether an element is about somebody; `None` if that cannot be told.
pub(super) fn about(element: &Principals, principal: &Principal) -> Option<bool> {
    match element {
        Principals::Holder | Principals::Everybody => Some(true),
        Principals::Of(kinds) => any(kinds, |kind, name| covers(kind, name, principal)),
        // AWS wants the account named beside each role that an exception is for, so an account
        // alone says nothing certain about its principals.
        Principals::AllBut(kinds) => any(kinds, |kind, name| match covers(kind, name, principal) {
            Some(true) if account_of(kind, name).is_some() && !is_root(principal) => None,
            other => other,
        })
        .map(|inside| !inside),
    }
}

/// Whether one holds for any: true if for one, unknown if for none surely.
fn any(
    kinds: &BTreeMap<String, BTreeSet<String>>,
    holds: impl Fn(&str, &str) -> Option<bool>,
) -> Option<bool> {
    let names = kinds.iter().flat_map(|(kind, names)| names.iter().map(move |name| (kind, name)));
    let mut result = Some(false);
    for (kind, name) in names {
        match holds(kind, name) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => result = None,
        }
    }
    result
}

/// Whether a name of a policy is about somebody.
fn covers(kind: &str, name: &str, principal: &Principal) -> Option<bool> {
    if kind == "AWS" && name == "*" {
        return Some(true);
    }
    let Principal::Named(own_kind, own) = principal else { return Some(false) };
    if kind != own_kind {
        return Some(false);
    }
    if name == own || name == "*" {
        return Some(true);
    }
    if kind != "AWS" {
        return Some(false);
    }
    if let Some(account) = account_of(kind, name) {
        return is_arn(own).then(|| field(own, 4) == account);
    }
    // IAM takes no such names; who they stand for cannot be told.
    if name.contains(['*', '?']) {
        return None;
    }
    Some(is_session_of(own, name))
}

/// The account that a name stands for, with everybody in it.
fn account_of<'n>(kind: &str, name: &'n str) -> Option<&'n str> {
    if kind != "AWS" {
        None
    } else if name.len() == 12 && name.bytes().all(|b| b.is_ascii_digit()) {
        Some(name)
    } else {
        (is_arn(name) && field(name, 2) == "iam" && field(name, 5) == "root")
            .then(|| field(name, 4))
    }
}

fn is_root(principal: &Principal) -> bool {
    matches!(principal, Principal::Named(kind, name) if account_of(kind, name).is_some())
}

fn is_arn(name: &str) -> bool {
    name.starts_with("arn:") && name.splitn(6, ':').count() == 6
}

fn field(arn: &str, number: usize) -> &str {
    arn.splitn(6, ':').nth(number).unwrap_or_default()
}

/// Whether one is a session of a role. Sessions do not name the role's path, and role names are
/// unique within an account.
fn is_session_of(session: &str, role: &str) -> bool {
    let (Some(taken), Some(own)) =
        (field(session, 5).strip_prefix("assumed-role/"), field(role, 5).strip_prefix("role/"))
    else {
        return false;
    };
    is_arn(session)
        && is_arn(role)
        && field(session, 2) == "sts"
        && field(role, 2) == "iam"
        && field(session, 4) == field(role, 4)
        && taken.split('/').next() == own.rsplit('/').next()
}

/// Somebody of every sort that the elements tell apart, those they name first.
fn candidates(elements: &[Principals]) -> Vec<Principal> {
    let mut named = BTreeSet::new();
    for element in elements {
        if let Principals::Of(kinds) | Principals::AllBut(kinds) = element {
            for (kind, names) in kinds {
                named.extend(names.iter().map(|name| (kind.as_str(), name.as_str())));
            }
        }
    }
    let mut found = Vec::new();
    let mut accounts = BTreeSet::from(["111122223333".to_owned()]);
    for (kind, name) in &named {
        if let Some(account) = account_of(kind, name) {
            accounts.insert(account.to_owned());
        } else if *kind == "AWS" && is_arn(name) {
            accounts.insert(field(name, 4).to_owned());
        }
        if *name != "*" && account_of(kind, name).is_none() {
            found.push(Principal::named(kind, *name));
        }
    }
    for (_, name) in named.iter().filter(|(kind, name)| *kind == "AWS" && is_arn(name)) {
        if let Some(role) = field(name, 5).strip_prefix("role/") {
            let role = role.rsplit('/').next().unwrap_or(role);
            let (partition, account) = (field(name, 1), field(name, 4));
            let session = format!("arn:{partition}:sts::{account}:assumed-role/{role}/example");
            found.push(Principal::named("AWS", session));
        }
    }
    let fresh = (0..).map(|n| format!("{:012}", 999_900_000_000_u64 + n));
    accounts
        .extend(fresh.filter(|account| !accounts.contains(account)).take(1).collect::<Vec<_>>());
    for account in &accounts {
        found.push(Principal::named("AWS", format!("arn:aws:iam::{account}:role/example-of-any")));
        found.push(Principal::named("AWS", format!("arn:aws:iam::{account}:root")));
    }
    found.push(Principal::Anonymous);
    found.push(Principal::named("Service", "example.amazonaws.com"));
    found.push(Principal::named("Federated", "example.com"));
    found.push(Principal::named("CanonicalUser", "example"));
    found
}
