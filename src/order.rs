//! Which step of a plan waits for which.
//!
//! A write waits for the writes it refers to. A deletion waits for every step on the kinds that
//! may use what goes, because what exists does not say what it refers to. Such waits go through
//! gates, one per kind and sort of step, so that a thousand deletions need a thousand edges and
//! not a million.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{Action, Fields, Kind, KindSpec, ResourceId, Verb};

/// A step that has no place yet.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    /// What to do.
    pub(crate) action: Action<Fields>,
    /// Whether it deletes in order to make anew, so that it must not wait for its users.
    pub(crate) replaces: bool,
}

/// The waits between the steps of a plan.
///
/// Nodes below the number of steps are steps, the others gates: a gate opens when all it waits
/// for is done, and does nothing itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// For each node, the nodes that wait for it.
    pub(crate) users: Vec<Vec<usize>>,
    /// For each node, how many nodes it waits for.
    pub(crate) open: Vec<usize>,
}

/// A gate: opens once every step of one sort on one kind is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Gate {
    Writes(Kind),
    Deletes(Kind),
}

impl Order {
    /// Places drafts so that each stands after everything it waits for, or names those that wait
    /// for each other.
    pub(crate) fn of(
        drafts: Vec<Draft>,
        kinds: &[KindSpec],
    ) -> Result<(Vec<Action<Fields>>, Self), Vec<ResourceId>> {
        let waits = Waits::of(&drafts, kinds);
        let sequence = waits.sequence();
        if sequence.len() < waits.nodes {
            let placed: BTreeSet<usize> = sequence.into_iter().collect();
            let stuck = drafts.into_iter().enumerate().filter(|(at, _)| !placed.contains(at));
            return Err(stuck.map(|(_, draft)| draft.action.target).collect());
        }
        Ok(waits.renumbered(drafts, &sequence))
    }
}

/// The waits between drafts, and between drafts and gates.
struct Waits {
    /// How many drafts there are: the first gate's number.
    drafts: usize,
    /// How many nodes there are.
    nodes: usize,
    /// Pairs of a node and a node that waits for it.
    edges: BTreeSet<(usize, usize)>,
}

impl Waits {
    fn of(drafts: &[Draft], kinds: &[KindSpec]) -> Self {
        let uses = Uses::of(kinds);
        let mut gates: BTreeMap<Gate, usize> = BTreeMap::new();
        for draft in drafts {
            let next = drafts.len() + gates.len();
            gates.entry(sort(draft)).or_insert(next);
        }
        let mut edges = BTreeSet::new();
        let writes = positions(drafts, |verb| verb != Verb::Delete);
        let deletes = positions(drafts, |verb| verb == Verb::Delete);
        for (at, draft) in drafts.iter().enumerate() {
            edges.extend(gates.get(&sort(draft)).map(|gate| (at, *gate)));
            let passed = uses.gates(draft).into_iter().filter_map(|gate| gates.get(&gate));
            edges.extend(passed.map(|gate| (*gate, at)));
            if draft.action.verb != Verb::Delete {
                let needed = draft.action.needs.iter().filter_map(|id| writes.get(id));
                let replaced = deletes.get(&draft.action.target);
                edges.extend(needed.chain(replaced).map(|before| (*before, at)));
            }
        }
        Self { drafts: drafts.len(), nodes: drafts.len() + gates.len(), edges }
    }

    /// Returns the nodes in an order that respects the waits; those in a circle are missing.
    fn sequence(&self) -> Vec<usize> {
        let (users, mut open) = self.lists(Some);
        let mut ready: BTreeSet<usize> =
            (0..self.nodes).filter(|n| open.get(*n) == Some(&0)).collect();
        let mut sequence = Vec::with_capacity(self.nodes);
        while let Some(next) = ready.pop_first() {
            sequence.push(next);
            for user in users.get(next).into_iter().flatten() {
                if let Some(open) = open.get_mut(*user) {
                    *open -= 1;
                    if *open == 0 {
                        ready.insert(*user);
                    }
                }
            }
        }
        sequence
    }

