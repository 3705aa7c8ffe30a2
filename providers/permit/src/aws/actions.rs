//! The actions of requests, grouped by the statements that are about them.

use std::collections::BTreeMap;

use super::automaton::{Budget, combinations};
use super::bits::Bits;
use super::pattern::{Letter, Pattern, Style, Token, letters};
use super::statement::{Names, PolicyKind, Statement};
use super::universe::Universe;

/// Actions that exactly the same statements are about.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// Those that exist, or that a policy names.
    pub(super) actions: Vec<String>,
    /// One that is not known, if wildcards cover such.
    pub(super) unknown: Option<String>,
}

/// The groups, and whether those of unknown actions could be told apart.
pub(super) struct Groups {
    /// The groups, by the statements that are about them.
    pub(super) groups: BTreeMap<Bits, Group>,
    /// Whether actions that are not known are among them.
    pub(super) complete: bool,
}

/// The only service whose actions a trust policy is about.
const TRUST_SERVICE: &str = "sts";

const STYLE: Style = Style { wild: true, fold: true, variables: false };

/// Groups the actions that any of `statements` is about.
pub(super) fn groups(
    statements: &[&Statement],
    kind: PolicyKind,
    universe: &dyn Universe,
    budget: &mut Budget,
) -> Groups {
    let patterns = Patterns::of(statements);
    let mut groups: BTreeMap<Bits, Group> = BTreeMap::new();
    let known = patterns.known(universe).into_iter().chain(patterns.literals(universe));
    for action in known.filter(|action| may_ask(kind, action)) {
        let about = patterns.about(&patterns.fitting(action));
        if !about.misses(&patterns.all) {
            groups.entry(about).or_default().actions.push(action.to_owned());
        }
    }
    let complete = patterns.unknown(kind, universe, &mut groups, budget).is_some();
    Groups { groups, complete }
}

fn may_ask(kind: PolicyKind, action: &str) -> bool {
    match kind {
        PolicyKind::Identity | PolicyKind::Resource => true,
        PolicyKind::Trust => {
            action.split_once(':').is_some_and(|(own, _)| own.eq_ignore_ascii_case(TRUST_SERVICE))
        }
    }
}

/// The patterns of actions of all statements.
struct Patterns<'s> {
    statements: &'s [&'s Statement],
    texts: Vec<&'s str>,
    read: Vec<Pattern>,
    /// The patterns of each statement.
    own: Vec<Bits>,
    /// The patterns by the service they name; those that name none are under the empty name.
    services: BTreeMap<String, Vec<usize>>,
    /// Every statement.
    all: Bits,
}

