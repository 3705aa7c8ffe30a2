//! The repository keeps its own rules: module order, and the size of files and functions.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules of the root crate; each uses only those before it.
const ORDER: &[&[&str]] = &[
    &["package"],
    &["guard"],
    &["manifest", "scaffold"],
    &["scan"],
    &["desired"],
    &["live"],
    &["clouds"],
    &["diff"],
    &["survey"],
    &["order"],
    &["plan"],
    &["exact"],
    &["snapshot"],
    &["event"],
    &["apply"],
    &["portability"],
    &["exit"],
    &["permit"],
    &["report"],
    &["saved"],
    &["cli"],
    &["command"],
];

/// The most lines a file may have. Tables may be longer; they are named in [`TABLES`].
const FILE_LINES: usize = 500;

/// Files that are one long table.
const TABLES: &[&str] = &[];

/// Crates and what each may use of the others.
const CRATES: &[(&str, &[&str])] = &[
    ("contract", &[]),
    ("transport", &["contract"]),
    ("permit", &["contract"]),
    ("scan", &[]),
    ("aws", &["contract", "transport"]),
    ("azure", &["contract", "transport"]),
    ("gcp", &["contract", "transport"]),
    ("local", &["contract"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(under: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(under).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("target") {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn all_sources() -> Vec<(String, String)> {
    let folders = ["src", "providers", "tests", "benches"].map(|name| root().join(name));
    let files = folders.iter().filter(|folder| folder.exists()).flat_map(|folder| sources(folder));
    files
        .map(|path| {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

#[test]
fn a_module_uses_only_modules_before_it() {
    let rank: BTreeMap<&str, usize> = ORDER
        .iter()
        .enumerate()
        .flat_map(|(rank, names)| names.iter().map(move |name| (*name, rank)))
        .collect();
    let mut wrong = Vec::new();
    for (file, text) in all_sources() {
        let Some(inside) = file.strip_prefix("src/") else { continue };
        let module = inside.split(['/', '.']).next().unwrap();
        if module == "lib" || module == "main" {
            continue;
        }
        let own = *rank.get(module).unwrap_or_else(|| panic!("{file} has no place in ORDER"));
        for used in text.split("crate::").skip(1) {
            let used: String =
                used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if rank.get(used.as_str()).is_some_and(|other| *other > own) {
                wrong.push(format!("{file} uses {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "modules used before their turn: {wrong:#?}");
}

#[test]
fn a_file_fits_its_budget_and_says_what_it_is() {
    let mut wrong = Vec::new();
    for (file, text) in all_sources() {
        let lines = text.lines().count();
        if lines > FILE_LINES && !TABLES.contains(&file.as_str()) {
            wrong.push(format!("{file} has {lines} lines"));
        }
        if !text.starts_with("//!") {
            wrong.push(format!("{file} does not open with a //! line"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_size_of_functions_is_a_lint_and_the_lint_is_on() {
    let cargo = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let clippy = fs::read_to_string(root().join("clippy.toml")).unwrap();
    assert!(cargo.contains("too_many_lines = \"deny\""));
    assert!(clippy.contains("too-many-lines-threshold = 60"));
    for member in fs::read_dir(root().join("providers")).unwrap() {
        let manifest = fs::read_to_string(member.unwrap().path().join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{manifest}");
    }
}

#[test]
fn crates_depend_in_one_direction() {
    for (name, allowed) in CRATES {
        let path = root().join("providers").join(name).join("Cargo.toml");
        let manifest = fs::read_to_string(path).unwrap();
        let (dependencies, _) =
            manifest.split_once("[dev-dependencies]").unwrap_or((&manifest, ""));
        for line in dependencies.lines().filter_map(|line| line.strip_prefix("updraft-")) {
            let used = line.split(['.', ' ', '=']).next().unwrap();
            assert!(allowed.contains(&used), "{name} must not depend on {used}");
        }
    }
}

#[test]
fn versions_stand_in_one_place() {
    for member in fs::read_dir(root().join("providers")).unwrap() {
        let manifest = fs::read_to_string(member.unwrap().path().join("Cargo.toml")).unwrap();
        assert!(!manifest.contains("version = \""), "{manifest}");
    }
}

#[test]
fn no_test_is_ignored_and_no_lint_is_silenced_without_a_reason() {
    // Written in parts so that this file does not find itself.
    let banned = [
        concat!("#[", "ignore"),
        concat!("#[", "allow("),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
    ];
    for (file, text) in all_sources() {
        for word in banned {
            assert!(!text.contains(word), "{file} contains {word}");
        }
    }
}
