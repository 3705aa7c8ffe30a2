//! Conditions: read, and tested against a request; operators and wildcards.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Condition;
use super::grammar::syntax;

/// The operators there are, without prefix and suffix.
const OPERATORS: &[&str] = &[
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "BinaryEquals",
    "Bool",
    "DateEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateNotEquals",
    "IpAddress",
    "NotIpAddress",
    "Null",
    "NumericEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericNotEquals",
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "StringNotEquals",
    "StringNotEqualsIgnoreCase",
    "StringNotLike",
];

/// Whether IAM knows an operator of this name.
fn is_operator(name: &str) -> bool {
    OPERATORS.contains(&bare(name).0)
}

/// Reads a condition block.
pub(super) fn conditions(value: Option<&Value>) -> Result<Vec<Condition>, String> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let mut conditions = Vec::new();
    for (operator, keys) in value.as_object().ok_or_else(syntax)? {
        if !is_operator(operator) {
            return Err(format!("Invalid Condition type : {operator}"));
        }
        for (key, values) in keys.as_object().ok_or_else(syntax)? {
            if !key.contains(':') {
                return Err(
                    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
                        .to_owned(),
                );
            }
            let values = scalars(values)?;
            conditions.push(Condition { operator: operator.clone(), key: key.clone(), values });
        }
    }
    Ok(conditions)
}

/// Condition values may be written as booleans and numbers.
fn scalars(value: &Value) -> Result<Vec<String>, String> {
    match value {
        Value::String(text) => Ok(vec![text.clone()]),
        Value::Bool(_) | Value::Number(_) => Ok(vec![value.to_string()]),
        Value::Array(items) => {
            Ok(items.iter().map(scalars).collect::<Result<Vec<_>, _>>()?.concat())
        }
        Value::Null | Value::Object(_) => Err(syntax()),
    }
}

/// The operator without prefix and suffix, and whether `IfExists` was there.
fn bare(name: &str) -> (&str, bool) {
    let name = name
        .strip_prefix("ForAnyValue:")
        .or_else(|| name.strip_prefix("ForAllValues:"))
        .unwrap_or(name);
    name.strip_suffix("IfExists").map_or((name, false), |bare| (bare, true))
}

/// Whether a condition holds for a request with these keys (names in lower case).
///
/// Operators over dates, addresses and binary values hold for nothing: no request here carries such keys.
pub(crate) fn holds(condition: &Condition, keys: &BTreeMap<String, String>) -> bool {
    let (operator, if_exists) = bare(&condition.operator);
    let found = keys.get(&condition.key.to_ascii_lowercase());
    if operator == "Null" {
        let absent = found.is_none().to_string();
        return condition.values.contains(&absent);
    }
    let negated = operator.contains("Not");
    let Some(found) = found else { return if_exists || negated };
    let any = |test: &dyn Fn(&str, &str) -> bool| {
        condition.values.iter().any(|wanted| test(wanted, found))
    };
    let number = |test: &dyn Fn(f64, f64) -> bool| {
        any(&|wanted, found| match (found.parse(), wanted.parse()) {
            (Ok(found), Ok(wanted)) => test(found, wanted),
            _ => false,
        })
    };
    match operator {
        "StringEquals" => any(&|wanted, found| wanted == found),
        "StringNotEquals" => !any(&|wanted, found| wanted == found),
        "StringEqualsIgnoreCase" | "Bool" => any(&str::eq_ignore_ascii_case),
        "StringNotEqualsIgnoreCase" => !any(&str::eq_ignore_ascii_case),
        "StringLike" => any(&wildcard),
        "StringNotLike" => !any(&wildcard),
        "ArnEquals" | "ArnLike" => any(&arn),
        "ArnNotEquals" | "ArnNotLike" => !any(&arn),
        "NumericEquals" => number(&|found, wanted| (found - wanted).abs() < f64::EPSILON),
        "NumericNotEquals" => !number(&|found, wanted| (found - wanted).abs() < f64::EPSILON),
        "NumericLessThan" => number(&|found, wanted| found < wanted),
        "NumericLessThanEquals" => number(&|found, wanted| found <= wanted),
        "NumericGreaterThan" => number(&|found, wanted| found > wanted),
        "NumericGreaterThanEquals" => number(&|found, wanted| found >= wanted),
        _ => false,
    }
}

/// Matches ARNs part by part: a `*` does not cross a colon, except in the last part.
fn arn(pattern: &str, found: &str) -> bool {
    let (mut wanted, mut parts) = (pattern.splitn(6, ':'), found.splitn(6, ':'));
    loop {
        match (wanted.next(), parts.next()) {
            (None, None) => return true,
            (Some(wanted), Some(part)) if wildcard(wanted, part) => {}
            _ => return false,
        }
    }
}

/// Matches `*` and `?`.
pub(crate) fn wildcard(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(have) = text.get(read) {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(want) if *want == '?' || want == have => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((from, eaten)) = star else { return false };
                star = Some((from, eaten + 1));
                at = from + 1;
                read = eaten + 1;
            }
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(operator: &str, wanted: &str, found: Option<&str>) -> bool {
        let keys = found.map(|found| ("aws:sourcearn".to_owned(), found.to_owned()));
        let condition = Condition {
            operator: operator.to_owned(),
            key: "aws:SourceArn".to_owned(),
            values: vec![wanted.to_owned()],
        };
        holds(&condition, &keys.into_iter().collect())
    }

    #[test]
    fn wildcards_match_any_run() {
        for (pattern, text, matches) in [
            ("a*c", "abbc", true),
            ("*", "", true),
            ("a?c", "ac", false),
            ("a*b*c", "axbybc", true),
            ("a", "ab", false),
        ] {
            assert_eq!(wildcard(pattern, text), matches, "{pattern} {text}");
        }
    }

    #[test]
    fn arns_match_part_by_part() {
        assert!(is("ArnLike", "arn:aws:s3:*:*:b/*", Some("arn:aws:s3:::b/x:y")));
        assert!(!is("ArnLike", "arn:aws:*", Some("arn:aws:s3:::b")));
        assert!(is("StringLike", "arn:aws:*", Some("arn:aws:s3:::b")));
    }

    #[test]
    fn a_missing_key_fails_what_is_wanted_and_passes_what_is_not() {
        assert!(!is("StringEquals", "a", None));
        assert!(is("StringNotEquals", "a", None));
        assert!(is("StringEqualsIfExists", "a", None));
        assert!(is("Null", "true", None));
        assert!(!is("Null", "true", Some("x")));
    }
}
