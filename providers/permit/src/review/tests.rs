//! What the report says of permissions that are new, go, stay, are rewritten, or are somebody else's.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{
    Cloud, Effect, Kind, On, Origin, Outputs, Permission, Reason, ResourceId, Side, Value, What,
    When, Who,
};

use super::{Review, ReviewInput, Source, Status, review};

fn role(name: &str) -> ResourceId {
    ResourceId { kind: Kind("aws.role"), name: name.into() }
}

fn may(actions: &[&str], on: &[&str]) -> Permission {
    Permission {
        cloud: Cloud::Aws,
        function: "f".into(),
        side: Side::Does,
        who: Who::Holder("arn:aws:iam::1:role/f".into()),
        effect: Effect::Allow,
        what: What::Actions(actions.iter().map(|action| (*action).to_owned()).collect()),
        on: On::These(on.iter().map(|one| Value::from(*one)).collect()),
        when: When::Always,
        carrier: role("f"),
        reasons: BTreeSet::new(),
    }
}

fn because(permission: Permission, line: usize) -> Permission {
    let origin = Origin { path: "function.f.access[0]".into(), line };
    Permission { reasons: [Reason::of(&origin, "read")].into(), ..permission }
}

fn built(source: Source, live: &[&Permission], wanted: &[&Permission]) -> Review {
    let owned = |all: &[&Permission]| -> Vec<Permission> { all.iter().copied().cloned().collect() };
    let (live, wanted) = (&owned(live), &owned(wanted));
    review(&ReviewInput {
        source,
        version: "0.0.0",
        project: "p",
        stage: "s",
        manifest: "updraft.toml",
        place: "here",
        functions: &[(Cloud::Aws, "f".into())],
        live,
        wanted,
        outputs: &Outputs::default(),
        foreign: &BTreeSet::from([role("foreign")]),
        roles: &[],
        approved: &BTreeSet::new(),
    })
}

fn statuses(review: &Review) -> Vec<Status> {
    review.functions[0].may.iter().map(|line| line.status).collect()
}

const B: &str = "arn:aws:s3:::b/*";
const QUEUE: &str = "arn:aws:sqs:eu-west-1:1:jobs";

#[test]
fn a_line_has_the_status_that_the_other_side_gives_it() {
    let (get, put) = (may(&["s3:GetObject"], &[B]), may(&["s3:PutObject"], &[B]));
    let both = may(&["s3:GetObject", "s3:PutObject"], &[B]);
    let plan =
        |live: &[&Permission], wanted: &[&Permission]| statuses(&built(Source::Plan, live, wanted));
    assert_eq!(plan(&[], &[&get]), [Status::New]);
    assert_eq!(plan(&[&get], &[&because(get.clone(), 3)]), [Status::Unchanged]);
    assert_eq!(plan(&[&get, &put], &[&both]), [Status::Rewritten]);
    assert_eq!(plan(&[&both], &[&get, &put]), [Status::Rewritten; 2]);
    assert_eq!(plan(&[&get], &[&both]), [Status::New]);
    assert_eq!(plan(&[&both], &[&get]), [Status::Removed, Status::Rewritten]);
    assert_eq!(plan(&[&get, &put], &[&put]), [Status::Removed, Status::Unchanged]);
}

#[test]
fn what_somebody_else_put_there_is_drift() {
    let get = may(&["s3:GetObject"], &[B]);
    let theirs = Permission { carrier: role("foreign"), ..may(&["s3:*"], &["*"]) };
    let review = built(Source::Plan, &[&get, &theirs], &[&get]);
    assert_eq!(statuses(&review), [Status::Drift, Status::Unchanged]);
    assert_eq!((review.totals.drift, review.totals.unchanged), (1, 1));
    let live = built(Source::Live, &[&get, &theirs], &[&because(get.clone(), 7)]);
    assert_eq!(statuses(&live), [Status::Drift, Status::Unchanged]);
    assert_eq!(live.functions[0].may[1].reasons[0].line, Some(7));
    let by_hand = built(Source::Live, &[&may(&["s3:DeleteObject"], &[B])], &[&get]);
    assert_eq!(statuses(&by_hand), [Status::Drift]);
    assert_eq!(by_hand.functions[0].may[0].witness.as_ref().unwrap().action, "s3:DeleteObject");
}

