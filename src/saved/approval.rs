//! Which of the steps that are planned now were approved before, and why the others were not.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{FieldSpec, Fields, Form, KindSpec, Live, ResourceId, Value, Verb};

use crate::diff::{Change, Wanted};
use crate::exact;
use crate::plan::Plan;
use crate::report::human::inline;

/// How long what a field was and is may be.
const LONGEST: usize = 120;

/// A step that is planned now and was not approved as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// What it would do.
    pub verb: Verb,
    /// To what.
    pub target: ResourceId,
    /// What is not as it was when the plan was made, in words.
    pub why: String,
}

/// What an approval allows of what is planned now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approval {
    /// The steps that may run.
    pub allowed: BTreeSet<(Verb, ResourceId)>,
    /// The steps that may not.
    pub drifted: Vec<Drift>,
    /// How many steps were approved.
    pub approved: usize,
}

impl Approval {
    /// Returns whether there was something to do and all of it is done.
    pub fn is_spent(&self) -> bool {
        self.approved > 0 && self.allowed.is_empty() && self.drifted.is_empty()
    }

    /// Takes back what was allowed to steps on these addresses.
    #[must_use]
    pub fn without(mut self, refused: &BTreeMap<String, String>) -> Self {
        for (verb, target) in std::mem::take(&mut self.allowed) {
            match refused.get(&target.to_string()) {
                Some(why) => self.drifted.push(Drift { verb, target, why: why.clone() }),
                None => {
                    self.allowed.insert((verb, target));
                }
            }
        }
        self
    }
}

/// Holds what is planned `now` against what was `approved`.
///
/// A step may run if the approved plan has it, what it wants is what was approved, and what it
/// finds is what was found then. What has since become as wanted is no drift: a run that was cut
/// off left it so.
pub fn approve(approved: &Plan, now: &Plan, kinds: &[KindSpec]) -> Approval {
    let before: BTreeMap<&ResourceId, &Change> =
        approved.changes.iter().map(|change| (change.id(), change)).collect();
    let after: BTreeMap<&ResourceId, &Change> =
        now.changes.iter().map(|change| (change.id(), change)).collect();
    let mut approval = Approval { approved: approved.steps.len(), ..Approval::default() };
    for step in &now.steps {
        let Some(change) = after.get(&step.target) else { continue };
        let fields =
            kinds.iter().find(|spec| spec.kind == step.target.kind).map_or(&[][..], |s| s.fields);
        let judge = Judge { fields, now };
        match judge.drift(step.verb, before.get(&step.target).copied(), change) {
            None => {
                approval.allowed.insert((step.verb, step.target.clone()));
            }
            Some(why) => {
                let (verb, target) = (step.verb, step.target.clone());
                approval.drifted.push(Drift { verb, target, why });
            }
        }
    }
    approval
}

/// Compares one step with what was approved at its address.
struct Judge<'j> {
    fields: &'static [FieldSpec],
    now: &'j Plan,
}

