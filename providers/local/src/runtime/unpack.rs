//! Unpacks a function's archive to a folder, by hand: no entry leaves that folder, nothing is
//! written through a link, and the declared sizes are not believed.
//!
//! The zip crate's own extraction is never used (RUSTSEC-2026-0368, RUSTSEC-2026-0369).

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read, Write as _};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;
use zip::read::ZipFile;

/// The unzipped size Lambda allows, layers included
/// (docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
pub(crate) const UNZIPPED_LIMIT: u64 = 262_144_000;

/// What is wrong with an archive.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Defect {
    /// It is no zip archive, or a broken one.
    #[error("the archive cannot be read: {0}")]
    Unreadable(String),
    /// It holds nothing.
    #[error("the archive is empty")]
    Empty,
    /// It unpacks to more than Lambda takes.
    #[error("the archive unpacks to more than {UNZIPPED_LIMIT} bytes")]
    TooLarge,
    /// An entry's name or link would lead outside the folder.
    #[error("the archive's entry {0:?} leads outside its folder")]
    Escapes(String),
    /// The folder could not be written.
    #[error("the archive cannot be unpacked: {0}")]
    Disk(String),
}

/// Checks an archive without writing anything.
pub(crate) fn survey(archive: &[u8]) -> Result<(), Defect> {
    let mut zip = open(archive)?;
    let mut total = 0;
    for index in 0..zip.len() {
        let entry = zip.by_index(index).map_err(unreadable)?;
        inside(&entry.name().map_err(unreadable)?)?;
        total += drain(entry, UNZIPPED_LIMIT.saturating_sub(total), &mut std::io::sink())?;
    }
    Ok(())
}

/// Unpacks an archive into a folder named by its digest below `root`, once.
pub(crate) fn unpack(archive: &[u8], root: &Path, digest: &str) -> Result<PathBuf, Defect> {
    let folder = root.join(digest);
    if folder.is_dir() {
        return Ok(folder);
    }
    let fresh = tempfile::Builder::new().prefix("unpacking-").tempdir_in(root).map_err(disk)?;
    write_entries(archive, fresh.path())?;
    match fs::rename(fresh.path(), &folder) {
        Ok(()) => Ok(folder),
        // Another invocation was faster; its folder holds the same.
        Err(_) if folder.is_dir() => Ok(folder),
        Err(error) => Err(disk(error)),
    }
}

fn write_entries(archive: &[u8], root: &Path) -> Result<(), Defect> {
    let mut zip = open(archive)?;
    let mut links = BTreeMap::new();
    let mut written = 0;
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(unreadable)?;
        let path = inside(&entry.name().map_err(unreadable)?)?;
        if entry.is_symlink() {
            let mut target = String::new();
            entry.by_ref().take(4096).read_to_string(&mut target).map_err(unreadable)?;
            links.insert(path, target);
        } else if entry.is_dir() {
            fs::create_dir_all(root.join(path)).map_err(disk)?;
        } else {
            let left = UNZIPPED_LIMIT.saturating_sub(written);
            written += write_file(entry, &root.join(path), left)?;
        }
    }
    // Links come last, so that no file is ever written through one.
    links.iter().try_for_each(|(path, target)| write_link(root, path, target))
}

fn write_file<R: Read>(entry: ZipFile<'_, R>, path: &Path, room: u64) -> Result<u64, Defect> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(disk)?;
    }
    let executable = entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
    let mut file = fs::File::create(path).map_err(disk)?;
    let size = drain(entry, room, &mut file)?;
    file.flush().map_err(disk)?;
    set_mode(path, executable)?;
    Ok(size)
}

fn write_link(root: &Path, path: &Path, target: &str) -> Result<(), Defect> {
    let name = path.display().to_string();
    let depth = path.components().count().saturating_sub(1);
    if !stays(target, depth) || root.join(path).symlink_metadata().is_ok() {
        return Err(Defect::Escapes(name));
    }
    for parent in path.ancestors().skip(1) {
        if root.join(parent).symlink_metadata().is_ok_and(|found| found.is_symlink()) {
            return Err(Defect::Escapes(name));
        }
    }
    if let Some(parent) = root.join(path).parent() {
        fs::create_dir_all(parent).map_err(disk)?;
    }
    make_link(target, &root.join(path))
}

/// Whether a link's target stays inside, seen from a folder `depth` levels deep.
///
/// Going up is allowed only at the start: after a name, `..` could step out of another link.
fn stays(target: &str, depth: usize) -> bool {
    let mut up = 0;
    let mut named = false;
    for part in Path::new(target).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if !named => up += 1,
            Component::Normal(_) => named = true,
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return false,
        }
    }
    up <= depth
}

