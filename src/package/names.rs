//! Which paths an archive may hold: those that mean the same on every system it is unpacked on.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::Error;

/// Checks one path: relative, `/` between its parts, and no part that climbs or cannot be written.
pub(super) fn check(path: &str) -> Result<(), Error> {
    let problem = if path.is_empty() {
        "is empty"
    } else if path.contains('\0') {
        "holds a NUL character"
    } else if path.contains('\\') {
        "holds a backslash, which is a separator on other systems"
    } else if path.starts_with('/') || has_drive(path) {
        "is absolute"
    } else if path.split('/').any(|part| part == "..") {
        "climbs out of the archive"
    } else if path.split('/').any(|part| part.is_empty() || part == ".") {
        "has an empty part"
    } else {
        return Ok(());
    };
    Err(Error::Name { path: path.to_owned(), problem })
}

/// Whether a path starts with a drive letter, which makes it absolute on Windows.
fn has_drive(path: &str) -> bool {
    let mut start = path.chars();
    start.next().is_some_and(|letter| letter.is_ascii_alphabetic()) && start.next() == Some(':')
}

/// Checks that no two files or folders share a name on systems that fold case or normalise Unicode.
pub(super) fn distinct<'a>(paths: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
    let mut seen = BTreeMap::new();
    for path in paths {
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        for prefix in ends.filter_map(|end| path.get(..end)) {
            let known = *seen.entry(folded(prefix)).or_insert(prefix);
            if known != prefix {
                return Err(Error::Collision {
                    first: known.to_owned(),
                    second: prefix.to_owned(),
                });
            }
        }
    }
    Ok(())
}

/// Returns the form two colliding names share.
fn folded(name: &str) -> String {
    name.nfc().flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::{check, distinct};

    #[test]
    fn hostile_paths_are_refused() {
        let hostile = [
            "",
            "/etc/passwd",
            "../up",
            "a/../../up",
            "a\\b",
            "a\0b",
            "C:/x",
            "c:x",
            "a//b",
            "./a",
        ];
        for path in hostile {
            assert!(check(path).is_err(), "{path:?}");
        }
    }

    #[test]
    fn ordinary_paths_are_accepted() {
        for path in ["app.py", "lib/app.py", "..a/b", "a b/ü.txt", "ab:c"] {
            assert!(check(path).is_ok(), "{path:?}");
        }
    }

    #[test]
    fn names_that_differ_in_case_or_unicode_form_collide() {
        assert!(distinct(["App.py", "app.py"]).is_err());
        assert!(distinct(["caf\u{e9}.txt", "cafe\u{301}.txt"]).is_err());
        assert!(distinct(["Lib/a.py", "lib/b.py"]).is_err());
        assert!(distinct(["lib/a.py", "lib/b.py", "lib.py"]).is_ok());
    }
}
