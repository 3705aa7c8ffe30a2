//! Patterns of operations: `*` stands for any run of characters, and nothing else is special.

use std::collections::{BTreeSet, VecDeque};

/// How many states a search visits before it gives up.
const STATES: usize = 60_000;

/// A search that would have taken too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

/// Returns whether a pattern takes a text.
pub(crate) fn takes(pattern: &str, text: &str) -> bool {
    let (mut parts, mut rest) = (pattern.split('*'), text);
    let Some(first) = parts.next() else { return text.is_empty() };
    let Some(after) = rest.strip_prefix(first) else { return false };
    rest = after;
    let mut last: Option<&str> = None;
    for part in parts {
        if let Some(middle) = last {
            let Some(at) = rest.find(middle) else { return false };
            rest = rest.get(at + middle.len()..).unwrap_or("");
        }
        last = Some(part);
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}

/// Returns a shortest text whose matches among the patterns are `wanted`: one flag for each
/// pattern, in order. `None` where there is no such text.
///
/// # Errors
///
/// Gives up after so many states that no real pattern needs them.
pub(crate) fn find(
    patterns: &[&str],
    wanted: impl Fn(&[bool]) -> bool,
) -> Result<Option<String>, TooMany> {
    let machines: Vec<Vec<char>> =
        patterns.iter().map(|pattern| pattern.chars().collect()).collect();
    let mut letters: BTreeSet<char> = machines.iter().flatten().copied().collect();
    letters.remove(&'*');
    // A letter that no pattern has stands for all such letters.
    letters.extend(('a'..='z').find(|letter| !letters.contains(letter)));
    let start: Vec<BTreeSet<usize>> = machines.iter().map(|machine| closed(machine, [0])).collect();
    let mut seen = BTreeSet::from([start.clone()]);
    let mut open = VecDeque::from([(start, String::new())]);
    while let Some((state, text)) = open.pop_front() {
        let pairs = machines.iter().zip(&state);
        let taken: Vec<bool> = pairs.map(|(machine, at)| at.contains(&machine.len())).collect();
        if wanted(&taken) {
            return Ok(Some(text));
        }
        for letter in &letters {
            let pairs = machines.iter().zip(&state);
            let next: Vec<_> = pairs.map(|(machine, at)| step(machine, at, *letter)).collect();
            if seen.insert(next.clone()) {
                open.push_back((next, format!("{text}{letter}")));
            }
        }
        if seen.len() > STATES {
            return Err(TooMany);
        }
    }
    Ok(None)
}

/// Returns the places in a pattern that a letter leads to.
fn step(machine: &[char], at: &BTreeSet<usize>, letter: char) -> BTreeSet<usize> {
    let moved = at.iter().filter_map(|place| match machine.get(*place) {
        Some('*') => Some(*place),
        Some(own) if *own == letter => Some(place + 1),
        Some(_) | None => None,
    });
    closed(machine, moved)
}

/// Adds the places that are reached without a letter: a star may stand for nothing.
fn closed(machine: &[char], places: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
    let mut all = BTreeSet::new();
    for mut place in places {
        all.insert(place);
        while machine.get(place) == Some(&'*') {
            place += 1;
            all.insert(place);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{find, takes};

    #[test]
    fn a_star_takes_any_run() {
        for (pattern, text) in [
            ("*", ""),
            ("*", "a/b"),
            ("a/*", "a/b/c"),
            ("a/*/c", "a/b/b/c"),
            ("*/listKeys/*", "x/listKeys/y"),
            ("a*a", "aa"),
            ("plain", "plain"),
        ] {
            assert!(takes(pattern, text), "{pattern} {text}");
            assert_eq!(
                find(&[pattern, text], |taken| taken == [true, true]).map(|t| t.is_some()),
                Ok(true)
            );
        }
        for (pattern, text) in [("a/*", "b/a/"), ("a*a", "a"), ("plain", "plainer"), ("", "a")] {
            assert!(!takes(pattern, text), "{pattern} {text}");
            assert_eq!(find(&[pattern, text], |taken| taken == [true, true]), Ok(None));
        }
    }

    #[test]
    fn one_pattern_may_be_covered_by_two_others_together() {
        let outside = |taken: &[bool]| taken[0] && !taken[1..].iter().any(|yes| *yes);
        assert_eq!(find(&["a*", "a", "a*"], outside), Ok(None));
        assert_eq!(find(&["x/*/read", "x/*"], outside), Ok(None));
        let found = find(&["x/*", "x/*/read"], outside).unwrap().unwrap();
        assert!(takes("x/*", &found) && !takes("x/*/read", &found));
    }
}
