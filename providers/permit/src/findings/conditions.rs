//! What conditions of AWS narrow.

use updraft_contract::{Permission, Test, When};

use crate::document::text;

/// Keys that say whose request it is, or where it comes from.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
const NARROWING: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcevpcarn",
    "lambda:eventsourcetoken",
    "sts:externalid",
];

/// Returns whether a condition leaves only some of those who ask.
pub(super) fn narrows(permission: &Permission) -> bool {
    tests(permission)
        .any(|test| NARROWING.contains(&test.key.to_lowercase().as_str()) && holds_for_some(test))
}

/// Returns the values that a key must have one of, where the permission asks for that.
pub(super) fn asked(permission: &Permission, key: &str) -> Option<Vec<String>> {
    let mut found = tests(permission)
        .filter(|test| test.key.eq_ignore_ascii_case(key) && holds_for_some(test))
        .map(|test| test.values.iter().map(text).collect());
    found.next()
}

/// Returns whether a test holds for some requests only, and never where the key is absent.
fn holds_for_some(test: &Test) -> bool {
    let operator = test.operator.to_lowercase();
    let plain = operator.rsplit(':').next().unwrap_or_default();
    let positive = !plain.contains("not") && !plain.ends_with("ifexists") && plain != "null";
    let all = operator.starts_with("forallvalues:");
    let everything = |value: String| ["*", "0.0.0.0/0", "::/0"].contains(&value.as_str());
    positive && !all && !test.values.iter().map(text).any(everything)
}

fn tests(permission: &Permission) -> impl Iterator<Item = &Test> {
    let all = match &permission.when {
        When::Tests(tests) => Some(tests),
        When::Always | When::Expression(_) => None,
    };
    all.into_iter().flatten()
}
