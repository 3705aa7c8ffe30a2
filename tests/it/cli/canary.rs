//! Secrets in many forms, put everywhere one may be, and looked for in everything that is written.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use sha2::{Digest as _, Sha256};
use updraft_contract::hex;

use super::bench::Bench;
use super::served::Served;
use super::trio::{MANIFEST, trio};

/// The value of this run's secret variable; its characters look different in every form.
const CANARY: &str = "c4n4ry-\"one\"/+&<tweet>=%41";

/// A value that a function has and the manifest knows nothing of.
const STRANGER: &str = "str4ng3r-'two'\\?+&<chirp>=~";

/// Writes a value in every form that it may take on its way into an output, with its name.
fn forms(value: &str) -> Vec<(&'static str, String)> {
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
    let upper = |text: &str| text.to_uppercase();
    let mut forms = vec![
        ("plain", value.to_owned()),
        ("JSON", json.trim_matches('"').to_owned()),
        ("JSON in JSON", serde_json::to_string(&json).unwrap().trim_matches('"').to_owned()),
        ("percent", percent.clone()),
        ("percent in small letters", percent.to_lowercase()),
        ("HTML", html),
        ("Rust", format!("{value:?}").trim_matches('"').to_owned()),
        ("hexadecimal", hex(bytes)),
        ("hexadecimal in capitals", upper(&hex(bytes))),
        ("SHA-256", hex(&Sha256::digest(bytes))),
        ("SHA-256 in capitals", upper(&hex(&Sha256::digest(bytes)))),
        ("SHA-256 in base64", STANDARD.encode(Sha256::digest(bytes))),
        ("backwards", value.chars().rev().collect()),
        // A part that no escaping touches.
        ("a part", value.split('-').next().unwrap().to_owned()),
    ];
    // In the middle of longer text, base64 starts at one of three places; what stands at either
    // end depends on what is beside it, and is left out.
    for (name, engine) in [("base64", &STANDARD), ("base64 for addresses", &URL_SAFE)] {
        for before in 0..3 {
            let longer = [vec![0; before], bytes.to_vec()].concat();
            let whole = longer.len() / 3 * 4;
            let start = if before == 0 { 0 } else { 4 };
            forms.push((name, engine.encode(&longer)[start..whole].to_owned()));
        }
    }
    forms
}

/// What Azure's own secrets look like.
const KEYS: [&str; 4] = ["AccountKey=", "SharedAccessKey=", "sig=", "?code="];

