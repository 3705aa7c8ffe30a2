//! Manifests: what is read from good ones, and what is said about broken ones.

mod broken;
mod clouds;
mod good;
mod hostile;
mod schema;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use updraft::manifest::{self, Manifest, Problems, Request};

/// The day on which every test takes place.
const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 21);

/// Returns a folder of the repository.
fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Loads the manifest at `path` in a stage, with variables.
fn load(path: &Path, stage: &str, vars: &[(&str, &str)]) -> Result<Manifest, Problems> {
    let vars: BTreeMap<String, String> =
        vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    manifest::load(&Request { path, stage, vars: &vars, today: TODAY })
}

/// Writes `text` beside a source folder `code` and loads it.
fn load_text(text: &str, stage: &str, vars: &[(&str, &str)]) -> Result<Manifest, Problems> {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("code")).unwrap();
    fs::write(home.path().join("code/app.py"), "def handler(event, context):\n    return 1\n")
        .unwrap();
    let path = home.path().join("updraft.toml");
    fs::write(&path, text).unwrap();
    load(&path, stage, vars)
}
