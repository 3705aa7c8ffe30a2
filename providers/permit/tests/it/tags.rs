//! Keys that may hold anything: ARNs and other text.

use serde_json::{Value, json};
use updraft_permit::Verdict::{NewAccess, NoNewAccess, Undecided};
use updraft_permit::aws::PolicyKind;

use crate::vectors::all;

/// Returns an allowing statement with tests of one tag, which may be an ARN or anything else.
fn tagged(tests: &[(&str, &str)]) -> Value {
    let of = |(operator, value): &(&str, &str)| {
        ((*operator).to_owned(), json!({"aws:PrincipalTag/t": value}))
    };
    let tests: serde_json::Map<String, Value> = tests.iter().map(of).collect();
    json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": tests})
}

#[test]
fn a_key_that_is_tested_as_an_arn_and_as_text_may_be_either() {
    let role = "arn:aws:iam::111122223333:role/x";
    let denied = |tests: &[(&str, &str)]| {
        let mut statement = tagged(tests);
        statement["Effect"] = json!("Deny");
        statement
    };
    let all_arns = ("ArnLike", "arn:*:*:*:*:*");
    all(
        PolicyKind::Identity,
        &[
            (
                tagged(&[("ArnLike", role)]),
                json!([tagged(&[("ArnLike", role)]), tagged(&[("StringEquals", "contractor")])]),
                NewAccess,
            ),
            (
                tagged(&[("StringLike", "a"), ("ArnNotLike", role)]),
                json!([
                    tagged(&[("StringLike", "a"), ("ArnNotLike", role)]),
                    tagged(&[("StringLike", "b"), ("ArnNotLike", role)]),
                ]),
                NewAccess,
            ),
            (
                json!([
                    tagged(&[]),
                    denied(&[("StringEquals", "contractor")]),
                    denied(&[("ArnLike", role)]),
                ]),
                json!([tagged(&[]), denied(&[("ArnLike", role)])]),
                NewAccess,
            ),
            // What is no ARN at all.
            (tagged(&[all_arns]), tagged(&[("Null", "false")]), NewAccess),
            (
                json!([tagged(&[all_arns]), tagged(&[("ArnNotLike", "arn:*:*:*:*:*")])]),
                tagged(&[]),
                NoNewAccess,
            ),
            (tagged(&[("StringEquals", role)]), tagged(&[("ArnEquals", role)]), NoNewAccess),
        ],
    );
}

/// Tests that are not understood are the same only if they mean the same whatever that is.
#[test]
fn an_operator_that_is_not_known_differs_where_variables_are_none() {
    let of = |version: &str, value: &str| {
        let mut statement = tagged(&[("StringSoundsLike", value)]);
        statement["Sid"] = json!(version);
        json!({"Version": version, "Statement": statement})
    };
    let (old, new) = ("2008-10-17", "2012-10-17");
    all(
        PolicyKind::Identity,
        &[
            (of(old, "${aws:username}"), of(new, "${aws:username}"), Undecided),
            (of(old, "x"), of(new, "x"), NoNewAccess),
        ],
    );
}
