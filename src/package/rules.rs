//! What is left out, what is refused, and what an archive built elsewhere must be.

use std::fs::{self, File};
use std::io::Cursor;

use updraft_contract::Artifact;

#[cfg(unix)]
use super::properties::permit;
use super::properties::{packaged, reread};
use super::{Error, Options, package};

fn folder_of(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let place = folder.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }
    folder
}

fn paths(artifact: &Artifact) -> Vec<String> {
    reread(artifact).into_keys().collect()
}

#[cfg(unix)]
#[test]
fn a_change_of_the_executable_bit_is_a_change_of_the_package() {
    let folder = folder_of(&[("bootstrap", "#!/bin/sh\n")]);
    let before = packaged(folder.path());
    permit(&folder.path().join("bootstrap"), 0o755);
    let after = packaged(folder.path());
    assert_ne!(before.digest, after.digest);
    assert_ne!(before.bytes, after.bytes);
}

#[test]
fn secrets_caches_and_editor_files_stay_at_home_by_default() {
    let folder = folder_of(&[
        ("app.py", ""),
        (".env", "KEY=value"),
        ("lib/.env.local", "KEY=value"),
        ("server.pem", "private"),
        (".git/config", ""),
        (".aws/credentials", ""),
        ("lib/__pycache__/x.pyc", ""),
        ("node_modules/.cache/x", ""),
        ("node_modules/left/index.js", ""),
        ("certifi/cacert.pem", "public"),
        (".DS_Store", ""),
        (".updraft/local/store", ""),
        ("updraft.toml", ""),
        ("sub/updraft.toml", ""),
    ]);
    let kept = ["app.py", "certifi/cacert.pem", "node_modules/left/index.js", "sub/updraft.toml"];
    assert_eq!(paths(&packaged(folder.path())), kept);
}

#[test]
fn the_folders_own_file_and_then_the_manifest_add_patterns_and_take_back() {
    let folder = folder_of(&[
        (".updraftignore", "docs/\n!.env.example\n*.md\n"),
        (".env.example", ""),
        ("app.py", ""),
        ("docs/index.html", ""),
        ("README.md", ""),
        ("NOTES.md", ""),
        ("tests/test_app.py", ""),
    ]);
    let exclude = vec!["/tests".to_owned(), "!NOTES.md".to_owned()];
    let artifact = package(folder.path(), &Options { exclude }).unwrap();
    assert_eq!(paths(&artifact), [".env.example", "NOTES.md", "app.py"]);
}

#[test]
fn gitignore_files_have_no_say_wherever_they_stand() {
    let folder =
        folder_of(&[(".gitignore", "*\n"), ("fn/.gitignore", "dist\n"), ("fn/dist/app.js", "")]);
    assert_eq!(paths(&packaged(&folder.path().join("fn"))), ["dist/app.js"]);
}

#[test]
fn a_malformed_pattern_is_named() {
    let folder = folder_of(&[("app.py", "")]);
    let exclude = vec!["{a".to_owned()];
    let error = package(folder.path(), &Options { exclude }).unwrap_err();
    assert!(matches!(&error, Error::Pattern { pattern, .. } if pattern == "{a"), "{error}");
}

