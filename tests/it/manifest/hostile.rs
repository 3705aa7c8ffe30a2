//! Manifests nobody would write on purpose.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::{load, load_text};

/// Pieces of TOML, some of them whole, some of them cut.
const PIECES: &[&str] = &[
    "[project]\n",
    "name = \"a\"\n",
    "[provider.aws]\n",
    "[provider.gcp]\n",
    "[function.f.on.gcp]\n",
    "[defaults.on.aws]\n",
    "on = { gcp = { cpu = 1e300, on = { aws = 1 } } }\n",
    "cpu = -0.0001\n",
    "[queue.q]\n",
    "dead_letter = { queue = \"queue.q\" }\n",
    "region = 'x'\n",
    "[function.f]\n",
    "[[function.f.trigger]]\n",
    "http = { path = \"/\", method = \"GET\" }\n",
    "[function.f]\n",
    "schedule = { cron = \"0 7 * * *\" }\n",
    "[defaults]\n",
    "memory = \"1GiB\"\n",
    "[stage.dev]\n",
    "[stage.dev.function.f]\n",
    "timeout = 3\n",
    "[vars.a]\n",
    "default = \"${var.a}\"\n",
    "description = \"${stage} ${ $$ ${var.b}\"\n",
    "environment = { A = 1, B = [1, { c = 2 }] }\n",
    "function = 3\n",
    "provider = \"aws\"\n",
    "trigger = [1, 2]\n",
    "[bucket]\n",
    "= = =\n",
    "\"\"\"\n",
    "'''",
    "{",
    "}",
    "[",
    "]",
    "é ∂\n",
    "a.b.c = 1979-05-27T07:32:00Z\n",
    "x = nan\n",
    "y = 99999999999999999999\n",
    "\u{feff}",
    "\r\n",
    "\0",
    "secret = true\n",
    "tags = { \"\" = \"\" }\n",
    "retry = { max_age = \"9999999999999h\" }\n",
    "source = \"code\"\n",
    "runtime = \"python3.13\"\n",
    "handler = \"app.handler\"\n",
    "memory = \"99999999999TiB\"\n",
    "log_retention = \"18446744073709551615d\"\n",
    "schedule = { rate = \"0s\" }\n",
];

/// Reading must end, and what it says must be printable.
fn survives(text: &str) {
    match load_text(text, "dev", &[("a", "1")]) {
        Ok(manifest) => {
            updraft::manifest::render(&manifest.source, &manifest.warnings, true, 80);
        }
        Err(problems) => {
            assert!(!problems.problems.is_empty());
            assert!(!problems.render(false, 80).is_empty());
            for problem in &problems.problems {
                let Some(span) = problem.span else { continue };
                assert!(span.start <= span.end && span.end <= text.len());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_mixture_of_pieces_panics(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        survives(&pieces.concat());
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        survives(&text);
    }

    #[test]
    fn no_value_anywhere_panics(
        key in "(source|handler|runtime|memory|timeout|environment|tags|trigger|access|provider|retry|on|cpu|ingress|max_instances)",
        value in r#"("[ -~]{0,12}"|-?[0-9]{1,20}|true|\[\]|\[\["a"\]\]|\{ a = "b" \}|1e9|1979-05-27)"#,
    ) {
        survives(&format!("[project]\nname = \"a\"\n[provider.aws]\n[function.f]\n{key} = {value}\n"));
    }
}

#[test]
fn mistakes_beside_wide_characters_can_be_drawn() {
    for text in ["é ∂\n", "\"\"\u{8e3}", "a = \"é", "\u{feff}é", "é = 1\r\n=\r\n", "\u{1f980}"]
    {
        survives(text);
    }
}

#[test]
fn a_byte_order_mark_is_no_mistake() {
    let text = "\u{feff}[project]\nname = \"a\"\n[provider.aws]\n";
    assert!(load_text(text, "dev", &[]).is_ok());
}

#[test]
fn a_missing_manifest_says_how_to_write_one() {
    let problems = load(Path::new("tests/manifests/none/updraft.toml"), "dev", &[]).unwrap_err();
    let printed = problems.render(false, 80);
    assert!(printed.contains("UD003") && printed.contains("updraft init"), "{printed}");
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("updraft.toml");
    fs::write(&path, b"a = \"\xff\"").unwrap();
    let problems = load(&path, "dev", &[]).unwrap_err();
    assert_eq!(problems.problems[0].code, "UD003");
}

#[test]
fn a_manifest_beyond_four_mebibytes_is_refused() {
    let problems = load_text(&"# padding\n".repeat(500_000), "dev", &[]).unwrap_err();
    assert_eq!(problems.problems[0].code, "UD002");
}

#[test]
fn a_thousand_functions_are_read_in_a_moment() {
    let mut text = "[project]\nname = \"a\"\n[provider.aws]\n[defaults]\nsource = \"code\"\n\
                    runtime = \"python3.13\"\nhandler = \"app.handler\"\n"
        .to_owned();
    for number in 0..1000 {
        let route = format!("http = {{ method = \"GET\", path = \"/f{number}\", auth = \"iam\" }}");
        for line in
            [format!("[function.f{number}]"), format!("[[function.f{number}.trigger]]"), route]
        {
            text.push_str(&line);
            text.push('\n');
        }
    }
    let start = std::time::Instant::now();
    assert_eq!(load_text(&text, "dev", &[]).unwrap().app.functions.len(), 1000);
    assert!(start.elapsed() < std::time::Duration::from_secs(30), "{:?}", start.elapsed());
}
