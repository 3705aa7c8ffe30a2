//! Every example runs under exactly its roles on an embedded AWS that enforces them, and fails without any one action.

use super::bench::Bench;
use super::examples::{change, example};
use super::served::Served;
use crate::conformance;

/// Deploys an example, uses it, and takes every action of its roles away in turn.
fn needs_every_action(name: &str, bench: &Bench) {
    let python = conformance::interpreter();
    let served = Served::start_flags(
        bench,
        "--enforce-iam",
        &[("UPDRAFT_LOCAL_PYTHON", python.as_os_str())],
    );
    let output = bench.command("apply --local --yes").output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{out}{}", String::from_utf8_lossy(&output.stderr));
    let urls = out.lines().filter_map(|line| {
        let (_, value) = line.split_once(" = \"")?;
        value.strip_suffix('"').filter(|value| value.starts_with(&served.url))
    });
    let words = ["enforced.py", name, &served.url];
    conformance::program(&words.into_iter().chain(urls).collect::<Vec<_>>());
}

#[test]
fn hello_http_needs_every_action_of_its_role() {
    needs_every_action("hello-http", &example("hello-http"));
}

#[test]
fn rest_api_needs_every_action_of_its_roles() {
    needs_every_action("rest-api", &example("rest-api"));
}

#[test]
fn nightly_report_needs_every_action_of_its_roles() {
    let bench = example("nightly-report");
    // A night is long for a test: every minute.
    change(&bench, r#"cron = "30 2 * * *""#, r#"cron = "* * * * *""#);
    needs_every_action("nightly-report", &bench);
}

#[test]
fn worker_needs_every_action_of_its_role() {
    let bench = example("worker");
    // A failed order comes again after this time; a minute is long for a test.
    change(&bench, r#"timeout = "10s""#, r#"timeout = "5s""#);
    change(&bench, r#"visibility_timeout = "1m""#, r#"visibility_timeout = "30s""#);
    needs_every_action("worker", &bench);
}

#[test]
fn image_pipeline_needs_every_action_of_its_role() {
    needs_every_action("image-pipeline", &example("image-pipeline"));
}
