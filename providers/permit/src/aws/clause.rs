//! Statements taken apart into clauses, each a test of every dimension of a request.

use std::collections::BTreeSet;

use updraft_contract::Effect;

use super::automaton::{Budget, TooMany};
use super::bits::Bits;
use super::case::{Case, Doubt};
use super::conditions::{self, Test};
use super::principals;
use super::request::Given;
use super::resources::{self, Name};
use super::statement::{Names, Principals, Statement};

/// Into how many clauses one statement is taken apart at most.
const CLAUSES: usize = 512;

/// One statement, with one of its resources and one of its principals where it lets.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    /// The statement's place among those of both sides.
    pub(super) statement: usize,
    /// Whether it lets.
    pub(super) lets: bool,
    /// The resource as the statement names it.
    pub(super) resource: String,
    /// Who, as the statement names them.
    pub(super) principal: Option<String>,
    names: Option<Names>,
    principals: Principals,
}

/// One dimension of requests.
pub(super) struct Dimension {
    /// Its cases: the clauses that each leaves, and what the request has.
    pub(super) cases: Vec<Left>,
}

/// What one case of a dimension leaves.
pub(super) struct Left {
    /// The clauses that may still be about the request.
    pub(super) clauses: Bits,
    /// Why there may be no such request.
    pub(super) doubt: Doubt,
    /// What the request has.
    pub(super) given: Given,
}

/// What a clause asks of the tests of a dimension.
enum Needs {
    Nothing,
    Any(Vec<usize>),
    NoneOf(Vec<usize>),
    Every(Vec<usize>),
}

impl Needs {
    fn met(&self, truth: &Bits) -> bool {
        match self {
            Needs::Nothing => true,
            Needs::Any(tests) => tests.iter().any(|test| truth.has(*test)),
            Needs::NoneOf(tests) => !tests.iter().any(|test| truth.has(*test)),
            Needs::Every(tests) => tests.iter().all(|test| truth.has(*test)),
        }
    }
}

/// Takes statements apart, given with their places.
pub(super) fn clauses<'s>(statements: impl Iterator<Item = (usize, &'s Statement)>) -> Vec<Clause> {
    statements.flat_map(|(place, statement)| of(place, statement)).collect()
}

fn of(place: usize, statement: &Statement) -> Vec<Clause> {
    let lets = statement.effect == Effect::Allow;
    let whole = vec![statement.resources.clone()];
    let mut names = match &statement.resources {
        Some(Names::Of(names)) if lets => {
            names.iter().map(|name| Some(Names::Of(BTreeSet::from([name.clone()])))).collect()
        }
        Some(_) | None => whole.clone(),
    };
    let all = vec![statement.principals.clone()];
    let mut parts = if lets { principals::parts(&statement.principals) } else { all.clone() };
    if names.len() * parts.len() > CLAUSES {
        parts = all;
    }
    if names.len() > CLAUSES {
        names = whole;
    }
    let mut clauses = Vec::new();
    for name in &names {
        for part in &parts {
            clauses.push(Clause {
                statement: place,
                lets,
                resource: words(name.as_ref()),
                principal: principals::words(part),
                names: name.clone(),
                principals: part.clone(),
            });
        }
    }
    clauses
}

/// What to call the resources of a statement.
pub(super) fn words(names: Option<&Names>) -> String {
    let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
    match names {
        None => "*".to_owned(),
        Some(Names::Of(names)) => list(names),
        Some(Names::AllBut(names)) => format!("all but {}", list(names)),
    }
}

/// Returns the dimensions that clauses test. `service` is that of the actions asked for.
pub(super) fn dimensions(
    clauses: &[Clause],
    statements: &[&Statement],
    service: &str,
    budget: &mut Budget,
) -> Result<Vec<Dimension>, TooMany> {
    let mut found = Vec::new();
    if clauses.iter().any(|clause| clause.names.is_some()) {
        found.push(resources(clauses, statements, service, budget)?);
    }
    if clauses.iter().any(|clause| clause.principals != Principals::Holder) {
        found.push(principals(clauses)?);
    }
    let keys: BTreeSet<String> = clauses
        .iter()
        .filter_map(|clause| statements.get(clause.statement))
        .flat_map(|statement| statement.conditions.iter().map(|c| c.key.to_lowercase()))
        .collect();
    for key in &keys {
        found.push(context(clauses, statements, key, budget)?);
    }
    Ok(found)
}

