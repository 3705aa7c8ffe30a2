//! Packages sources, each once.

use std::collections::BTreeMap;
use std::path::Path;

use updraft_contract::Artifact;

use crate::package::{Options, package};

/// The sources packaged so far.
pub(super) struct Sources<'a> {
    folder: &'a Path,
    done: BTreeMap<(String, Vec<String>), Result<Artifact, Failure>>,
}

/// Why a source cannot be packaged, and what to do about it.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) message: String,
    pub(super) hint: &'static str,
}

impl<'a> Sources<'a> {
    /// Finds sources relative to `folder`.
    pub(super) fn new(folder: &'a Path) -> Self {
        Self { folder, done: BTreeMap::new() }
    }

    /// Returns the folders that were packaged, by the digests of what is in them.
    pub(super) fn folders(&self) -> BTreeMap<String, String> {
        let done =
            self.done.iter().filter_map(|((source, _), done)| done.as_ref().ok().zip(Some(source)));
        done.map(|(artifact, source)| (artifact.digest.clone(), source.clone())).collect()
    }

    /// Packages a source, or returns what packaging it gave before.
    pub(super) fn artifact(
        &mut self,
        source: &str,
        exclude: Vec<String>,
    ) -> Result<Artifact, Failure> {
        let key = (source.to_owned(), exclude);
        if let Some(before) = self.done.get(&key) {
            return before.clone();
        }
        let options = Options { exclude: key.1.clone() };
        let packaged = package(&self.folder.join(source), &options)
            .map_err(|error| Failure { message: error.to_string(), hint: error.hint() });
        self.done.insert(key, packaged.clone());
        packaged
    }
}
