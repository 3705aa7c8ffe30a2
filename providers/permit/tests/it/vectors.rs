//! Pairs of policies whose relation is known.

use serde_json::{Value, json};
use updraft_permit::aws::{PolicyKind, Reference, diff};
use updraft_permit::{Comparison, Verdict};

fn compared(kind: PolicyKind, old: &Value, new: &Value) -> Comparison {
    diff(&old.to_string(), &new.to_string(), kind, &Reference).unwrap()
}

fn identity(old: &Value, new: &Value) -> Comparison {
    compared(PolicyKind::Identity, old, new)
}

fn allow(action: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn rows(comparison: &Comparison) -> Vec<(&str, &str)> {
    let rows = comparison.newly_allowed.iter();
    rows.map(|row| (row.action.as_str(), row.resource.as_str())).collect()
}

#[test]
fn another_action_is_newly_allowed_with_a_request_that_shows_it() {
    let old = allow("s3:GetObject", "arn:aws:s3:::b/*");
    let new = json!([old, allow("s3:PutObject", "arn:aws:s3:::b/*")]);
    let found = identity(&old, &new);
    assert_eq!(found.verdict, Verdict::NewAccess);
    assert_eq!(rows(&found), [("s3:PutObject", "arn:aws:s3:::b/*")]);
    assert_eq!(found.newly_allowed[0].witness.resource, "arn:aws:s3:::b/example");
    let back = identity(&new, &old);
    assert_eq!(back.verdict, Verdict::NoNewAccess);
    assert_eq!(back.no_longer_allowed.len(), 1);
}

#[test]
fn everything_beside_one_service_is_told_action_by_action() {
    let (old, new) = (allow("s3:*", "*"), allow("*", "*"));
    let found = identity(&old, &new);
    assert!(found.newly_allowed.len() > 20_000);
    assert_eq!(found.newly_allowed[0].action, "*");
}
