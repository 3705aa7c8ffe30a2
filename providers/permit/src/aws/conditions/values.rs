//! The cases that one value of a key falls into.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use ipnet::IpNet;

use super::super::automaton::{Budget, TooMany};
use super::super::bits::Bits;
use super::super::case::{Case, distinct};
use super::super::pattern::{Letter, Pattern, letters};
use super::super::texts::{Domain, texts};
use super::order::{Point, written, written_instant};
use super::test::{Check, Test};

/// How many pairs of cases of different sorts are told apart.
const PAIRS: usize = 20_000;

/// What sort of value a test wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Text,
    Number,
    Date,
    Address,
}

/// Returns the cases of one value, by which of `tests` hold for it. Tests of presence and tests
/// that are not understood never do.
pub(super) fn cases(
    (key, tests): (&str, &[Test]),
    budget: &mut Budget,
) -> Result<Vec<Case<Vec<Letter>>>, TooMany> {
    let sorts: BTreeSet<Sort> = tests.iter().filter_map(sort).collect();
    let mut found = Vec::new();
    for sort in &sorts {
        found.push(of_sort((key, tests), *sort, budget)?);
    }
    if found.len() > 1 {
        return mixed(tests, &sorts, &found);
    }
    let none = || Case { truth: Bits::none(tests.len()), doubt: None, value: letters("example") };
    Ok(found.pop().unwrap_or_else(|| vec![none()]))
}

fn sort(test: &Test) -> Option<Sort> {
    match test.check {
        Check::Text(_) | Check::Arn(_) => Some(Sort::Text),
        Check::Number(..) => Some(Sort::Number),
        Check::Date(..) => Some(Sort::Date),
        Check::Address(_) => Some(Sort::Address),
        Check::Null { .. } | Check::Odd { .. } => None,
    }
}

fn of_sort(
    (key, tests): (&str, &[Test]),
    wanted: Sort,
    budget: &mut Budget,
) -> Result<Vec<Case<Vec<Letter>>>, TooMany> {
    let candidates = match wanted {
        Sort::Text => return of_text((key, tests), budget),
        Sort::Number => points(tests).into_iter().map(written).collect(),
        Sort::Date => points(tests).into_iter().map(written_instant).collect(),
        Sort::Address => addresses(tests),
    };
    Ok(distinct(candidates.iter().map(|text: &String| judged(tests, Some(wanted), text)).collect()))
}

/// What holds for a text, of the tests of one sort or of all.
fn judged(tests: &[Test], wanted: Option<Sort>, text: &str) -> Case<Vec<Letter>> {
    let holding = tests.iter().enumerate().filter(|(_, test)| {
        sort(test).is_some_and(|own| wanted.is_none_or(|wanted| wanted == own))
            && test.holds_for(text, &|_| None)
    });
    let truth = Bits::of(tests.len(), holding.map(|(number, _)| number));
    Case { truth, doubt: None, value: letters(text) }
}

fn of_text(
    (key, tests): (&str, &[Test]),
    budget: &mut Budget,
) -> Result<Vec<Case<Vec<Letter>>>, TooMany> {
    let own: Vec<(usize, &Test, &BTreeSet<Pattern>)> = tests
        .iter()
        .enumerate()
        .filter_map(|(number, test)| match &test.check {
            Check::Text(patterns) | Check::Arn(patterns) => Some((number, test, patterns)),
            Check::Number(..)
            | Check::Date(..)
            | Check::Address(_)
            | Check::Null { .. }
            | Check::Odd { .. } => None,
        })
        .collect();
    let arns = own.iter().any(|(_, test, _)| matches!(test.check, Check::Arn(_)));
    let domain = match (arns, has_arns(key)) {
        (false, _) => Domain::Any,
        (true, false) => Domain::Mixed,
        (true, true) => Domain::Arns,
    };
    let patterns: BTreeSet<&Pattern> = own.iter().flat_map(|(_, _, patterns)| *patterns).collect();
    let patterns: Vec<Pattern> = patterns.into_iter().cloned().collect();
    let mut examples: Vec<_> = patterns
        .iter()
        .filter(|pattern| !pattern.is_anything())
        .flat_map(|pattern| [pattern.example("example"), pattern.example("")])
        .collect();
    if arns {
        examples.push(letters("arn:aws:sns:us-east-1:111122223333:example"));
    }
    if domain != Domain::Arns {
        examples.push(letters("example"));
    }
    let found = texts(&patterns, domain, &examples, budget)?;
    let cases = found.into_iter().map(|case| {
        let holding = own.iter().filter(|(_, test, wanted)| {
            let fits = case.truth.iter().filter_map(|number| patterns.get(number));
            test.negated != fits.into_iter().any(|pattern| wanted.contains(pattern))
        });
        let truth = Bits::of(tests.len(), holding.map(|(number, _, _)| *number));
        Case { truth, ..case }
    });
    Ok(distinct(cases.collect()))
}

