//! Collects broken constraints and reports them together, as the service's front does.

use std::collections::BTreeMap;

use super::refusals::{invalid, user};
use crate::wire::Refusal;

/// The constraints of one request that do not hold.
#[derive(Debug, Default)]
pub(super) struct Checks(Vec<String>);

impl Checks {
    /// Notes a constraint on a value unless it holds.
    pub(super) fn that(&mut self, holds: bool, (value, member): (&str, &str), constraint: &str) {
        if !holds {
            self.0.push(format!(
                "Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
            ));
        }
    }

    /// Notes a member that must be there unless it is.
    pub(super) fn required<T>(&mut self, value: Option<&T>, member: &str) {
        if value.is_none() {
            self.0.push(format!(
                "Value null at '{member}' failed to satisfy constraint: Member must not be null"
            ));
        }
    }

    /// Notes a number outside its range.
    pub(super) fn range(&mut self, value: Option<i64>, member: &str, (least, most): (i64, i64)) {
        let Some(value) = value else { return };
        let (low, high) = (value >= least, value <= most);
        let shown = value.to_string();
        let at_least = format!("Member must have value greater than or equal to {least}");
        self.that(low, (&shown, member), &at_least);
        let at_most = format!("Member must have value less than or equal to {most}");
        self.that(high, (&shown, member), &at_most);
    }

    /// Notes a text that is none of these.
    pub(super) fn one_of(&mut self, value: Option<&str>, member: &str, set: &[&str]) {
        if let Some(value) = value {
            let constraint = format!("Member must satisfy enum value set: [{}]", set.join(", "));
            self.that(set.contains(&value), (value, member), &constraint);
        }
    }

    /// Notes a text that is too long.
    pub(super) fn length(&mut self, value: Option<&str>, member: &str, most: usize) {
        if let Some(value) = value {
            let constraint = format!("Member must have length less than or equal to {most}");
            self.that(value.chars().count() <= most, (value, member), &constraint);
        }
    }

    /// Refuses if anything was noted.
    pub(super) fn done(self) -> Result<(), Refusal> {
        let count = self.0.len();
        if count == 0 {
            return Ok(());
        }
        let plural = if count == 1 { "" } else { "s" };
        let list = self.0.join("; ");
        Err(user(
            400,
            "ValidationException",
            format!("{count} validation error{plural} detected: {list}"),
        ))
    }
}

/// Refuses tags the service does not take. Source: developer guide, "Using tags on Lambda functions".
pub(super) fn tags(tags: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let fine = |text: &str| {
        text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c))
    };
    let mut checks = Checks::default();
    for (key, value) in tags {
        let keys = "Map keys must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: ([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)]";
        let length = key.chars().count();
        checks.that((1..=128).contains(&length) && fine(key), (key, "tags"), keys);
        let values = "Map values must satisfy constraint: [Member must have length less than or equal to 256, Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: ([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)]";
        checks.that(value.chars().count() <= 256 && fine(value), (value, "tags"), values);
    }
    checks.done()?;
    if tags.keys().any(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        return Err(invalid("aws: prefixed tag key names are not allowed for external use."));
    }
    Ok(())
}

/// Refuses more tags than a resource may have.
pub(super) fn tag_count(tags: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if tags.len() > 50 {
        return Err(invalid("The number of tags exceeds the limit of 50."));
    }
    Ok(())
}
