//! Secrets in many forms, put everywhere one may be, and looked for in everything that is written.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use updraft_contract::hex;

use super::bench::Bench;
use super::trio::{MANIFEST, trio};

/// The value of this run's secret variable; its characters look different in every form.
const CANARY: &str = "c4n4ry-\"one\"/+&<tweet>=%41";

/// A value that a function has and the manifest knows nothing of.
const STRANGER: &str = "str4ng3r-'two'\\?+&<chirp>=~";

/// Writes a value in every form that it may take on its way into an output.
fn forms(value: &str) -> Vec<String> {
    let bytes = value.as_bytes();
    let percent: String = bytes
        .iter()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(*byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect();
    let json = serde_json::to_string(value).unwrap();
    let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut forms = vec![
        value.to_owned(),
        json.trim_matches('"').to_owned(),
        serde_json::to_string(&json).unwrap().trim_matches('"').to_owned(),
        percent,
        html,
        format!("{value:?}").trim_matches('"').to_owned(),
        hex(bytes),
        hex(&Sha256::digest(bytes)),
        STANDARD.encode(Sha256::digest(bytes)),
        // A part that no escaping touches.
        value.split('-').next().unwrap().to_owned(),
    ];
    // In the middle of longer text, base64 starts at one of three places.
    for engine in [&STANDARD, &URL_SAFE, &STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        forms.push(engine.encode(bytes));
    }
    forms
}

/// What Azure's own secrets look like.
const KEYS: [&str; 4] = ["AccountKey=", "SharedAccessKey=", "sig=", "?code="];

/// Fails the test if something secret is in a text.
fn assert_clean(what: &str, text: &str) {
    for secret in [CANARY, STRANGER] {
        for form in forms(secret) {
            assert!(!text.contains(&form), "{what} holds {form:?}:\n{text}");
        }
    }
    for key in KEYS {
        assert!(!text.contains(key), "{what} holds {key}:\n{text}");
    }
}

/// Runs a command with everything said that it can say, and looks through it.
fn look(bench: &Bench, line: &str, password: &str) -> i32 {
    let output = bench
        .command(line)
        .args(["--var", &format!("password={password}")])
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_clean(line, &out);
    assert_clean(line, &err);
    output.status.code().unwrap()
}

/// Looks through every file of a project; the embedded clouds' own state is the clouds' business.
fn look_through(folder: &Path) -> usize {
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            if !path.ends_with(".updraft") {
                files += look_through(&path);
            }
        } else {
            let bytes = fs::read(&path).unwrap();
            assert_clean(&path.display().to_string(), &String::from_utf8_lossy(&bytes));
            files += 1;
        }
    }
    files
}

/// Keeps an answer in a file, to be looked through with the others.
fn keep(bench: &Bench, line: &str, password: &str, name: &str) {
    let password = format!("password={password}");
    let output = bench.command(line).args(["--var", &password]).output().unwrap();
    fs::write(bench.path(name), output.stdout).unwrap();
}

#[test]
fn secrets_are_in_no_output_and_in_no_file_on_any_cloud() {
    let bench = trio();
    // Somebody gave the functions a variable that this manifest knows nothing of.
    let theirs =
        MANIFEST.replace("LEVEL = \"info\"", "LEVEL = \"info\", THEIRS = \"${var.password}\"");
    bench.write("updraft.toml", &theirs);
    assert_eq!(look(&bench, "apply --local --yes --json", STRANGER), 0);
    bench.write("updraft.toml", MANIFEST);
    for line in [
        "validate",
        "validate --json",
        "portability",
        "plan --local",
        "plan --local --json",
        "plan --local -o plan.json",
        "show plan.json",
        "show plan.json --json",
        "show plan.json --markdown",
        "show plan.json --html",
        "snapshot --local -o live.json",
        "snapshot --local",
        "plan --snapshot live.json -o recorded.json",
        "destroy --local -o destroy.json",
        "show destroy.json",
        "apply plan.json --local --json",
        "plan --local",
        "plan --local -o kept.json",
        "snapshot --local -o kept-live.json",
        "logs hello --on aws --local",
    ] {
        assert_eq!(look(&bench, line, CANARY), 0, "{line}");
    }
    assert_eq!(look(&bench, "apply plan.json --local", CANARY), 5);
    keep(&bench, "show destroy.json --html", CANARY, "destroy.html");
    keep(&bench, "show plan.json --markdown", CANARY, "plan.md");
    assert!(look_through(&bench.path(".")) >= 9);
    assert_eq!(look(&bench, "destroy --local --yes --destroy-data", CANARY), 0);
}

#[test]
fn a_secret_in_the_text_of_a_clouds_error_is_not_passed_on() {
    let message = serde_json::to_string(&format!("the value {CANARY} is not allowed")).unwrap();
    for (cloud, operation) in [
        ("aws", "CreateFunction"),
        ("gcp", "CreateFunction"),
        ("azure", "Microsoft.Web/sites/config/write"),
    ] {
        let bench = trio();
        bench.write(
            "updraft.toml",
            &MANIFEST.replace("[\"aws\", \"azure\", \"gcp\"]", &format!("[{cloud:?}]")),
        );
        bench.write(
            "faults.json",
            &format!(
                r#"{{"faults":[{{"operation":"{operation}","times":1000,"kind":{{"do":"fail","status":400,"code":"ValidationException","message":{message}}}}}]}}"#
            ),
        );
        let _served = super::served::Served::start(&bench, "--faults faults.json");
        fs::remove_file(bench.path("faults.json")).unwrap();
        let code = look(&bench, "apply --local --yes", CANARY);
        assert_ne!(code, 0, "{cloud}: the fault did not happen");
        look(&bench, "plan --local -o plan.json", CANARY);
        look(&bench, "apply plan.json --local --json", CANARY);
        look_through(&bench.path("."));
    }
}
