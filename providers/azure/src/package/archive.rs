//! The archive of the code: read, and written again with the generated files in it.
//!
//! Nothing is ever unpacked to disk. The same code and files give the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipArchive, ZipWriter};

use super::runtime::JAR;

/// The largest file that is looked into: `host.json`, `package.json` and what the latter starts.
const MOST: u64 = 1 << 20;

/// The permission bits that are kept: those of files, and that they are links.
const FILE: u32 = 0o644;
const PROGRAM: u32 = 0o755;

/// The code of a function, as far as it is looked into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Code {
    paths: BTreeSet<String>,
    texts: BTreeMap<String, Vec<u8>>,
}

impl Code {
    /// Reads an archive, or says why it cannot be read.
    pub(crate) fn read(archive: &[u8]) -> Result<Self, String> {
        let mut zip = open(archive)?;
        let mut code = Self::default();
        for index in 0..zip.len() {
            let mut file = zip.by_index(index).map_err(unreadable)?;
            if file.is_dir() {
                continue;
            }
            let path = file.name().map_err(unreadable)?.into_owned();
            if is_read(&path) {
                let mut text = Vec::new();
                file.by_ref().take(MOST).read_to_end(&mut text).map_err(unreadable)?;
                code.texts.insert(path.clone(), text);
            }
            code.paths.insert(path);
        }
        Ok(code)
    }

    /// Returns the paths of its files.
    pub(crate) fn paths(&self) -> &BTreeSet<String> {
        &self.paths
    }

    /// Returns whether it has a file.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// Returns what is in a file that is looked into.
    pub(crate) fn text(&self, path: &str) -> Option<&[u8]> {
        self.texts.get(path).map(Vec::as_slice)
    }

    /// Returns whether the archive is itself a Java archive.
    pub(crate) fn is_jar(&self) -> bool {
        self.has("META-INF/MANIFEST.MF")
    }
}

/// Files that are looked into: settings, and what Node.js might start with.
fn is_read(path: &str) -> bool {
    let script = [".js", ".mjs", ".cjs"].iter().any(|ending| path.ends_with(ending));
    matches!(path, "host.json" | "package.json") || script && !path.contains("node_modules/")
}

/// Writes the archive of a package: the code, and the generated files in place of its own.
///
/// `program` is a file that can be run, whatever the archive says of it. A Java archive is put
/// into the package as a file.
pub(crate) fn rewritten(
    archive: &[u8],
    files: &BTreeMap<String, String>,
    program: Option<&str>,
) -> Result<Vec<u8>, String> {
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(6))
        .last_modified_time(DateTime::DEFAULT)
        .system(System::Unix)
        .unix_permissions(FILE);
    let mut zip = open(archive)?;
    if zip.index_for_name("META-INF/MANIFEST.MF").is_some() {
        // It is compressed already.
        let stored = options.compression_method(CompressionMethod::Stored).compression_level(None);
        out.start_file(JAR, stored).map_err(unwritable)?;
        out.write_all(archive).map_err(unwritable)?;
    } else {
        for index in 0..zip.len() {
            let file = zip.by_index_raw(index).map_err(unreadable)?;
            let path = file.name().map_err(unreadable)?.into_owned();
            if files.contains_key(&path) || file.is_dir() {
                continue;
            }
            let mode = mode(file.unix_mode(), program == Some(path.as_str()));
            out.raw_copy_file_touch(file, DateTime::DEFAULT, Some(mode)).map_err(unwritable)?;
        }
    }
    for (path, text) in files {
        out.start_file(path.as_str(), options).map_err(unwritable)?;
        out.write_all(text.as_bytes()).map_err(unwritable)?;
    }
    Ok(out.finish().map_err(unwritable)?.into_inner())
}

/// Returns the mode of a file: links stay links, what can be run stays so, all else is plain.
fn mode(mode: Option<u32>, program: bool) -> u32 {
    let mode = mode.unwrap_or(FILE);
    let kind = mode & 0o170_000;
    let bits = if program || mode & 0o100 != 0 { PROGRAM } else { FILE };
    if kind == 0o120_000 { mode } else { bits }
}

fn open(archive: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, String> {
    ZipArchive::new(Cursor::new(archive)).map_err(unreadable)
}

fn unreadable(error: impl std::fmt::Display) -> String {
    format!("the package cannot be read: {error}")
}

fn unwritable(error: impl std::fmt::Display) -> String {
    format!("the package cannot be written: {error}")
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;
    use std::io::{Cursor, Read as _, Write as _};

    use zip::write::SimpleFileOptions;
    use zip::{ZipArchive, ZipWriter};

    use super::{Code, rewritten};

    /// An archive of files; those whose names end in `*` can be run.
    pub(crate) fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, text) in files {
            let (path, mode) = match path.strip_suffix('*') {
                Some(path) => (path, 0o755),
                None => (*path, 0o644),
            };
            let options = SimpleFileOptions::default().unix_permissions(mode);
            zip.start_file(path, options).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    /// Code of files.
    pub(crate) fn code(files: &[(&str, &str)]) -> Code {
        Code::read(&archive(files)).unwrap()
    }

    fn unpacked(bytes: &[u8]) -> BTreeMap<String, (u32, String)> {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut files = BTreeMap::new();
        for index in 0..zip.len() {
            let mut file = zip.by_index(index).unwrap();
            let (name, mode) = (file.name().unwrap().into_owned(), file.unix_mode().unwrap());
            let mut text = Vec::new();
            file.read_to_end(&mut text).unwrap();
            files.insert(name, (mode & 0o777, String::from_utf8_lossy(&text).into_owned()));
        }
        files
    }

    #[test]
    fn generated_files_take_the_place_of_the_codes_own_and_modes_stay() {
        let code = archive(&[("app.py", "x"), ("host.json", "{}"), ("tool*", "y"), ("run", "z")]);
        let files = BTreeMap::from([
            ("host.json".to_owned(), "{\"version\":\"2.0\"}".to_owned()),
            ("http/function.json".to_owned(), "{}".to_owned()),
        ]);
        let bytes = rewritten(&code, &files, Some("run")).unwrap();
        assert_eq!(bytes, rewritten(&code, &files, Some("run")).unwrap());
        let found = unpacked(&bytes);
        let modes: Vec<(&str, u32)> =
            found.iter().map(|(name, (mode, _))| (name.as_str(), *mode)).collect();
        assert_eq!(
            modes,
            [
                ("app.py", 0o644),
                ("host.json", 0o644),
                ("http/function.json", 0o644),
                ("run", 0o755),
                ("tool", 0o755)
            ]
        );
        assert_eq!(found["host.json"].1, "{\"version\":\"2.0\"}");
        assert_eq!(found["app.py"].1, "x");
    }

    #[test]
    fn a_java_archive_is_a_file_of_its_package() {
        let jar = archive(&[("META-INF/MANIFEST.MF", "Main"), ("App.class", "x")]);
        let found = unpacked(&rewritten(&jar, &BTreeMap::new(), None).unwrap());
        assert_eq!(found.keys().collect::<Vec<_>>(), ["app.jar"]);
        assert!(Code::read(&jar).unwrap().is_jar());
    }

    #[test]
    fn what_is_no_archive_says_so() {
        assert!(Code::read(b"nothing").unwrap_err().contains("cannot be read"));
    }
}
