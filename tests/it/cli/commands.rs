//! The commands that need no cloud.

use insta::{assert_snapshot, with_settings};

use updraft::report::json::ValidationDocument;

use super::bench::{Bench, FILTERS};

#[test]
fn init_writes_a_project_and_never_over_one() {
    let bench = Bench::new();
    let first = bench.run("init --name shop");
    with_settings!({ filters => FILTERS.to_vec() }, { assert_snapshot!(first.transcript(), @"
    exit 0
    --- stdout
    Written:
      updraft.toml
      updraft.schema.json
      functions/hello/app.py

    Deploy it to the embedded cloud on this machine. It answers while the second command runs:
      updraft apply --local
      updraft local serve
    "); });
    let again = bench.run("init --name shop --language node");
    with_settings!({ filters => FILTERS.to_vec() }, { assert_snapshot!(again.transcript(), @"
    exit 1
    --- stderr
    Error: files that exist are never overwritten
      updraft.toml
      updraft.schema.json
    Hint: Choose an empty folder with -C DIR, or remove them first.
    "); });
    assert!(!bench.path("functions/hello/index.mjs").exists(), "all or nothing");
}

#[test]
fn help_documents_the_exit_codes() {
    let bench = Bench::new();
    assert_snapshot!(bench.answer("--help"), @"
    Plans and applies serverless functions from one manifest, with no state file

    Usage: updraft [OPTIONS] <COMMAND>

    Commands:
      init             Write a small manifest with a working function
      validate         Check the manifest, offline, and report every mistake in it
      plan             Show what would change. Changes nothing
      show             Show a saved plan
      apply            Make the cloud match the manifest, or carry out a saved plan
      destroy          Delete everything that this project has in this stage
      snapshot         Write down what planning reads, to plan later without credentials
      portability      Show what each function may rely on in every cloud, side by side
      permissions      Show what each function may do, who may call it, and why. Offline
      explain          Show who may do something or use something, and because of which line. Offline
      deployer-policy  Write the least permissions that `plan` or `apply` of this manifest takes.
                       Offline
      invoke           Call a deployed function and print its answer
      logs             Print a deployed function's log
      local            Keep up or empty the embedded cloud
      schema           Print the JSON Schema of the manifest
      completions      Print the completion script of a shell
      help             Print this message or the help of the given subcommand(s)

    Options:
      -C, --chdir <DIR>           Work in this folder instead of the current one
      -f, --file <FILE>           The manifest [default: updraft.toml]
          --stage <NAME>          The stage, such as `dev` or `prod`. Each stage has resources of its
                                  own. Without it, `dev`
          --var <NAME=VALUE>      Set a variable that the manifest declares. May be repeated
          --local                 Use the embedded cloud on this machine instead of a real one
          --endpoint <CLOUD=URL>  Reach a cloud at another address than its own, such as
                                  `azure=http://127.0.0.1:4582` [env: UPDRAFT_ENDPOINT]
          --json                  Write the answer as JSON
          --no-color              Write without colour. `NO_COLOR` and `CLICOLOR=0` do the same
      -h, --help                  Print help
      -V, --version               Print version

    Exit codes:
      0    Done. With `plan --detailed-exitcode`: nothing to change
      1    Failed: the manifest, the command line or the cloud has an error
      2    Only `plan --detailed-exitcode`: there are changes to make
      4    The credentials are missing, of another account, or lack a permission
      5    Refused: the cloud changed while the plan was carried out
      6    Carried out in part: some steps are done, some are not
      7    Only `apply PLAN`: what drifted since the plan was saved was refused, the rest is done
      12   Something is allowed that was not, or that the ceiling does not have
      13   It could not be told whether something is
      14   There are findings that --fail-on names
      130  Interrupted
    ");
}

#[test]
fn a_mistyped_flag_does_not_look_like_changes_to_make() {
    let bench = Bench::new();
    let done = bench.run("plan --detailed-exitcod");
    assert_eq!(done.code, 1);
    assert_snapshot!(done.transcript(), @"
    exit 1
    --- stderr
    error: unexpected argument '--detailed-exitcod' found

      tip: a similar argument exists: '--detailed-exitcode'

    Usage: updraft plan --detailed-exitcode

    For more information, try '--help'.
    ");
}

#[test]
fn a_flag_without_effect_is_refused() {
    let bench = Bench::new();
    assert_snapshot!(bench.run("completions bash --json").transcript(), @"
    exit 1
    --- stderr
    Error: this command has no answer in JSON
    Hint: Leave --json out.
    ");
}

#[test]
fn completions_and_the_schema_are_printed() {
    let bench = Bench::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(bench.answer(&format!("completions {shell}")).contains("updraft"));
    }
    let schema: serde_json::Value = serde_json::from_str(&bench.answer("schema")).unwrap();
    assert!(schema["$schema"].is_string());
}

#[test]
fn an_empty_folder_has_no_manifest_and_the_message_says_so() {
    let bench = Bench::new();
    let done = bench.run("plan");
    assert_eq!(done.code, 1);
    assert_snapshot!(done.transcript(), @"
    exit 1
    --- stderr
    error[UD003]: there is no manifest here
    --> updraft.toml
     = help: `updraft init` writes one; `-f PATH` names another

    Error: updraft.toml has 1 mistake
    ");
}

#[test]
fn emptying_an_embedded_cloud_that_never_was_is_fine() {
    let bench = Bench::new();
    assert_snapshot!(bench.run("local reset").transcript(), @"
    exit 0
    --- stdout
    The embedded cloud is empty.
    ");
}

#[test]
fn a_broken_manifest_is_explained_to_people_and_to_programs() {
    let bench = Bench::new();
    bench.write("updraft.toml", "[project]\nname = \"shop\"\n\n[function.a]\ntimeot = \"3s\"\n");
    let done = bench.run("validate");
    assert_eq!(done.code, 1);
    assert!(done.err.contains("updraft.toml:5:1"), "{}", done.err);
    let done = bench.run("validate --json");
    assert_eq!((done.code, done.err.as_str()), (1, ""));
    let answer: ValidationDocument = serde_json::from_str(&done.out).unwrap();
    assert!(!answer.valid && answer.error_count > 0);
    let typo = answer.diagnostics.iter().find(|problem| problem.summary.contains("timeot"));
    let range = typo.unwrap().range.clone().unwrap();
    assert_eq!((range.filename.as_str(), range.start.line), ("updraft.toml", 5));
    assert_eq!(bench.run("plan --detailed-exitcode").code, 1);
}
