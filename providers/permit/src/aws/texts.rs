//! The cases that text falls into, by the patterns it fits.

use std::rc::Rc;

use super::automaton::{Budget, Combination, TooMany, combinations};
use super::bits::Bits;
use super::case::{Case, Doubt, distinct};
use super::pattern::{Letter, Pattern, Token, is_open};

/// What texts there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Domain {
    /// Any.
    Any,
    /// Any, and outputs that are ARNs once they are known.
    Mixed,
    /// ARNs, and outputs that are ARNs once they are known.
    Arns,
}

/// Returns the cases of text, by which of `patterns` it fits. Where there is a choice, the text is
/// one of `examples`.
pub(super) fn texts(
    patterns: &[Pattern],
    domain: Domain,
    examples: &[Vec<Letter>],
    budget: &mut Budget,
) -> Result<Vec<Case<Vec<Letter>>>, TooMany> {
    let (arn, opens) = (domain == Domain::Arns, domain != Domain::Any);
    let count = patterns.len();
    let symbolic: Vec<usize> =
        (0..count).filter(|number| patterns.get(*number).is_some_and(has_variables)).collect();
    let mut all = patterns.to_vec();
    all.extend(symbolic.iter().filter_map(|n| patterns.get(*n)).map(|p| p.widened(arn)));
    all.push(Pattern::any_arn());
    let found = combinations(&all, budget)?;
    let implied = implications(&found, &symbolic, count);

    let mut cases = Vec::new();
    for combination in &found {
        let open = open_name(&combination.text).is_some();
        if arn && !open && !combination.fits.has(all.len() - 1) {
            continue;
        }
        let truth = Bits::of(count, combination.fits.iter().filter(|n| *n < count));
        let case = Case { truth, doubt: Doubt::None, value: combination.text.clone() };
        if opens && open {
            cases.extend(maybe_wild(case, patterns)?);
            continue;
        }
        let unknown: Vec<usize> = symbolic
            .iter()
            .enumerate()
            .filter(|(n, own)| combination.fits.has(count + n) && !combination.fits.has(**own))
            .map(|(_, own)| *own)
            .collect();
        if !unknown.is_empty() {
            let doubt: Rc<str> = variable_doubt(patterns, &unknown).into();
            let split = case.clone().split(&unknown, &doubt)?;
            cases.extend(split.into_iter().filter(|case| {
                implied.iter().all(|(one, other)| !case.truth.has(*one) || case.truth.has(*other))
            }));
        }
        cases.push(case);
    }
    let mut cases = distinct(cases);
    prefer(&mut cases, patterns, examples);
    Ok(cases)
}

/// The name of the output that text consists of.
fn open_name(text: &[Letter]) -> Option<&str> {
    match text {
        [Letter::Symbol { name, .. }] if is_open(name) => Some(name),
        _ => None,
    }
}

/// Outputs are equal to themselves only; variables of AWS may be equal to anything.
fn has_variables(pattern: &Pattern) -> bool {
    pattern.0.iter().any(|token| matches!(token, Token::Symbol { name, .. } if !is_open(name)))
}

/// An ARN that is not known yet may fit every pattern that leaves something open.
fn maybe_wild(
    case: Case<Vec<Letter>>,
    patterns: &[Pattern],
) -> Result<Vec<Case<Vec<Letter>>>, TooMany> {
    let unknown: Vec<usize> = patterns
        .iter()
        .enumerate()
        .filter(|(number, pattern)| pattern.is_wild() && !case.truth.has(*number))
        .map(|(number, _)| number)
        .collect();
    let name = open_name(&case.value).unwrap_or_default();
    let doubt: Rc<str> = format!("${{{name}}} is not known before it exists").into();
    case.split(&unknown, &doubt)
}

fn variable_doubt(patterns: &[Pattern], unknown: &[usize]) -> String {
    let name = unknown
        .iter()
        .filter_map(|number| patterns.get(*number))
        .flat_map(|pattern| &pattern.0)
        .find_map(|token| match token {
            Token::Symbol { name, .. } => Some(name.to_string()),
            Token::Char(_) | Token::Fold(_) | Token::One { .. } | Token::Run { .. } => None,
        })
        .unwrap_or_default();
    format!("it depends on the value of the policy variable ${{{name}}}")
}

/// Which patterns with variables cannot fit without another one fitting too, whatever the values:
/// where that holds with a variable as a letter of its own, it holds with every value.
fn implications(found: &[Combination], from: &[usize], count: usize) -> Vec<(usize, usize)> {
    let mut implied = Vec::new();
    for one in from {
        for other in (0..count).filter(|other| other != one) {
            if found.iter().all(|c| !c.fits.has(*one) || c.fits.has(other)) {
                implied.push((*one, other));
            }
        }
    }
    implied
}

/// Replaces the shortest texts by telling ones that fit the same patterns.
fn prefer(cases: &mut [Case<Vec<Letter>>], patterns: &[Pattern], examples: &[Vec<Letter>]) {
    for example in examples.iter().rev() {
        let fitting = patterns.iter().enumerate().filter(|(_, p)| p.fits(example));
        let truth = Bits::of(patterns.len(), fitting.map(|(number, _)| number));
        for case in cases.iter_mut() {
            if case.doubt.is_none() && case.truth == truth {
                case.value.clone_from(example);
            }
        }
    }
}
