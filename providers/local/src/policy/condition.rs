//! Conditions: read, and tested against a request; operators and wildcards.

use serde_json::Value;

use super::grammar::syntax;
use super::{Condition, Keys, operators, variables};

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
    OPERATORS.contains(&bare(name))
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

/// The operator without prefix and suffix.
fn bare(name: &str) -> &str {
    let name = name
        .strip_prefix("ForAnyValue:")
        .or_else(|| name.strip_prefix("ForAllValues:"))
        .unwrap_or(name);
    name.strip_suffix("IfExists").unwrap_or(name)
}

/// Whether requests can be tested with an operator here. Binary values are carried by none.
pub(crate) fn is_tested(operator: &str) -> bool {
    bare(operator) != "BinaryEquals"
}

/// Whether a condition holds for a request with these keys.
pub(crate) fn holds(condition: &Condition, keys: &Keys) -> bool {
    let Condition { operator, key, values } = condition;
    let found = keys.get(key).filter(|found| !found.is_empty());
    let name = bare(operator);
    if name == "Null" {
        let absent = found.is_none().to_string();
        return values.iter().any(|value| value.eq_ignore_ascii_case(&absent));
    }
    let negated = name.contains("Not");
    let Some(found) = found else {
        let vacuous = operator.starts_with("ForAllValues:") || operator.ends_with("IfExists");
        return vacuous || (negated && !operator.starts_with("ForAnyValue:"));
    };
    let one = |value: &String| {
        let matches = |wanted: &String| test(name, wanted, value, keys);
        values.iter().any(matches) != negated
    };
    if operator.starts_with("ForAllValues:") || (negated && !operator.starts_with("ForAnyValue:")) {
        found.iter().all(one)
    } else {
        found.iter().any(one)
    }
}

/// Whether one value of a request is what one value of a condition wants; of a negated operator, what it does not want.
fn test(operator: &str, wanted: &str, found: &str, keys: &Keys) -> bool {
    match operator {
        "StringEquals" | "StringNotEquals" => same(wanted, found, keys),
        "StringEqualsIgnoreCase" | "StringNotEqualsIgnoreCase" => {
            same(&wanted.to_lowercase(), &found.to_lowercase(), keys)
        }
        "Bool" => wanted.eq_ignore_ascii_case(found),
        "StringLike" | "StringNotLike" => like(wanted, found, keys),
        "ArnEquals" | "ArnLike" | "ArnNotEquals" | "ArnNotLike" => arn(wanted, found, keys),
        "IpAddress" | "NotIpAddress" => operators::in_network(wanted, found),
        name if name.starts_with("Numeric") => operators::number(name, wanted, found),
        name if name.starts_with("Date") => operators::date(name, wanted, found),
        _ => false,
    }
}

/// Whether a text is another one once its policy variables are filled in.
fn same(wanted: &str, found: &str, keys: &Keys) -> bool {
    variables::symbols(wanted, keys, variables::Reading::Literal)
        .is_some_and(|symbols| variables::fits(&symbols, found))
}

/// Whether a text fits a pattern once its policy variables are filled in.
fn like(pattern: &str, text: &str, keys: &Keys) -> bool {
    variables::symbols(pattern, keys, variables::Reading::Pattern)
        .is_some_and(|symbols| variables::fits(&symbols, text))
}

/// Matches ARNs part by part: a `*` does not cross a colon, except in the last part.
fn arn(pattern: &str, found: &str, keys: &Keys) -> bool {
    let (wanted, parts) = (variables::parts(pattern), found.splitn(6, ':').collect::<Vec<_>>());
    wanted.len() == parts.len()
        && wanted.iter().zip(parts).all(|(wanted, part)| like(wanted, part, keys))
}

/// Whether a resource is one that a pattern of a statement names.
pub(crate) fn names_resource(pattern: &str, resource: &str, keys: &Keys) -> bool {
    pattern == "*" || arn(pattern, resource, keys)
}

/// Matches `*` and `?`.
pub(crate) fn wildcard(pattern: &str, text: &str) -> bool {
    variables::fits(&variables::plain(pattern), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(operator: &str, wanted: &str, found: Option<&str>) -> bool {
        among(operator, &[wanted], found.as_slice())
    }

    fn among(operator: &str, wanted: &[&str], found: &[&str]) -> bool {
        let mut keys = Keys::default();
        keys.add_all("aws:SourceArn", found.iter().map(|one| (*one).to_owned()));
        let condition = Condition {
            operator: operator.to_owned(),
            key: "AWS:sourceArn".to_owned(),
            values: wanted.iter().map(|one| (*one).to_owned()).collect(),
        };
        holds(&condition, &keys)
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

    #[test]
    fn sets_are_tested_value_by_value() {
        assert!(among("ForAllValues:StringEquals", &["a", "b"], &["a", "b"]));
        assert!(!among("ForAllValues:StringEquals", &["a", "b"], &["a", "c"]));
        assert!(among("ForAllValues:StringEquals", &["a"], &[]));
        assert!(among("ForAnyValue:StringEquals", &["a"], &["c", "a"]));
        assert!(!among("ForAnyValue:StringEquals", &["a"], &[]));
        assert!(!among("ForAnyValue:StringNotEquals", &["a"], &[]));
        assert!(among("ForAnyValue:StringNotEquals", &["a"], &["a", "b"]));
        assert!(!among("ForAllValues:StringNotEquals", &["a"], &["a", "b"]));
        assert!(among("ForAnyValue:StringLikeIfExists", &["a*"], &[]));
    }

    #[test]
    fn numbers_dates_and_addresses_are_compared_as_such() {
        for (operator, wanted, found, wants) in [
            ("NumericLessThanEquals", "10", "9.5", true),
            ("NumericEquals", "10", "10.0", true),
            ("NumericNotEquals", "10", "10.0", false),
            ("NumericEquals", "10", "ten", false),
            ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-11-21T03:20:46Z", true),
            ("DateLessThan", "1795231246", "2026-11-21T03:20:45Z", true),
            ("DateNotEquals", "2026-11-21T00:00:00Z", "2026-11-21T00:00:00Z", false),
            ("IpAddress", "127.0.0.0/8", "127.0.0.1", true),
            ("IpAddress", "10.0.0.0/8", "127.0.0.1", false),
            ("NotIpAddress", "10.0.0.0/8", "127.0.0.1", true),
            ("IpAddress", "2001:db8::/32", "2001:db8::1", true),
            ("Bool", "TRUE", "true", true),
        ] {
            assert_eq!(is(operator, wanted, Some(found)), wants, "{operator} {wanted} {found}");
        }
    }

    #[test]
    fn variables_stand_for_what_the_request_has_and_their_stars_are_stars() {
        assert!(is("StringEquals", "${aws:SourceArn}", Some("a*")));
        assert!(!is("StringLike", "${aws:SourceArn}?", Some("a*")));
        assert!(is("StringLike", "a${*}", Some("a*")));
        assert!(!is("StringLike", "a${*}", Some("ab")));
        assert!(!is("StringLike", "${aws:username}*", Some("ab")));
        assert!(is("StringLike", "${aws:username, 'a'}*", Some("ab")));
    }
}
