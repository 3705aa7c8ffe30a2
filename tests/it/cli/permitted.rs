//! Permissions of real manifests: reported, explained, held to gates, and the committed report.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use insta::assert_snapshot;
use serde_json::Value as Json;

use super::bench::{Bench, sarif_schema};
use super::served::Served;
use super::shop::shop;
use super::trio::{MANIFEST, trio};

fn example(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

/// Runs a command in an example's folder, without credentials.
fn in_example(name: &str, line: &str) -> String {
    Bench::new().answer(&format!("-C {} {line}", example(name).display()))
}

#[test]
fn the_report_of_the_example_is_fresh() {
    let fresh = in_example("image-pipeline", "permissions --markdown");
    let path = example("image-pipeline").join("permissions.md");
    if std::env::var_os("UPDATE_REPORTS").is_some() {
        fs::write(&path, &fresh).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        stored == fresh,
        "examples/image-pipeline/permissions.md is stale: run the tests with UPDATE_REPORTS=1"
    );
}

#[test]
fn every_form_of_the_report_is_written_without_credentials() {
    let json: Json =
        serde_json::from_str(&in_example("image-pipeline", "permissions --json")).unwrap();
    let schema = serde_json::to_value(schemars::schema_for!(updraft_permit::Review)).unwrap();
    jsonschema::validate(&schema, &json).unwrap();
    let functions = json["functions"].as_array().unwrap();
    assert_eq!(functions.iter().filter(|one| one["function"] == "thumbnail").count(), 3);
    let log: Json =
        serde_json::from_str(&in_example("image-pipeline", "permissions --sarif")).unwrap();
    assert_eq!(log["version"], "2.1.0");
    jsonschema::validate(&sarif_schema(), &log).unwrap();
    assert_eq!(log["runs"][0]["results"], json["findings"], "nothing is found in the example");
    let page = in_example("image-pipeline", "permissions --html");
    assert!(page.starts_with("<!doctype html>") || page.starts_with("<!DOCTYPE html>"), "{page}");
    let scanned = in_example("image-pipeline", "permissions --scan --json");
    let scanned: Json = serde_json::from_str(&scanned).unwrap();
    let undeclared = scanned["findings"].as_array().unwrap().iter();
    assert_eq!(undeclared.filter(|one| one["code"] == "UP911").count(), 0, "{scanned}");
    let human = in_example("image-pipeline", "permissions");
    assert!(human.contains("function.thumbnail.access[0] (updraft.toml:"), "{human}");
}

#[test]
fn an_answer_is_written_to_a_file() {
    let bench = shop();
    let done = bench.run("permissions --markdown -o report.md");
    assert_eq!((done.code, done.out.as_str()), (0, ""), "{}", done.err);
    let text = fs::read_to_string(bench.path("report.md")).unwrap();
    assert!(text.starts_with("# Permissions of "), "{text}");
    assert_eq!(bench.run("permissions --markdown --json").code, 1);
    assert_eq!(bench.run("permissions --markdown --sarif").code, 1);
    assert_snapshot!(bench.run("permissions --deny-new-access").transcript(), @"
    exit 1
    --- stderr
    Error: without --live or --plan nothing is known to be new
    Hint: Add --live or --plan FILE, or say what may be allowed with --ceiling FILE.
    ");
}

#[test]
fn what_is_new_stops_a_pipeline_until_it_is_approved() {
    let bench = shop();
    let stopped = bench.run("plan --local --deny-new-access");
    assert_eq!(stopped.code, 12, "{}", stopped.transcript());
    assert!(stopped.out.contains("What changes about permissions:"), "{}", stopped.out);
    let digest = stopped
        .out
        .lines()
        .find_map(|line| line.strip_prefix("Digest of what is newly allowed (to be approved): "));
    let approval = format!(
        "[[approve]]\ndigest = \"{}\"\nby = \"Ada\"\nreason = \"first\"\n",
        digest.unwrap()
    );
    bench.write("updraft.approvals.toml", &approval);
    let passed = bench.answer("plan --local --deny-new-access");
    assert!(passed.contains("Digest of what is newly allowed (approved): "), "{passed}");
    let _ = bench.answer("apply --local --yes");
    let nothing = bench.run("plan --local --deny-new-access");
    assert_eq!(nothing.code, 0, "{}", nothing.transcript());
    assert!(!nothing.out.contains("permissions"), "{}", nothing.out);
    assert!(nothing.err.contains("UD061"), "{}", nothing.err);
    let live = bench.answer("permissions --live --local --json");
    let live: Json = serde_json::from_str(&live).unwrap();
    assert_eq!(live["source"], "plan");
    assert_eq!(
        (&live["totals"]["new"], &live["totals"]["drift"]),
        (&0.into(), &0.into()),
        "{live}"
    );
    bench.write("updraft.approvals.toml", "[[approve]]\ndigest = 3\n");
    assert_eq!(bench.run("plan --local").code, 1);
}

#[test]
fn a_ceiling_and_findings_stop_a_pipeline() {
    let bench = shop();
    bench.write("none.json", r#"{ "aws": { "Version": "2012-10-17", "Statement": [] } }"#);
    let over = bench.run("permissions --ceiling none.json");
    assert_eq!(over.code, 12, "{}", over.transcript());
    assert!(over.err.contains("beyond the ceiling"), "{}", over.err);
    let all = r#"{ "Effect": "Allow", "Action": "*", "Resource": "*" }"#;
    bench.write("all.json", &format!(r#"{{ "aws": {all} }}"#));
    let _ = bench.answer("permissions --ceiling all.json");
    bench.write("bad.json", r#"{ "awz": [] }"#);
    assert_snapshot!(bench.run("permissions --ceiling bad.json").err, @r#"
    Error: bad.json: the ceiling cannot be read: unknown field `awz`, expected one of `aws`, `azure`, `gcp` at line 1 column 7
    Hint: It is written so: {"aws": POLICY, "azure": {"actions": [], "data_actions": [], "scopes": []}, "gcp": {"permissions": [], "resources": []}}; a cloud that is left out has no ceiling.
    "#);
    assert_snapshot!(bench.run("permissions --fail-on publik").err, @"
    Error: --fail-on publik: findings have no such class or severity
    Hint: Severities are low, medium, high and critical.
    Hint: Classes are confused-deputy, credentials, data-exfiltration, live-surplus, no-effect, pass-role, permissions-management, privilege-escalation, public-access, quota, undeclared-use, unresolved-use, unused-declaration, vendor-change, wildcard.
    ");
}

#[test]
fn an_action_is_explained_and_so_is_that_nobody_may() {
    let read = in_example("image-pipeline", "explain s3:GetObject");
    assert_snapshot!(read, @"
    function.thumbnail on AWS may s3:GetObject
      on arn:aws:s3:::image-pipeline-dev-pictures-84c2f2a6/*
      through aws.role/thumbnail
      because of function.thumbnail.access[0] (updraft.toml:40): read
    ");
    let nobody = in_example("image-pipeline", "explain s3:DeleteObject");
    assert_snapshot!(nobody, @r#"
    Nobody may s3:DeleteObject: nothing in the manifest calls for it.
    On AWS, the verb `delete` of an access entry for S3 bucket (`to`: bucket.NAME, arn:aws:s3:::NAME) gives it.
    "#);
    let bucket = in_example("image-pipeline", "explain bucket.thumbnails");
    assert!(bucket.contains("function.thumbnail.access[1]"), "{bucket}");
    let json = in_example("image-pipeline", "explain function.thumbnail --json");
    let json: Json = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["sense"], &json["nobody"]), (&"entry".into(), &false.into()));
}

#[test]
fn a_live_fact_is_part_of_the_answer() {
    let bench = shop();
    let before = bench.answer("explain function.hello --live --local");
    assert!(before.contains("but it is not live in this form"), "{before}");
    let _ = bench.answer("apply --local --yes");
    let after = bench.answer("explain function.hello --live --local");
    assert!(after.contains("and it is live") && !after.contains("not live"), "{after}");
    let manifest = fs::read_to_string(bench.path("updraft.toml")).unwrap();
    let trigger = "[[function.tidy.trigger]]\nschedule = { rate = \"1h\" }\n";
    assert!(manifest.contains(trigger), "{manifest}");
    bench.write("updraft.toml", &manifest.replace(trigger, ""));
    let surplus = bench.answer("explain lambda:InvokeFunction --live --local");
    let said = "because it is live; no entry of the manifest calls for it in this form";
    assert!(surplus.contains(said), "{surplus}");
}

#[test]
fn a_question_about_nothing_is_an_error_with_what_was_perhaps_meant() {
    let bench = Bench::new();
    let folder = example("image-pipeline").display().to_string();
    let asked = |what: &str| bench.run(&format!("-C {folder} explain {what}")).transcript();
    assert_snapshot!(asked("bucket.thumbnials"), @"
    exit 1
    --- stderr
    Error: nothing is called bucket.thumbnials: no action, role, entry, address or resource
    Hint: Did you mean bucket.thumbnails?
    ");
    assert_snapshot!(asked("s3:GetObjekt"), @"
    exit 1
    --- stderr
    Error: nothing is called s3:GetObjekt: no action, role, entry, address or resource
    Hint: Did you mean s3:GetObject or s3:GetObjectAcl or s3:GetObjectTagging?
    ");
    assert_snapshot!(asked("xyzzy"), @"
    exit 1
    --- stderr
    Error: nothing is called xyzzy: no action, role, entry, address or resource
    Hint: Ask about an action such as s3:GetObject, a role, a manifest entry such as function.hello, an address from a plan, or a resource's name in the cloud.
    ");
    assert_snapshot!(asked("storage.objects.gett"), @"
    exit 1
    --- stderr
    Error: no role that is known here has storage.objects.gett
    Hint: Did you mean storage.objects.get or storage.objects.create or storage.objects.delete?
    ");
    assert_snapshot!(asked("storage.objects.get"), @"
    exit 0
    --- stdout
    function.thumbnail on Google Cloud may Storage Object Viewer (roles/storage.objectViewer)
      which is resourcemanager.projects.get, resourcemanager.projects.list, storage.folders.get, storage.folders.list, storage.managedFolders.get, storage.managedFolders.list, storage.objects.get, storage.objects.list
      on projects/_/buckets/image-pipeline-dev-pictures-6517d8e8
      through gcp.bucket-access/pictures
      because of function.thumbnail.access[0] (updraft.toml:40): read
    ");
    assert_snapshot!(asked("roles/eventarc.eventReceiver"), @"
    exit 0
    --- stdout
    serviceAccount image-pipeline-dev-th-178f527b@my-project.iam.gserviceaccount.com may Eventarc Event Receiver (roles/eventarc.eventReceiver), for function.thumbnail on Google Cloud
      which is eventarc.events.receiveAuditLogWritten, eventarc.events.receiveEvent
      on projects/my-project
      through gcp.project-access/project
      because of function.thumbnail.trigger[0] (updraft.toml:37): the storage trigger receives events
    ");
}

#[test]
fn the_deployers_permissions_are_written_for_each_cloud() {
    let plan = in_example("image-pipeline", "deployer-policy --task plan --json");
    let apply = in_example("image-pipeline", "deployer-policy --json");
    let [plan, apply]: [Json; 2] = [plan, apply].map(|text| serde_json::from_str(&text).unwrap());
    assert_eq!((&plan["task"], &apply["task"]), (&"plan".into(), &"apply".into()));
    for cloud in ["aws", "azure", "gcp"] {
        assert!(apply["clouds"][cloud].is_array(), "{apply}");
    }
    assert!(apply["clouds"]["aws"][0]["document"]["Statement"].is_array(), "{apply}");
    assert!(!plan.to_string().contains("lambda:CreateFunction"), "{plan}");
    assert!(apply.to_string().contains("lambda:CreateFunction"), "{apply}");
    // Who plans and who applies can be two, and each has a role: neither is written over the other.
    let names = |of: &Json, cloud: &str| -> BTreeSet<String> {
        let all = of["clouds"][cloud].as_array().unwrap().iter();
        all.map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    for cloud in ["aws", "azure", "gcp"] {
        let (plan, apply) = (names(&plan, cloud), names(&apply, cloud));
        assert!(!plan.is_empty() && plan.is_disjoint(&apply), "{cloud}: {plan:?} {apply:?}");
    }
    let role = |of: &Json, cloud: &str| of["clouds"][cloud][0]["document"].to_string();
    assert!(role(&plan, "gcp").contains("/roles/updraft_plan_of_image_pipeline.dev"), "{plan}");
    assert!(role(&apply, "gcp").contains("/roles/updraft_apply_of_image_pipeline.dev"), "{apply}");
    assert!(role(&plan, "azure").contains("Updraft planner of image-pipeline/dev in"), "{plan}");
    assert!(role(&apply, "azure").contains("Updraft deployer of image-pipeline/dev in"), "{apply}");
    let human = in_example("image-pipeline", "deployer-policy");
    assert!(human.starts_with("The least permissions that `updraft apply`"), "{human}");
}

/// What the secret variable of three clouds is set to.
const VARS: &str = "--var password=hunter2hunter2";

#[test]
fn a_saved_plan_is_reported_on_offline_as_it_was_made() {
    let bench = trio();
    let live = bench.answer(&format!("plan --local -o plan.json {VARS}"));
    fs::remove_file(bench.path("updraft.toml")).unwrap();
    fs::remove_dir_all(bench.path(".updraft")).unwrap();
    assert_eq!(bench.answer("show plan.json"), live);
    let plan: Json =
        serde_json::from_str(&fs::read_to_string(bench.path("plan.json")).unwrap()).unwrap();
    let report: Json =
        serde_json::from_str(&bench.answer("permissions --plan plan.json --json")).unwrap();
    assert_eq!(report, plan["permissions"]["review"]);
    assert_eq!(report["source"], "plan");
    let functions = report["functions"].as_array().unwrap().iter();
    let clouds: Vec<&Json> =
        functions.filter(|one| one["function"] == "hello").map(|one| &one["cloud"]).collect();
    assert_eq!(clouds, ["aws", "azure", "gcp"]);
    let human = bench.answer("permissions --plan plan.json");
    assert!(human.contains("+ s3:GetObject") || human.contains("s3:GetObject"), "{human}");
    assert!(human.contains("because of function.hello.access[0] (updraft.toml:"), "{human}");
    let markdown = bench.answer("permissions --plan plan.json --markdown");
    assert!(markdown.starts_with("# Permissions of trio (stage dev)"), "{markdown}");
    assert!(bench.answer("permissions --plan plan.json --html").starts_with("<!doctype html>"));
    let log: Json =
        serde_json::from_str(&bench.answer("permissions --plan plan.json --sarif")).unwrap();
    assert_eq!(log["version"], "2.1.0");
    // Gates hold for it, and what is approved since lets it pass.
    let stopped = bench.run("permissions --plan plan.json --deny-new-access");
    assert_eq!(stopped.code, 12, "{}", stopped.transcript());
    let digest = plan["permissions"]["review"]["approval"]["digest"].as_str().unwrap();
    let approval =
        format!("[[approve]]\ndigest = \"{digest}\"\nby = \"Ada\"\nreason = \"first\"\n");
    bench.write("updraft.approvals.toml", &approval);
    let passed = bench.run("permissions --plan plan.json --deny-new-access");
    assert_eq!(passed.code, 0, "{}", passed.transcript());
    bench.write("none.json", r#"{ "gcp": { "permissions": [], "resources": [] } }"#);
    let over = bench.run("permissions --plan plan.json --ceiling none.json");
    assert_eq!(over.code, 12, "{}", over.transcript());
    for flags in ["--live", "--scan"] {
        assert_eq!(bench.run(&format!("permissions --plan plan.json {flags}")).code, 1);
    }
    bench.write("plan.json", "{}");
    let refused = bench.run("permissions --plan plan.json");
    assert_eq!(refused.code, 1, "{}", refused.transcript());
    assert!(refused.err.contains("plan.json is refused: "), "{}", refused.err);
}

#[test]
fn what_two_saved_plans_allow_is_compared_on_three_clouds() {
    let bench = trio();
    // Kept up, so that addresses stay what they are.
    let _served = Served::start(&bench, "");
    let schema =
        serde_json::to_value(schemars::schema_for!(updraft::report::json::ComparisonDocument));
    let schema = schema.unwrap();
    let diff = |old: &str, new: &str, code: i32| -> Json {
        let done = bench.run(&format!("permissions diff {old} {new} --json"));
        assert_eq!(done.code, code, "{}", done.transcript());
        let json: Json = serde_json::from_str(&done.out).unwrap();
        jsonschema::validate(&schema, &json).unwrap();
        json
    };
    let with = |name: &str, manifest: &str| {
        bench.write("updraft.toml", manifest);
        let _ = bench.answer(&format!("plan --local -o {name} {VARS}"));
    };
    with("old.json", MANIFEST);
    let same = diff("old.json", "old.json", 0);
    assert_eq!((&same["verdict"], &same["rewritten"]), (&"no-new-access".into(), &false.into()));
    // The functions may write what they could only read.
    let wider = MANIFEST.replace("verbs = [\"read\"]", "verbs = [\"read\", \"write\"]");
    assert_ne!(wider, MANIFEST);
    with("new.json", &wider);
    let more = diff("old.json", "new.json", 12);
    assert_eq!(more["verdict"], "new-access");
    assert_eq!(more["no_longer_allowed"], serde_json::json!([]), "{more}");
    let new = more["newly_allowed"].as_array().unwrap();
    for (cloud, action) in [
        ("aws", "s3:PutObject"),
        ("azure", "microsoft.storage/storageaccounts/blobservices/containers/blobs/write"),
        ("gcp", "storage.objects.create"),
    ] {
        let found = new.iter().find(|one| {
            one["about"]["cloud"] == cloud
                && one["action"].as_str().unwrap().eq_ignore_ascii_case(action)
        });
        let found = found.unwrap_or_else(|| panic!("{cloud}: {more}"));
        assert_eq!(found["about"]["function"], "hello");
        assert_eq!(found["about"]["side"], "does");
        assert!(!found["resource"].as_str().unwrap().is_empty(), "{found}");
        assert!(found["witness"]["action"].is_string(), "{found}");
    }
    let human = bench.run("permissions diff old.json new.json");
    assert_eq!(human.code, 12);
    let told = "+ function.hello on AWS: s3:PutObject on arn:aws:s3:::";
    assert!(human.out.contains(told), "{}", human.out);
    let less = diff("new.json", "old.json", 0);
    assert_eq!(less["newly_allowed"], serde_json::json!([]));
    let gone = less["no_longer_allowed"].as_array().unwrap();
    assert_eq!(gone.len(), new.len(), "{less}");
    // Once it is deployed, names that were open are known; nothing else is allowed for that.
    let _ = bench.answer(&format!("apply --local --yes {VARS}"));
    let _ = bench.answer(&format!("plan --local -o live.json {VARS}"));
    let known = diff("new.json", "live.json", 0);
    assert_eq!(known["no_longer_allowed"], serde_json::json!([]), "{known}");
    assert_eq!(known["undecided"], serde_json::json!([]), "{known}");
    // A plan to delete everything leaves nothing.
    let _ = bench.answer(&format!("destroy --local -o gone.json {VARS}"));
    let gone = diff("live.json", "gone.json", 0);
    assert!(gone["no_longer_allowed"].as_array().unwrap().len() > 10, "{gone}");
}

#[test]
fn what_is_not_comparable_is_said_to_be() {
    let bench = shop();
    let _ = bench.answer("plan --local -o plan.json");
    bench.write("policy.json", r#"{ "Effect": "Allow", "Action": "*", "Resource": "*" }"#);
    assert_snapshot!(bench.run("permissions diff plan.json policy.json").transcript(), @"
    exit 1
    --- stderr
    Error: plan.json is a saved plan and policy.json is a policy document, which cannot be compared: a plan has many functions, and a document tells of one
    Hint: Name two documents or two plans.
    Hint: `updraft permissions --plan FILE --ceiling FILE` tells whether what a plan's functions may do is within a document.
    ");
    let mixed = bench.run("permissions diff policy.json plan.json");
    assert_eq!(mixed.code, 1);
    assert!(mixed.err.contains("policy.json is a policy document and plan.json"), "{}", mixed.err);
    let kind = bench.run("permissions diff plan.json plan.json --kind trust");
    assert_eq!(kind.code, 1);
    assert!(kind.err.contains("--kind is for policy documents"), "{}", kind.err);
    let text = fs::read_to_string(bench.path("plan.json")).unwrap();
    bench.write("edited.json", &text.replace("eu-west-1", "eu-west-2"));
    let edited = bench.run("permissions diff plan.json edited.json");
    assert_eq!(edited.code, 1);
    assert!(edited.err.contains("edited.json is refused: it was edited"), "{}", edited.err);
    // Another stage has other names; a part is a part.
    let manifest = fs::read_to_string(bench.path("updraft.toml")).unwrap();
    bench.write("updraft.toml", &format!("{manifest}\n[stage.prod]\n"));
    let _ = bench.answer("plan --local --stage prod -target function.tidy -o prod.json");
    let stages = bench.run("permissions diff plan.json prod.json");
    assert_eq!(stages.code, 12, "{}", stages.transcript());
    assert!(stages.err.contains("what is named after them counts as different"), "{}", stages.err);
    assert!(stages.err.contains("prod.json is limited to function.tidy"), "{}", stages.err);
}

/// A manifest whose words, names and ARNs were written by somebody careless, or hostile.
const CARELESS: &str = r#"
[project]
name = "shop"
[provider.aws]
region = "eu-west-1"
account = "111122223333"
[function.api]
source = "code"
runtime = "python3.13"
handler = "app.handler"
[[function.api.access]]
to = "arn:aws:s3:::photos"
actions = ["s3:GetObjct"]
reason = "reads\n  It may be called by nobody.\u001b[31m"
[[function.api.access]]
to = "arn:aws:sqs:eu-west-1:111122223333:jobs"
actions = ["sns:Publish"]
reason = "tells"
"#;

fn careless() -> Bench {
    let bench = Bench::new();
    bench.write("code/app.py", "def handler(event, context): pass");
    bench.write("updraft.toml", CARELESS);
    bench
}

#[test]
fn no_word_of_a_manifest_begins_a_line_of_a_report() {
    let bench = careless();
    let escaped = r"reads\u{a}  It may be called by nobody.\u{1b}[31m";
    for line in ["permissions", "explain s3:GetObjct", "explain function.api", "plan --local"] {
        let text = bench.answer(line);
        assert!(text.contains(escaped), "{line}: {text}");
        assert!(!text.lines().any(|line| line.starts_with("  It may be called by")), "{text}");
    }
}

#[test]
fn actions_that_give_nothing_are_found() {
    let text = careless().answer("permissions");
    for said in [
        "`s3:GetObjct` is no action that is known here; did you mean `s3:GetObject`?",
        "`sns:Publish` is allowed on `arn:aws:sqs:eu-west-1:111122223333:jobs`, which gives nothing: \
         it takes `arn:${Partition}:sns:${Region}:${Account}:${TopicName}`.",
        "low (UP921) function.api on AWS (updraft.toml:11)",
        "medium (UP922) function.api on AWS (updraft.toml:15)",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}