/// Fails the test if something secret is in a text.
fn assert_clean(what: &str, text: &str) {
    for secret in [CANARY, STRANGER] {
        for (name, form) in forms(secret) {
            assert!(!text.contains(&form), "{what} holds {form:?} ({name}):\n{text}");
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
fn a_leak_in_any_form_is_found() {
    let found = |text: &str| std::panic::catch_unwind(|| assert_clean("a text", text)).is_err();
    assert!(!found("nothing to see"));
    for secret in [CANARY, STRANGER] {
        let all = forms(secret);
        assert!(all.len() >= 8, "{all:?}");
        for (name, form) in all {
            assert!(found(&format!("before {form} after")), "{name}");
        }
        for before in ["", "x", "xy", "xyz"] {
            for after in ["", "x", "xy"] {
                let longer = format!("{before}{secret}{after}");
                assert!(found(&STANDARD.encode(&longer)), "{longer}");
                assert!(found(&URL_SAFE.encode(&longer)), "{longer}");
            }
        }
    }
}

/// Every command that reads a manifest, a plan or a cloud and changes none, in every form that it
/// has. What is here before anything is deployed has to work then, too.
const LOOKS: &[&str] = &[
    "validate",
    "validate --json",
    "portability",
    "portability --json",
    "schema",
    "plan --local",
    "plan --local --json",
    "plan --local -o plan.json",
    "plan --local --json -o plan.json",
    "plan --local -destroy",
    "show plan.json",
    "show plan.json --json",
    "show plan.json --markdown",
    "show plan.json --html",
    "permissions",
    "permissions --json",
    "permissions --markdown",
    "permissions --html",
    "permissions --sarif",
    "permissions --scan",
    "permissions --scan --json",
    "permissions --scan --sarif",
    "permissions --live --local",
    "permissions --live --local --json",
    "permissions --live --local --markdown",
    "permissions --live --local --html",
    "permissions --live --local --sarif",
    "permissions --plan plan.json",
    "permissions --plan plan.json --json",
    "permissions --plan plan.json --markdown",
    "permissions --plan plan.json --html",
    "permissions --plan plan.json --sarif",
    "permissions --json -o permissions.json",
    "permissions --markdown -o permissions.md",
    "permissions --html -o permissions.html",
    "permissions --sarif -o permissions.sarif",
    "permissions --live --local --json -o live-permissions.json",
    "permissions diff plan.json plan.json",
    "permissions diff plan.json plan.json --json",
    "explain function.hello",
    "explain function.hello --json",
    "explain storage.objects.get --live --local",
    "explain s3:GetObject --live --local --json",
    "deployer-policy",
    "deployer-policy --json",
    "deployer-policy --task plan",
    "deployer-policy --task plan --json",
    "snapshot --local -o live.json",
    "snapshot --local -o live.json --json",
    "snapshot --local",
    "plan --snapshot live.json",
    "plan --snapshot live.json --json",
    "plan --snapshot live.json -o recorded.json",
    "show recorded.json --html",
    "destroy --local -o destroy.json",
    "show destroy.json",
    "show destroy.json --json",
    "show destroy.json --markdown",
    "show destroy.json --html",
    "permissions --plan destroy.json --json",
    "permissions diff plan.json destroy.json --json",
];

#[test]
fn secrets_are_in_no_output_and_in_no_file_on_any_cloud() {
    let bench = trio();
    // Kept up, so that addresses stay what they are.
    let served = Served::start(&bench, "");
    // Somebody gave the functions a variable that this manifest knows nothing of.
    let theirs =
        MANIFEST.replace("LEVEL = \"info\"", "LEVEL = \"info\", THEIRS = \"${var.password}\"");
    bench.write("updraft.toml", &theirs);
    assert_eq!(look(&bench, "apply --local --yes --json", STRANGER), 0);
    bench.write("updraft.toml", MANIFEST);
    for line in LOOKS {
        assert_eq!(look(&bench, line, CANARY), 0, "{line}");
    }
    for line in [
        "plan --local -o plan.json",
        "apply plan.json --local --json",
        "plan --local",
        "plan --local -o kept.json",
        "snapshot --local -o kept-live.json",
        "permissions --live --local --json",
        "logs hello --on aws --local",
        "logs hello --on aws --local --json",
        "invoke hello --on aws --local",
    ] {
        assert_eq!(look(&bench, line, CANARY), 0, "{line}");
    }
    // What goes wrong tells no secrets, either.
    bench.write("none.json", r#"{ "gcp": { "permissions": [], "resources": [] } }"#);
    for (line, code) in [
        ("apply plan.json --local", 5),
        ("apply missing.json --local", 1),
        ("plan --local --ceiling none.json", 12),
        ("permissions --ceiling none.json", 12),
        ("permissions --plan plan.json --ceiling none.json --json", 12),
        ("permissions --plan plan.json --deny-new-access", 0),
        ("explain nothing", 1),
        ("plan --local --target nothing", 1),
        ("apply --local", 0),
    ] {
        assert_eq!(look(&bench, line, CANARY), code, "{line}");
    }
    for (line, name) in [
        ("show destroy.json --html", "destroy.html"),
        ("show plan.json --markdown", "plan.md"),
        ("permissions --live --local --html", "live.html"),
    ] {
        keep(&bench, line, CANARY, name);
    }
    assert!(look_through(&bench.path(".")) >= 14);
    assert_eq!(look(&bench, "destroy --local --yes --destroy-data", CANARY), 0);
    drop(served);
    assert_eq!(look(&bench, "local reset", CANARY), 0);
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
        let _served = Served::start(&bench, "--faults faults.json");
        fs::remove_file(bench.path("faults.json")).unwrap();
        let code = look(&bench, "apply --local --yes", CANARY);
        assert_ne!(code, 0, "{cloud}: the fault did not happen");
        look(&bench, "plan --local -o plan.json", CANARY);
        look(&bench, "apply plan.json --local --json", CANARY);
        look_through(&bench.path("."));
    }
}
