//! Reads sources: a folder or a packaged archive, so many files and bytes of it and no more.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Read as _};
use std::path::Path;

use crate::program::Language;

/// The most bytes of one file. Hand-written sources are smaller; bundles that are not say so in a note.
const FILE: u64 = 2 << 20;

/// The most bytes of all files.
const TOTAL: u64 = 32 << 20;

/// The most files.
const FILES: usize = 4_000;

/// The most files and folders looked at.
const STEPS: usize = 100_000;

/// How deep folders may be.
const DEPTH: usize = 32;

/// Folders of what others wrote.
const FOREIGN: &[&str] = &["node_modules", "__pycache__", "site-packages", ".venv", "venv", ".git"];

/// Sources by their paths, and what was not read.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) notes: BTreeSet<String>,
    /// Files that could not be read, and why.
    pub(crate) unread: BTreeMap<String, String>,
    /// What installed packages brought, by the first part of its path under the folder it is in.
    pub(crate) installed: BTreeSet<String>,
    pub(crate) total: u64,
    pub(crate) steps: usize,
}

/// Why sources could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder or archive is not there or may not be read.
    #[error("the source could not be read: {0}")]
    Io(#[from] std::io::Error),
    /// It is no archive.
    #[error("the package could not be read: {0}")]
    Zip(#[from] zip::result::ZipError),
}

/// Returns the language of a file.
pub(crate) fn language(path: &str) -> Option<Language> {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending)?;
    match ending {
        "py" => Some(Language::Python),
        "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" if !path.ends_with(".d.ts") => {
            Some(Language::Script)
        }
        _ => None,
    }
}

/// Reads a folder. Links are not followed.
pub(crate) fn folder(root: &Path) -> Result<Sources, Error> {
    let mut sources = Sources::default();
    sources.walk(root, "", 0)?;
    Ok(sources.own())
}

/// Reads a packaged archive.
pub(crate) fn archive(bytes: &[u8]) -> Result<Sources, Error> {
    let mut sources = Sources::default();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))?;
    for at in 0..archive.len() {
        let file = archive.by_index(at)?;
        // A name that is not UTF-8 is nobody's module.
        let Ok(path) = file.name().map(|name| name.to_string()) else { continue };
        let size = file.size();
        sources.steps += 1;
        if sources.steps > STEPS {
            sources
                .notes
                .insert("the rest of the package was not read: it has too many files".to_owned());
            break;
        }
        let foreign = path.split('/').any(|part| FOREIGN.contains(&part));
        if !foreign && sources.wants(&path, size) {
            sources.take(path, file)?;
        }
    }
    Ok(sources.own())
}

impl Sources {
    fn walk(&mut self, folder: &Path, prefix: &str, depth: usize) -> Result<(), Error> {
        let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            self.steps += 1;
            if self.steps > STEPS {
                self.notes.insert(
                    "the rest of the folder was not read: it has too many files".to_owned(),
                );
                return Ok(());
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                if depth >= DEPTH {
                    self.notes.insert(format!("{path} was not read: it is too deep"));
                } else if !FOREIGN.contains(&name.as_str()) {
                    self.walk(&entry.path(), &path, depth + 1)?;
                }
            } else if kind.is_file() && self.wants(&path, entry.metadata()?.len()) {
                let file = fs::File::open(entry.path())?;
                self.take(path, file)?;
            }
        }
        Ok(())
    }

    /// Whether a file is a source that there is room for, or says what is installed.
    fn wants(&mut self, path: &str, size: u64) -> bool {
        if path.ends_with(".dist-info/RECORD") {
            return size <= FILE;
        }
        if language(path).is_none() {
            return false;
        }
        let why = if size > FILE {
            "it is larger than 2 MiB"
        } else if self.total + size > TOTAL {
            "there is more than 32 MiB of source"
        } else if self.files.len() >= FILES {
            "there are more than 4,000 files"
        } else {
            return true;
        };
        self.unread.insert(path.to_owned(), why.to_owned());
        false
    }

    fn take(&mut self, path: String, file: impl std::io::Read) -> Result<(), Error> {
        let mut bytes = Vec::new();
        file.take(FILE).read_to_end(&mut bytes)?;
        if let Some(inside) = path.strip_suffix("/RECORD") {
            let folder =
                inside.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
            let text = String::from_utf8_lossy(&bytes);
            let firsts = text.lines().filter_map(|line| line.split([',', '/']).next());
            self.installed.extend(firsts.map(|first| format!("{folder}{first}")));
            return Ok(());
        }
        self.total += bytes.len() as u64;
        match String::from_utf8(bytes) {
            Ok(text) => drop(self.files.insert(path, text)),
            Err(_) => drop(self.unread.insert(path, "it is not UTF-8".to_owned())),
        }
        Ok(())
    }

    /// Leaves out what was installed beside the sources.
    fn own(mut self) -> Self {
        let installed = std::mem::take(&mut self.installed);
        let own = |path: &String| {
            let foreign = |(at, _): (usize, &str)| {
                path.get(..at).is_some_and(|start| installed.contains(start))
            };
            !installed.contains(path) && !path.match_indices('/').any(foreign)
        };
        self.files.retain(|path, _| own(path));
        self.unread.retain(|path, _| own(path));
        self
    }
}
