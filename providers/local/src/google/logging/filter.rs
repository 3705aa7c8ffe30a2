//! The part of the Logging query language that is modelled: comparisons joined by `AND` or line ends.
//!
//! Source: docs.cloud.google.com/logging/docs/view/logging-query-language.

use serde_json::Value;

use crate::google::refusals::invalid;
use crate::wire::Refusal;

/// A filter: every comparison must hold.
#[derive(Debug)]
pub(super) struct Filter(Vec<Test>);

#[derive(Debug)]
struct Test {
    path: Vec<String>,
    how: How,
    value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Is,
    IsNot,
    Has,
    AtLeast,
    More,
    AtMost,
    Less,
}

/// Longer signs first.
const SIGNS: &[(&str, How)] = &[
    (">=", How::AtLeast),
    ("<=", How::AtMost),
    ("!=", How::IsNot),
    ("=", How::Is),
    (":", How::Has),
    (">", How::More),
    ("<", How::Less),
];

const SEVERITIES: &[&str] =
    &["DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY"];

impl Filter {
    /// Reads a filter; what is not modelled is refused.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let mut rest = text.trim();
        let mut tests = Vec::new();
        while !rest.is_empty() {
            let (one, after) = comparison(rest)
                .ok_or_else(|| invalid(format!("Unparseable filter: syntax error at: {rest}")))?;
            tests.push(one);
            rest = after.trim_start();
            rest = rest.strip_prefix("AND ").unwrap_or(rest).trim_start();
        }
        Ok(Self(tests))
    }

    /// Whether an entry fits.
    pub(super) fn fits(&self, entry: &Value) -> bool {
        self.0.iter().all(|test| test.holds(entry))
    }
}

fn comparison(text: &str) -> Option<(Test, &str)> {
    if ["OR ", "NOT ", "(", "-"].iter().any(|word| text.starts_with(word)) {
        return None;
    }
    let end = text.find(|letter: char| "=<>!: \n\"".contains(letter))?;
    let (path, rest) = text.split_at(end);
    let rest = rest.trim_start();
    let (sign, how) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign))?;
    let rest = rest.strip_prefix(sign)?.trim_start();
    let (value, after) = value(rest)?;
    let path: Vec<String> = path.split('.').map(|part| part.trim_matches('"').to_owned()).collect();
    (!path.iter().any(String::is_empty)).then_some((Test { path, how: *how, value }, after))
}

fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        let (value, after) = text.split_at(end);
        return (!value.is_empty()).then(|| (value.to_owned(), after));
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, quoted.get(at + 1..)?)),
            '\\' => value.push(letters.next()?.1),
            _ => value.push(letter),
        }
    }
    None
}

impl Test {
    fn holds(&self, entry: &Value) -> bool {
        let found = self.path.iter().try_fold(entry, |value, name| value.get(name));
        let Some(found) = found.and_then(scalar) else { return self.how == How::IsNot };
        let order = match self.path.first().map(String::as_str) {
            Some("timestamp" | "receiveTimestamp") => time(&found).cmp(&time(&self.value)),
            Some("severity") => rank(&found).cmp(&rank(&self.value)),
            _ => match (found.parse::<f64>(), self.value.parse::<f64>()) {
                (Ok(a), Ok(b)) => a.total_cmp(&b),
                _ => found.to_lowercase().cmp(&self.value.to_lowercase()),
            },
        };
        match self.how {
            How::Is => order.is_eq(),
            How::IsNot => order.is_ne(),
            How::Has => found.to_lowercase().contains(&self.value.to_lowercase()),
            How::AtLeast => order.is_ge(),
            How::More => order.is_gt(),
            How::AtMost => order.is_le(),
            How::Less => order.is_lt(),
        }
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn time(text: &str) -> Option<jiff::Timestamp> {
    text.parse().ok()
}

fn rank(severity: &str) -> Option<usize> {
    SEVERITIES.iter().position(|known| known.eq_ignore_ascii_case(severity))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn comparisons_hold_together_and_the_rest_is_refused() {
        let entry = json!({
            "resource": {"type": "cloud_run_revision", "labels": {"service_name": "shop"}},
            "timestamp": "2026-11-21T03:20:46.5Z", "severity": "ERROR",
        });
        let fits = |text: &str| Filter::parse(text).unwrap().fits(&entry);
        assert!(fits(
            "resource.type=\"cloud_run_revision\" AND resource.labels.service_name = \"shop\""
        ));
        assert!(fits("timestamp>=\"2026-11-21T03:20:46Z\"\nseverity>=WARNING"));
        assert!(!fits("timestamp>\"2026-11-21T03:20:47Z\""));
        assert!(fits("logName!=\"x\"") && fits(""));
        assert!(Filter::parse("a=1 OR b=2").is_err());
        assert!(Filter::parse("NOT a=1").is_err());
        assert!(Filter::parse("text").is_err());
    }
}
