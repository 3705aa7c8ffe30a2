//! Filter patterns of terms: `ERROR`, `"two words"`, `?one ?other`, `-without`.
//!
//! Patterns over JSON, columns and regular expressions are not modelled.
//! Source: `CloudWatch` Logs user guide, "Filter pattern syntax for metric filters".

use crate::wire::Refusal;

/// A pattern that has been read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pattern {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

impl Pattern {
    /// Reads a pattern.
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        if text.trim_start().starts_with(['{', '[', '%']) {
            return Err(Refusal::not_modelled("filter patterns other than terms"));
        }
        let mut pattern = Self::default();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (list, term) = match rest.split_at_checked(1) {
                Some(("?", term)) => (&mut pattern.any, term),
                Some(("-", term)) => (&mut pattern.none, term),
                Some(_) | None => (&mut pattern.all, rest),
            };
            let (word, after) = match term.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => term.split_once(char::is_whitespace).unwrap_or((term, "")),
            };
            list.push(word.to_owned());
            rest = after.trim_start();
        }
        Ok(pattern)
    }

    /// Whether a message matches. Terms are case-sensitive.
    pub(super) fn matches(&self, message: &str) -> bool {
        let has = |term: &String| message.contains(term.as_str());
        self.all.iter().all(has)
            && (self.any.is_empty() || self.any.iter().any(has))
            && !self.none.iter().any(has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_all_any_or_none() {
        for (pattern, message, matches) in [
            ("", "anything", true),
            ("ERROR", "an ERROR here", true),
            ("ERROR", "an error here", false),
            ("two words", "words two", true),
            ("\"two words\"", "words two", false),
            ("?a ?b", "xbx", true),
            ("ERROR -timeout", "ERROR timeout", false),
        ] {
            assert_eq!(Pattern::read(pattern).unwrap().matches(message), matches, "{pattern}");
        }
        assert!(Pattern::read("{ $.level = \"x\" }").is_err());
    }
}
