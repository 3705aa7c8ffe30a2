//! What handlers call against what their manifests declare.

use std::collections::BTreeMap;
use std::path::Path;

use updraft_aws::{Aws, Settings};
use updraft_contract::{Cloud, Permit as _};
use updraft_permit::Finding;

use super::{Input, scan};
use crate::manifest::{Request, load};

/// Scans the functions of a manifest that has been changed by replacing words.
fn scanned(example: &str, changes: &[(&str, &str)]) -> Vec<Finding> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example);
    let mut text = std::fs::read_to_string(examples.join("updraft.toml")).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    // Sources are beside the manifest, wherever that is.
    text = text
        .replace("source = \"functions/", &format!("source = \"{}/functions/", examples.display()));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("updraft.toml");
    std::fs::write(&path, text).unwrap();
    let today = jiff::civil::date(2026, 11, 1);
    let manifest = load(&Request { path: &path, stage: "dev", vars: &BTreeMap::new(), today });
    let manifest = manifest.unwrap_or_else(|problems| panic!("{}", problems.render(false, 100)));
    let aws = Aws::offline(Settings::default());
    let permissions = aws.permissions(&manifest.app.on(Cloud::Aws));
    let (app, sources) = (&manifest.app, &manifest.sources);
    scan(&Input { app, sources, permissions: &permissions, verbs: aws.verbs() })
}

fn lines(findings: &[Finding]) -> Vec<String> {
    let short = |finding: &Finding| finding.message.rsplit("functions/").next().unwrap().to_owned();
    findings.iter().map(|finding| format!("{} {}", finding.code, short(finding))).collect()
}

#[test]
fn the_handlers_of_the_examples_do_what_their_manifests_say() {
    for example in ["hello-http", "image-pipeline", "nightly-report", "rest-api", "worker"] {
        assert_eq!(lines(&scanned(example, &[])), [""; 0], "{example}");
    }
}

#[test]
fn a_call_that_nothing_declared_allows_is_found() {
    let entry = "[[function.thumbnail.access]]\nto = \"bucket.pictures\"\nverbs = [\"read\"]\n";
    let findings = scanned("image-pipeline", &[(entry, "")]);
    assert_eq!(
        lines(&findings),
        [
            "UP911 the call of GetObject of s3 takes `s3:GetObject`, and nothing that is declared gives that"
        ]
    );
    let finding = &findings[0];
    assert_eq!(finding.path.as_deref(), Some("function.thumbnail"));
    let place = finding.handler.as_ref().unwrap().to_string();
    assert!(place.ends_with("functions/thumbnail-aws/app.py:27:15"), "{place}");
    assert!(finding.line.is_some());
}

#[test]
fn a_variable_stands_for_the_access_that_fills_it() {
    // Writing is given, and not to what the variable names.
    let findings = scanned(
        "image-pipeline",
        &[
            (
                "verbs = [\"write\"]\nenv = \"THUMBNAILS\"",
                "verbs = [\"read\"]\nenv = \"THUMBNAILS\"",
            ),
            (
                "to = \"bucket.pictures\"\nverbs = [\"read\"]",
                "to = \"bucket.pictures\"\nverbs = [\"read\", \"write\"]",
            ),
        ],
    );
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
    assert!(codes.contains(&"UP911"), "{:?}", lines(&findings));
    assert!(
        lines(&findings)[0].contains("PutObject of s3 on what `THUMBNAILS` names"),
        "{:?}",
        lines(&findings)
    );
}

#[test]
fn access_that_is_never_used_is_found_at_its_line() {
    let findings = scanned(
        "image-pipeline",
        &[(
            "to = \"bucket.pictures\"\nverbs = [\"read\"]",
            "to = \"bucket.pictures\"\nverbs = [\"read\", \"list\"]",
        )],
    );
    assert_eq!(lines(&findings), ["UP912 `list` of `bucket.pictures` is given and never used"]);
    assert_eq!(findings[0].path.as_deref(), Some("function.thumbnail.access[0]"));
    assert!(findings[0].line.is_some_and(|line| line > 30));
}

/// Scans `image-pipeline` with its handler changed, and `list` given beside `read`.
fn rewritten(change: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<Finding> {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/image-pipeline/functions");
    let handler = std::fs::read(example.join("thumbnail-aws/app.py")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.py"), change(handler)).unwrap();
    let other = folder.path().display().to_string();
    scanned(
        "image-pipeline",
        &[
            ("source = \"functions/thumbnail-aws\"", &format!("source = \"{other}\"")),
            (
                "to = \"bucket.pictures\"\nverbs = [\"read\"]",
                "to = \"bucket.pictures\"\nverbs = [\"read\", \"list\"]",
            ),
        ],
    )
}

#[test]
fn access_is_said_to_be_unused_only_as_far_as_calls_could_be_followed() {
    let unsure = "UP912 `list` of `bucket.pictures` is given and never used, as far as its source could be followed";
    for (extra, note) in [
        ("\nexec(CODE)\n", "it runs code that is chosen while the function runs"),
        (
            "\nimport importlib\nimportlib.import_module(NAME).go()\n",
            "which module is loaded is chosen while the function runs",
        ),
        (
            "\ndef more(e, c)\n    pass\n",
            "there is a syntax error here, and what it calls may be missed",
        ),
    ] {
        let findings = rewritten(|handler| [handler.as_slice(), extra.as_bytes()].concat());
        assert_eq!(lines(&findings), [unsure.to_owned(), format!("UP913 {note}")], "{extra}");
        let place = findings[1].handler.as_ref().unwrap();
        assert!(place.file.ends_with("app.py") && place.line > 38, "{place}");
    }
}

#[test]
fn a_handler_that_cannot_be_read_is_said_to_be_there() {
    let latin = rewritten(|handler| [b"# coding: latin-1\n# \xe9\n".as_slice(), &handler].concat());
    let large = rewritten(|handler| [handler.as_slice(), &vec![b'#'; 3 << 20]].concat());
    for (findings, why) in [(latin, "it is not UTF-8"), (large, "it is larger than 2 MiB")] {
        let wanted =
            format!("UP913 the source was not read completely: app.py was not read: {why}");
        assert_eq!(lines(&findings), [wanted]);
    }
}
