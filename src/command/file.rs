//! Files that commands write for themselves and read again: private, whole or not at all, and never
//! through a link.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::world::Session;
use crate::exit::{Exit, Failure};

/// Writes a file that only its owner can read. What stood there before is replaced at once; a link
/// is replaced and not followed.
pub(crate) fn write_private(session: &Session<'_>, path: &Path, text: &str) -> Result<(), Failure> {
    let path = session.world.folder.join(path);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let beside = path.with_file_name(format!(
        ".{}.{}",
        name.as_deref().unwrap_or_default(),
        session.world.run
    ));
    let written = created(&beside, text).and_then(|()| replaced(&beside, &path));
    written.map_err(|error| {
        let _ = fs::remove_file(&beside);
        failed(&path, &error.to_string()).hint("Name a file in a folder that exists.")
    })
}

fn created(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn replaced(from: &Path, to: &Path) -> io::Result<()> {
    match fs::symlink_metadata(to) {
        Ok(found) if !found.is_file() && !found.is_symlink() => {
            Err(io::Error::other("it is not a file"))
        }
        Ok(_) | Err(_) => fs::rename(from, to),
    }
}

/// Reads a file of at most `most` bytes; of a larger one, one byte more.
pub(crate) fn read_capped(
    session: &Session<'_>,
    path: &Path,
    most: usize,
) -> Result<Vec<u8>, Failure> {
    let path: PathBuf = session.world.folder.join(path);
    let read = || {
        if !fs::symlink_metadata(&path)?.is_file() {
            return Err(io::Error::other("it is a link or no file, and is not followed"));
        }
        let mut bytes = Vec::new();
        let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
        File::open(&path)?.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|error| {
        failed(&path, &error.to_string()).hint("Name the file itself, where it was saved.")
    })
}

fn failed(path: &Path, what: &str) -> Failure {
    Failure::new(Exit::Failed, format!("{}: {what}", path.display()))
}
