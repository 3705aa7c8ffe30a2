//! The archive itself, and the digest of what it holds.

use std::io::{self, Cursor, Write};
use std::path::Path;
use std::sync::Arc;

use bytesize::ByteSize;
use sha2::{Digest, Sha256};
use updraft_contract::{Artifact, hex};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::Error;

/// The largest archive that Lambda takes in a request.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
pub(super) const ZIPPED_LIMIT: u64 = 50 * 1024 * 1024;

/// The largest content that Lambda unpacks, layers included. Source: the same page.
pub(super) const UNZIPPED_LIMIT: u64 = 250 * 1024 * 1024;

/// One file of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Where it stands in the archive: relative, with `/` between the parts.
    pub(super) path: String,
    /// What becomes of it when unpacked.
    pub(super) mode: Mode,
    /// Its content, or for a link the path it points to.
    pub(super) bytes: Vec<u8>,
}

/// What becomes of an entry when it is unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// A file that is read.
    Plain,
    /// A file that can be run.
    Executable,
    /// A link. Only archives built elsewhere hold any.
    Link,
}

impl Mode {
    /// Returns the mode of a file with these permission bits, of which only the owner's execution counts.
    pub(super) fn of(bits: u32) -> Self {
        if bits & 0o100 == 0 { Mode::Plain } else { Mode::Executable }
    }

    /// Returns the letter it has in the digest.
    fn letter(self) -> u8 {
        match self {
            Mode::Plain => b'-',
            Mode::Executable => b'x',
            Mode::Link => b'l',
        }
    }
}

/// Returns the SHA-256 over the sorted paths, modes and content hashes.
///
/// `entries` are sorted by path. Paths hold no NUL and hashes have one length, so no two packages run together alike.
pub(super) fn digest(entries: &[Entry]) -> String {
    let mut hash = Sha256::new();
    for entry in entries {
        hash.update(entry.path.as_bytes());
        hash.update([0, entry.mode.letter()]);
        hash.update(Sha256::digest(&entry.bytes));
    }
    hex(&hash.finalize())
}

/// Writes the archive of `entries`, which are sorted by path.
pub(super) fn write(source: &Path, entries: &[Entry]) -> Result<Artifact, Error> {
    let bytes = zipped(entries).map_err(|cause| Error::unreadable(&source.display(), cause))?;
    let size = bytes.len() as u64;
    if size > ZIPPED_LIMIT {
        let sizes = entries.iter().map(|entry| (entry.path.as_str(), entry.bytes.len() as u64));
        return Err(Error::ArchiveTooLarge {
            path: source.display().to_string(),
            size,
            limit: ZIPPED_LIMIT,
            largest: largest(sizes),
        });
    }
    Ok(Artifact { digest: digest(entries), bytes: Arc::from(bytes) })
}

/// Compresses entries under a fixed time, owner and system, so that nothing but they can show in the bytes.
fn zipped(entries: &[Entry]) -> io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(6))
        .last_modified_time(DateTime::DEFAULT)
        .system(System::Unix);
    for entry in entries {
        let permissions = match entry.mode {
            Mode::Plain | Mode::Link => 0o644,
            Mode::Executable => 0o755,
        };
        zip.start_file(entry.path.as_str(), options.unix_permissions(permissions))?;
        zip.write_all(&entry.bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Names the three largest of some files, for a message about their size.
pub(super) fn largest<'a>(files: impl IntoIterator<Item = (&'a str, u64)>) -> String {
    let mut files: Vec<_> = files.into_iter().collect();
    files.sort_by_key(|(path, size)| (std::cmp::Reverse(*size), *path));
    let named = files.iter().take(3).map(|(path, size)| format!("{path} ({})", ByteSize(*size)));
    let named: Vec<_> = named.collect();
    if named.is_empty() { String::new() } else { format!("; largest: {}", named.join(", ")) }
}
