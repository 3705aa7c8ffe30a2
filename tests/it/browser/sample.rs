//! A permission report of many functions, with everything in it that a report can have.

use std::collections::BTreeMap;

use updraft_permit::{
    Approval, Caller, Finding, FunctionReview, Level, Line, ReasonLine, Review, Severity, Source,
    Status, Totals, Witness,
};

/// Returns a report of so many functions.
pub(crate) fn review(count: usize) -> Review {
    let functions: Vec<FunctionReview> = (0..count).map(function).collect();
    let lines: Vec<&Line> = functions
        .iter()
        .flat_map(|one| one.may.iter().chain(&one.called_by).chain(&one.assumed_by))
        .collect();
    let of = |status: Status| lines.iter().filter(|line| line.status == status).count();
    let totals = Totals {
        new: of(Status::New),
        undecided: of(Status::Undecided),
        drift: of(Status::Drift),
        removed: of(Status::Removed),
        rewritten: of(Status::Rewritten),
        unchanged: of(Status::Unchanged),
    };
    Review {
        format_version: "1.0".into(),
        updraft_version: "0.1.0".into(),
        data: BTreeMap::from([
            ("aws".into(), "0.21".into()),
            ("azure".into(), "2026-04-09".into()),
        ]),
        project: "shop".into(),
        stage: "prod".into(),
        manifest: "updraft.toml".into(),
        source: Source::Plan,
        place: "AWS 111122223333 in eu-west-1".into(),
        functions,
        totals,
        findings: [Severity::Critical, Severity::High, Severity::Medium, Severity::Low]
            .map(finding)
            .into(),
        approval: Approval { digest: "sha256:4f0c".into(), approved: false },
    }
}

fn function(at: usize) -> FunctionReview {
    let bucket = format!("arn:aws:s3:::shop-prod-photos-{}/uploads/*", at % 9);
    let queue = format!("arn:aws:sqs:eu-west-1:111122223333:shop-prod-orders-{}", at % 4);
    let mut may = vec![
        line(at, "s3:GetObject", &bucket, Level::Read),
        line(at + 1, "sqs:SendMessage", &queue, Level::Write),
        line(
            3,
            "logs:PutLogEvents",
            "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/shop:*",
            Level::Write,
        ),
    ];
    if at.is_multiple_of(7) {
        may.push(Line {
            effect: "deny".into(),
            ..line(3, "ec2:CreateNetworkInterface", "*", Level::Write)
        });
        may.push(line(
            2,
            "iam:PassRole",
            "arn:aws:iam::111122223333:role/other",
            Level::PermissionsManagement,
        ));
    }
    let caller = |name: &str, public| Caller { name: name.into(), public };
    let api = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/prod/GET/orders";
    let condition = format!("{{\"ArnLike\":{{\"aws:SourceArn\":\"{api}\"}}}}");
    let push = line(
        at + 2,
        "lambda:InvokeFunction",
        "arn:aws:lambda:eu-west-1:111122223333:function:shop",
        Level::Write,
    );
    let called_by = Line {
        caller: Some(caller("Service apigateway.amazonaws.com", false)),
        condition: Some(condition),
        ..push.clone()
    };
    let public = Line { caller: Some(caller("everybody", true)), ..push };
    let trust = Line {
        caller: Some(caller("Service lambda.amazonaws.com", false)),
        ..line(3, "sts:AssumeRole", "the role", Level::Write)
    };
    FunctionReview {
        cloud: if at % 5 == 4 { "azure".into() } else { "aws".into() },
        function: format!("function-number-{at}-with-a-long-name"),
        identity: Some(format!("arn:aws:iam::111122223333:role/shop-prod-{at}")),
        may,
        called_by: if at.is_multiple_of(11) { vec![called_by, public] } else { vec![called_by] },
        assumed_by: vec![trust],
    }
}

fn line(at: usize, action: &str, on: &str, level: Level) -> Line {
    let statuses = [
        Status::New,
        Status::Undecided,
        Status::Drift,
        Status::Unchanged,
        Status::Rewritten,
        Status::Removed,
    ];
    let status = statuses[at % statuses.len()];
    let reason = ReasonLine {
        words: "read".into(),
        path: Some(format!("function.f{at}.access[0]")),
        line: Some(at + 3),
    };
    let witness = Witness { action: action.into(), resource: on.into(), ..Witness::default() };
    Line {
        status,
        effect: "allow".into(),
        role: None,
        actions: vec![action.into()],
        resources: vec![on.into()],
        condition: None,
        caller: None,
        levels: vec![level],
        reasons: if status == Status::Drift { vec![] } else { vec![reason] },
        carrier: format!("aws.role/f{at}"),
        witness: (status == Status::New).then_some(witness),
        undecided: (status == Status::Undecided)
            .then(|| "the condition uses a variable".to_owned()),
        findings: if status == Status::New { vec![at % 4] } else { vec![] },
    }
}

fn finding(severity: Severity) -> Finding {
    Finding {
        code: "UP101".into(),
        class: "public-access".into(),
        severity,
        message: "everybody may call the function".into(),
        remedy: "Name who may.".into(),
        source: "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html".into(),
        cloud: "aws".into(),
        function: "function-number-0-with-a-long-name".into(),
        path: Some("function.f.trigger[0]".into()),
        line: Some(12),
        handler: None,
    }
}
