//! Every file of `tests/manifests` is broken in its own way.
//!
//! The first lines tell how it is read and which codes are expected, in the order of the file:
//!
//! ```toml
//! #! expect = UD010 UD013
//! #! stage = prod
//! #! var = name=value
//! ```
//!
//! What is printed is kept beside it: `INSTA_UPDATE=always cargo test manifest` writes it anew.

use std::fs;
use std::path::{Path, PathBuf};

use super::{folder, load};

/// What the first lines of a broken manifest say.
#[derive(Default)]
struct Orders {
    expect: Vec<String>,
    stage: String,
    vars: Vec<(String, String)>,
}

fn orders(text: &str) -> Orders {
    let mut orders = Orders { stage: "dev".to_owned(), ..Orders::default() };
    for line in text.lines().filter_map(|line| line.strip_prefix("#! ")) {
        let (key, value) = line.split_once(" = ").unwrap();
        match key {
            "expect" => orders.expect = value.split(' ').map(str::to_owned).collect(),
            "stage" => value.clone_into(&mut orders.stage),
            "var" => {
                let (name, value) = value.split_once('=').unwrap();
                orders.vars.push((name.to_owned(), value.to_owned()));
            }
            other => panic!("no such order: {other}"),
        }
    }
    orders
}

fn broken_manifests() -> Vec<PathBuf> {
    let files = fs::read_dir(folder("tests/manifests")).unwrap().map(|entry| entry.unwrap().path());
    let mut manifests: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    manifests.sort();
    manifests
}

/// What is printed for a manifest, and the codes in it.
fn diagnosis(path: &Path) -> (String, Vec<String>) {
    let text = fs::read_to_string(path).unwrap();
    let orders = orders(&text);
    let vars: Vec<(&str, &str)> =
        orders.vars.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    // A path relative to the package, which is where tests run, so that snapshots hold no other.
    let name = path.file_name().unwrap();
    let (source, problems) =
        match load(&Path::new("tests/manifests").join(name), &orders.stage, &vars) {
            Ok(manifest) => (manifest.source, manifest.warnings),
            Err(problems) => (problems.source, problems.problems),
        };
    let codes = problems.iter().map(|problem| problem.code.to_owned()).collect();
    (updraft::manifest::render(&source, &problems, false, 100), codes)
}

#[test]
#[cfg(all(feature = "aws", feature = "azure", feature = "gcp"))]
fn every_broken_manifest_is_diagnosed_completely() {
    let mut wrong = Vec::new();
    for path in broken_manifests() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let expected = orders(&fs::read_to_string(&path).unwrap()).expect;
        let (printed, codes) = diagnosis(&path);
        if codes != expected {
            wrong.push(format!("{name}: expected {expected:?}, found {codes:?}\n{printed}"));
        }
        insta::with_settings!({
            snapshot_path => folder("tests/manifests/printed"),
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name, printed);
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_are_many_different_mistakes() {
    let mut codes: Vec<String> = broken_manifests()
        .iter()
        .flat_map(|path| orders(&fs::read_to_string(path).unwrap()).expect)
        .collect();
    codes.sort();
    codes.dedup();
    assert!(broken_manifests().len() >= 40, "{} manifests", broken_manifests().len());
    assert!(codes.len() >= 40, "{} codes: {codes:?}", codes.len());
}

#[test]
#[cfg(all(feature = "aws", feature = "azure", feature = "gcp"))]
fn every_rule_has_a_manifest_that_breaks_it() {
    let expected: Vec<String> = broken_manifests()
        .iter()
        .flat_map(|path| orders(&fs::read_to_string(path).unwrap()).expect)
        .collect();
    let untested: Vec<&str> = updraft::guard::RULES
        .iter()
        .map(|rule| rule.code)
        .filter(|code| !expected.iter().any(|it| it == code))
        .collect();
    assert!(untested.is_empty(), "{untested:?}");
}

#[test]
fn every_code_of_reading_is_explained() {
    let known = |code: &String| {
        updraft::manifest::CODES.iter().any(|(known, _)| known == code)
            || updraft::guard::RULES.iter().any(|rule| rule.code == code)
    };
    for path in broken_manifests() {
        let expected = orders(&fs::read_to_string(&path).unwrap()).expect;
        assert!(expected.iter().all(known), "{}", path.display());
    }
}

#[test]
fn no_secret_is_ever_printed() {
    for path in broken_manifests().iter().filter(|path| path.to_string_lossy().contains("secret")) {
        let (printed, _) = diagnosis(path);
        for secret in ["hunter2", "AKIA", "BEGIN RSA", "correct-horse"] {
            assert!(!printed.contains(secret), "{}\n{printed}", path.display());
        }
    }
}