/// Whether a key has ARNs and nothing else: its name says so. What tags hold is up to people
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>).
fn has_arns(key: &str) -> bool {
    !key.contains('/') && key.to_lowercase().ends_with("arn")
}

/// Every number or instant that tests name, one between each two, and one beyond either end.
fn points(tests: &[Test]) -> Vec<Point> {
    const STEP: Point = 2_000_000_000;
    let named: BTreeSet<Point> = tests
        .iter()
        .filter_map(|test| match &test.check {
            Check::Number(_, points) | Check::Date(_, points) => Some(points),
            Check::Text(_)
            | Check::Arn(_)
            | Check::Address(_)
            | Check::Null { .. }
            | Check::Odd { .. } => None,
        })
        .flatten()
        .copied()
        .collect();
    let mut found = BTreeSet::new();
    found.extend(named.first().map(|point| point - STEP));
    found.extend(named.last().map(|point| point + STEP));
    for (low, high) in named.iter().zip(named.iter().skip(1)) {
        found.insert(low + (high - low) / 2);
    }
    found.into_iter().chain(named).collect()
}

/// The edges of every network that tests name, and one address of either version that none has
/// if there is one.
fn addresses(tests: &[Test]) -> Vec<String> {
    let mut found: Vec<IpAddr> = Vec::new();
    for test in tests {
        let Check::Address(networks) = &test.check else { continue };
        for network in networks {
            found.extend(edges(network));
        }
    }
    found.push(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
    found.push(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)));
    found.sort();
    found.dedup();
    found.iter().map(ToString::to_string).collect()
}

/// The first and last address of a network, the one before and the one behind. As networks nest
/// or are apart, each set of addresses that no test tells apart has one of them.
fn edges(network: &IpNet) -> Vec<IpAddr> {
    match network {
        IpNet::V4(network) => {
            let (first, last) = (u32::from(network.network()), u32::from(network.broadcast()));
            [Some(first), Some(last), first.checked_sub(1), last.checked_add(1)]
                .into_iter()
                .flatten()
                .map(|address| IpAddr::V4(address.into()))
                .collect()
        }
        IpNet::V6(network) => {
            let (first, last) = (u128::from(network.network()), u128::from(network.broadcast()));
            [Some(first), Some(last), first.checked_sub(1), last.checked_add(1)]
                .into_iter()
                .flatten()
                .map(|address| IpAddr::V6(address.into()))
                .collect()
        }
    }
}

/// The cases of a key that is tested as values of different sorts. Which of them go together is
/// known for the values that were found only; every other pair is in doubt.
fn mixed(
    tests: &[Test],
    sorts: &BTreeSet<Sort>,
    found: &[Vec<Case<Vec<Letter>>>],
) -> Result<Vec<Case<Vec<Letter>>>, TooMany> {
    let doubt: Rc<str> = "the key is tested as values of different sorts".into();
    let mut cases = Vec::new();
    for case in found.iter().flatten() {
        let text: String = case.value.iter().filter_map(character).collect();
        cases.push(judged(tests, None, &text));
    }
    let mut all = vec![Case {
        truth: Bits::none(tests.len()),
        doubt: Some(doubt),
        value: letters("example"),
    }];
    for (sort, own) in sorts.iter().zip(found) {
        let mut own: Vec<Bits> = own.iter().map(|case| case.truth.clone()).collect();
        own.push(unfit(tests, *sort));
        let mut joined = Vec::new();
        for case in &all {
            for truth in &own {
                joined.push(Case { truth: case.truth.or(truth), ..case.clone() });
            }
        }
        all = distinct(joined);
        if all.len() > PAIRS {
            return Err(TooMany);
        }
    }
    cases.extend(all);
    Ok(distinct(cases))
}

/// What holds for a value that is not of a sort at all: the negated tests.
fn unfit(tests: &[Test], wanted: Sort) -> Bits {
    let holding = tests.iter().enumerate();
    let holding = holding.filter(|(_, test)| sort(test) == Some(wanted) && test.negated);
    Bits::of(tests.len(), holding.map(|(number, _)| number))
}

fn character(letter: &Letter) -> Option<char> {
    match letter {
        Letter::Char(c) => Some(*c),
        Letter::Symbol { .. } => None,
    }
}
