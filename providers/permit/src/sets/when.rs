//! Conditions of Azure and Google: compared as text, clause by clause, and by prefixes.

use std::collections::BTreeSet;

/// Clauses that all have to hold. None means always.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Clauses(BTreeSet<String>);

impl Clauses {
    pub(super) fn new(clauses: impl IntoIterator<Item = String>) -> Self {
        Self(clauses.into_iter().collect())
    }

    /// Returns whether these hold whenever `other` holds, as far as one can tell.
    pub(super) fn cover(&self, other: &Clauses) -> bool {
        self.0.iter().all(|ours| other.0.iter().any(|theirs| follows(theirs, ours)))
    }

    /// Returns the condition for people.
    pub(super) fn shown(&self) -> Option<String> {
        let all: Vec<&str> = self.0.iter().map(String::as_str).collect();
        (!all.is_empty()).then(|| all.join(" && "))
    }
}

/// Returns whether `then` holds whenever `given` does.
fn follows(given: &str, then: &str) -> bool {
    if given == then {
        return true;
    }
    let (Some(given), Some(then)) = (prefix(given), prefix(then)) else { return false };
    given.0 == then.0 && given.1.starts_with(then.1)
}

/// Reads `SUBJECT.startsWith("PREFIX")`.
fn prefix(clause: &str) -> Option<(&str, &str)> {
    let (subject, rest) = clause.split_once(".startsWith(")?;
    let text = rest.strip_suffix(')')?.trim();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let text = text.or_else(|| {
        let single = rest.strip_suffix(')')?.trim();
        single.strip_prefix('\'')?.strip_suffix('\'')
    })?;
    (!text.contains(['"', '\'', '\\'])).then_some((subject, text))
}

/// Splits an expression at its `&&` where that is safe: outside brackets and quotes, and where
/// there is no `||` beside it.
pub(super) fn split(expression: &str) -> Vec<String> {
    let (mut parts, mut part, mut depth) = (Vec::new(), String::new(), 0_u32);
    let (mut quote, mut either) = (None, false);
    let mut rest = expression.trim().chars().peekable();
    while let Some(letter) = rest.next() {
        match (quote, letter) {
            (Some(open), _) => {
                quote = (letter != open).then_some(open);
                if letter == '\\' {
                    part.push(letter);
                    part.extend(rest.next());
                    quote = Some(open);
                    continue;
                }
            }
            (None, '"' | '\'') => quote = Some(letter),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, '|' | '?') if depth == 0 => either = true,
            (None, '&') if depth == 0 && rest.peek() == Some(&'&') => {
                rest.next();
                parts.push(std::mem::take(&mut part).trim().to_owned());
                continue;
            }
            (None, letter) if letter.is_whitespace() => {
                if !part.ends_with(' ') {
                    part.push(' ');
                }
                continue;
            }
            (None, _) => {}
        }
        part.push(letter);
    }
    parts.push(part.trim().to_owned());
    if either { vec![expression.trim().to_owned()] } else { parts }
}

#[cfg(test)]
mod tests {
    use super::{Clauses, split};

    fn covers(old: &str, new: &str) -> bool {
        Clauses::new(split(old)).cover(&Clauses::new(split(new)))
    }

    #[test]
    fn more_clauses_are_narrower_and_longer_prefixes_too() {
        let kind = "resource.type == \"x\"";
        let short = "resource.name.startsWith(\"projects/_/buckets/b/objects/in\")";
        let long = "resource.name.startsWith(\"projects/_/buckets/b/objects/in/a\")";
        assert!(covers(kind, &format!("{kind} && {short}")));
        assert!(covers(&format!("{short}  &&\n {kind}"), &format!("{kind} && {long}")));
        assert!(!covers(&format!("{kind} && {long}"), &format!("{kind} && {short}")));
        assert!(!covers(&format!("{kind} && {short}"), kind));
    }

    #[test]
    fn an_alternative_is_one_clause() {
        assert!(!covers("a", "a && b || c"));
        assert!(covers("a && b || c", "a && b || c"));
        assert!(!covers("a ? b : c", "a"));
        assert_eq!(split("a && (b || c)"), ["a", "(b || c)"]);
        assert_eq!(split("x == \"a && b\" && c"), ["x == \"a && b\"", "c"]);
    }
}