#[test]
fn a_deny_that_goes_makes_what_it_kept_new() {
    let all = may(&["s3:*"], &["*"]);
    let deny = Permission { effect: Effect::Deny, ..may(&["s3:DeleteObject"], &["*"]) };
    let review = built(Source::Plan, &[&all, &deny], &[&all]);
    assert_eq!(statuses(&review), [Status::New, Status::Removed]);
    assert!(!review.approval.digest.is_empty());
    let added = built(Source::Plan, &[&all], &[&all, &deny]);
    assert_eq!(statuses(&added), [Status::Rewritten, Status::Unchanged]);
    assert_eq!(added.approval.digest, "");
}

#[test]
fn the_manifest_alone_has_nothing_to_approve() {
    let review = built(Source::Manifest, &[], &[&may(&["s3:GetObject"], &[B])]);
    assert_eq!(statuses(&review), [Status::Unchanged]);
    assert_eq!(review.approval.digest, "");
}

#[test]
fn the_digest_is_that_of_what_is_new_and_not_of_how_it_is_written() {
    let (get, put) = (may(&["s3:GetObject"], &[B]), may(&["s3:PutObject"], &[B]));
    let both = may(&["s3:getobject", "s3:PutObject"], &[B]);
    let digest = |live: &[&Permission], wanted: &[&Permission]| {
        built(Source::Plan, live, wanted).approval.digest
    };
    let one = digest(&[], &[&get, &put]);
    assert_eq!(one.len(), 64);
    assert_eq!(one, digest(&[], &[&put, &get]));
    assert_eq!(one, digest(&[], &[&both]));
    assert_eq!(one, digest(&[], &[&both, &because(get.clone(), 99)]));
    assert_ne!(one, digest(&[], &[&get]));
    assert_eq!(digest(&[], &[&put]), digest(&[&get], &[&both]));
    assert_eq!(digest(&[&both], &[&get, &put]), "");
    let other = Permission { side: Side::Called, ..get.clone() };
    assert_ne!(digest(&[], &[&get]), digest(&[], &[&other]));
    let elsewhere = Permission { function: "g".into(), ..get.clone() };
    assert_ne!(digest(&[], &[&get]), digest(&[], &[&elsewhere]));
}

#[test]
fn an_approved_digest_is_said_to_be_approved() {
    let wanted = [may(&["s3:GetObject"], &[B])];
    let digest = built(Source::Plan, &[], &[&wanted[0]]).approval.digest;
    let (outputs, foreign) = (Outputs::default(), BTreeSet::new());
    let input = |approved| ReviewInput {
        source: Source::Plan,
        version: "0.0.0",
        project: "p",
        stage: "s",
        manifest: "updraft.toml",
        place: "here",
        functions: &[],
        live: &[],
        wanted: &wanted,
        outputs: &outputs,
        foreign: &foreign,
        roles: &[],
        approved,
    };
    let (right, wrong) = (BTreeSet::from([digest]), BTreeSet::from(["0".repeat(64)]));
    assert!(review(&input(&right)).approval.approved);
    assert!(!review(&input(&wrong)).approval.approved);
}

#[test]
fn a_name_that_is_known_by_now_is_put_in() {
    let queue = ResourceId { kind: Kind("aws.queue"), name: "jobs".into() };
    let open = Permission {
        on: On::These([Value::output(&queue, "arn")].into()),
        who: Who::Holder(Value::output(&role("f"), "arn")),
        ..may(&["sqs:SendMessage"], &[])
    };
    let live = may(&["sqs:SendMessage"], &["arn:aws:sqs:x:1:jobs"]);
    let mut outputs = Outputs::default();
    outputs.record(queue, BTreeMap::from([("arn", "arn:aws:sqs:x:1:jobs".to_owned())]));
    let made = review(&ReviewInput {
        source: Source::Plan,
        version: "0.0.0",
        project: "p",
        stage: "s",
        manifest: "updraft.toml",
        place: "here",
        functions: &[],
        live: &[live],
        wanted: &[open],
        outputs: &outputs,
        foreign: &BTreeSet::new(),
        roles: &[],
        approved: &BTreeSet::new(),
    });
    assert_eq!(statuses(&made), [Status::Unchanged]);
    assert_eq!(made.functions[0].identity.as_deref(), Some("arn:aws:iam::1:role/f"));
}

