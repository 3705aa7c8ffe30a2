//! Judges one request by statements, to see that what the comparison found is so.

use updraft_contract::Effect;

use super::conditions::{Test, variable_value};
use super::pattern::{Pattern, Style, letters};
use super::principals::{self, Principal};
use super::resources;
use super::statement::{Names, Statement};
use crate::Witness;

/// Whether a request is allowed; `None` if that cannot be told.
pub(super) fn allowed(statements: &[Statement], request: &Witness) -> Option<bool> {
    let judged: Vec<_> = statements.iter().map(|s| (s.effect, matches(s, request))).collect();
    let some = |effect, result| judged.contains(&(effect, result));
    if some(Effect::Deny, Some(true)) {
        return Some(false);
    }
    let lets = match (some(Effect::Allow, Some(true)), some(Effect::Allow, None)) {
        (true, _) => Some(true),
        (false, true) => None,
        (false, false) => return Some(false),
    };
    // A deny that may be about it leaves nothing certain.
    lets.filter(|_| !some(Effect::Deny, None))
}

/// Whether a statement is about a request, its condition aside.
pub(super) fn about(statement: &Statement, request: &Witness) -> bool {
    action(statement, request)
        && resource(statement, request) != Some(false)
        && principal(statement, request) != Some(false)
}

/// Whether a statement is about the action of a request.
pub(super) fn action(statement: &Statement, request: &Witness) -> bool {
    let style = Style { wild: true, fold: true, variables: false };
    let asked = letters(&request.action);
    let fits = |pattern: &String| Pattern::read(pattern, style).fits(&asked);
    match &statement.actions {
        Names::Of(patterns) => patterns.iter().any(fits),
        Names::AllBut(patterns) => !patterns.iter().any(fits),
    }
}

fn matches(statement: &Statement, request: &Witness) -> Option<bool> {
    if !action(statement, request) {
        return Some(false);
    }
    let mut result = Some(true);
    let value = |name: &str| value(request, name);
    let tests = statement.conditions.iter().map(|condition| {
        let held = held(request, &condition.key);
        Test::read(condition, statement.variables).holds(held, &value)
    });
    for part in tests.chain([resource(statement, request), principal(statement, request)]) {
        match part {
            Some(true) => {}
            Some(false) => return Some(false),
            None => result = None,
        }
    }
    result
}

fn resource(statement: &Statement, request: &Witness) -> Option<bool> {
    let value = |name: &str| value(request, name);
    let (names, wanted) = match &statement.resources {
        None => return Some(true),
        Some(Names::Of(names)) => (names, true),
        Some(Names::AllBut(names)) => (names, false),
    };
    let mut fits = Some(false);
    for name in names {
        match resources::fits((name, statement.variables), &request.resource, &value) {
            Some(true) => return Some(wanted),
            Some(false) => {}
            None => fits = None,
        }
    }
    fits.map(|_| !wanted)
}

fn principal(statement: &Statement, request: &Witness) -> Option<bool> {
    let principal = request.principal.as_deref().map_or(Principal::Anonymous, Principal::read);
    principals::about(&statement.principals, &principal)
}

fn held<'w>(request: &'w Witness, key: &str) -> Option<&'w [String]> {
    let found = request.context.iter().find(|(own, _)| own.to_lowercase() == key.to_lowercase());
    found.map(|(_, values)| values.as_slice())
}

fn value(request: &Witness, name: &str) -> Option<String> {
    variable_value(name, &|key| match held(request, key) {
        Some([one]) => Some(one.clone()),
        Some(_) | None => None,
    })
}
