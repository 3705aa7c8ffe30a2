//! Every rule fires where it should, and not where it should not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use updraft_contract::{
    Cloud, Effect, Kind, On, Origin, Permission, Reason, ResourceId, RoleContent, Side, Test,
    Value, What, When, Who,
};

use super::{RULES, Rule, changed, escalation, judge, rule, surplus};
use crate::{Status, data, roles};

mod aws;
mod others;

fn values(all: &[&str]) -> BTreeSet<Value> {
    all.iter().map(|one| Value::from(*one)).collect()
}

fn set(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|one| (*one).to_owned()).collect()
}

fn may(actions: &[&str], on: &[&str]) -> Permission {
    Permission {
        cloud: Cloud::Aws,
        function: "f".into(),
        side: Side::Does,
        who: Who::Holder("arn:aws:iam::111122223333:role/f".into()),
        effect: Effect::Allow,
        what: What::Actions(set(actions)),
        on: On::These(values(on)),
        when: When::Always,
        carrier: ResourceId { kind: Kind("aws.role"), name: "f".into() },
        reasons: BTreeSet::new(),
    }
}

fn deny(permission: Permission) -> Permission {
    Permission { effect: Effect::Deny, ..permission }
}

fn when(permission: Permission, tests: &[(&str, &str, &str)]) -> Permission {
    let test = |(operator, key, value): &(&str, &str, &str)| Test {
        operator: (*operator).into(),
        key: (*key).into(),
        values: values(&[value]),
    };
    Permission { when: When::Tests(tests.iter().map(test).collect()), ..permission }
}

fn by(side: Side, kind: &str, name: &str) -> Permission {
    let who = Who::Named(BTreeMap::from([(kind.to_owned(), values(&[name]))]));
    let action = match side {
        Side::Assumed => "sts:AssumeRole",
        Side::Called | Side::Does | Side::Deploys => "lambda:InvokeFunction",
    };
    Permission { side, who, on: On::Carrier, ..may(&[action], &[]) }
}

fn because(permission: Permission) -> Permission {
    let origin = Origin { path: "function.f.trigger[0]".into(), line: 4 };
    Permission { reasons: [Reason::of(&origin, "http")].into(), ..permission }
}

/// Returns the codes that fire, each once and in order.
fn codes(permissions: &[Permission]) -> Vec<&'static str> {
    let all: Vec<&Permission> = permissions.iter().collect();
    let codes: BTreeSet<&str> = judge(&all).into_iter().map(|hit| hit.code).collect();
    codes.into_iter().collect()
}

/// Asserts that a code is among those that fire.
#[track_caller]
fn fires(code: &str, permission: &Permission) {
    let found = codes(std::slice::from_ref(permission));
    assert!(found.contains(&code), "{code} is not in {found:?}");
}

/// Asserts that a code is not among those that fire.
#[track_caller]
fn quiet(code: &str, permission: &Permission) {
    let found = codes(std::slice::from_ref(permission));
    assert!(!found.contains(&code), "{code} is in {found:?}");
}

#[test]
fn every_rule_is_whole_and_has_a_code_of_its_own() {
    let mut seen = BTreeSet::new();
    for one in RULES {
        assert!(seen.insert(one.code) && one.code.len() == 5, "{}", one.code);
        assert!(!one.title.is_empty() && !one.remedy.is_empty(), "{}", one.code);
        assert!(one.source.starts_with("https://"), "{}", one.code);
        assert_eq!(rule(one.code), Some(one));
    }
    let classes: BTreeSet<&str> = RULES.iter().map(|rule| rule.class).collect();
    assert_eq!(
        classes.into_iter().collect::<Vec<_>>(),
        [
            "confused-deputy",
            "credentials",
            "data-exfiltration",
            "live-surplus",
            "no-effect",
            "pass-role",
            "permissions-management",
            "privilege-escalation",
            "public-access",
            "quota",
            "undeclared-use",
            "unresolved-use",
            "unused-declaration",
            "vendor-change",
            "wildcard",
        ]
    );
}

#[test]
fn every_rule_about_permissions_is_seen_to_fire_and_to_be_quiet() {
    let text = [include_str!("tests/aws.rs"), include_str!("tests/others.rs")].concat();
    let text: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    // Surplus and vendors' changes need more than a permission; what handlers call is the scan's.
    let elsewhere = ["UP801", "UP802", "UP911", "UP912", "UP913"];
    for one in RULES.iter().filter(|one| !elsewhere.contains(&one.code)) {
        for says in ["fires", "quiet"] {
            assert!(text.contains(&format!("{says}(\"{}\"", one.code)), "{says} {}", one.code);
        }
    }
}

#[test]
fn what_nobody_declared_is_surplus() {
    let of = |all: &[Status], effect| surplus(all.iter().map(|status| (*status, effect)));
    assert!(of(&[Status::New, Status::Unchanged], Effect::Allow).is_empty());
    let all = [Status::New, Status::Drift, Status::Drift];
    let hits = of(&all, Effect::Allow);
    assert_eq!((hits.len(), hits[0].code, &hits[0].on), (1, "UP801", &[1, 2].into()));
    // A deny allows nothing.
    assert!(of(&all, Effect::Deny).is_empty());
}

#[test]
fn a_role_that_its_vendor_changed_is_found_where_it_is_used() {
    let pinned = roles::google("roles/pubsub.subscriber").unwrap();
    let mut today = pinned.clone();
    today.actions.insert("pubsub.topics.delete".into());
    let uses = Permission { cloud: Cloud::Gcp, what: What::Role(pinned), ..may(&[], &["x"]) };
    let other = Permission { cloud: Cloud::Gcp, ..may(&[], &["x"]) };
    let hits = changed(Cloud::Gcp, &[&other, &uses], &[today.clone()]);
    assert_eq!((hits.len(), hits[0].code, &hits[0].on), (1, "UP802", &[1].into()));
    assert!(hits[0].message.contains("gained `pubsub.topics.delete`"), "{}", hits[0].message);
    assert!(changed(Cloud::Gcp, &[&other], &[today]).is_empty());
}

#[test]
fn every_action_that_rules_name_exists() {
    for action in escalation::aws_actions() {
        assert!(data::action(action).is_some(), "{action}");
    }
}

/// Writes the table of rules as the page in `docs`.
fn page() -> String {
    let mut page = String::from(include_str!("page.md"));
    for rule in RULES {
        let severity = format!("{:?}", rule.severity).to_lowercase();
        let Rule { code, class, title, remedy, source, .. } = rule;
        let row = format!("{code} | {class} | {severity} | {title} | {remedy} | <{source}>");
        writeln!(page, "| {row} |").unwrap();
    }
    page
}

#[test]
fn the_page_about_findings_has_every_rule() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/findings.md");
    let found = std::fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
    assert!(found == page(), "docs/findings.md should be:\n{}", page());
}
