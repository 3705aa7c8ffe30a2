//! The page is written, and nothing in it is taken for markup.

use std::collections::BTreeMap;

use updraft_permit::{
    Approval, Caller, Finding, FunctionReview, HandlerPlace, Level, Line, ReasonLine, Review,
    Severity, Source, Status, Totals, Witness,
};

use super::permissions;

fn line(status: Status, action: &str, on: &str) -> Line {
    Line {
        status,
        effect: "allow".into(),
        role: None,
        actions: vec![action.into()],
        resources: vec![on.into()],
        condition: None,
        caller: None,
        levels: vec![Level::Read],
        reasons: vec![ReasonLine {
            words: "read".into(),
            path: Some("function.f.access[0]".into()),
            line: Some(7),
        }],
        carrier: "aws.role/f".into(),
        witness: Some(Witness { action: action.into(), resource: on.into(), ..Witness::default() }),
        undecided: None,
        findings: vec![0],
    }
}

fn review(evil: &str) -> Review {
    let mut called = line(Status::Unchanged, "lambda:InvokeFunction", evil);
    called.caller = Some(Caller { name: evil.into(), public: true });
    called.condition = Some(evil.into());
    called.undecided = Some(evil.into());
    Review {
        format_version: "1.0".into(),
        updraft_version: evil.into(),
        data: BTreeMap::from([(evil.to_owned(), evil.to_owned())]),
        project: evil.into(),
        stage: evil.into(),
        manifest: evil.into(),
        source: Source::Plan,
        place: evil.into(),
        functions: vec![FunctionReview {
            cloud: "aws".into(),
            function: evil.into(),
            identity: None,
            may: vec![line(Status::New, evil, "arn:aws:s3:::photos/uploads/*")],
            called_by: vec![called],
            assumed_by: vec![],
        }],
        totals: Totals { new: 1, unchanged: 1, ..Totals::default() },
        findings: vec![Finding {
            code: evil.into(),
            class: evil.into(),
            severity: Severity::High,
            message: evil.into(),
            remedy: evil.into(),
            source: evil.into(),
            cloud: "aws".into(),
            function: evil.into(),
            path: Some(evil.into()),
            line: Some(3),
            handler: Some(HandlerPlace { file: evil.into(), line: 1, column: 1 }),
        }],
        approval: Approval { digest: "sha256:1".into(), approved: false },
    }
}

#[test]
fn the_page_says_what_the_report_says() {
    let page = permissions(&review("photos"));
    for said in [
        "<title>Permissions of photos (photos)</title>",
        "compared with what is live",
        "function.f.access[0] (photos:7)",
        "For example: photos on arn:aws:s3:::photos/uploads/*",
        "bucket photos",
        "sha256:1",
        "not approved yet",
        "2 of 2 permissions",
        "photos (AWS) reaches bucket photos: read",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[test]
fn nothing_in_the_report_becomes_markup() {
    let evil =
        "</style></script><script>alert(1)</script><img src=x onerror=alert(1)>\"' onclick='x";
    let page = permissions(&review(evil));
    assert!(!page.contains("<img") && !page.contains("<script>alert"), "{page}");
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("</script>").count(), 1);
    assert_eq!(page.matches("</style>").count(), 1);
    // Every attribute is in quotes that what is put into it cannot close.
    assert!(!page.contains("onerror=alert(1)>\"") && !page.contains("\"' onclick"), "{page}");
}

#[test]
fn the_page_asks_for_nothing() {
    let page = permissions(&review("photos"));
    for asks in ["http://", "src=", "@import", "url(", "<link", "<iframe", "fetch("] {
        assert!(!page.contains(asks), "{asks}");
    }
    assert!(
        page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"),
        "{page}"
    );
}
