//! The examples whose functions work with queues and buckets are deployed to the embedded cloud and used
//! with the clouds' own clients.

use std::fs;
use std::path::Path;

use super::bench::Bench;
use super::served::Served;
use crate::conformance;

/// Copies an example into a bench.
pub(crate) fn example(name: &str) -> Bench {
    let bench = Bench::new();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    copy(&from, &bench.path(""));
    bench
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Replaces a part of the manifest.
pub(crate) fn change(bench: &Bench, old: &str, new: &str) {
    let text = fs::read_to_string(bench.path("updraft.toml")).unwrap();
    assert_eq!(text.matches(old).count(), 1, "{old}");
    bench.write("updraft.toml", &text.replace(old, new));
}

/// Deploys, uses with the clouds' own clients, finds nothing to change, and destroys.
fn lives(bench: &Bench, used: impl FnOnce(&Served)) {
    let python = conformance::interpreter();
    let served = Served::start_with(bench, &[("UPDRAFT_LOCAL_PYTHON", python.as_os_str())]);
    let _ = bench.answer("apply --local --yes");
    used(&served);
    assert!(bench.answer("plan --local --detailed-exitcode").contains("No changes."));
    let _ = bench.answer("destroy --local --yes --destroy-data");
    assert_eq!(bench.run("plan --local --detailed-exitcode").code, 2);
}

#[cfg(all(feature = "azure", feature = "gcp"))]
#[test]
fn a_picture_that_is_put_into_a_bucket_becomes_a_thumbnail_and_a_message_on_three_clouds() {
    lives(&example("image-pipeline"), |served| {
        conformance::uses("image-pipeline", &served.url);
        conformance::uses("image-pipeline-azure", &served.azure_url);
        conformance::uses("image-pipeline-google", &served.google_url);
    });
}

#[cfg(all(feature = "azure", feature = "gcp"))]
#[test]
fn one_function_on_three_clouds_is_one_plan_and_stands_in_three_columns() {
    let bench = example("image-pipeline");
    let plan = bench.answer("plan --local");
    for kind in ["aws.function", "azure.function", "gcp.function"] {
        let line = format!("# {kind}/thumbnail will be created");
        assert_eq!(plan.matches(&line).count(), 1, "{kind}\n{plan}");
    }
    assert_eq!(plan.matches("Plan: ").count(), 1, "{plan}");
    let shown = bench.answer("portability");
    let heading = shown.lines().find(|line| line.contains("AWS")).unwrap_or_default();
    let titles: Vec<&str> = heading.split('|').map(str::trim).filter(|it| !it.is_empty()).collect();
    assert_eq!(titles, ["AWS", "Azure", "Google Cloud"], "{shown}");
}

#[test]
fn an_order_that_cannot_be_priced_becomes_a_dead_letter_and_the_others_are_done() {
    let bench = example("worker");
    // A failed order comes again after this time; a minute is long for a test.
    change(&bench, r#"timeout = "10s""#, r#"timeout = "5s""#);
    change(&bench, r#"visibility_timeout = "1m""#, r#"visibility_timeout = "30s""#);
    change(&bench, r#"min = "1m", max = "1m""#, r#"min = "1s", max = "1s""#);
    lives(&bench, |served| {
        conformance::uses("worker", &served.url);
        #[cfg(feature = "azure")]
        conformance::uses("worker-azure", &served.azure_url);
    });
}

#[cfg(feature = "azure")]
#[test]
fn notes_are_kept_and_forgotten_at_the_one_address_of_a_function_app() {
    lives(&example("rest-api"), |served| {
        conformance::uses("rest-api-azure", &served.azure_url);
    });
}