impl<'s> Patterns<'s> {
    fn of(statements: &'s [&'s Statement]) -> Self {
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        let mut texts = Vec::new();
        for text in statements.iter().flat_map(|statement| names(statement)) {
            numbers.entry(text.to_lowercase()).or_insert_with(|| {
                texts.push(text.as_str());
                texts.len() - 1
            });
        }
        let own = statements.iter().map(|statement| {
            let own = names(statement).iter().filter_map(|t| numbers.get(&t.to_lowercase()));
            Bits::of(texts.len(), own.copied())
        });
        let mut services: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (number, text) in texts.iter().enumerate() {
            let service = text.split(':').next().unwrap_or_default().to_lowercase();
            let service = if service.contains(['*', '?']) { String::new() } else { service };
            services.entry(service).or_default().push(number);
        }
        Self {
            statements,
            read: texts.iter().map(|text| Pattern::read(text, STYLE)).collect(),
            own: own.collect(),
            services,
            all: Bits::all(statements.len()),
            texts,
        }
    }

    /// The patterns that an action fits.
    fn fitting(&self, action: &str) -> Bits {
        let service = action.split(':').next().unwrap_or_default().to_lowercase();
        let own = self.services.get(&service).into_iter().flatten();
        let any = self.services.get("").into_iter().flatten();
        let spelled: Vec<Letter> = letters(action);
        let fits = own
            .chain(any)
            .copied()
            .filter(|number| self.read.get(*number).is_some_and(|pattern| pattern.fits(&spelled)));
        Bits::of(self.texts.len(), fits)
    }

    /// The statements that are about an action that fits exactly these patterns.
    fn about(&self, fitting: &Bits) -> Bits {
        let about = self.statements.iter().zip(&self.own).enumerate().filter(|(_, (s, own))| {
            let named = !own.misses(fitting);
            match s.actions {
                Names::Of(_) => named,
                Names::AllBut(_) => !named,
            }
        });
        Bits::of(self.statements.len(), about.map(|(number, _)| number))
    }

    /// The actions there are that any statement may be about.
    fn known<'u>(&self, universe: &'u dyn Universe) -> Vec<&'u str> {
        let others = |statement: &&Statement| matches!(statement.actions, Names::AllBut(_));
        if self.services.contains_key("") || self.statements.iter().any(others) {
            return universe.actions().collect();
        }
        self.services.keys().flat_map(|service| universe.of_service(service)).collect()
    }

    /// The actions that policies name and the universe does not have.
    fn literals(&self, universe: &dyn Universe) -> Vec<&'s str> {
        let named =
            self.texts.iter().copied().filter(|text| {
                !text.contains(['*', '?']) && text.contains(':') && !universe.has(text)
            });
        named.collect()
    }

    /// Adds an action that is not known to every group that has such; `None` if they could not be
    /// told apart.
    fn unknown(
        &self,
        kind: PolicyKind,
        universe: &dyn Universe,
        groups: &mut BTreeMap<Bits, Group>,
        budget: &mut Budget,
    ) -> Option<()> {
        let mut patterns = self.read.clone();
        patterns.push(any_action(kind));
        let examples: Vec<Vec<Letter>> = self.examples();
        for combination in combinations(&patterns, budget).ok()? {
            let fitting = Bits::of(
                self.texts.len(),
                combination.fits.iter().filter(|number| *number < self.texts.len()),
            );
            let about = self.about(&fitting);
            let literal =
                |number: usize| self.texts.get(number).is_some_and(|t| !t.contains(['*', '?']));
            if !combination.fits.has(self.texts.len())
                || about.misses(&self.all)
                || fitting.iter().any(literal)
                || groups.get(&about).is_some_and(|group| group.unknown.is_some())
            {
                continue;
            }
            let example = examples.iter().find(|example| {
                let fits = self.read.iter().enumerate().filter(|(_, p)| p.fits(example));
                patterns.last().is_some_and(|any| any.fits(example))
                    && Bits::of(self.texts.len(), fits.map(|(number, _)| number)) == fitting
            });
            let action = text(example.unwrap_or(&combination.text));
            let fresh = std::iter::once(action.clone()).chain(longer(&action));
            let mut fresh =
                fresh.filter(|name| self.fitting(name) == fitting && may_ask(kind, name));
            if let Some(action) = fresh.find(|name| !universe.has(name)) {
                groups.entry(about).or_default().unknown = Some(action);
            }
        }
        Some(())
    }

    /// Telling names of actions that do not exist.
    fn examples(&self) -> Vec<Vec<Letter>> {
        let own = self.texts.iter().filter(|text| text.contains(':')).map(|text| {
            let style = Style { fold: false, ..STYLE };
            Pattern::read(text, style).example("NotYetKnown")
        });
        own.chain([letters("notyetknown:NotYetKnown"), letters("sts:NotYetKnown")]).collect()
    }
}

fn names(statement: &Statement) -> &std::collections::BTreeSet<String> {
    match &statement.actions {
        Names::Of(names) | Names::AllBut(names) => names,
    }
}

fn text(letters: &[Letter]) -> String {
    letters
        .iter()
        .filter_map(|letter| match letter {
            Letter::Char(c) => Some(*c),
            Letter::Symbol { .. } => None,
        })
        .collect()
}

/// The names with one more letter after the service, to find one that no action has.
fn longer(action: &str) -> impl Iterator<Item = String> {
    let (service, name) = action.split_once(':').unwrap_or(("", action));
    let places: Vec<usize> = name.char_indices().map(|(at, _)| at).chain([name.len()]).collect();
    places.into_iter().map(move |at| {
        let (before, after) = name.split_at(at);
        format!("{service}:{before}X{after}")
    })
}

/// The pattern that every action's name fits.
fn any_action(kind: PolicyKind) -> Pattern {
    let part = [Token::One { colon: false }, Token::Run { colon: false }];
    let mut tokens = match kind {
        PolicyKind::Identity | PolicyKind::Resource => part.to_vec(),
        PolicyKind::Trust => TRUST_SERVICE.chars().map(Token::Char).collect(),
    };
    tokens.push(Token::Char(':'));
    tokens.extend(part);
    Pattern(tokens)
}