#[test]
fn more_than_lambda_unpacks_is_refused_before_it_is_read() {
    let folder = folder_of(&[("app.py", "")]);
    let large = File::create(folder.path().join("model.bin")).unwrap();
    large.set_len(251 * 1024 * 1024).unwrap();
    let error = package(folder.path(), &Options::default()).unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    assert!(error.to_string().contains("model.bin"), "{error}");
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    fn refused(folder: &tempfile::TempDir) -> Error {
        package(folder.path(), &Options::default()).unwrap_err()
    }

    #[test]
    fn links_inside_the_folder_become_what_they_point_to() {
        let folder = folder_of(&[("shared/util.py", "x = 1\n")]);
        symlink("shared/util.py", folder.path().join("app.py")).unwrap();
        symlink("shared", folder.path().join("lib")).unwrap();
        let tree = reread(&packaged(folder.path()));
        assert_eq!(tree.keys().collect::<Vec<_>>(), ["app.py", "lib/util.py", "shared/util.py"]);
        assert_eq!(tree["app.py"].0, b"x = 1\n");
    }

    #[test]
    fn links_out_of_the_folder_to_nothing_and_in_circles_are_refused() {
        let outside = folder_of(&[("secret", "")]);
        let folder = folder_of(&[("app.py", "")]);
        let link = folder.path().join("link");
        symlink(outside.path().join("secret"), &link).unwrap();
        assert!(matches!(refused(&folder), Error::LinkOutside { .. }));
        fs::remove_file(&link).unwrap();
        symlink("nothing", &link).unwrap();
        assert!(matches!(refused(&folder), Error::LinkDangling { .. }));
        fs::remove_file(&link).unwrap();
        symlink(".", &link).unwrap();
        assert!(matches!(refused(&folder), Error::LinkCycle { .. }));
    }

    #[test]
    fn a_link_cannot_bring_in_what_is_excluded() {
        let folder = folder_of(&[("app.py", ""), (".env", "KEY=value"), (".git/config", "")]);
        symlink(".env", folder.path().join("settings")).unwrap();
        assert!(matches!(refused(&folder), Error::LinkExcluded { .. }));
        fs::remove_file(folder.path().join("settings")).unwrap();
        symlink(".git/config", folder.path().join("settings")).unwrap();
        assert!(matches!(refused(&folder), Error::LinkExcluded { .. }));
    }

    #[test]
    fn an_excluded_link_may_point_anywhere() {
        let folder = folder_of(&[("app.py", "")]);
        symlink("/nowhere", folder.path().join(".venv")).unwrap();
        assert_eq!(paths(&packaged(folder.path())), ["app.py"]);
    }

    #[test]
    fn sockets_are_refused() {
        let folder = folder_of(&[("app.py", "")]);
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("s")).unwrap();
        assert!(matches!(refused(&folder), Error::Special { .. }));
    }

    #[test]
    fn names_other_systems_cannot_hold_are_refused() {
        let folder = folder_of(&[("a\\b.py", "")]);
        assert!(matches!(refused(&folder), Error::Name { .. }));
        let folder = folder_of(&[("A.py", ""), ("a.py", "")]);
        assert!(matches!(refused(&folder), Error::Collision { .. }));
        let folder = folder_of(&[("app.py", "")]);
        let name = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"\xff.py");
        fs::write(folder.path().join(name), "").unwrap();
        assert!(matches!(refused(&folder), Error::NotUtf8 { .. }));
    }
}

/// Archives built by another program.
mod built_elsewhere {
    use std::io::Write as _;

    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::*;

    fn archive(files: &[(&str, &str)], method: CompressionMethod) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in files {
            zip.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn accepted(bytes: &[u8]) -> Result<Artifact, Error> {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("code.zip");
        fs::write(&place, bytes).unwrap();
        package(&place, &Options::default())
    }

    #[test]
    fn the_bytes_are_kept_and_the_digest_ignores_compression_and_order() {
        let one = archive(&[("app.py", "x\n"), ("lib/a.py", "y\n")], CompressionMethod::Stored);
        let other = archive(&[("lib/a.py", "y\n"), ("app.py", "x\n")], CompressionMethod::Deflated);
        let (first, second) = (accepted(&one).unwrap(), accepted(&other).unwrap());
        assert_eq!(first.bytes.as_ref(), one);
        assert_ne!(first.bytes, second.bytes);
        assert_eq!(first.digest, second.digest);
        let folder = folder_of(&[("app.py", "x\n"), ("lib/a.py", "y\n")]);
        assert_eq!(packaged(folder.path()).digest, first.digest);
    }

    #[test]
    fn hostile_names_are_refused() {
        for name in ["../up.py", "/abs.py", "a/../../b", "a\\b"] {
            let bytes = archive(&[("app.py", ""), (name, "")], CompressionMethod::Stored);
            assert!(accepted(&bytes).is_err(), "{name}");
        }
    }

    #[test]
    fn links_that_leave_the_archive_are_refused_and_others_kept() {
        for (target, fine) in
            [("../../etc/passwd", false), ("/etc/passwd", false), ("../app.py", true)]
        {
            let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
            zip.start_file("app.py", SimpleFileOptions::default()).unwrap();
            zip.add_symlink("bin/app", target, SimpleFileOptions::default()).unwrap();
            let bytes = zip.finish().unwrap().into_inner();
            assert_eq!(accepted(&bytes).is_ok(), fine, "{target}");
        }
    }

    #[test]
    fn what_is_not_an_archive_or_was_cut_short_is_refused() {
        let whole = archive(&[("app.py", "print(1)\n")], CompressionMethod::Deflated);
        for bytes in [b"not a zip".as_slice(), &whole[..whole.len() / 2], b""] {
            assert!(matches!(accepted(bytes), Err(Error::Archive { .. })));
        }
        let empty = archive(&[], CompressionMethod::Stored);
        assert!(accepted(&empty).is_err());
    }

    #[test]
    fn an_archive_that_unpacks_to_more_than_lambda_takes_is_refused() {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("zeros", SimpleFileOptions::default()).unwrap();
        let block = vec![0; 1024 * 1024];
        for _ in 0..251 {
            zip.write_all(&block).unwrap();
        }
        let bytes = zip.finish().unwrap().into_inner();
        assert!(matches!(accepted(&bytes), Err(Error::TooLarge { .. })));
    }
}
