//! What people and programs do with a project beside deploying it.

use insta::assert_snapshot;

use super::served::Served;
use super::shop::{MANIFEST, shop};

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

#[test]
fn what_another_project_deployed_blocks_the_plan_and_stays() {
    let bench = shop();
    let _ = bench.answer("apply --local --yes --stage dev-x");
    // Its names are those of the other: `shop-dev` and `x` read like `shop` and `dev-x`.
    bench.write("updraft.toml", &MANIFEST.replace("\"shop\"", "\"shop-dev\""));
    let done = bench.run("apply --local --yes --stage x");
    assert_eq!(done.code, 1);
    assert_snapshot!(done.err, @"
    Error: 8 resources already exist and are not ours
      aws.log-group/hello: project shop, stage dev-x, resource aws.log-group/hello (wanted by function.hello (updraft.toml:14))
      aws.log-group/tidy: project shop, stage dev-x, resource aws.log-group/tidy (wanted by function.tidy (updraft.toml:20))
      aws.role/hello: project shop, stage dev-x, resource aws.role/hello (wanted by function.hello (updraft.toml:14))
      aws.function/hello: project shop, stage dev-x, resource aws.function/hello (wanted by function.hello (updraft.toml:14))
      aws.role/tidy: project shop, stage dev-x, resource aws.role/tidy (wanted by function.tidy (updraft.toml:20))
      aws.function/tidy: project shop, stage dev-x, resource aws.function/tidy (wanted by function.tidy (updraft.toml:20))
      aws.role/tidy.schedule: project shop, stage dev-x, resource aws.role/tidy.schedule (wanted by function.tidy.trigger[0] (updraft.toml:23))
      aws.schedule-group/main: project shop, stage dev-x, resource aws.schedule-group/main (wanted by function.tidy.trigger[0] (updraft.toml:23))
    Hint: Updraft never changes what does not carry this project's and stage's mark.
    Hint: Rename the project or the function, choose another --stage, or remove what stands there yourself.
    ");
    bench.write("updraft.toml", MANIFEST);
    assert!(bench.answer("plan --local --stage dev-x").contains("No changes."));
}

#[test]
fn credentials_of_another_account_are_refused_before_anything_is_read() {
    let bench = shop();
    let served = Served::start(&bench, "");
    let pinned = MANIFEST.replace("region = ", "account = \"111122223333\"\nregion = ");
    bench.write("updraft.toml", &pinned);
    let mut command = bench.command("plan");
    let output = command.env("AWS_ENDPOINT_URL", &served.url).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @"
    Error: the credentials belong to account 000000000000, but the manifest pins 111122223333
    Hint: Use credentials of the pinned account, or another --stage. Nothing was read or changed.
    ");
    assert!(bench.answer("plan --local").contains("in account 111122223333, eu-west-1:"));
}

#[test]
fn a_cloud_that_does_not_answer_is_named() {
    let bench = shop();
    let mut command = bench.command("plan");
    let output = command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("Error: sts:GetCallerIdentity: dispatch failure"), "{told}");
    assert!(!told.contains('{'), "no programmer's view: {told}");
}

#[test]
fn a_failed_step_tells_what_was_done_and_the_next_run_does_the_rest() {
    let bench = shop();
    bench.write(
        "faults.toml",
        "[[faults]]\noperation = \"CreateScheduleGroup\"\nkind = { do = \"fail\", status = 400, code = \"ValidationException\", message = \"not today\" }\n",
    );
    let served = Served::start(&bench, "--faults faults.toml");
    let done = bench.run("apply --local --yes --parallelism 1");
    assert_eq!(done.code, 6);
    let (_, told) = done.err.split_once("Error:").unwrap();
    assert_snapshot!(told, @"
     1 step failed
      creating aws.schedule-group/main failed: scheduler:CreateScheduleGroup: ValidationException: not today
      Done: 11 added, 0 changed, 0 destroyed.
      aws.schedule/tidy.0: creation not started: it waits for aws.schedule-group/main
    Hint: Nothing is rolled back. When the cause is removed, run `updraft apply --local` again: it continues from here.
    ");
    let rest = bench.answer("apply --local --yes");
    assert!(rest.contains("Apply complete! Resources: 2 added, 0 changed, 0 destroyed."), "{rest}");
    drop(served);
}

#[test]
fn a_variable_given_on_the_command_line_is_never_printed() {
    let bench = shop();
    let with =
        "source = \"hello\"\nenvironment = { TOKEN = \"Bearer ${var.token}\" }\n\n[[function.hello";
    let manifest = MANIFEST.replace("source = \"hello\"\n\n[[function.hello", with);
    bench.write("updraft.toml", &(manifest + "\n[vars]\ntoken = {}\n"));
    let lines = [
        "plan --local --var token=hunter2",
        "plan --local --var token=hunter2 --json",
        "apply --local --var token=hunter2 --yes --json",
        "plan --local --var token=hunter3",
        "apply --local --var token=hunter3",
    ];
    for line in lines {
        let done = bench.run(line);
        assert!(!done.transcript().contains("hunter"), "{line}\n{}", done.transcript());
    }
    assert!(bench.answer("plan --local --var token=hunter2").contains("No changes."));
    assert_eq!(std::fs::read_to_string(bench.path(".updraft/local/.gitignore")).unwrap(), "*\n");
}
