//! Patterns with `*`, `?` and policy variables: `arn:aws:s3:::b/${aws:PrincipalAccount}/*`.
//!
//! Source: IAM user guide, "IAM policy elements: Variables and tags".

use super::Keys;

/// One place of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    /// This character.
    Is(char),
    /// Any character.
    One,
    /// Any run of characters.
    Run,
}

/// What `*` and `?` mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Themselves.
    Literal,
    /// Anything.
    Pattern,
}

/// A pattern without variables.
pub(super) fn plain(pattern: &str) -> Vec<Symbol> {
    pattern.chars().map(|one| symbol(one, Reading::Pattern)).collect()
}

fn symbol(one: char, reading: Reading) -> Symbol {
    match (one, reading) {
        ('*', Reading::Pattern) => Symbol::Run,
        ('?', Reading::Pattern) => Symbol::One,
        _ => Symbol::Is(one),
    }
}

/// A pattern with its variables filled in; `None` when the request lacks one, and then the pattern matches nothing.
pub(super) fn symbols(pattern: &str, keys: &Keys, reading: Reading) -> Option<Vec<Symbol>> {
    let mut symbols = Vec::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else { break };
        symbols.extend(before.chars().map(|one| symbol(one, reading)));
        let (name, default) = name.split_once(',').map_or((name, None), |(name, default)| {
            (name, default.trim().strip_prefix('\'').and_then(|text| text.strip_suffix('\'')))
        });
        let value = match name.trim() {
            sign @ ("*" | "?" | "$") => sign.to_owned(),
            name => keys.one(name).or(default)?.to_owned(),
        };
        symbols.extend(value.chars().map(Symbol::Is));
        rest = after;
    }
    symbols.extend(rest.chars().map(|one| symbol(one, reading)));
    Some(symbols)
}

/// The six parts of an ARN's pattern; colons of variables do not part it.
pub(super) fn parts(pattern: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = pattern;
    while parts.len() < 5 {
        let mut within = false;
        let end = rest.char_indices().find(|(_, one)| {
            within = (within && *one != '}') || *one == '{';
            *one == ':' && !within
        });
        let Some((end, _)) = end else { break };
        let (part, after) = rest.split_at(end);
        parts.push(part);
        rest = after.strip_prefix(':').unwrap_or_default();
    }
    parts.push(rest);
    parts
}

/// Whether a text fits a pattern.
pub(super) fn fits(pattern: &[Symbol], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(have) = text.get(read) {
        match pattern.get(at) {
            Some(Symbol::Run) => {
                star = Some((at, read));
                at += 1;
            }
            Some(Symbol::One) => {
                at += 1;
                read += 1;
            }
            Some(Symbol::Is(want)) if want == have => {
                at += 1;
                read += 1;
            }
            Some(Symbol::Is(_)) | None => {
                let Some((from, eaten)) = star else { return false };
                star = Some((from, eaten + 1));
                at = from + 1;
                read = eaten + 1;
            }
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == Symbol::Run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colons_of_variables_do_not_part_an_arn() {
        let parts = parts("arn:aws:logs:${aws:RequestedRegion}:1:log-group:a:*");
        assert_eq!(parts, ["arn", "aws", "logs", "${aws:RequestedRegion}", "1", "log-group:a:*"]);
        assert_eq!(super::parts("*"), ["*"]);
    }
}
