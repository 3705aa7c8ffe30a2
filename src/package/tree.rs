//! Reads a source folder: every file that is not left out, sorted, links followed only while they stay inside.

use std::fs::{self, File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};

use ignore::gitignore::Gitignore;

use super::archive::{Entry, Mode, UNZIPPED_LIMIT, largest};
use super::{Error, names};

/// The most files and folders looked at: links inside a folder can multiply without end.
const STEPS_LIMIT: usize = 200_000;

/// A file to read: its place in the archive, where it is, and its size when it was found.
struct Found {
    path: String,
    place: PathBuf,
    size: u64,
}

/// A walk through a folder.
struct Walk<'a> {
    /// The folder as the user wrote it; patterns are relative to it.
    source: &'a Path,
    /// The folder with every link resolved: nothing outside it is read.
    root: PathBuf,
    excludes: &'a Gitignore,
    /// The folders from the root to here, links resolved, to notice a link back to one of them.
    above: Vec<PathBuf>,
    steps: usize,
    found: Vec<Found>,
}

/// Reads the files of the folder `source`, sorted by path.
pub(super) fn read(source: &Path, excludes: &Gitignore) -> Result<Vec<Entry>, Error> {
    let root = source.canonicalize().map_err(|cause| Error::missing(source, cause))?;
    let mut walk = Walk {
        source,
        root: root.clone(),
        excludes,
        above: vec![root.clone()],
        steps: 0,
        found: vec![],
    };
    walk.folder(&root, "")?;
    let mut found = walk.found;
    found.sort_by(|one, other| one.path.cmp(&other.path));
    if found.is_empty() {
        return Err(Error::Empty { path: source.display().to_string() });
    }
    names::distinct(found.iter().map(|file| file.path.as_str()))?;
    let size = found.iter().map(|file| file.size).sum();
    if size > UNZIPPED_LIMIT {
        let sizes = found.iter().map(|file| (file.path.as_str(), file.size));
        let largest = largest(sizes);
        let path = source.display().to_string();
        return Err(Error::TooLarge { path, size, limit: UNZIPPED_LIMIT, largest });
    }
    found.into_iter().map(|file| read_file(&file.place, file.path)).collect()
}

/// Reads one file, asking the opened file itself what it is, so that nothing can be put in its place meanwhile.
pub(super) fn read_file(place: &Path, path: String) -> Result<Entry, Error> {
    let unreadable = |cause| Error::unreadable(&place.display(), cause);
    let file = File::open(place).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Error::Special { path });
    }
    let mut bytes = Vec::new();
    file.take(UNZIPPED_LIMIT + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let size = bytes.len() as u64;
    if size > UNZIPPED_LIMIT {
        return Err(Error::TooLarge { path, size, limit: UNZIPPED_LIMIT, largest: String::new() });
    }
    Ok(Entry { path, mode: mode(&metadata), bytes })
}

/// Returns whether a file can be run.
#[cfg(unix)]
fn mode(metadata: &Metadata) -> Mode {
    use std::os::unix::fs::PermissionsExt as _;
    Mode::of(metadata.permissions().mode())
}

/// Returns that a file cannot be run, as the system does not say.
#[cfg(not(unix))]
fn mode(_metadata: &Metadata) -> Mode {
    Mode::Plain
}

impl Walk<'_> {
    /// Walks the folder at `place`, which stands at `prefix` in the archive.
    fn folder(&mut self, place: &Path, prefix: &str) -> Result<(), Error> {
        let unreadable = |cause| Error::unreadable(&place.display(), cause);
        for entry in fs::read_dir(place).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            self.steps += 1;
            if self.steps > STEPS_LIMIT {
                let path = self.source.display().to_string();
                return Err(Error::TooMany { path, limit: STEPS_LIMIT });
            }
            let kind = entry.file_type().map_err(unreadable)?;
            let name = entry.file_name();
            if self.excluded(&Path::new(prefix).join(&name), kind.is_dir()) {
                continue;
            }
            let Some(name) = name.to_str() else {
                return Err(Error::NotUtf8 { path: entry.path().display().to_string() });
            };
            let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
            names::check(&path)?;
            if kind.is_symlink() {
                self.link(&entry.path(), path)?;
            } else if kind.is_dir() {
                self.descend(&entry.path(), &path)?;
            } else if kind.is_file() {
                self.file(entry.path(), path)?;
            } else {
                return Err(Error::Special { path });
            }
        }
        Ok(())
    }

    /// Whether a path relative to the root is left out.
    fn excluded(&self, path: &Path, is_dir: bool) -> bool {
        self.excludes.matched(path, is_dir).is_ignore()
    }

    /// Walks a folder inside the current one.
    fn descend(&mut self, place: &Path, path: &str) -> Result<(), Error> {
        self.above.push(place.to_owned());
        self.folder(place, path)?;
        self.above.pop();
        Ok(())
    }

    /// Notes a file.
    fn file(&mut self, place: PathBuf, path: String) -> Result<(), Error> {
        let metadata = fs::metadata(&place).map_err(|cause| Error::unreadable(&path, cause))?;
        self.found.push(Found { path, place, size: metadata.len() });
        Ok(())
    }

    /// Takes what a link points to in the link's place.
    fn link(&mut self, place: &Path, path: String) -> Result<(), Error> {
        let written = fs::read_link(place).map_err(|cause| Error::unreadable(&path, cause))?;
        let target = written.display().to_string();
        let Ok(real) = place.canonicalize() else {
            return Err(Error::LinkDangling { path, target });
        };
        let Ok(inside) = real.strip_prefix(&self.root) else {
            return Err(Error::LinkOutside { path, target });
        };
        let metadata = fs::metadata(&real).map_err(|cause| Error::unreadable(&path, cause))?;
        let is_dir = metadata.is_dir();
        if self.excluded(Path::new(&path), is_dir) {
            return Ok(());
        }
        if self.excludes.matched_path_or_any_parents(inside, is_dir).is_ignore() {
            return Err(Error::LinkExcluded { path, target });
        }
        if self.above.contains(&real) {
            return Err(Error::LinkCycle { path });
        }
        if is_dir {
            return self.descend(&real, &path);
        }
        if !metadata.is_file() {
            return Err(Error::Special { path });
        }
        self.file(real, path)
    }
}
