//! The three forms of source: a folder, a single file, an archive built elsewhere.

use std::fs;
use std::path::Path;

use updraft_contract::Artifact;

use super::archive::{self, Entry};
use super::{Error, excludes, names, prebuilt, tree};

/// What to leave out of a package beside the defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Patterns in the language of `.gitignore`, relative to the source folder.
    ///
    /// They come after the defaults and the folder's own `.updraftignore`, so they win; `!pattern` takes back in.
    pub exclude: Vec<String>,
}

/// Packages the folder, file or archive at `source`.
///
/// A `.zip` or `.jar` is checked and deployed as it is; its digest covers what it holds, not how it was compressed.
pub fn package(source: &Path, options: &Options) -> Result<Artifact, Error> {
    let metadata = fs::metadata(source).map_err(|cause| Error::missing(source, cause))?;
    if metadata.is_dir() {
        let excludes = excludes::matcher(source, &options.exclude)?;
        return archive::write(source, &tree::read(source, &excludes)?);
    }
    if !metadata.is_file() {
        return Err(Error::Special { path: source.display().to_string() });
    }
    if is_archive(source) {
        return prebuilt::accept(source);
    }
    archive::write(source, &[single(source)?])
}

/// Whether a file is an archive by its name. Lambda takes a `.jar` as the zip archive it is.
fn is_archive(source: &Path) -> bool {
    let extension = source.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|it| it.eq_ignore_ascii_case("zip") || it.eq_ignore_ascii_case("jar"))
}

/// Reads a source that is one file.
fn single(source: &Path) -> Result<Entry, Error> {
    let name = source.file_name().and_then(|name| name.to_str());
    let path =
        name.ok_or_else(|| Error::NotUtf8 { path: source.display().to_string() })?.to_owned();
    names::check(&path)?;
    tree::read_file(source, path)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Options, package};
    use crate::package::Error;

    #[test]
    fn a_missing_folder_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let error = package(&folder.path().join("nothing"), &Options::default()).unwrap_err();
        assert!(matches!(error, Error::Missing { .. }), "{error}");
        assert!(error.hint().contains("source"), "{}", error.hint());
    }

    #[test]
    fn a_folder_with_nothing_to_deploy_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("empty")).unwrap();
        fs::write(folder.path().join(".env"), "KEY=value").unwrap();
        let error = package(folder.path(), &Options::default()).unwrap_err();
        assert!(matches!(error, Error::Empty { .. }), "{error}");
    }

    #[test]
    fn a_single_file_is_packaged_as_the_folder_that_holds_it_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("app.py"), "def handler(event, context): pass\n").unwrap();
        let file = package(&folder.path().join("app.py"), &Options::default()).unwrap();
        assert_eq!(file, package(folder.path(), &Options::default()).unwrap());
    }
}
