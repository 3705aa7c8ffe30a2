//! Looks for requests that one side allows and the other does not.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::automaton::{Budget, TooMany};
use super::bits::Bits;
use super::case::Doubt;
use super::clause::{Clause, Dimension, clauses, dimensions};
use super::evaluate;
use super::request::{Given, request};
use super::statement::Statement;
use crate::Witness;

/// How many requests are kept for one set of clauses, in case some do not work out.
const CHOICES: usize = 4;

/// How many sets of clauses that can be left are told apart.
const SETS: usize = 60_000;

/// Two policies.
#[derive(Clone, Copy)]
pub(super) struct Sides<'s> {
    /// What was.
    pub(super) old: &'s [Statement],
    /// What is to be.
    pub(super) new: &'s [Statement],
}

/// Which way access changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// The new side allows it and the old one does not.
    Gained,
    /// The other way round.
    Lost,
}

/// Something that one side allows and the other does not.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    /// Which way.
    pub(super) way: Way,
    /// The statement that allows it, counted within its side.
    pub(super) statement: usize,
    /// The resource as that statement names it.
    pub(super) resource: String,
    /// Who, as that statement names them.
    pub(super) principal: Option<String>,
    /// A request that shows it.
    pub(super) witness: Witness,
    /// Why it is not certain.
    pub(super) doubt: Doubt,
}

impl<'s> Sides<'s> {
    /// The statements of both sides, the old ones first.
    pub(super) fn all(&self) -> Vec<&'s Statement> {
        self.old.iter().chain(self.new).collect()
    }

    /// Whether a request is allowed before and after.
    fn judged(&self, request: &Witness) -> (Option<bool>, Option<bool>) {
        (evaluate::allowed(self.old, request), evaluate::allowed(self.new, request))
    }
}

/// Requests that leave the same clauses.
struct Path {
    doubt: Doubt,
    choices: Vec<usize>,
}

/// Returns what differs for an action that exactly `own` of the statements are about.
pub(super) fn differences(
    sides: Sides<'_>,
    own: &Bits,
    action: &str,
    budget: &mut Budget,
) -> Result<Vec<Difference>, TooMany> {
    let all = sides.all();
    let ways: Vec<Way> = [Way::Gained, Way::Lost]
        .into_iter()
        .filter(|way| possible(sides, &all, own, *way))
        .collect();
    if ways.is_empty() {
        return Ok(Vec::new());
    }
    let own = own.iter().filter_map(|place| all.get(place).map(|statement| (place, *statement)));
    let clauses = clauses(own);
    let service = action.split(':').next().unwrap_or_default();
    let dimensions = dimensions(&clauses, &all, service, budget)?;
    let ends = ends(clauses.len(), &dimensions, budget)?;
    let masks = Masks::of(&clauses, sides.old.len());
    let mut found = Found { sides, clauses: &clauses, kept: BTreeMap::new() };
    for (left, paths) in &ends {
        for way in &ways {
            if masks.differ(left, *way) {
                for path in paths {
                    found.add(*way, left, path, &requested(action, &dimensions, path));
                }
            }
        }
    }
    Ok(found.kept.into_values().collect())
}

/// Whether access can change this way at all. It cannot where every statement that lets is on the
/// other side too, and every one that keeps is still there.
fn possible(sides: Sides<'_>, all: &[&Statement], own: &Bits, way: Way) -> bool {
    use updraft_contract::Effect;
    let of = |new: bool, effect: Effect| {
        own.iter()
            .filter(move |place| (*place >= sides.old.len()) == new)
            .filter_map(|place| all.get(place).copied())
            .filter(move |statement| statement.effect == effect)
    };
    let gains = way == Way::Gained;
    let within = |mut these: Box<dyn Iterator<Item = &Statement> + '_>, new, effect| {
        these.all(|one| of(new, effect).any(|other| same(one, other)))
    };
    let lets = within(Box::new(of(gains, Effect::Allow)), !gains, Effect::Allow);
    let keeps = within(Box::new(of(!gains, Effect::Deny)), gains, Effect::Deny);
    !(lets && keeps)
}

/// Whether two statements say the same, but for the actions, which are known to be the same here.
fn same(one: &Statement, other: &Statement) -> bool {
    one.resources == other.resources
        && one.principals == other.principals
        && one.conditions == other.conditions
        && one.variables == other.variables
}

