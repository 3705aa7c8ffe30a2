//! Before anything is written, `apply` asks Azure and Google whether the credentials may do what the plan takes; and
//! what a plan may not look at is told in the cloud's own words, with the way out.

use insta::{assert_snapshot, with_settings};
use serde_json::Value as Json;

use super::bench::{Bench, Done, FILTERS};
use super::served::Served;

/// A function and a queue.
const MANIFEST: &str = r#"
[project]
name = "lone"

[provider.CLOUD]
region = "REGION"

[function.hello]
source = "code"
handler = "main.handler"
runtime = "python3.13"
memory = "512MiB"
timeout = "30s"

[[function.hello.access]]
to = "queue.done"
verbs = ["send"]

[queue.done]
"#;

fn lone(cloud: &str, region: &str) -> Bench {
    let bench = Bench::new();
    bench.write("updraft.toml", &MANIFEST.replace("CLOUD", cloud).replace("REGION", region));
    bench.write("code/main.py", "def handler(*event):\n    return None\n");
    bench
}

/// Writes the policy of a task into a file, without some actions.
fn policy(bench: &Bench, (task, name): (&str, &str), without: &[&str]) {
    let text = bench.answer(&format!("deployer-policy --local --json --task {task}"));
    let mut policy: Json = serde_json::from_str(&text).unwrap();
    let mut gone = 0;
    for cloud in policy["clouds"].as_object_mut().unwrap().values_mut() {
        for written in cloud.as_array_mut().unwrap() {
            for list in ["Actions", "includedPermissions"] {
                let Some(actions) = written["document"][list].as_array_mut() else { continue };
                let before = actions.len();
                actions.retain(|action| !without.iter().any(|one| *action == *one));
                gone += before - actions.len();
            }
        }
    }
    assert_eq!(gone, without.len(), "{text}");
    bench.write(name, &policy.to_string());
}

/// Runs a command on clouds of a folder of their own that let the caller do what a file says.
fn run(bench: &Bench, rights: &str, line: &str) -> Done {
    let served = Served::start(bench, &format!("--deployer {rights}"));
    let done = bench.run(line);
    drop(served);
    done
}

/// Fails without a right to write before anything is written, and without one to look.
fn refused(bench: &Bench, (write, read): (&str, &str)) -> (String, String) {
    policy(bench, ("apply", "less.json"), &[write]);
    policy(bench, ("plan", "blind.json"), &[read]);
    policy(bench, ("plan", "plan.json"), &[]);
    policy(bench, ("apply", "apply.json"), &[]);
    let denied = run(bench, "less.json", "apply --local --yes");
    assert_eq!(denied.code, 4, "{}", denied.transcript());
    // Nothing was written: the plan is what it was.
    let planned = run(bench, "plan.json", "plan --local --detailed-exitcode");
    assert_eq!(planned.code, 2, "{}", planned.transcript());
    assert!(planned.out.contains(" 0 to change, 0 to destroy."), "{}", planned.out);
    let blind = run(bench, "blind.json", "plan --local");
    assert_eq!(blind.code, 4, "{}", blind.transcript());
    let passed = run(bench, "apply.json", "apply --local --yes");
    assert_eq!(passed.code, 0, "{}", passed.transcript());
    (denied.err, blind.err)
}

#[test]
fn azure_is_asked_what_the_credentials_may_do_before_anything_is_written() {
    let bench = lone("azure", "westeurope");
    let rights = ("Microsoft.Storage/storageAccounts/write", "Microsoft.Web/sites/read");
    let (denied, blind) = refused(&bench, rights);
    with_settings!({ filters => FILTERS.to_vec() }, { assert_snapshot!(denied, @r#"
    warning: the credentials lack Microsoft.Storage/storageAccounts/write in /subscriptions/00000000-0000-0000-0000-000000000000
      az role assignment create --assignee "$(az ad signed-in-user show --query id -o tsv)" --role "Contributor" --scope /subscriptions/00000000-0000-0000-0000-000000000000
    Error: the credentials lack permissions that this takes
      Azure: Microsoft.Storage/storageAccounts/write on /subscriptions/00000000-0000-0000-0000-000000000000
    Hint: Nothing was changed. `updraft deployer-policy --local` writes what they need.
    "#); });
    with_settings!({ filters => FILTERS.to_vec() }, { assert_snapshot!(blind, @"
    Error: permission `Microsoft.Web/sites/read` is missing: The client '22222222-2222-2222-2222-222222222222' with object id '22222222-2222-2222-2222-222222222222' does not have authorization to perform action 'Microsoft.Web/sites/read' over scope '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/lone-dev/providers/Microsoft.Web' or the scope is invalid. If access was recently granted, please refresh your credentials.
    Hint: Allow `Microsoft.Web/sites/read` to these credentials, or use others.
    Hint: `updraft deployer-policy` writes everything that whoever plans and applies needs.
    "); });
}

#[test]
fn google_is_asked_what_the_credentials_may_do_before_anything_is_written() {
    let bench = lone("gcp", "europe-west1");
    let rights = ("iam.serviceAccounts.create", "cloudfunctions.functions.list");
    let (denied, blind) = refused(&bench, rights);
    with_settings!({ filters => FILTERS.to_vec() }, { assert_snapshot!(denied, @r#"
    warning: the credentials lack iam.serviceAccounts.create in local-project
      gcloud projects add-iam-policy-binding local-project --member="user:$(gcloud config get-value account)" --role=roles/iam.serviceAccountAdmin
    Error: the credentials lack permissions that this takes
      Google Cloud: iam.serviceAccounts.create on projects/local-project
    Hint: Nothing was changed. `updraft deployer-policy --local` writes what they need.
    "#); });
    with_settings!({ filters => FILTERS.to_vec() }, { assert_snapshot!(blind, @"
    Error: permission `cloudfunctions.functions.list` is missing: Permission 'cloudfunctions.functions.list' denied on resource '//cloudfunctions.googleapis.com/projects/local-project/locations/-/functions' (or it may not exist).
    Hint: Allow `cloudfunctions.functions.list` to these credentials, or use others.
    Hint: `updraft deployer-policy` writes everything that whoever plans and applies needs.
    "); });
}
