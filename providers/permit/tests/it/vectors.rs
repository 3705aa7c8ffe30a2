//! Pairs of policies whose relation is known: samples of AWS's own checks, and one for each rule.

use serde_json::{Value, json};
use updraft_permit::aws::{PolicyKind, Reference, diff};
use updraft_permit::{Comparison, Level, Verdict};

use Verdict::{NewAccess, NoNewAccess, Undecided};

fn compared(kind: PolicyKind, old: &Value, new: &Value) -> Comparison {
    diff(&old.to_string(), &new.to_string(), kind, &Reference).unwrap()
}

fn identity(old: &Value, new: &Value) -> Comparison {
    compared(PolicyKind::Identity, old, new)
}

fn allow(action: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn deny(action: &str, resource: &str) -> Value {
    json!({"Effect": "Deny", "Action": action, "Resource": resource})
}

fn rows(comparison: &Comparison) -> Vec<(&str, &str)> {
    let rows = comparison.newly_allowed.iter();
    rows.map(|row| (row.action.as_str(), row.resource.as_str())).collect()
}

/// Holds a table of old, new and verdict.
pub(crate) fn all(kind: PolicyKind, table: &[(Value, Value, Verdict)]) {
    for (old, new, verdict) in table {
        let found = compared(kind, old, new);
        assert_eq!(found.verdict, *verdict, "old {old}\nnew {new}\n{found:#?}");
    }
}

#[test]
fn another_action_is_newly_allowed_with_a_request_that_shows_it() {
    let old = allow("s3:GetObject", "arn:aws:s3:::b/*");
    let new = json!([old, allow("s3:PutObject", "arn:aws:s3:::b/*")]);
    let found = identity(&old, &new);
    assert_eq!(found.verdict, NewAccess);
    assert_eq!(rows(&found), [("s3:PutObject", "arn:aws:s3:::b/*")]);
    let row = &found.newly_allowed[0];
    assert_eq!(row.witness.resource, "arn:aws:s3:::b/example");
    assert_eq!((row.level, row.new_statements.as_slice()), (Some(Level::Write), &[1][..]));
    let back = identity(&new, &old);
    assert_eq!(back.verdict, NoNewAccess);
    assert_eq!(back.no_longer_allowed.len(), 1);
    assert!(!back.rewritten);
}

#[test]
fn everything_beside_one_service_is_told_action_by_action() {
    let found = identity(&allow("s3:*", "*"), &allow("*", "*"));
    assert!(found.newly_allowed.len() > 20_000);
    assert_eq!(found.newly_allowed[0].action, "*");
    assert_eq!(found.newly_allowed[0].witness.action, "notyetknown:NotYetKnown");
    assert!(found.newly_allowed.iter().all(|row| !row.action.starts_with("s3:")));
}

#[test]
fn wildcards_tell_of_known_actions_and_of_those_to_come() {
    let old = json!({"Effect": "Allow", "Resource": "*",
        "Action": ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:StartMessageMoveTask"]});
    let found = identity(&old, &allow("sqs:*Message", "*"));
    assert_eq!(found.verdict, NewAccess);
    assert_eq!(rows(&found), [("sqs:*Message", "*")]);
    assert_eq!(found.newly_allowed[0].witness.action, "sqs:NotYetKnownMessage");
}

#[test]
fn actions_to_come_are_told_of_where_the_shortest_name_is_taken() {
    let one = |effect: &str, action: &str, resource: &str| json!({"Effect": effect, "Action": action, "Resource": resource});
    let get = one("Allow", "s3:Get*", "*");
    let old = json!([get, one("Deny", "s3:*Object*", "arn:aws:s3:::a/*")]);
    let found = identity(&old, &get);
    assert!(rows(&found).contains(&("s3:Get*", "*")), "{:?}", rows(&found));
}

#[test]
fn wildcards_in_the_first_five_fields_do_not_cross_colons() {
    let on = |resource: &str| allow("ecs:RunTask", resource);
    all(
        PolicyKind::Identity,
        &[
            (on("arn:aws:ecs:*:1:task/x"), on("arn:aws:ecs:eu:1:task/x"), NoNewAccess),
            (on("arn:aws:ecs:*:1:task/x"), on("arn:aws:ecs:eu:2:1:task/x"), NewAccess),
            (on("arn:aws:ecs:*:1:*"), on("arn:aws:ecs:eu:1:a:b/c"), NoNewAccess),
            (on("arn:aws:ecs:*:*:*"), on("*"), NewAccess),
            (on("arn:*:*:*:*:*"), on("*"), NewAccess),
            (on("arn:aws:s3:::b*"), on("arn:aws:s3:::B"), NewAccess),
            (on("arn:aws:s3:::b/?"), on("arn:aws:s3:::b/*"), NewAccess),
            (on("arn:aws:s3:::b/*"), on("arn:aws:s3:::b/?*?"), NoNewAccess),
        ],
    );
}

#[test]
fn denies_and_exceptions_are_weighed() {
    let all_but = |action: &str| json!({"Effect": "Allow", "NotAction": action, "Resource": "*"});
    let elsewhere =
        |resource: &str| json!({"Effect": "Allow", "Action": "s3:*", "NotResource": resource});
    let star = allow("*", "*");
    all(
        PolicyKind::Identity,
        &[
            (json!([star, deny("iam:*", "*")]), star.clone(), NewAccess),
            (star.clone(), json!([star, deny("iam:*", "*")]), NoNewAccess),
            (json!([star, deny("iam:*", "*")]), all_but("iam:*"), NoNewAccess),
            (all_but("iam:*"), json!([star, deny("IAM:*", "*")]), NoNewAccess),
            (all_but("iam:*"), all_but("iam:PassRole"), NewAccess),
            (all_but("iam:PassRole"), all_but("iam:*"), NoNewAccess),
            (
                json!([allow("s3:*", "*"), deny("s3:*", "arn:aws:s3:::b")]),
                elsewhere("arn:aws:s3:::b"),
                NoNewAccess,
            ),
            (elsewhere("arn:aws:s3:::b*"), elsewhere("arn:aws:s3:::b"), NewAccess),
            (elsewhere("arn:aws:s3:::b"), allow("s3:*", "arn:aws:s3:::b/x"), NoNewAccess),
        ],
    );
}

fn when(condition: &Value) -> Value {
    json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": condition})
}

/// Holds a table of old condition, new condition and verdict.
fn conditions(table: &[(Value, Value, Verdict)]) {
    let pairs = table.iter().map(|(old, new, verdict)| (when(old), when(new), *verdict));
    all(PolicyKind::Identity, &pairs.collect::<Vec<_>>());
}

#[test]
fn a_missing_key_fails_what_must_match_and_passes_what_must_not() {
    let test = |operator: &str, values: Value| json!({operator: {"aws:PrincipalTag/t": values}});
    conditions(&[
        (test("StringEquals", json!("a")), test("StringEqualsIfExists", json!("a")), NewAccess),
        (test("StringEqualsIfExists", json!("a")), test("StringEquals", json!("a")), NoNewAccess),
        (test("StringLike", json!("*")), test("Null", json!("false")), NoNewAccess),
        (test("Null", json!("false")), test("StringLike", json!("*")), NoNewAccess),
        (test("StringNotEquals", json!("a")), test("Null", json!("true")), NoNewAccess),
        (
            test("StringNotEquals", json!(["a", "b"])),
            test("StringNotEquals", json!("a")),
            NewAccess,
        ),
        (
            test("StringNotEquals", json!("a")),
            test("StringNotEquals", json!(["a", "b"])),
            NoNewAccess,
        ),
        (test("StringEquals", json!(["a", "b"])), test("StringEquals", json!("b")), NoNewAccess),
        (test("StringEquals", json!("*")), test("StringLike", json!("*")), NewAccess),
        (test("StringEquals", json!("a")), test("StringEqualsIgnoreCase", json!("A")), NewAccess),
        (test("StringLike", json!("a*")), test("StringEquals", json!("a*")), NoNewAccess),
        (json!({}), test("StringEquals", json!("a")), NoNewAccess),
        (test("StringEquals", json!("a")), json!({}), NewAccess),
    ]);
    let upper = json!({"stringequals": {"AWS:principaltag/T": "a"}});
    conditions(&[(test("StringEquals", json!("a")), upper, NoNewAccess)]);
}

#[test]
fn numbers_dates_and_networks_are_compared_as_such() {
    let number = |operator: &str, value: &str| json!({operator: {"s3:max-keys": value}});
    let date = |operator: &str, value: &str| json!({operator: {"aws:CurrentTime": value}});
    let net = |operator: &str, values: Value| json!({operator: {"aws:SourceIp": values}});
    conditions(&[
        (number("NumericLessThan", "10"), number("NumericLessThanEquals", "9"), NoNewAccess),
        (number("NumericLessThanEquals", "9"), number("NumericLessThan", "10"), NewAccess),
        (number("NumericNotEquals", "10"), number("NumericGreaterThan", "10.0"), NoNewAccess),
        (number("NumericEquals", "10"), number("NumericEquals", "10.0"), NoNewAccess),
        (
            date("DateLessThan", "2025-01-01"),
            date("DateLessThan", "2024-12-31T23:59:59Z"),
            NoNewAccess,
        ),
        (date("DateEquals", "1704067200"), date("DateEquals", "2024-01-01T00:00:00Z"), NoNewAccess),
        (
            date("DateGreaterThan", "2024-01-01"),
            date("DateGreaterThanEquals", "2024-01-01"),
            NewAccess,
        ),
        (
            net("IpAddress", json!("10.0.0.0/8")),
            net("IpAddress", json!("10.1.0.0/16")),
            NoNewAccess,
        ),
        (net("IpAddress", json!("10.1.0.0/16")), net("IpAddress", json!("10.0.0.0/8")), NewAccess),
        (
            net("IpAddress", json!("10.0.0.0/8")),
            net("IpAddress", json!(["10.0.0.0/9", "10.128.0.0/9"])),
            NoNewAccess,
        ),
        (
            net("IpAddress", json!(["10.0.0.0/9", "10.128.0.0/9"])),
            net("IpAddress", json!("10.0.0.0/8")),
            NoNewAccess,
        ),
        (
            net("NotIpAddress", json!("10.0.0.0/9")),
            net("NotIpAddress", json!("10.0.0.0/8")),
            NoNewAccess,
        ),
        (net("IpAddress", json!("0.0.0.0/0")), net("IpAddress", json!("::/0")), NewAccess),
    ]);
}

#[test]
fn keys_with_several_values_are_compared_by_all_and_any() {
    let keys = |operator: &str, values: Value| json!({operator: {"aws:TagKeys": values}});
    conditions(&[
        (
            keys("ForAllValues:StringEquals", json!(["a", "b"])),
            keys("ForAllValues:StringEquals", json!("a")),
            NoNewAccess,
        ),
        (
            keys("ForAllValues:StringEquals", json!("a")),
            keys("ForAllValues:StringEquals", json!(["a", "b"])),
            NewAccess,
        ),
        (
            keys("ForAnyValue:StringEquals", json!("a")),
            keys("ForAllValues:StringEquals", json!("a")),
            NewAccess,
        ),
        (
            keys("ForAllValues:StringEquals", json!("a")),
            keys("ForAnyValue:StringEquals", json!("a")),
            NewAccess,
        ),
        (keys("ForAnyValue:StringLike", json!("*")), keys("Null", json!("false")), NoNewAccess),
        (keys("ForAllValues:StringEquals", json!("a")), keys("Null", json!("true")), NoNewAccess),
        (keys("StringEquals", json!("a")), keys("ForAnyValue:StringEquals", json!("a")), Undecided),
    ]);
    // One value fits both, and so do two of which each fits one.
    let old = json!({"ForAllValues:StringLike": {"aws:TagKeys": ["a*", "*b"]}});
    let new = json!({"ForAllValues:StringLike": {"aws:TagKeys": "a*"},
        "ForAnyValue:StringLike": {"aws:TagKeys": "*b"}});
    conditions(&[(old.clone(), new.clone(), NoNewAccess), (new, old, NewAccess)]);
}

#[test]
fn variables_are_equal_to_themselves_and_otherwise_undecided() {
    let on = |resource: &str| {
        json!({"Version": "2012-10-17",
        "Statement": allow("s3:GetObject", resource)})
    };
    let older = |resource: &str| {
        json!({"Version": "2008-10-17",
        "Statement": allow("s3:GetObject", resource)})
    };
    let own = "arn:aws:s3:::b/${aws:username}/*";
    all(
        PolicyKind::Identity,
        &[
            (on(own), on("arn:aws:s3:::b/${AWS:username}/x"), NoNewAccess),
            (on("arn:aws:s3:::b/*"), on(own), NoNewAccess),
            (on(own), on("arn:aws:s3:::b/*"), NewAccess),
            (on(own), on("arn:aws:s3:::b/${aws:userid}/*"), NewAccess),
            (on(own), on("arn:aws:s3:::b/me/*"), NewAccess),
            (on("arn:aws:s3:::b/me/*"), on(own), NewAccess),
            (on("arn:aws:s3:::b/$*"), older(own), NoNewAccess),
            (on(own), older(own), NewAccess),
            (on("arn:aws:s3:::b/*"), on("arn:aws:s3:::b/${*}"), NoNewAccess),
        ],
    );
    let kept = |resource: &str| {
        json!({"Version": "2012-10-17",
        "Statement": [allow("s3:GetObject", "arn:aws:s3:::b/me"), deny("s3:*", resource)]})
    };
    let found = identity(&kept("arn:aws:s3:::b/${aws:username}"), &on("arn:aws:s3:::b/me"));
    assert_ne!(found.verdict, NoNewAccess, "{found:#?}");
}

#[test]
fn what_is_not_understood_is_undecided_and_the_same_on_both_sides_is_not() {
    let odd = |value: &str| json!({"StringSoundsLike": {"aws:username": value}});
    conditions(&[
        (odd("a"), odd("a"), NoNewAccess),
        (odd("a"), odd("b"), Undecided),
        (odd("a"), json!({}), Undecided),
        (json!({}), odd("a"), NoNewAccess),
        (
            odd("a"),
            json!({"StringSoundsLike": {"aws:username": "a"},
            "Bool": {"aws:SecureTransport": "true"}}),
            NoNewAccess,
        ),
    ]);
    let found = identity(&when(&odd("a")), &when(&odd("b")));
    assert_eq!(found.undecided[0].why, "the operator StringSoundsLike is not known");
    let stage = |path: &str| allow("execute-api:Invoke", path);
    all(
        PolicyKind::Identity,
        &[
            (stage("execute-api:/*"), stage("execute-api:/*"), NoNewAccess),
            (stage("execute-api:/*"), stage("execute-api:/prod"), Undecided),
            (stage("*"), stage("execute-api:/prod"), NoNewAccess),
        ],
    );
}

#[test]
fn every_action_that_is_undecided_is_named() {
    let on = |resource: &str| {
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"], "Resource": resource}})
    };
    let named = on("arn:aws:s3:::b/${aws:username, 'me'}");
    let found = identity(&on("arn:aws:s3:::b/${aws:username}"), &named);
    let actions: Vec<_> = found.undecided.iter().map(|one| one.action.as_str()).collect();
    assert!(actions.contains(&"s3:GetObject") && actions.contains(&"s3:PutObject"), "{found:#?}");
}

#[test]
fn what_cannot_be_tried_out_is_undecided() {
    let many: Vec<String> = (0..24).map(|n| format!("arn:aws:s3:::*{n:02}*x*{n:02}*")).collect();
    let old = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": many});
    let found = identity(&old, &allow("s3:GetObject", "arn:aws:s3:::*0*1*x*"));
    assert_eq!(found.verdict, Undecided);
    assert!(found.undecided[0].why.contains("too many"), "{found:#?}");
}

fn who(principal: &Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": "*"})
}

#[test]
fn an_account_holds_its_principals_and_kinds_are_apart() {
    let account = json!({"AWS": "111122223333"});
    let root = json!({"AWS": "arn:aws:iam::111122223333:root"});
    let role = json!({"AWS": "arn:aws:iam::111122223333:role/path/r"});
    let session = json!({"AWS": "arn:aws:sts::111122223333:assumed-role/r/s"});
    let service = json!({"Service": "lambda.amazonaws.com"});
    let (everybody, star) = (json!("*"), json!({"AWS": "*"}));
    let pairs = [
        (&account, &role, NoNewAccess),
        (&account, &root, NoNewAccess),
        (&root, &account, NoNewAccess),
        (&role, &account, NewAccess),
        (&role, &session, NoNewAccess),
        (&session, &role, NewAccess),
        (&account, &service, NewAccess),
        (&everybody, &star, NoNewAccess),
        (&star, &everybody, NoNewAccess),
        (&star, &service, NoNewAccess),
        (&account, &star, NewAccess),
    ];
    let table: Vec<_> =
        pairs.iter().map(|(old, new, verdict)| (who(old), who(new), *verdict)).collect();
    all(PolicyKind::Resource, &table);
    let found =
        compared(PolicyKind::Resource, &who(&service), &who(&json!({"AWS": "999999999999"})));
    assert_eq!(found.newly_allowed[0].principal.as_deref(), Some("AWS 999999999999"));
    let asks = found.newly_allowed[0].witness.principal.as_deref();
    assert_eq!(asks, Some("AWS arn:aws:iam::999999999999:role/example-of-any"));
}

#[test]
fn an_account_that_is_excepted_says_nothing_certain_of_its_roles() {
    let but = |names: Value| {
        json!([who(&json!("*")),
            {"Effect": "Deny", "NotPrincipal": {"AWS": names}, "Action": "sqs:*", "Resource": "*"}])
    };
    let root = "arn:aws:iam::111122223333:root";
    let role = "arn:aws:iam::111122223333:role/r";
    let table = [
        (but(json!([root, role])), but(json!([role, root])), NoNewAccess),
        (but(json!([root])), but(json!([root, role])), Undecided),
        (but(json!([role])), but(json!([role, "AIDAEXAMPLE"])), NewAccess),
    ];
    all(PolicyKind::Resource, &table);
}

#[test]
fn a_trust_policy_is_about_taking_on_a_role() {
    let trust = |service: &str, condition: &Value| {
        json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole",
            "Condition": condition})
    };
    let own = json!({"StringEquals": {"aws:SourceAccount": "111122223333"}});
    let table = [
        (
            trust("lambda.amazonaws.com", &json!({})),
            trust("lambda.amazonaws.com", &own),
            NoNewAccess,
        ),
        (trust("lambda.amazonaws.com", &own), trust("lambda.amazonaws.com", &json!({})), NewAccess),
        (trust("lambda.amazonaws.com", &own), trust("ec2.amazonaws.com", &own), NewAccess),
    ];
    all(PolicyKind::Trust, &table);
    let found = compared(PolicyKind::Trust, &table[1].0, &table[1].1);
    assert_eq!(rows(&found), [("sts:AssumeRole", "*")]);
    assert_eq!(found.newly_allowed[0].witness.context, std::collections::BTreeMap::new());
}

#[test]
fn the_arn_of_a_condition_is_compared_by_fields() {
    let source = |operator: &str, arn: &str| json!({operator: {"aws:SourceArn": arn}});
    conditions(&[
        (
            source("ArnLike", "arn:aws:sns:*:1:t"),
            source("ArnEquals", "arn:aws:sns:eu:1:t"),
            NoNewAccess,
        ),
        (
            source("ArnEquals", "arn:aws:sns:*:1:t"),
            source("ArnLike", "arn:aws:sns:*:1:t"),
            NoNewAccess,
        ),
        (
            source("ArnLike", "arn:aws:sns:*:1:t"),
            source("ArnLike", "arn:aws:sns:a:2:1:t"),
            NewAccess,
        ),
        (
            source("ArnLike", "arn:aws:sns:*:1:t"),
            source("StringLike", "arn:aws:sns:*:1:t"),
            NewAccess,
        ),
        (
            source("ArnNotLike", "arn:aws:sns:*:1:*"),
            source("ArnNotEquals", "arn:aws:sns:*:*:*"),
            NoNewAccess,
        ),
    ]);
}

#[test]
fn two_ways_of_writing_the_same_are_rewritten() {
    let one =
        json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"});
    let two = json!([allow("S3:PutObject", "**"), allow("s3:getObject", "*")]);
    let found = identity(&one, &two);
    assert!(found.rewritten && found.verdict == NoNewAccess && found.no_longer_allowed.is_empty());
    assert!(!identity(&one, &one).rewritten);
}
