//! What people and programs do with a project beside deploying it.

use insta::assert_snapshot;

use super::shop::shop;

#[test]
fn nothing_happens_without_consent() {
    let bench = shop();
    let done = bench.run("apply --local");
    assert_eq!(done.code, 1);
    assert_snapshot!(done.err, @"
    Error: without a terminal nobody can be asked whether to go ahead
    Hint: Add --yes to go ahead without asking. Nothing was changed.
    ");
    assert!(bench.answer("plan --local").contains("to add, 0 to change, 0 to destroy."));
}

#[test]
fn a_target_brings_what_it_needs_and_nothing_else() {
    let bench = shop();
    let out = bench.answer("apply --local --yes --target aws.function/tidy");
    assert!(out.contains("Apply complete!"), "{out}");
    let plan = bench.answer("plan --local");
    assert!(plan.contains("# aws.function/hello will be created"), "{plan}");
    assert!(!plan.contains("aws.function/tidy will"), "{plan}");
    let unknown = bench.run("plan --local --target aws.function/nobody");
    assert_snapshot!(unknown.transcript(), @"
    exit 1
    --- stderr
    Error: nothing is called aws.function/nobody
    Hint: A target is an address as plans show it, such as aws.function/hello, or a manifest entry, such as function.hello.
    ");
}

#[test]
fn programs_read_events_and_plans() {
    let bench = shop();
    let plan: serde_json::Value =
        serde_json::from_str(&bench.answer("plan --local --json")).unwrap();
    let adds = plan["summary"]["add"].as_u64().unwrap();
    let events = bench.answer("apply --local --yes --json");
    let lines: Vec<serde_json::Value> =
        events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |what: &str| lines.iter().filter(|line| line["type"] == what).count() as u64;
    assert_eq!(lines[0]["type"], "version");
    assert_eq!(of("planned_change"), adds);
    assert_eq!(of("apply_complete"), adds);
    assert_eq!((of("change_summary"), of("outputs"), of("diagnostic")), (2, 1, 0));
}

#[test]
fn a_deployed_function_is_called_and_its_log_is_read() {
    let bench = shop();
    let _ = bench.answer("apply --local --yes");
    let payload = r#"{"pathParameters":{"name":"Ada"}}"#;
    bench.write("event.json", payload);
    let called = bench.answer("invoke hello --local --payload @event.json");
    assert_snapshot!(called, @r#"{"statusCode": 200, "body": "{\"hello\": \"Ada\"}"}"#);
    let logged = bench.answer("logs hello --local");
    assert!(logged.contains("greeting Ada"), "{logged}");
    let wrong = bench.run("invoke helo --local");
    assert_snapshot!(wrong.transcript(), @"
    exit 1
    --- stderr
    Error: the manifest has no function.helo
    Hint: It has: hello, tidy.
    ");
}
