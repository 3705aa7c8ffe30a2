//! Whether what a plan does to permissions now is what was approved.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use updraft_permit::document::answered;
use updraft_permit::{PermissionRecord, Review, Status};

use crate::diff::Change;
use crate::permit::Sides;
use crate::plan::Plan;
use crate::report::human;
use crate::report::json::{
    ChangedSide, PermissionChange, PermissionsDocument, permission_changes, pinned,
};

/// What is known of resources, by `ADDRESS.OUTPUT`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers(BTreeMap<String, String>);

impl Answers {
    /// Returns what is known before any step of a plan runs.
    pub fn of(plan: &Plan) -> Self {
        let ids = plan.changes.iter().map(Change::id);
        let known = ids.filter_map(|id| Some((id, plan.known.of(id)?)));
        let each = known.flat_map(|(id, outputs)| {
            outputs.iter().map(move |(name, told)| (format!("{id}.{name}"), told.clone()))
        });
        Self(each.collect())
    }

    /// Adds what another plan knows; what both know stays.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for (name, told) in &other.0 {
            self.0.entry(name.clone()).or_insert_with(|| told.clone());
        }
        self
    }

    /// Puts in what is known: `${ADDRESS.OUTPUT}` stands for it.
    pub fn fill(&self, text: &str) -> String {
        answered(text, |name| self.0.get(name).cloned())
    }

    /// Puts in what is known, in all permissions.
    pub fn filled(&self, permissions: &[PermissionRecord]) -> Vec<PermissionRecord> {
        let each = permissions.iter().map(|one| {
            let mut json = serde_json::to_value(one).unwrap_or_default();
            self.fill_all(&mut json);
            serde_json::from_value(json).unwrap_or_else(|_| one.clone())
        });
        each.collect()
    }

    fn fill_all(&self, json: &mut Json) {
        match json {
            Json::String(text) => *text = self.fill(text),
            Json::Array(items) => items.iter_mut().for_each(|item| self.fill_all(item)),
            Json::Object(members) => members.values_mut().for_each(|item| self.fill_all(item)),
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }
}

/// Returns the addresses of resources that carry something else than what was approved, or through
/// which something else would change, each with the reason.
///
/// `known` answers what was not known yet when the plan was made.
pub fn unapproved(
    approved: &PermissionsDocument,
    (review, sides): (&Review, &Sides),
    known: &Answers,
) -> BTreeMap<String, String> {
    let mut why = BTreeMap::new();
    let (was, is) = (carried(&approved.after, known), carried(&pinned(&sides.wanted), known));
    for carrier in was.keys().chain(is.keys()) {
        if was.get(carrier) != is.get(carrier) {
            why.insert(carrier.clone(), "other permissions than the approved ones".to_owned());
        }
    }
    let told = permission_changes(&approved.review);
    let told: Vec<Told<'_>> = told.iter().map(|change| Told::of(change, known)).collect();
    for change in &permission_changes(review) {
        let now = Told::of(change, known);
        if !told.iter().any(|one| one.covers(&now)) {
            let words = human::permission_change(change);
            let words = format!("what it changes about permissions was not approved: {words}");
            why.insert(ours(&change.permission.carrier), words);
        }
    }
    why
}

/// Returns what each resource carries, without the reasons: their lines are the manifest's, whose
/// digest is compared.
fn carried(
    permissions: &[PermissionRecord],
    known: &Answers,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for one in permissions {
        let bare = PermissionRecord { reasons: Vec::new(), ..one.clone() };
        let written = known.fill(&serde_json::to_string(&bare).unwrap_or_default());
        all.entry(ours(&one.carrier)).or_default().insert(written);
    }
    all
}

/// Returns the resource of ours that carries a permission: `aws.role/hello extra` is what somebody
/// else attached to the role.
fn ours(carrier: &str) -> String {
    carrier.split(' ').next().unwrap_or(carrier).to_owned()
}

/// A change of permissions, without what does not make it another one.
struct Told<'c> {
    change: Status,
    about: (&'c str, &'c str, ChangedSide),
    carrier: String,
    line: String,
}

impl<'c> Told<'c> {
    fn of(change: &'c PermissionChange, known: &Answers) -> Self {
        let line = &change.permission;
        let said = (&line.effect, &line.role, &line.actions, &line.resources);
        let when = (&line.condition, &line.caller);
        Self {
            change: change.change,
            about: (&change.cloud, &change.function, change.side),
            carrier: ours(&line.carrier),
            line: known.fill(&serde_json::to_string(&(said, when)).unwrap_or_default()),
        }
    }

    /// Returns whether whoever approved this approved the other, too: the same, or less of it.
    fn covers(&self, now: &Told<'_>) -> bool {
        let same = self.about == now.about && self.carrier == now.carrier && self.line == now.line;
        let as_much = match now.change {
            Status::Rewritten | Status::Unchanged => return true,
            Status::New => self.change == Status::New,
            Status::Undecided => matches!(self.change, Status::New | Status::Undecided),
            Status::Drift => self.change == Status::Drift,
            Status::Removed => self.change == Status::Removed,
        };
        same && as_much
    }
}
