//! Files that are something else than what a command takes, and words that say so.

use std::fs;

use super::bench::{Bench, Done};
use super::shop::shop;

fn fails(bench: &Bench, line: &str, why: &str, hint: &str) {
    let Done { code, out, err } = bench.run(line);
    assert_eq!(code, 1, "{line}\n{out}{err}");
    assert!(err.contains(why), "{line}: {err}");
    assert!(err.contains(hint), "{line}: {err}");
}

#[test]
fn a_snapshot_and_a_plan_are_told_from_each_other() {
    let bench = shop();
    bench.answer("snapshot --local -o live.json");
    bench.answer("plan --local -o plan.json");
    let is_snapshot = "live.json is refused: it is a snapshot, and not a saved plan";
    let takes = "`updraft plan --snapshot FILE` plans from it";
    for line in ["show live.json", "apply live.json --local", "permissions --plan live.json"] {
        fails(&bench, line, is_snapshot, takes);
    }
    let is_plan = "plan.json is refused: it is a saved plan, and not a snapshot";
    fails(&bench, "plan --snapshot plan.json", is_plan, "`updraft show FILE` shows it");
    bench.write("none.json", "nonsense");
    let no_json = "none.json is refused: it is not JSON (line 1, column 2)";
    fails(&bench, "show none.json", no_json, "`updraft plan -o FILE` writes");
    fails(&bench, "plan --snapshot none.json", no_json, "`updraft snapshot -o FILE` does");
}

#[test]
fn what_is_compared_is_json() {
    let bench = shop();
    bench.write("none.json", "nonsense");
    bench.write("policy.json", r#"{ "Version": "2012-10-17", "Statement": [] }"#);
    for line in ["permissions diff none.json policy.json", "permissions diff policy.json none.json"]
    {
        let why = "none.json: it is not JSON (line 1, column 2)";
        fails(&bench, line, why, "Name a policy document or a saved plan.");
    }
}

#[test]
fn a_plan_is_shown_in_one_form_at_a_time() {
    let bench = shop();
    bench.answer("plan --local -o plan.json");
    for form in ["--markdown", "--html"] {
        let why = "the plan is shown in one form at a time";
        fails(&bench, &format!("show plan.json --json {form}"), why, "Leave --json out");
    }
}

#[test]
fn commands_to_type_next_are_quoted_for_the_shell() {
    let bench = shop();
    for (name, quoted) in [
        ("sp ace ü.json", "'sp ace ü.json'"),
        ("it's.json", r"'it'\''s.json'"),
        ("-x.json", "./-x.json"),
    ] {
        let output = bench.command("plan --local").arg(format!("--out={name}")).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{err}");
        assert!(err.contains(&format!(" apply {quoted} --local\n")), "{err}");
        let output = bench.command("snapshot --local").arg(format!("--out={name}")).output();
        let err = String::from_utf8(output.unwrap().stderr).unwrap();
        assert!(err.contains(&format!("`updraft plan --snapshot {quoted}`")), "{err}");
    }
}

#[test]
fn no_file_is_called_like_standard_output() {
    let bench = shop();
    let why = "`plan --json` writes the plan to standard output; a file of that name is `./-`";
    for line in ["plan --local -o -", "destroy --local -o -"] {
        fails(&bench, line, why, "");
    }
    let written = bench.answer("snapshot --local -o -");
    assert!(written.starts_with("{\n") && written.contains("\"clouds\""), "{written}");
    let report = bench.answer("permissions -o -");
    assert_eq!(report, bench.answer("permissions"));
    assert!(!bench.path("-").exists());
    bench.answer("plan --local -o ./-");
    assert!(fs::read_to_string(bench.path("-")).unwrap().contains("resource_changes"));
}

#[test]
fn a_ceiling_that_limits_nothing_is_refused() {
    let bench = shop();
    for text in ["{}", r#"{ "aws": null }"#, r#"{ "aws": null, "azure": null, "gcp": null }"#] {
        bench.write("ceiling.json", text);
        let why = "ceiling.json: the ceiling names no cloud, so that it limits nothing";
        fails(&bench, "permissions --ceiling ceiling.json", why, "It is written so: ");
    }
    // A cloud that is left out has no ceiling.
    bench.write("ceiling.json", r#"{ "gcp": { "permissions": [] } }"#);
    bench.answer("permissions --ceiling ceiling.json");
    bench.write("ceiling.json", "nonsense");
    let why = "ceiling.json: it is not JSON (line 1, column 2)";
    fails(&bench, "permissions --ceiling ceiling.json", why, "It is written so: ");
}