impl Judge<'_> {
    /// Returns what is not as approved.
    fn drift(&self, verb: Verb, approved: Option<&Change>, now: &Change) -> Option<String> {
        let Some(approved) = approved else {
            return Some(match verb {
                Verb::Delete => "it was not there when the plan was made".to_owned(),
                Verb::Create | Verb::Update => "the plan does not have it".to_owned(),
            });
        };
        let changed_mind = match (approved.wanted(), now.wanted()) {
            (Some(approved), Some(now)) => self.wants_another(approved, now),
            (None, None) => None,
            (Some(_), None) => Some("it was wanted when the plan was made".to_owned()),
            (None, Some(_)) => Some("it was not wanted when the plan was made".to_owned()),
        };
        if changed_mind.is_some() {
            return changed_mind;
        }
        let moved = |then, live, otherwise: &str| {
            let why = self.moved((then, approved), (live, now));
            why.or_else(|| (!otherwise.is_empty()).then(|| otherwise.to_owned()))
        };
        match (verb, approved, now) {
            (Verb::Create, Change::Create(_) | Change::Replace(..), _) => None,
            (Verb::Create, _, Change::Create(_)) => Some("it was there, and is gone".to_owned()),
            (
                Verb::Update,
                Change::Create(_) | Change::Replace(..),
                Change::Update(want, live, _),
            ) => self.half_made(&want.resource.fields, live),
            (Verb::Update, Change::Update(_, then, _), Change::Update(_, live, _))
            | (Verb::Delete, Change::Replace(_, then, _), Change::Replace(_, live, _))
            | (Verb::Delete, Change::Delete(then), Change::Delete(live)) => moved(then, live, ""),
            (
                _,
                Change::Keep(_, then),
                Change::Update(_, live, _) | Change::Replace(_, live, _),
            ) => moved(then, live, "it was as wanted when the plan was made"),
            (_, Change::Update(_, then, _), Change::Replace(_, live, _)) => {
                moved(then, live, "it was not to be made anew when the plan was made")
            }
            (_, _, _) => Some("it is not as it was when the plan was made".to_owned()),
        }
    }

    /// Compares what is wanted, with what is known by now filled in.
    fn wants_another(&self, approved: &Wanted, now: &Wanted) -> Option<String> {
        let then = approved.resource.fields.settle(&self.now.known);
        let now = &now.resource.fields;
        let differ = self.fields.iter().filter(|spec| {
            let written = |fields: &Fields| fields.get(spec.name).map(exact::redacted);
            written(&then) != written(now)
        });
        let parts: Vec<String> =
            differ.map(|spec| told(spec, then.get(spec.name), now.get(spec.name))).collect();
        (!parts.is_empty())
            .then(|| format!("another configuration is wanted: {}", parts.join("; ")))
    }

    /// Compares what was found. What has become as wanted is left out.
    fn moved(&self, then: (&Live, &Change), now: (&Live, &Change)) -> Option<String> {
        let ((then, approved), (now, planned)) = (then, now);
        if then.owner != now.owner {
            return Some("its owner changed".to_owned());
        }
        if let (None, Some(held)) = (&then.holds, &now.holds) {
            return Some(format!("it was empty, and now holds {held}"));
        }
        let (old, new) = (exact::of(approved).before?.fields, exact::of(planned).before?.fields);
        let want = planned.wanted().map(|want| &want.resource.fields);
        let differ = self.fields.iter().filter(|spec| {
            let reached = want.is_some_and(|want| want.get(spec.name) == now.fields.get(spec.name));
            !reached && old.get(spec.name) != new.get(spec.name)
        });
        let parts: Vec<String> = differ
            .map(|spec| told(spec, then.fields.get(spec.name), now.fields.get(spec.name)))
            .collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// Tells what of a resource is neither as wanted nor missing: a run that was cut off in the
    /// middle of making it leaves nothing else.
    fn half_made(&self, want: &Fields, live: &Live) -> Option<String> {
        let other = self.fields.iter().any(|spec| {
            let found = live.fields.get(spec.name);
            found.is_some_and(|found| !is_empty(found)) && found != want.get(spec.name)
        });
        other.then(|| "it was not there when the plan was made, and is there now".to_owned())
    }
}

/// Says what a field was and what it is, or only that it changed where that is long.
fn told(spec: &FieldSpec, then: Option<&Value>, now: Option<&Value>) -> String {
    let name = spec.name;
    let side = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), inline);
    let text = format!("{name}: {} -> {}", side(then), side(now));
    let is_document = spec.form == Form::Document;
    if is_document || text.len() > LONGEST { format!("{name} changed") } else { text }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::List(items) => items.is_empty(),
        Value::Set(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        Value::Text(text) => text.is_empty(),
        Value::Bool(_) | Value::Int(_) | Value::Secret(_) | Value::Join(_) | Value::Output(_) => {
            false
        }
    }
}
