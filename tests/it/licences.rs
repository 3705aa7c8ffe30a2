//! Every dependency has a licence that lets us ship under MIT or Apache-2.0.

use std::process::Command;

/// Licences that ask for no more than attribution.
const FINE: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Says whether a licence expression can be met with fine licences alone.
fn is_fine(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], " ").replace('/', " OR ");
    let met = |licence: &str| FINE.contains(&licence.trim());
    // One fine alternative among ORs is enough where there is no AND; with one, all must be fine.
    if plain.contains(" AND ") {
        plain.split(" AND ").flat_map(|part| part.split(" OR ")).all(met)
    } else {
        plain.split(" OR ").any(met)
    }
}

#[test]
fn every_dependency_has_a_fine_licence() {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100);
    for package in packages {
        let licence = package["license"].as_str().unwrap_or("none");
        assert!(is_fine(licence), "{} has licence {licence}", package["name"]);
    }
}

#[test]
fn a_licence_that_asks_for_more_is_found() {
    assert!(is_fine("MIT OR Apache-2.0 OR LGPL-2.1-or-later"));
    assert!(!is_fine("MPL-2.0"));
    assert!(!is_fine("MIT AND GPL-3.0-only"));
}
