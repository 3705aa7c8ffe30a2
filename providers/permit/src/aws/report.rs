//! Writes down what differs.

use std::collections::BTreeMap;

use updraft_contract::Effect;

use super::actions::Group;
use super::bits::Bits;
use super::clause::words;
use super::evaluate;
use super::pattern::{Pattern, Style, letters};
use super::render::condition;
use super::search::{Difference, Sides, Way};
use super::statement::{Names, Statement};
use super::universe::Universe;
use crate::comparison::Change;
use crate::{Access, Comparison, Undecided, Verdict, Witness};

/// Why a comparison was given up.
const TOO_MANY: &str = "there are too many combinations to try all of them";

/// A report that is being written.
pub(super) struct Report<'s> {
    sides: Sides<'s>,
    universe: &'s dyn Universe,
    access: BTreeMap<Key, Access>,
    undecided: BTreeMap<Key, Undecided>,
}

/// What stands in the report once: way, action, statement, resource, principal.
type Key = (Way, String, usize, String, Option<String>);

impl<'s> Report<'s> {
    /// Starts an empty one.
    pub(super) fn new(sides: Sides<'s>, universe: &'s dyn Universe) -> Self {
        Self { sides, universe, access: BTreeMap::new(), undecided: BTreeMap::new() }
    }

    /// Adds what differs for a group of actions.
    pub(super) fn add(&mut self, group: &Group, differences: &[Difference]) {
        for difference in differences {
            if let Some(doubt) = &difference.doubt {
                for action in group.actions.iter().chain(&group.unknown) {
                    self.doubt(difference, action, doubt);
                }
                continue;
            }
            let about = self.about(&difference.witness);
            for action in &group.actions {
                self.row(action.clone(), action, difference, &about);
            }
            if let Some(unknown) = &group.unknown {
                self.row(self.pattern(difference, unknown), unknown, difference, &about);
            }
        }
    }

    fn row(
        &mut self,
        name: String,
        action: &str,
        difference: &Difference,
        about: &[Vec<usize>; 2],
    ) {
        let key = key(difference, name.clone());
        if self.access.contains_key(&key) {
            return;
        }
        let condition = self.statement(difference).and_then(condition);
        let [old_statements, new_statements] = about.clone();
        let access = Access {
            about: None,
            level: self.universe.level(&name),
            action: name,
            resource: difference.resource.clone(),
            condition,
            principal: difference.principal.clone(),
            witness: Witness { action: action.to_owned(), ..difference.witness.clone() },
            old_statements,
            new_statements,
        };
        self.access.insert(key, access);
    }

    /// Says of the pattern that covers an action that it is not certain, once.
    fn doubt(&mut self, difference: &Difference, action: &str, why: &str) {
        let pattern = self.pattern(difference, action);
        let key = key(difference, pattern.clone());
        if self.undecided.contains_key(&key) {
            return;
        }
        let [old_statements, new_statements] = self.about(&difference.witness);
        let undecided = Undecided {
            about: None,
            action: pattern,
            resource: difference.resource.clone(),
            why: why.to_owned(),
            change: change(difference.way),
            old_statements,
            new_statements,
        };
        self.undecided.insert(key, undecided);
    }

    /// Says that a group of actions was too much.
    pub(super) fn too_many(&mut self, group: &Group, own: &Bits) {
        let Some(action) = group.actions.first().or(group.unknown.as_ref()) else { return };
        let old = self.sides.old.len();
        let witness = Witness { action: action.clone(), ..Witness::default() };
        for (place, statement) in self.sides.all().iter().enumerate() {
            if !own.has(place) || statement.effect == Effect::Deny {
                continue;
            }
            let difference = Difference {
                way: if place < old { Way::Lost } else { Way::Gained },
                statement: if place < old { place } else { place - old },
                resource: words(statement.resources.as_ref()),
                principal: None,
                witness: witness.clone(),
                doubt: None,
            };
            for action in group.actions.iter().chain(&group.unknown) {
                self.doubt(&difference, action, TOO_MANY);
            }
        }
    }

    /// Says that actions which are not known could not be told apart.
    pub(super) fn unknown_actions(&mut self) {
        let all = Names::Of(["*".to_owned()].into());
        let difference = Difference {
            way: Way::Gained,
            statement: 0,
            resource: words(Some(&all)),
            principal: None,
            witness: Witness { action: "*".to_owned(), ..Witness::default() },
            doubt: None,
        };
        self.doubt(&difference, "*", TOO_MANY);
    }

    /// Finishes it.
    pub(super) fn finish(self) -> Comparison {
        let mut comparison = Comparison::default();
        for ((way, ..), access) in self.access {
            match way {
                Way::Gained => comparison.newly_allowed.push(access),
                Way::Lost => comparison.no_longer_allowed.push(access),
            }
        }
        comparison.undecided = self.undecided.into_values().collect();
        let doubtful = |undecided: &Undecided| undecided.change == Change::NewlyAllowed;
        comparison.verdict = if !comparison.newly_allowed.is_empty() {
            Verdict::NewAccess
        } else if comparison.undecided.iter().any(doubtful) {
            Verdict::Undecided
        } else {
            Verdict::NoNewAccess
        };
        comparison.rewritten = comparison.newly_allowed.is_empty()
            && comparison.no_longer_allowed.is_empty()
            && comparison.undecided.is_empty()
            && self.sides.old != self.sides.new;
        comparison
    }

    /// The statement that allows what differs.
    fn statement(&self, difference: &Difference) -> Option<&'s Statement> {
        let side = match difference.way {
            Way::Gained => self.sides.new,
            Way::Lost => self.sides.old,
        };
        side.get(difference.statement)
    }

    /// The pattern by which that statement is about an action.
    fn pattern(&self, difference: &Difference, action: &str) -> String {
        let style = Style { wild: true, fold: true, variables: false };
        match self.statement(difference).map(|statement| &statement.actions) {
            Some(Names::Of(names)) => {
                let asked = letters(action);
                let own = names.iter().find(|name| Pattern::read(name, style).fits(&asked));
                own.cloned().unwrap_or_else(|| action.to_owned())
            }
            Some(Names::AllBut(_)) | None => "*".to_owned(),
        }
    }

    /// The statements of either side that are about a request: its condition aside, or if none
    /// is, those about its action.
    fn about(&self, request: &Witness) -> [Vec<usize>; 2] {
        [self.sides.old, self.sides.new].map(|side| {
            let places = |holds: &dyn Fn(&Statement) -> bool| -> Vec<usize> {
                side.iter().enumerate().filter(|(_, s)| holds(s)).map(|(n, _)| n).collect()
            };
            let about = places(&|statement| evaluate::about(statement, request));
            if about.is_empty() {
                places(&|statement| evaluate::action(statement, request))
            } else {
                about
            }
        })
    }
}

fn key(difference: &Difference, action: String) -> Key {
    let Difference { way, statement, resource, principal, .. } = difference;
    (*way, action, *statement, resource.clone(), principal.clone())
}

fn change(way: Way) -> Change {
    match way {
        Way::Gained => Change::NewlyAllowed,
        Way::Lost => Change::NoLongerAllowed,
    }
}
