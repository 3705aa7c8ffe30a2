//! Folders, archives, the examples, and sources that are none.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use super::*;

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, bytes) in files {
        zip.start_file(*path, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_package_is_read_without_what_was_installed_into_it() {
    let bytes = archive(&[
        ("app.py", b"import boto3, vendored\nboto3.client('s3').get_object()\n"),
        ("boto3/__init__.py", b"def client(name): return Thing()\n"),
        ("vendored/__init__.py", b"import boto3\nboto3.client('sqs').send_message()\n"),
        ("vendored-1.0.dist-info/RECORD", b"vendored/__init__.py,sha256=x,1\n"),
        (
            "node_modules/x/index.js",
            b"const { S3 } = require('@aws-sdk/client-s3'); new S3().getObject();\n",
        ),
        ("picture.png", b"\x89PNG"),
        ("odd.py", b"\xff\xfe"),
    ]);
    let found = crate::archive(&bytes, None).unwrap();
    assert_eq!(
        lines(&found),
        ["2 s3.GetObject: s3:GetObject", "note: odd.py was not read: it is not UTF-8"]
    );
    assert!(crate::archive(b"no archive", None).is_err());
    assert!(crate::folder(Path::new("/no/such/folder"), None).is_err());
}

#[test]
fn only_files_that_the_handler_imports_count() {
    let bytes = archive(&[
        ("app.py", b"from lib import used\ndef handler(e, c): used.go()\n"),
        ("lib/__init__.py", b""),
        ("lib/used.py", b"import boto3\ndef go():\n    boto3.client('s3').get_object()\n"),
        ("other.py", b"import boto3\nboto3.client('sqs').send_message()\n"),
    ]);
    let found = crate::archive(&bytes, Some("app.handler")).unwrap();
    assert_eq!(lines(&found), ["3 s3.GetObject: s3:GetObject"]);
    assert_eq!(found.files, 3);
    assert_eq!(found.calls[0].place.file, "lib/used.py");
    // A handler that is not found leaves nothing out.
    assert_eq!(lines(&crate::archive(&bytes, Some("main.handler")).unwrap()).len(), 2);
}

#[test]
fn what_cannot_be_read_is_told_where_the_handler_needs_it() {
    let bytes = archive(&[
        ("app.py", b"from lib import used\n"),
        ("lib/used.py", b"# coding: latin-1\nname = '\xe9'\n"),
        ("other.py", b"\xff"),
    ]);
    let found = crate::archive(&bytes, Some("app.handler")).unwrap();
    assert_eq!(lines(&found), ["note: lib/used.py was not read: it is not UTF-8"]);
    let found = crate::archive(&bytes, Some("other.handler")).unwrap();
    assert_eq!(lines(&found), ["note: other.py was not read: it is not UTF-8"]);
    assert_eq!(found.files, 0);
}

#[test]
fn a_file_or_folder_too_large_is_a_note() {
    let large = vec![b'#'; 3 << 20];
    let found = crate::archive(&archive(&[("app.py", &large)]), None).unwrap();
    assert_eq!(found.notes, ["app.py was not read: it is larger than 2 MiB"]);
}

#[test]
fn the_handlers_of_the_examples_call_what_they_call() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let found = crate::folder(
        &examples.join("image-pipeline/functions/thumbnail-aws"),
        Some("app.handler"),
    )
    .unwrap();
    assert_eq!(
        lines(&found),
        [
            "27 s3.GetObject: s3:GetObject",
            "35 s3.PutObject: s3:PutObject on $THUMBNAILS",
            "37 sqs.SendMessage: sqs:SendMessage on $DONE"
        ]
    );
    for example in fs::read_dir(&examples).unwrap() {
        for function in fs::read_dir(example.unwrap().path().join("functions")).unwrap() {
            let path = function.unwrap().path();
            let found = crate::folder(&path, None).unwrap();
            let calls = if path.ends_with("thumbnail-aws") { 3 } else { 0 };
            assert_eq!(
                (found.calls.len(), found.unresolved.len(), found.notes.len()),
                (calls, 0, 0),
                "{}",
                path.display()
            );
        }
    }
}

/// A small generator of numbers, the same on every run.
fn next(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state % 1_000_003).unwrap()
}

#[test]
fn mutated_sources_are_read_without_a_panic() {
    let python = include_str!("python.rs");
    let script = include_str!("script.rs");
    let pieces = [
        "(",
        ")",
        "[",
        "{",
        "}",
        "'",
        "\"",
        "`",
        "\n",
        "  ",
        "import boto3\n",
        "from . import *\n",
        "self.",
        "*",
        "**",
        "=>",
        "é",
        "async ",
        "class A(A): ",
        "def f(a=f): return f(f)\n",
        "boto3.client(",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for round in 0..250 {
        let (path, from) = if round % 2 == 0 { ("app.py", python) } else { ("index.tsx", script) };
        // The sources of the other tests, as they are in their strings.
        let mut text: String = from.replace("\\n", "\n").replace('"', "\n");
        let start = next(&mut state) % text.len();
        text = text.chars().skip(start).take(1500).collect();
        for _ in 0..next(&mut state) % 12 {
            let at = text
                .char_indices()
                .map(|(at, _)| at)
                .nth(next(&mut state) % text.chars().count().max(1))
                .unwrap_or(0);
            match next(&mut state) % 3 {
                0 => text.insert_str(at, pieces[next(&mut state) % pieces.len()]),
                1 => text.truncate(at.max(1)),
                _ => drop(text.drain(..at)),
            }
            text.push('x');
        }
        let first = scan(&[(path, &text)]);
        assert!(!first.notes.iter().any(|note| note.contains("could not be scanned")), "{text}");
        assert_eq!(first, scan(&[(path, &text)]), "{text}");
    }
}

#[test]
fn circles_end() {
    let found = scan(&[
        (
            "a.py",
            "from b import *\nimport b\nx = b.x\ndef f(a): return g(a)\ndef g(a): return f(f(g(a)))\nf(f)\ny = y\nclass A(A): pass\nA().z.w\n",
        ),
        ("b.py", "from a import *\nimport a\nx = a.x\n"),
    ]);
    assert_eq!(found.calls, []);
    let found = scan(&[
        ("a.mjs", "export * from './b.mjs';\nimport { x } from './b.mjs'; x.y();\n"),
        ("b.mjs", "export * from './a.mjs';\n"),
    ]);
    assert_eq!(found.calls, []);
}
