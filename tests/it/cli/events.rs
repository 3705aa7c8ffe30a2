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
    assert_snapshot!(text, @"");
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
    assert_snapshot!(anstream::adapter::strip_str(&text).to_string(), @"");
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
    assert_snapshot!(text.join("\n"), @"");
}
