//! How a run is told, to people and to programs.

use std::collections::BTreeMap;
use std::time::Duration;

use insta::assert_snapshot;
use updraft::apply::Outcome;
use updraft::diff::Change;
use updraft::event::{Event, Skip};
use updraft::exit::{Exit, Failure};
use updraft::plan::Summary;
use updraft::report::human::{self, Ending, Purpose};
use updraft::report::json::{EventLine, Operation, Stream};
use updraft_contract::{CloudError, Verb};

use super::world::{FUNCTION, KINDS, NEW_CODE, ROLE, function_fields, id, outputs, plan, wanted};

fn denied() -> CloudError {
    CloudError::Denied {
        permission: "iam:CreateRole".to_owned(),
        message: "not allowed".to_owned(),
    }
}

fn clock() -> String {
    "2026-01-02T03:04:05.678Z".to_owned()
}

fn outcome() -> Outcome {
    Outcome {
        done: Summary { add: 2, change: 0, destroy: 0 },
        failed: vec![(Verb::Create, id(ROLE, "hello"), denied())],
        skipped: vec![(Verb::Create, id(FUNCTION, "hello"), Skip::WaitsFor(id(ROLE, "hello")))],
        ..Outcome::default()
    }
}

fn broken(outcome: &Outcome) -> Failure {
    match human::finish(outcome, Purpose::Apply, "updraft apply --local") {
        Ending::Broken(failure) => failure,
        Ending::Complete(line) => panic!("{line}"),
    }
}

