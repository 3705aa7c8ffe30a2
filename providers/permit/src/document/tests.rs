//! Permissions survive being written to a file and read back.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{
    Cloud, Effect, Kind, On, Origin, Permission, Reason, ResourceId, RoleContent, Secret, Side,
    Test, Value, What, When, Who,
};

use super::{PermissionRecord, answered, permissions, records};

fn set<T: Ord, U: Into<T>>(items: impl IntoIterator<Item = U>) -> BTreeSet<T> {
    items.into_iter().map(Into::into).collect()
}

fn carrier() -> ResourceId {
    ResourceId { kind: Kind("aws.role"), name: "hello".into() }
}

/// Returns one of every form of every part.
fn many() -> Vec<Permission> {
    let names = || BTreeMap::from([("Service".to_owned(), set(["lambda.amazonaws.com"]))]);
    let origin = Origin { path: "function.hello.access[0]".into(), line: 12 };
    let base = Permission {
        cloud: Cloud::Aws,
        function: "hello".into(),
        side: Side::Does,
        who: Who::Holder("arn:aws:iam::1:role/hello".into()),
        effect: Effect::Allow,
        what: What::Actions(set(["s3:GetObject"])),
        on: On::These(set::<Value, _>(["arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}"])),
        when: When::Always,
        carrier: carrier(),
        reasons: BTreeSet::from([Reason::of(&origin, "read"), Reason::platform("log lines")]),
    };
    let test = Test {
        operator: "Bool".into(),
        key: "aws:SecureTransport".into(),
        values: BTreeSet::from([Value::Bool(true), Value::Int(3), "x".into()]),
    };
    let role = RoleContent {
        id: "roles/x".into(),
        title: "X".into(),
        custom: true,
        actions: set(["a"]),
        not_actions: set(["b"]),
        data_actions: set(["c"]),
        not_data_actions: set(["d"]),
    };
    vec![
        base.clone(),
        Permission { side: Side::Called, who: Who::Named(names()), ..base.clone() },
        Permission { side: Side::Assumed, who: Who::AllBut(names()), ..base.clone() },
        Permission { side: Side::Deploys, who: Who::Everybody, ..base.clone() },
        Permission { effect: Effect::Deny, what: What::AllBut(set(["x:Y"])), ..base.clone() },
        Permission { cloud: Cloud::Gcp, what: What::Role(role), on: On::Carrier, ..base.clone() },
        Permission { on: On::AllBut(set(["*"])), when: When::Tests([test].into()), ..base.clone() },
        Permission {
            cloud: Cloud::Azure,
            when: When::Expression("a == b".into()),
            reasons: BTreeSet::new(),
            ..base
        },
    ]
}

#[test]
fn everything_known_is_read_back_as_it_was() {
    let mut all = many();
    let written = serde_json::to_string(&records(&all)).unwrap();
    let read: Vec<PermissionRecord> = serde_json::from_str(&written).unwrap();
    all.sort();
    assert_eq!(permissions(&read).unwrap(), all);
}

#[test]
fn the_order_in_which_permissions_come_does_not_matter() {
    let mut backwards = many();
    backwards.reverse();
    backwards.extend(many());
    assert_eq!(records(&backwards), records(&many()));
}

#[test]
fn what_is_not_known_yet_is_named_and_hidden_values_are_not_written() {
    let mut one = many().remove(0);
    let queue = ResourceId { kind: Kind("aws.queue"), name: "jobs".into() };
    let open = Value::Join(vec![Value::output(&queue, "arn"), "/x".into()]);
    one.on = On::These(BTreeSet::from([open, Value::Secret(Secret::hidden("hunter2"))]));
    let written = serde_json::to_string(&records(&[one])).unwrap();
    assert!(written.contains("\"${aws.queue/jobs.arn}/x\""), "{written}");
    assert!(!written.contains("hunter2"), "{written}");
}

#[test]
fn what_is_known_by_now_is_put_in() {
    let answer = |name: &str| (name == "aws.queue/jobs.arn").then(|| "arn:x".to_owned());
    for (text, told) in [
        ("${aws.queue/jobs.arn}/x and ${aws.queue/jobs.arn}", "arn:x/x and arn:x"),
        ("${aws.queue/other.arn} ${aws:username}", "${aws.queue/other.arn} ${aws:username}"),
        ("${${aws.queue/jobs.arn}", "${arn:x"),
        ("${aws.queue/jobs.arn", "${aws.queue/jobs.arn"),
        ("plain", "plain"),
    ] {
        assert_eq!(answered(text, answer), told);
    }
}

#[test]
fn what_is_not_understood_is_refused() {
    let good = serde_json::to_value(&records(&many())[0]).unwrap();
    let read = |value: serde_json::Value| serde_json::from_value::<PermissionRecord>(value);
    for (key, value) in [("effect", "maybe"), ("side", "up"), ("more", "x"), ("who", "nobody")] {
        let mut bad = good.clone();
        bad[key] = value.into();
        assert!(read(bad).is_err(), "{key}");
    }
    for (key, value) in [("cloud", "ibm"), ("carrier", "hello"), ("carrier", "A b/hello")] {
        let mut bad = good.clone();
        bad[key] = value.into();
        assert!(permissions(&[read(bad).unwrap()]).is_err(), "{key}");
    }
}
