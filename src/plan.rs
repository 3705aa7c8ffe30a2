//! Turns changes into ordered steps. Pure.

use std::collections::BTreeSet;

use updraft_contract::{Action, Expect, Fields, KindSpec, Live, Outputs, ResourceId, Verb};

use crate::diff::{Change, Wanted};
use crate::order::{Draft, Order};

/// Everything needed to show and to carry out a deployment; it refers to nothing outside itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What happens to every resource, unchanged ones included. Wanted ones come first, in
    /// dependency order.
    pub changes: Vec<Change>,
    /// The steps, each after everything it waits for.
    pub steps: Vec<Action<Fields>>,
    /// Which step waits for which.
    pub order: Order,
    /// Outputs known before any step runs: those of names and of what is kept.
    pub known: Outputs,
}

/// How many resources a plan adds, changes and destroys. A replacement counts as both an
/// addition and a destruction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Created.
    pub add: usize,
    /// Changed in place.
    pub change: usize,
    /// Deleted.
    pub destroy: usize,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Things that are not ours stand at wanted addresses.
    #[error("{} already exist and are not ours", .0.len())]
    Blocked(Vec<(Wanted, Live)>),
    /// Steps wait for each other. Always a bug in a provider's table of kinds.
    #[error("the steps for {} wait for each other", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Circular(Vec<ResourceId>),
}

impl Plan {
    /// Orders `changes` into steps.
    pub fn of(changes: Vec<Change>, kinds: &[KindSpec]) -> Result<Self, Refused> {
        let blocked: Vec<_> = changes.iter().filter_map(blocked).collect();
        if !blocked.is_empty() {
            return Err(Refused::Blocked(blocked));
        }
        let known = known(&changes);
        let drafts = changes.iter().flat_map(drafts).collect();
        let (steps, order) = Order::of(drafts, kinds).map_err(Refused::Circular)?;
        Ok(Self { changes, steps, order, known })
    }

    /// Returns whether nothing has to happen.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Counts the steps the way Terraform counts them.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for step in &self.steps {
            match step.verb {
                Verb::Create => summary.add += 1,
                Verb::Update => summary.change += 1,
                Verb::Delete => summary.destroy += 1,
            }
        }
        summary
    }
}

/// Keeps what concerns `targets`, and what that needs; the rest is left as it is.
///
/// A target is an address such as `aws.function/resize`, or a manifest entry such as
/// `function.resize`, which stands for everything that entry calls for.
pub fn targeted(changes: Vec<Change>, targets: &[String]) -> Vec<Change> {
    let mut chosen: BTreeSet<ResourceId> = changes
        .iter()
        .filter(|change| targets.iter().any(|target| concerns(change, target)))
        .map(|c| c.id().clone())
        .collect();
    // Wanted changes stand in dependency order, so one pass backwards finds all that is needed.
    for change in changes.iter().rev() {
        if let Some(want) = change.wanted()
            && chosen.contains(&want.resource.id)
        {
            chosen.extend(want.needs.iter().cloned());
        }
    }
    changes.into_iter().filter(|c| c.is_keep() || chosen.contains(c.id())).collect()
}

/// Returns whether `target` names what `change` is about.
pub fn concerns(change: &Change, target: &str) -> bool {
    let path = change.wanted().map(|want| want.resource.origin.path.as_str());
    let under = |path: &str| {
        path.strip_prefix(target).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    change.id().to_string() == target || path.is_some_and(under)
}

fn blocked(change: &Change) -> Option<(Wanted, Live)> {
    match change {
        Change::Blocked(want, live) => Some((want.clone(), live.clone())),
        Change::Create(_)
        | Change::Update(..)
        | Change::Replace(..)
        | Change::Keep(..)
        | Change::Delete(_) => None,
    }
}

/// Collects what later steps may refer to before any step has run.
fn known(changes: &[Change]) -> Outputs {
    let mut known = Outputs::default();
    for change in changes {
        if let Some(want) = change.wanted() {
            known.record(want.resource.id.clone(), want.resource.outputs.clone());
        }
        if let Change::Keep(_, live) | Change::Update(_, live, _) = change {
            known.record(live.id.clone(), live.outputs.clone());
        }
    }
    known
}

fn drafts(change: &Change) -> Vec<Draft> {
    match change {
        Change::Create(want) => vec![write(want, Verb::Create, Expect::Absent)],
        Change::Update(want, live, _) => {
            vec![write(want, Verb::Update, Expect::Unchanged(live.version.clone()))]
        }
        Change::Replace(want, live, _) => {
            let mut old = delete(live);
            old.action.origin = Some(want.resource.origin.clone());
            old.replaces = true;
            vec![old, write(want, Verb::Create, Expect::Absent)]
        }
        Change::Delete(live) => vec![delete(live)],
        Change::Keep(..) | Change::Blocked(..) => Vec::new(),
    }
}

fn write(want: &Wanted, verb: Verb, expect: Expect) -> Draft {
    let action = Action {
        verb,
        target: want.resource.id.clone(),
        body: want.resource.fields.clone(),
        expect,
        origin: Some(want.resource.origin.clone()),
        needs: want.needs.clone(),
    };
    Draft { action, replaces: false }
}

fn delete(live: &Live) -> Draft {
    let action = Action {
        verb: Verb::Delete,
        target: live.id.clone(),
        body: live.fields.clone().into_fields(),
        expect: Expect::Unchanged(live.version.clone()),
        origin: None,
        needs: BTreeSet::new(),
    };
    Draft { action, replaces: false }
}