fn resources(
    clauses: &[Clause],
    statements: &[&Statement],
    service: &str,
    budget: &mut Budget,
) -> Result<Dimension, TooMany> {
    let own = |clause: &Clause| -> Vec<Name> {
        let variables = statements.get(clause.statement).is_some_and(|s| s.variables);
        match &clause.names {
            Some(Names::Of(names) | Names::AllBut(names)) => {
                names.iter().map(|name| (name.clone(), variables)).collect()
            }
            None => Vec::new(),
        }
    };
    let names: BTreeSet<Name> = clauses.iter().flat_map(own).collect();
    let names: Vec<Name> = names.into_iter().collect();
    let needs: Vec<Needs> = clauses
        .iter()
        .map(|clause| {
            let places = places(&names, &own(clause));
            match &clause.names {
                None => Needs::Nothing,
                Some(Names::Of(_)) => Needs::Any(places),
                Some(Names::AllBut(_)) => Needs::NoneOf(places),
            }
        })
        .collect();
    Ok(dimension(&needs, resources::cases(&names, service, budget)?, Given::Resource))
}

fn principals(clauses: &[Clause]) -> Result<Dimension, TooMany> {
    let elements: BTreeSet<Principals> = clauses.iter().map(|c| c.principals.clone()).collect();
    let elements: Vec<Principals> = elements.into_iter().collect();
    let needs: Vec<Needs> = clauses
        .iter()
        .map(|clause| Needs::Any(places(&elements, std::slice::from_ref(&clause.principals))))
        .collect();
    Ok(dimension(&needs, principals::cases(&elements)?, Given::Principal))
}

fn context(
    clauses: &[Clause],
    statements: &[&Statement],
    key: &str,
    budget: &mut Budget,
) -> Result<Dimension, TooMany> {
    let own = |clause: &Clause| -> Vec<Test> {
        let Some(statement) = statements.get(clause.statement) else { return Vec::new() };
        let conditions = statement.conditions.iter();
        conditions
            .filter(|condition| condition.key.to_lowercase() == key)
            .map(|condition| Test::read(condition, statement.variables))
            .collect()
    };
    let tests: BTreeSet<Test> = clauses.iter().flat_map(own).collect();
    let tests: Vec<Test> = tests.into_iter().collect();
    let needs: Vec<Needs> =
        clauses.iter().map(|clause| Needs::Every(places(&tests, &own(clause)))).collect();
    let written = clauses
        .iter()
        .filter_map(|clause| statements.get(clause.statement))
        .flat_map(|statement| &statement.conditions)
        .find(|condition| condition.key.to_lowercase() == key)
        .map_or_else(|| key.to_owned(), |condition| condition.key.clone());
    let cases = conditions::cases(key, &tests, budget)?;
    Ok(dimension(&needs, cases, |held| Given::Key(written.clone(), held)))
}

fn places<T: PartialEq>(all: &[T], own: &[T]) -> Vec<usize> {
    own.iter().filter_map(|one| all.iter().position(|other| other == one)).collect()
}

fn dimension<V>(needs: &[Needs], cases: Vec<Case<V>>, given: impl Fn(V) -> Given) -> Dimension {
    let cases = cases.into_iter().map(|case| {
        let met = needs.iter().enumerate().filter(|(_, needs)| needs.met(&case.truth));
        let clauses = Bits::of(needs.len(), met.map(|(number, _)| number));
        Left { clauses, doubt: case.doubt, given: given(case.value) }
    });
    Dimension { cases: cases.collect() }
}