/// An entry's name as a relative path of plain names only.
fn inside(name: &str) -> Result<PathBuf, Defect> {
    let path = Path::new(name);
    let plain =
        path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !plain || name.is_empty() || name.contains(['\\', '\0']) {
        return Err(Defect::Escapes(name.to_owned()));
    }
    Ok(path.components().filter(|part| matches!(part, Component::Normal(_))).collect())
}

fn open(archive: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, Defect> {
    let zip = ZipArchive::new(Cursor::new(archive)).map_err(unreadable)?;
    if zip.is_empty() { Err(Defect::Empty) } else { Ok(zip) }
}

fn drain(from: impl Read, room: u64, to: &mut impl std::io::Write) -> Result<u64, Defect> {
    let size = std::io::copy(&mut from.take(room + 1), to).map_err(unreadable)?;
    if size > room { Err(Defect::TooLarge) } else { Ok(size) }
}

fn unreadable(error: impl std::fmt::Display) -> Defect {
    Defect::Unreadable(error.to_string())
}

fn disk(error: impl std::fmt::Display) -> Defect {
    Defect::Disk(error.to_string())
}

#[cfg(unix)]
fn set_mode(path: &Path, executable: bool) -> Result<(), Defect> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = if executable { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(disk)
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _executable: bool) -> Result<(), Defect> {
    Ok(())
}

#[cfg(unix)]
fn make_link(target: &str, path: &Path) -> Result<(), Defect> {
    std::os::unix::fs::symlink(target, path).map_err(disk)
}

#[cfg(not(unix))]
fn make_link(_target: &str, path: &Path) -> Result<(), Defect> {
    Err(Defect::Disk(format!("links such as {} need a Unix system", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use zip::write::{SimpleFileOptions, ZipWriter};

    fn archive(entries: &[(&str, u32, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, mode, content) in entries {
            let options = SimpleFileOptions::default().unix_permissions(*mode);
            if *mode & 0o170_000 == 0o120_000 {
                zip.add_symlink(*name, *content, options).unwrap();
            } else {
                zip.start_file(*name, options).unwrap();
                zip.write_all(content.as_bytes()).unwrap();
            }
        }
        zip.finish().unwrap().into_inner()
    }

    const LINK: u32 = 0o120_777;

    #[test]
    fn files_folders_links_and_the_executable_bit_survive() {
        let root = tempfile::tempdir().unwrap();
        let zip = archive(&[
            ("bin/tool", 0o755, "#!/bin/sh"),
            ("app.py", 0o644, "x = 1"),
            ("lib/tool", LINK, "../bin/tool"),
        ]);
        survey(&zip).unwrap();
        let folder = unpack(&zip, root.path(), "abc").unwrap();
        assert_eq!(fs::read_to_string(folder.join("app.py")).unwrap(), "x = 1");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::read_to_string(folder.join("lib/tool")).unwrap(), "#!/bin/sh");
            let mode = |name: &str| folder.join(name).metadata().unwrap().permissions().mode();
            assert_eq!((mode("bin/tool") & 0o111, mode("app.py") & 0o111), (0o111, 0));
        }
        assert_eq!(unpack(b"not read again", root.path(), "abc"), Ok(folder));
    }

    #[test]
    fn nothing_leaves_the_folder() {
        let hostile: [&[(&str, u32, &str)]; 7] = [
            &[("../evil", 0o644, "x")],
            &[("/etc/evil", 0o644, "x")],
            &[("a/../../evil", 0o644, "x")],
            &[("a\\evil", 0o644, "x")],
            &[("link", LINK, "/etc")],
            &[("deep/link", LINK, "../../out")],
            &[("dot", LINK, "."), ("link", LINK, "dot/..")],
        ];
        for entries in hostile {
            let root = tempfile::tempdir().unwrap();
            let result = unpack(&archive(entries), root.path(), "abc");
            assert!(matches!(result, Err(Defect::Escapes(_))), "{entries:?}: {result:?}");
            assert!(!root.path().join("abc").exists());
        }
    }

    #[test]
    fn a_file_is_never_written_through_a_link() {
        let root = tempfile::tempdir().unwrap();
        let zip = archive(&[("out", LINK, "inner"), ("out/file", 0o644, "x")]);
        assert!(matches!(unpack(&zip, root.path(), "abc"), Err(Defect::Escapes(_))));
    }

    #[test]
    fn an_archive_must_be_one_and_hold_something() {
        assert!(matches!(survey(b"no zip"), Err(Defect::Unreadable(_))));
        assert_eq!(survey(&archive(&[])), Err(Defect::Empty));
    }
}
