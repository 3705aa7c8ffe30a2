//! The context of a request: one key at a time, with all tests of it.

mod order;
mod test;
mod values;

use std::collections::BTreeMap;
use std::rc::Rc;

use super::automaton::{Budget, TooMany};
use super::bits::Bits;
use super::case::{Case, Doubt, distinct};
use super::pattern::Letter;

use test::{Check, Quantifier};
pub(super) use test::{Test, variable_value};

/// How many combinations of values of one key are told apart.
const COMBINATIONS: usize = 4096;

/// The values of a key: `None` where it is absent from the request.
pub(super) type Held = Option<Vec<Vec<Letter>>>;

/// Returns the cases of one key, by which of `tests` hold.
pub(super) fn cases(
    key: &str,
    tests: &[Test],
    budget: &mut Budget,
) -> Result<Vec<Case<Held>>, TooMany> {
    let mut found = vec![absent(tests)];
    let several = tests.iter().any(|test| test.quantifier != Quantifier::One);
    let values = values::cases((key, tests), budget)?;
    if several {
        found.extend(combined(tests, &values, budget)?);
    } else {
        found.extend(values.into_iter().map(|case| present(tests, case)));
    }
    let odd: Vec<usize> =
        (0..tests.len()).filter(|n| tests.get(*n).is_some_and(Test::is_odd)).collect();
    let Some(why) = tests.iter().find_map(Test::odd) else { return Ok(distinct(found)) };
    let doubt: Rc<str> = why.into();
    let mut split = Vec::new();
    for case in found {
        split.extend(case.split(&odd, &doubt)?);
    }
    Ok(distinct(split))
}

fn absent(tests: &[Test]) -> Case<Held> {
    let holding = tests.iter().enumerate().filter(|(_, test)| test.holds_absent());
    let truth = Bits::of(tests.len(), holding.map(|(number, _)| number));
    Case { truth, doubt: None, value: None }
}

fn present(tests: &[Test], case: Case<Vec<Letter>>) -> Case<Held> {
    let truth = with_null(tests, case.truth);
    Case { truth, doubt: case.doubt, value: Some(vec![case.value]) }
}

fn with_null(tests: &[Test], mut truth: Bits) -> Bits {
    for (number, test) in tests.iter().enumerate() {
        if let Check::Null { present, .. } = test.check {
            truth.set(number, present);
        }
    }
    truth
}

/// Several values of one key: what holds for all of them, what for any of them, and how many they
/// are.
#[derive(Clone)]
struct Several {
    doubt: Doubt,
    values: Vec<Vec<Letter>>,
}

/// Returns the cases of a key that may have several values. Each is told from the others by what
/// holds for all values and what holds for any.
fn combined(
    tests: &[Test],
    singles: &[Case<Vec<Letter>>],
    budget: &mut Budget,
) -> Result<Vec<Case<Held>>, TooMany> {
    let limit = tests.len();
    let of = |wanted: Quantifier| {
        let numbers = tests.iter().enumerate().filter(move |(_, t)| t.quantifier == wanted);
        Bits::of(limit, numbers.map(|(number, _)| number))
    };
    let (for_all, for_any) = (of(Quantifier::All), of(Quantifier::Any));
    let plain: Vec<usize> = of(Quantifier::One)
        .iter()
        .filter(|number| tests.get(*number).is_some_and(|test| !test.is_null()))
        .collect();
    let mut known: BTreeMap<Bits, Several> = BTreeMap::new();
    let mut queue: Vec<(Bits, Several)> = Vec::new();
    let mut found = Vec::new();
    for single in singles {
        found.push(present(tests, single.clone()));
        let several = Several { doubt: single.doubt.clone(), values: vec![single.value.clone()] };
        let truth = single.truth.and(&for_all.or(&for_any));
        queue.push((truth, several));
    }
    let doubt: Rc<str> = "its operator is not meant for a key with several values".into();
    let mut at = 0;
    while let Some((truth, several)) = queue.get(at).cloned() {
        at += 1;
        for single in singles.iter().filter(|single| !several.values.contains(&single.value)) {
            budget.spend(1)?;
            let all = truth.and(&single.truth).and(&for_all);
            let any = truth.or(&single.truth).and(&for_any);
            let next = all.or(&any);
            let better = known.get(&next).is_none_or(|old| old.doubt.is_some());
            let mut more = several.clone();
            more.values.push(single.value.clone());
            more.doubt = more.doubt.or_else(|| single.doubt.clone());
            if !better || (known.contains_key(&next) && more.doubt.is_some()) {
                continue;
            }
            if queue.len() > COMBINATIONS {
                return Err(TooMany);
            }
            known.insert(next.clone(), more.clone());
            queue.push((next, more));
        }
    }
    for (truth, several) in known {
        let truth = with_null(tests, truth);
        let case = Case { truth, doubt: several.doubt, value: Some(several.values) };
        found.extend(if plain.is_empty() { vec![case] } else { case.split(&plain, &doubt)? });
    }
    Ok(found)
}
