//! Archives built elsewhere: checked, never unpacked to disk, deployed byte for byte as they are.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::Arc;

use updraft_contract::Artifact;
use zip::ZipArchive;
use zip::read::ZipFile;

use super::archive::{self, Entry, Mode, UNZIPPED_LIMIT, ZIPPED_LIMIT};
use super::{Error, names};

/// Checks the archive at `source` and takes it as it is.
pub(super) fn accept(source: &Path) -> Result<Artifact, Error> {
    let path = source.display().to_string();
    let unreadable = |cause| Error::unreadable(&path, cause);
    let mut file = File::open(source).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    if size > ZIPPED_LIMIT {
        let largest = String::new();
        return Err(Error::ArchiveTooLarge { path, size, limit: ZIPPED_LIMIT, largest });
    }
    let mut bytes = Vec::new();
    file.by_ref().take(ZIPPED_LIMIT).read_to_end(&mut bytes).map_err(unreadable)?;
    let entries = entries(&path, &bytes)?;
    Ok(Artifact { digest: archive::digest(&entries), bytes: Arc::from(bytes) })
}

/// Reads and checks what an archive holds, sorted by path.
fn entries(source: &str, bytes: &[u8]) -> Result<Vec<Entry>, Error> {
    let broken = |problem: String| Error::Archive { path: source.to_owned(), problem };
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(error.to_string()))?;
    let mut entries = Vec::new();
    let mut left = UNZIPPED_LIMIT;
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).map_err(|error| broken(error.to_string()))?;
        let path = checked_name(&file)?;
        if file.is_dir() {
            continue;
        }
        let entry = entry(path, &mut file, left).map_err(|error| broken(error.to_string()))?;
        let Some(rest) = left.checked_sub(entry.bytes.len() as u64) else {
            let (path, size) = (source.to_owned(), UNZIPPED_LIMIT + 1);
            return Err(Error::TooLarge {
                path,
                size,
                limit: UNZIPPED_LIMIT,
                largest: String::new(),
            });
        };
        left = rest;
        check_link(&entry)?;
        entries.push(entry);
    }
    entries.sort_by(|one, other| one.path.cmp(&other.path));
    if entries.is_empty() {
        return Err(Error::Empty { path: source.to_owned() });
    }
    let twice = entries.array_windows().find(|[one, other]| one.path == other.path);
    match twice {
        Some([one, _]) => Err(broken(format!("it holds {} twice", one.path))),
        None => Ok(entries),
    }
}

/// Returns an entry's name, checked, without the slash that marks a folder.
fn checked_name<R: Read>(file: &ZipFile<'_, R>) -> Result<String, Error> {
    let raw = file.name_raw();
    let Ok(name) = std::str::from_utf8(raw) else {
        return Err(Error::NotUtf8 { path: String::from_utf8_lossy(raw).into_owned() });
    };
    let name = name.strip_suffix('/').unwrap_or(name);
    names::check(name)?;
    Ok(name.to_owned())
}

/// Reads one entry, believing nothing its header says of its size.
fn entry<R: Read>(path: String, file: &mut ZipFile<'_, R>, left: u64) -> std::io::Result<Entry> {
    let mode =
        if file.is_symlink() { Mode::Link } else { Mode::of(file.unix_mode().unwrap_or_default()) };
    let mut bytes = Vec::new();
    file.take(left + 1).read_to_end(&mut bytes)?;
    Ok(Entry { path, mode, bytes })
}

/// Checks that a link stays inside the archive.
fn check_link(entry: &Entry) -> Result<(), Error> {
    if entry.mode != Mode::Link {
        return Ok(());
    }
    let target = String::from_utf8_lossy(&entry.bytes).into_owned();
    let mut depth = entry.path.matches('/').count();
    let outside = target.starts_with('/')
        || target.split('/').any(|part| match part {
            "" | "." => false,
            ".." => depth.checked_sub(1).map(|up| depth = up).is_none(),
            _ => {
                depth += 1;
                false
            }
        });
    if outside {
        return Err(Error::LinkOutside { path: entry.path.clone(), target });
    }
    Ok(())
}