#[test]
fn a_failed_run_tells_what_was_done_what_was_not_and_what_to_type() {
    let failure = broken(&outcome());
    assert_eq!(failure.exit, Exit::Partial);
    let text = anstream::adapter::strip_str(&human::failure(&failure)).to_string();
    assert_snapshot!(text, @"
    Error: 1 step failed
      creating aws.role/hello failed: permission `iam:CreateRole` is missing: not allowed
      Done: 2 added, 0 changed, 0 destroyed.
      aws.function/hello: creation not started: it waits for aws.role/hello
    Hint: Allow `iam:CreateRole` to these credentials, or use others.
    Hint: `updraft deployer-policy` writes everything that whoever plans and applies needs.
    Hint: Nothing is rolled back. When the cause is removed, run `updraft apply --local` again: it continues from here.
    ");
}

#[test]
fn the_exit_code_tells_a_refusal_from_a_failure() {
    let nothing = |error| Outcome {
        failed: vec![(Verb::Create, id(ROLE, "hello"), error)],
        ..Outcome::default()
    };
    assert_eq!(broken(&nothing(denied())).exit, Exit::Denied);
    assert_eq!(broken(&nothing(CloudError::Stale(id(ROLE, "hello")))).exit, Exit::Stale);
    let stopped = Outcome {
        skipped: vec![(Verb::Create, id(ROLE, "hello"), Skip::Stopped)],
        done: Summary { add: 1, change: 0, destroy: 0 },
        ..Outcome::default()
    };
    assert_eq!(broken(&stopped).exit, Exit::Interrupted);
}

#[test]
fn outputs_are_listed_by_address() {
    let function = id(FUNCTION, "hello");
    let want = wanted(&function, 1, function_fields(NEW_CODE, 30));
    let plan = plan(vec![Change::Create(want)]);
    let known = outputs(&function, "url", "http://127.0.0.1:4580/x");
    let text = human::outputs(&plan, &known, KINDS);
    assert_snapshot!(anstream::adapter::strip_str(&text).to_string(), @r#"
    Outputs:

    aws.function/hello.url = "http://127.0.0.1:4580/x"
    "#);
}

#[test]
fn every_event_line_matches_the_schema_and_survives_a_round_trip() {
    let stream = Stream::new(&clock);
    let function = id(FUNCTION, "hello");
    let want = wanted(&function, 1, function_fields(NEW_CODE, 30));
    let plan = plan(vec![Change::Create(want)]);
    let (verb, target, took) = (Verb::Create, function.clone(), Duration::from_millis(1700));
    let mut lines = vec![stream.version()];
    lines.extend(stream.planned(&plan));
    let events = [
        Event::Started { verb, target: target.clone() },
        Event::Finished { verb, target: target.clone(), took, outputs: BTreeMap::new() },
        Event::Failed { verb, target: target.clone(), took, error: denied() },
        Event::Skipped { verb, target: target.clone(), reason: Skip::Stopped },
    ];
    lines.extend(events.iter().map(|event| stream.event(event)));
    lines.push(stream.progress(verb, &target, 10));
    lines.push(stream.summary(plan.summary(), Operation::Apply));
    lines.push(stream.outputs(vec![("aws.function/hello.url".to_owned(), "http://x".to_owned())]));
    lines.push(stream.failure(&broken(&outcome())));
    let schema = serde_json::to_value(schemars::schema_for!(EventLine)).unwrap();
    for line in &lines {
        let text = line.written();
        assert_eq!(&serde_json::from_str::<EventLine>(&text).unwrap(), line);
        jsonschema::validate(&schema, &serde_json::from_str(&text).unwrap()).unwrap();
    }
    let text: Vec<String> = lines.iter().map(EventLine::written).collect();
    assert_snapshot!(text.join("\n"), @r#"
    {"@level":"info","@message":"Updraft 0.1.0","@module":"updraft","@timestamp":"2026-01-02T03:04:05.678Z","type":"version","updraft":"0.1.0","format_version":"1.0"}
    {"@level":"info","@message":"aws.function/hello: Plan to create","@module":"updraft","@timestamp":"2026-01-02T03:04:05.678Z","type":"planned_change","change":{"resource":{"addr":"aws.function/hello","resource_type":"aws.function","resource_name":"hello"},"action":"create"}}
    {"@level":"info","@message":"Plan: 1 to add, 0 to change, 0 to destroy.","@module":"updraft","@timestamp":"2026-01-02T03:04:05.678Z","type":"change_summary","changes":{"add":1,"change":0,"remove":0,"operation":"plan"}}
    {"@level":"info","@message":"aws.function/hello: Creating...","@module":"updraft","@timestamp":"2026-01-02T03:04:05.678Z","type":"apply_start","hook":{"resource":{"addr":"aws.function/hello","resource_type":"aws.function","resource_name":"hello"},"action":"create"}}
    {"@level":"info","@message":"aws.function/hello: Creation complete after 1s","@module":"updraft","@timestamp":"2026-01-02T03:04:05.678Z","type":"apply_complete","hook":{"resource":{"addr":"aws.function/hello","resource_type":"aws.function","resource_name":"hello"},"action":"create","elapsed_seconds":1}}
    {"@level":"error","@message":"aws.function/hello: Creation failed after 1s: permission `iam:CreateRole` is missing: not allowed","@module":"updraft","@timestamp":"2026-01-02T03:04:05.678Z","type":"apply_errored","hook":{"resource":{"addr":"aws.function/hello","resource_type":"aws.function","resource_name":"hello"},"action":"create","elapsed_seconds":1}}
    {"@level":"error","@message":"aws.function/hello: creation not started: the run was stopped","@module":"updraft","@timestamp":"2026-01-02T03:04:05.678Z","type":"apply_skipped","hook":{"resource":{"addr":"aws.function/hello","resource_type":"aws.function","resource_name":"hello"},"action":"create"}}
    {"@level":"info","@message":"aws.function/hello: Still creating... [10s elapsed]","@module":"updraft","@timestamp":"2026-01-02T03:04:05.678Z","type":"apply_progress","hook":{"resource":{"addr":"aws.function/hello","resource_type":"aws.function","resource_name":"hello"},"action":"create","elapsed_seconds":10}}
    {"@level":"info","@message":"Apply complete! Resources: 1 added, 0 changed, 0 destroyed.","@module":"updraft","@timestamp":"2026-01-02T03:04:05.678Z","type":"change_summary","changes":{"add":1,"change":0,"remove":0,"operation":"apply"}}
    {"@level":"info","@message":"Outputs: 1","@module":"updraft","@timestamp":"2026-01-02T03:04:05.678Z","type":"outputs","outputs":{"aws.function/hello.url":{"sensitive":false,"value":"http://x"}}}
    {"@level":"error","@message":"Error: 1 step failed","@module":"updraft","@timestamp":"2026-01-02T03:04:05.678Z","type":"diagnostic","diagnostic":{"severity":"error","summary":"1 step failed","detail":"creating aws.role/hello failed: permission `iam:CreateRole` is missing: not allowed\nDone: 2 added, 0 changed, 0 destroyed.\naws.function/hello: creation not started: it waits for aws.role/hello\nAllow `iam:CreateRole` to these credentials, or use others.\n`updraft deployer-policy` writes everything that whoever plans and applies needs.\nNothing is rolled back. When the cause is removed, run `updraft apply --local` again: it continues from here."}}
    "#);
}