    fn renumbered(&self, drafts: Vec<Draft>, sequence: &[usize]) -> (Vec<Action<Fields>>, Order) {
        let steps = sequence.iter().filter(|node| **node < self.drafts);
        let place: BTreeMap<usize, usize> =
            steps.enumerate().map(|(place, node)| (*node, place)).collect();
        let (users, open) = self
            .lists(|node| if node < self.drafts { place.get(&node).copied() } else { Some(node) });
        let mut placed: Vec<(usize, Draft)> = drafts.into_iter().enumerate().collect();
        placed.sort_by_key(|(node, _)| place.get(node).copied());
        (placed.into_iter().map(|(_, draft)| draft.action).collect(), Order { users, open })
    }

    /// Returns the users of each node and the number of nodes it waits for, under new numbers.
    fn lists(&self, number: impl Fn(usize) -> Option<usize>) -> (Vec<Vec<usize>>, Vec<usize>) {
        let (mut users, mut open) = (vec![Vec::new(); self.nodes], vec![0; self.nodes]);
        for (before, after) in &self.edges {
            if let (Some(before), Some(after)) = (number(*before), number(*after)) {
                users.get_mut(before).into_iter().for_each(|u: &mut Vec<usize>| u.push(after));
                open.get_mut(after).into_iter().for_each(|o: &mut usize| *o += 1);
            }
        }
        (users, open)
    }
}

fn sort(draft: &Draft) -> Gate {
    match draft.action.verb {
        Verb::Create | Verb::Update => Gate::Writes(draft.action.target.kind),
        Verb::Delete => Gate::Deletes(draft.action.target.kind),
    }
}

fn positions(drafts: &[Draft], of: impl Fn(Verb) -> bool) -> BTreeMap<ResourceId, usize> {
    let chosen = drafts.iter().enumerate().filter(|(_, draft)| of(draft.action.verb));
    chosen.map(|(at, draft)| (draft.action.target.clone(), at)).collect()
}

/// Which kinds use a kind, directly or through others, and which kinds each captures.
struct Uses {
    users: BTreeMap<Kind, BTreeSet<Kind>>,
    captures: BTreeMap<Kind, &'static [Kind]>,
}

impl Uses {
    fn of(kinds: &[KindSpec]) -> Self {
        let mut users: BTreeMap<Kind, BTreeSet<Kind>> = BTreeMap::new();
        // As many rounds as there are kinds reach the longest chain there can be.
        for _ in kinds {
            for spec in kinds {
                for needed in spec.needs {
                    let mut more = users.get(&spec.kind).cloned().unwrap_or_default();
                    more.insert(spec.kind);
                    users.entry(*needed).or_default().extend(more);
                }
            }
        }
        Self { users, captures: kinds.iter().map(|spec| (spec.kind, spec.snapshots)).collect() }
    }

    /// Returns the gates that a draft waits at.
    fn gates(&self, draft: &Draft) -> Vec<Gate> {
        let kind = draft.action.target.kind;
        if draft.action.verb != Verb::Delete {
            let captured = self.captures.get(&kind).copied().unwrap_or_default();
            return captured.iter().map(|kind| Gate::Deletes(*kind)).collect();
        }
        if draft.replaces {
            return Vec::new();
        }
        let users: Vec<Kind> = self.users.get(&kind).into_iter().flatten().copied().collect();
        let deletes = users.iter().map(|user| Gate::Deletes(*user));
        // What takes the place of the deleted resource works before the old one goes.
        let writes = users.iter().filter(|user| !self.captured_by(kind, **user)).chain([&kind]);
        deletes.chain(writes.map(|user| Gate::Writes(*user))).collect()
    }

    fn captured_by(&self, captured: Kind, capturing: Kind) -> bool {
        self.captures.get(&capturing).is_some_and(|kinds| kinds.contains(&captured))
    }
}
