//! Checks inputs against a service model's constraints, in the words the services answer with.
//!
//! All mistakes of a request are reported together, as AWS does: `2 validation errors detected: …; …`.

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::wire::Refusal;

/// The mistakes found so far. Member names are as answers spell them: `roleName`, `tags.1.member.key`.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    mistakes: Vec<String>,
}

/// A pattern of a service model: its text and the test that stands for it.
#[derive(Clone, Copy)]
pub(crate) struct Pattern {
    /// As the model writes it.
    pub(crate) text: &'static str,
    /// Whether a value fits.
    pub(crate) fits: fn(&str) -> bool,
}

impl Checks {
    /// Nothing found yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a mistake: `constraint` is `Member must …`.
    pub(crate) fn fail(&mut self, member: &str, value: impl Display, constraint: &str) {
        self.mistakes.push(format!(
            "Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
        ));
    }

    /// Something must be there; returns it, or an empty text that is not to be used.
    pub(crate) fn required<'v>(&mut self, member: &str, value: Option<&'v str>) -> &'v str {
        value.unwrap_or_else(|| {
            self.mistakes.push(format!(
                "Value null at '{member}' failed to satisfy constraint: Member must not be null"
            ));
            // Long enough and plain enough to pass the checks that follow.
            "missing-missing-missing"
        })
    }

    /// The value's length in characters must be in range.
    pub(crate) fn length(&mut self, member: &str, value: &str, range: &RangeInclusive<usize>) {
        let length = value.chars().count();
        if length > *range.end() {
            let constraint =
                format!("Member must have length less than or equal to {}", range.end());
            self.fail(member, value, &constraint);
        }
        if length < *range.start() {
            let constraint =
                format!("Member must have length greater than or equal to {}", range.start());
            self.fail(member, value, &constraint);
        }
    }

    /// The value must fit the pattern.
    pub(crate) fn pattern(&mut self, member: &str, value: &str, pattern: Pattern) {
        if !(pattern.fits)(value) {
            let constraint =
                format!("Member must satisfy regular expression pattern: {}", pattern.text);
            self.fail(member, value, &constraint);
        }
    }

    /// The value must be in range.
    pub(crate) fn range(&mut self, member: &str, value: i64, range: &RangeInclusive<i64>) {
        if value > *range.end() {
            let constraint =
                format!("Member must have value less than or equal to {}", range.end());
            self.fail(member, value, &constraint);
        }
        if value < *range.start() {
            let constraint =
                format!("Member must have value greater than or equal to {}", range.start());
            self.fail(member, value, &constraint);
        }
    }

    /// The value must be one of these.
    pub(crate) fn one_of(&mut self, member: &str, value: &str, known: &[&str]) {
        if !known.contains(&value) {
            let constraint = format!("Member must satisfy enum value set: [{}]", known.join(", "));
            self.fail(member, value, &constraint);
        }
    }

    /// Refuses with `code` if there were mistakes.
    pub(crate) fn done(self, code: &str) -> Result<(), Refusal> {
        let count = self.mistakes.len();
        if count == 0 {
            return Ok(());
        }
        let noun = if count == 1 { "error" } else { "errors" };
        let mistakes = self.mistakes.join("; ");
        Err(Refusal::new(400, code, format!("{count} validation {noun} detected: {mistakes}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_mistakes_are_reported_together() {
        let mut checks = Checks::new();
        checks.range("memorySize", 64, &(128..=10240));
        checks.one_of("runtime", "cobol", &["python3.13", "nodejs22.x"]);
        assert_eq!(
            checks.done("ValidationException").unwrap_err().message,
            "2 validation errors detected: Value '64' at 'memorySize' failed to satisfy \
             constraint: Member must have value greater than or equal to 128; Value 'cobol' at \
             'runtime' failed to satisfy constraint: Member must satisfy enum value set: \
             [python3.13, nodejs22.x]"
        );
    }
}