/// Follows every dimension, keeping for each set of clauses that can be left some requests.
fn ends(
    count: usize,
    dimensions: &[Dimension],
    budget: &mut Budget,
) -> Result<BTreeMap<Bits, Vec<Path>>, TooMany> {
    let start = Path { doubt: None, choices: Vec::new() };
    let mut ends = BTreeMap::from([(Bits::all(count), vec![start])]);
    for dimension in dimensions {
        let mut next: BTreeMap<Bits, Vec<Path>> = BTreeMap::new();
        for (left, paths) in &ends {
            for (number, case) in dimension.cases.iter().enumerate() {
                budget.spend(1)?;
                if next.len() > SETS {
                    return Err(TooMany);
                }
                let kept = next.entry(left.and(&case.clauses)).or_default();
                for path in paths {
                    keep(kept, path, case.doubt.as_ref(), number);
                }
            }
        }
        ends = next;
    }
    Ok(ends)
}

/// Keeps a request if it is sure and few are, or if none is.
fn keep(kept: &mut Vec<Path>, path: &Path, doubt: Option<&Rc<str>>, number: usize) {
    let doubt = path.doubt.clone().or_else(|| doubt.cloned());
    let sure = kept.iter().filter(|path| path.doubt.is_none()).count();
    if doubt.is_none() {
        if sure == 0 {
            kept.clear();
        }
        if sure >= CHOICES {
            return;
        }
    } else if !kept.is_empty() {
        return;
    }
    let mut choices = path.choices.clone();
    choices.push(number);
    kept.push(Path { doubt, choices });
}

fn requested(action: &str, dimensions: &[Dimension], path: &Path) -> Witness {
    let given: Vec<&Given> = dimensions
        .iter()
        .zip(&path.choices)
        .filter_map(|(dimension, number)| dimension.cases.get(*number).map(|case| &case.given))
        .collect();
    request(action, &given)
}

/// Which clauses let and keep on either side.
struct Masks {
    lets: [Bits; 2],
    keeps: [Bits; 2],
}

impl Masks {
    fn of(clauses: &[Clause], old: usize) -> Self {
        let of = |new: bool, lets: bool| {
            let own = clauses.iter().enumerate();
            let own = own.filter(|(_, c)| (c.statement >= old) == new && c.lets == lets);
            Bits::of(clauses.len(), own.map(|(number, _)| number))
        };
        Self { lets: [of(false, true), of(true, true)], keeps: [of(false, false), of(true, false)] }
    }

    fn differ(&self, left: &Bits, way: Way) -> bool {
        let [old, new] = [0, 1].map(|side| {
            let of = |masks: &[Bits; 2]| masks.get(side).is_some_and(|mask| !mask.misses(left));
            of(&self.lets) && !of(&self.keeps)
        });
        match way {
            Way::Gained => new && !old,
            Way::Lost => old && !new,
        }
    }
}

/// The differences found so far: one for each statement and resource and principal of it, a sure
/// one if there is one.
struct Found<'c> {
    sides: Sides<'c>,
    clauses: &'c [Clause],
    kept: BTreeMap<(Way, usize), Difference>,
}

impl Found<'_> {
    fn add(&mut self, way: Way, left: &Bits, path: &Path, witness: &Witness) {
        let old = self.sides.old.len();
        let judged = self.sides.judged(witness);
        let confirmed = match way {
            Way::Gained => judged == (Some(false), Some(true)),
            Way::Lost => judged == (Some(true), Some(false)),
        };
        let doubt = match (&path.doubt, confirmed) {
            (_, true) => None,
            (Some(doubt), false) => Some(doubt.clone()),
            (None, false) => Some("no request could be found that shows it".into()),
        };
        for number in left.iter() {
            let Some(clause) = self.clauses.get(number) else { continue };
            if !clause.lets || (clause.statement >= old) != (way == Way::Gained) {
                continue;
            }
            let known = self.kept.get(&(way, number));
            if known.is_some_and(|known| known.doubt.is_none() || doubt.is_some()) {
                continue;
            }
            let difference = Difference {
                way,
                statement: clause
                    .statement
                    .checked_sub(old)
                    .filter(|_| way == Way::Gained)
                    .unwrap_or(clause.statement),
                resource: clause.resource.clone(),
                principal: clause.principal.clone(),
                witness: witness.clone(),
                doubt: doubt.clone(),
            };
            self.kept.insert((way, number), difference);
        }
    }
}
