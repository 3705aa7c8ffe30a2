//! The resource of a request.

use std::rc::Rc;

use super::automaton::{Budget, TooMany};
use super::bits::Bits;
use super::case::{Case, distinct};
use super::pattern::{Letter, Pattern, letters};
use super::texts::{Domain, texts};

/// The resource as a statement names it, and whether variables count.
pub(super) type Name = (String, bool);

/// Returns the cases of a request's resource, by which of `names` it fits. `service` is that of
/// the actions asked for.
pub(super) fn cases(
    names: &[Name],
    service: &str,
    budget: &mut Budget,
) -> Result<Vec<Case<Vec<Letter>>>, TooMany> {
    let read: Vec<_> = names.iter().map(|(text, variables)| pattern(text, *variables)).collect();
    let known: Vec<usize> =
        (0..names.len()).filter(|number| matches!(read.get(*number), Some(Some(_)))).collect();
    let patterns: Vec<Pattern> = read.iter().flatten().cloned().collect();
    let mut found = Vec::new();
    for case in texts(&patterns, Domain::Arns, &examples(&patterns, service), budget)? {
        let truth = case.truth.iter().filter_map(|number| known.get(number).copied());
        found.push(Case { truth: Bits::of(names.len(), truth), ..case });
    }
    // Actions that have no resource are asked for with this one.
    let anything = read
        .iter()
        .enumerate()
        .filter(|(_, pattern)| pattern.as_ref().is_some_and(Pattern::is_anything));
    let truth = Bits::of(names.len(), anything.map(|(number, _)| number));
    found.push(Case { truth, doubt: None, value: letters("*") });

    let odd: Vec<usize> = (0..names.len()).filter(|number| !known.contains(number)).collect();
    let Some((text, _)) = odd.first().and_then(|number| names.get(*number)) else {
        return Ok(distinct(found));
    };
    let doubt: Rc<str> = format!("the resource \"{text}\" is not an ARN").into();
    let mut split = Vec::new();
    for case in found {
        split.extend(case.split(&odd, &doubt)?);
    }
    Ok(distinct(split))
}

/// Whether a resource fits what a statement names; `None` if that cannot be told.
pub(super) fn fits(
    (name, variables): (&str, bool),
    resource: &str,
    value: &dyn Fn(&str) -> Option<String>,
) -> Option<bool> {
    let pattern = pattern(name, variables)?;
    if pattern.is_anything() || (resource.starts_with("${") && resource == name) {
        return Some(true);
    }
    // What an ARN that is not known yet will fit cannot be told.
    if resource.starts_with("${") && pattern.is_wild() {
        return None;
    }
    Some(pattern.resolved(value).is_some_and(|pattern| pattern.fits(&letters(resource))))
}

pub(super) fn pattern(text: &str, variables: bool) -> Option<Pattern> {
    if variables && let Some(open) = open(text) {
        return Some(open);
    }
    Pattern::arn(text, variables)
}

/// An output that is a whole ARN once it is known.
fn open(text: &str) -> Option<Pattern> {
    let style = super::pattern::Style { wild: true, fold: false, variables: true };
    let pattern = Pattern::read(text, style);
    match pattern.0.as_slice() {
        [super::pattern::Token::Symbol { name, .. }] if super::pattern::is_open(name) => {
            Some(pattern)
        }
        _ => None,
    }
}

fn examples(patterns: &[Pattern], service: &str) -> Vec<Vec<Letter>> {
    let mut examples: Vec<_> = patterns
        .iter()
        .filter(|pattern| !pattern.is_anything())
        .flat_map(|pattern| [pattern.example("example"), pattern.example("")])
        .collect();
    examples.push(letters(&match service {
        "s3" => "arn:aws:s3:::example".to_owned(),
        other => format!("arn:aws:{other}:us-east-1:111122223333:example"),
    }));
    examples
}