#[test]
fn findings_stand_worst_first_and_lines_point_at_them() {
    let reads = because(may(&["s3:GetObject"], &["*"]), 9);
    let theirs = Permission { carrier: role("foreign"), ..may(&["sqs:SendMessage"], &[QUEUE]) };
    let gone = may(&["iam:PutRolePolicy"], &["*"]);
    let made = built(Source::Plan, &[&theirs, &gone], &[&reads, &may(&["iam:PassRole"], &["*"])]);
    let codes: Vec<&str> = made.findings.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["UP401", "UP301", "UP301", "UP601", "UP801"]);
    let severities: Vec<_> = made.findings.iter().map(|one| one.severity).collect();
    assert!(severities.is_sorted_by(|one, two| one >= two));
    for line in &made.functions[0].may {
        let codes: Vec<&str> = line.findings.iter().map(|at| codes[*at]).collect();
        let expected: &[&str] = match (line.status, line.actions[0].as_str()) {
            (Status::Removed, _) => &[],
            (Status::Drift, _) => &["UP801"],
            (_, "s3:GetObject") => &["UP301", "UP601"],
            (_, _) => &["UP401", "UP301"],
        };
        assert_eq!(codes, expected, "{line:?}");
    }
    let read = made.findings.iter().find(|one| one.message.contains("GetObject")).unwrap();
    assert_eq!((read.line, read.path.as_deref()), (Some(9), Some("function.f.access[0]")));
}

#[test]
fn many_new_permissions_are_reviewed_in_one_go() {
    let one = |number: usize| {
        let on = format!("arn:aws:sqs:eu-west-1:1:queue-{number}");
        let actions = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"];
        may(&actions, &[&on])
    };
    let wanted: Vec<Permission> = (0..60).map(one).collect();
    let made = built(Source::Plan, &[], &wanted.iter().collect::<Vec<_>>());
    assert_eq!((made.totals.new, made.approval.digest.len()), (60, 64));
}

#[test]
fn what_another_identity_may_do_for_a_function_is_told_as_its() {
    let schedule = "arn:aws:iam::1:role/a-schedule";
    let calls = Permission {
        who: Who::Holder(schedule.into()),
        carrier: role("f.schedule"),
        ..may(&["lambda:InvokeFunction"], &["arn:aws:lambda:eu-west-1:1:function:f"])
    };
    let trust = |name: &str, carrier: &str| Permission {
        side: Side::Assumed,
        who: Who::Named(BTreeMap::from([("Service".to_owned(), [Value::from(name)].into())])),
        on: On::Carrier,
        carrier: role(carrier),
        ..may(&["sts:AssumeRole"], &[])
    };
    let (own, other) =
        (trust("lambda.amazonaws.com", "f"), trust("scheduler.amazonaws.com", "f.schedule"));
    let report =
        built(Source::Manifest, &[], &[&calls, &may(&["s3:GetObject"], &[B]), &own, &other]);
    let function = &report.functions[0];
    assert_eq!(function.identity.as_deref(), Some("arn:aws:iam::1:role/f"));
    let callers: Vec<Option<&str>> =
        function.may.iter().map(|line| line.caller.as_ref().map(|who| who.name.as_str())).collect();
    assert_eq!(callers, [None, Some(schedule)]);
    let on: Vec<&[String]> = function.assumed_by.iter().map(|line| &line.resources[..]).collect();
    assert_eq!(on, [&[][..], &["aws.role/f.schedule".to_owned()][..]]);
}
