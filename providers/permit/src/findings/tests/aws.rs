//! Rules about AWS.

use super::*;

const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:jobs";

#[test]
fn everybody_is_public_unless_narrowed() {
    let everybody = by(Side::Called, "AWS", "*");
    fires("UP101", &everybody);
    fires("UP101", &Permission { who: Who::Everybody, ..everybody.clone() });
    fires("UP102", &because(everybody.clone()));
    fires("UP101", &because(by(Side::Assumed, "AWS", "*")));
    fires(
        "UP101",
        &when(everybody.clone(), &[("StringEquals", "lambda:FunctionUrlAuthType", "NONE")]),
    );
    fires("UP101", &when(everybody.clone(), &[("StringNotEquals", "aws:PrincipalOrgID", "o-1")]));
    fires(
        "UP101",
        &when(everybody.clone(), &[("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1")]),
    );
    fires("UP101", &when(everybody.clone(), &[("IpAddress", "aws:SourceIp", "0.0.0.0/0")]));
    quiet("UP101", &when(everybody.clone(), &[("StringEquals", "aws:PrincipalOrgID", "o-1")]));
    quiet(
        "UP101",
        &when(everybody.clone(), &[("StringEquals", "AWS:sourceaccount", "111122223333")]),
    );
    quiet("UP102", &everybody);
    quiet("UP101", &deny(everybody));
    quiet("UP101", &by(Side::Called, "AWS", "111122223333"));
}

#[test]
fn a_gateway_that_asks_nobody_lets_everybody_in() {
    let origin = Origin { path: "function.f.trigger[0]".into(), line: 4 };
    let arn = "arn:aws:execute-api:eu-west-1:111122223333:a1b2/*/GET/";
    let gateway = by(Side::Called, "Service", "apigateway.amazonaws.com");
    let gateway = when(gateway, &[("ArnLike", "aws:SourceArn", arn)]);
    let reasons = |words: &str| [Reason::of(&origin, words)].into();
    let open = Permission { reasons: reasons(Reason::FOR_EVERYBODY), ..gateway.clone() };
    fires("UP102", &open);
    quiet("UP102", &Permission { reasons: reasons("the http trigger is called"), ..gateway });
}

#[test]
fn a_service_acts_for_one_account() {
    let arn = "arn:aws:events:eu-west-1:111122223333:rule/r";
    let events = by(Side::Called, "Service", "events.amazonaws.com");
    fires("UP201", &events);
    quiet("UP201", &when(events.clone(), &[("ArnLike", "aws:SourceArn", arn)]));
    quiet("UP201", &when(events.clone(), &[("StringEquals", "aws:SourceAccount", "111122223333")]));
    let alexa = by(Side::Called, "Service", "alexa-appkit.amazon.com");
    quiet("UP201", &when(alexa, &[("StringEquals", "lambda:EventSourceToken", "amzn1.x")]));
    let trust = by(Side::Assumed, "Service", "lambda.amazonaws.com");
    fires("UP202", &trust);
    quiet("UP202", &when(trust, &[("StringEquals", "aws:SourceAccount", "111122223333")]));
    let anywhere = arn.replace("111122223333", "*");
    quiet("UP204", &when(events.clone(), &[("ArnLike", "aws:SourceArn", arn)]));
    fires("UP204", &when(events, &[("ArnLike", "aws:SourceArn", &anywhere)]));
}

#[test]
fn a_bucket_needs_its_account() {
    let bucket = ("ArnLike", "aws:SourceArn", "arn:aws:s3:::b");
    let s3 = by(Side::Called, "Service", "s3.amazonaws.com");
    fires("UP203", &when(s3.clone(), &[bucket]));
    quiet("UP203", &when(s3, &[bucket, ("StringEquals", "aws:SourceAccount", "111122223333")]));
}

#[test]
fn another_account_needs_an_external_id() {
    let other = by(Side::Assumed, "AWS", "arn:aws:iam::999999999999:root");
    fires("UP205", &other);
    fires("UP205", &by(Side::Assumed, "AWS", "999999999999"));
    quiet("UP205", &when(other, &[("StringEquals", "sts:ExternalId", "x")]));
    let own = Permission {
        on: On::These(values(&["arn:aws:iam::111122223333:role/f"])),
        ..by(Side::Assumed, "AWS", "arn:aws:iam::111122223333:role/ops")
    };
    quiet("UP205", &own);
}

#[test]
fn a_wildcard_is_reported_where_it_can_be_narrowed() {
    fires("UP301", &may(&["sqs:SendMessage"], &["*"]));
    quiet("UP301", &may(&["sqs:SendMessage"], &[QUEUE]));
    // These take no resource: AWS allows them on `*` alone.
    quiet("UP301", &may(&["xray:PutTraceSegments", "xray:PutTelemetryRecords"], &["*"]));
    quiet("UP301", &may(&["dynamodb:ListStreams", "kinesis:ListStreams"], &["*"]));
    // AWS documents these on `*` for functions in a network.
    quiet("UP301", &may(&["ec2:CreateNetworkInterface", "ec2:DescribeSubnets"], &["*"]));
    let namespace = ("StringEquals", "cloudwatch:namespace", "app");
    fires("UP301", &may(&["cloudwatch:PutMetricData"], &["*"]));
    quiet("UP301", &when(may(&["cloudwatch:PutMetricData"], &["*"]), &[namespace]));
    quiet("UP301", &may(&["nothing:Known"], &["*"]));
    let tagged = ("StringEquals", "aws:ResourceTag/team", "a");
    quiet("UP301", &when(may(&["sqs:SendMessage"], &["*"]), &[tagged]));
    quiet("UP301", &deny(may(&["sqs:SendMessage"], &["*"])));
}

#[test]
fn a_pattern_that_names_nothing_is_a_wildcard_however_it_is_written() {
    let table = "arn:aws:dynamodb:eu-west-1:111122223333:table";
    for (action, pattern) in [
        ("s3:DeleteObject", "arn:aws:*:*:*:*"),
        ("s3:DeleteObject", "arn:*:*:*:*:*"),
        ("s3:DeleteObject", "arn:aws:s3:::*"),
        ("s3:Delete*", "arn:aws:s3:::*"),
        ("dynamodb:DeleteTable", "arn:aws:dynamodb:*:*:*"),
        ("dynamodb:DeleteTable", &format!("{table}/*")),
        ("sqs:SendMessage", "**"),
    ] {
        fires("UP301", &may(&[action], &[pattern]));
    }
    let hits = judge(&[&may(&["dynamodb:DeleteTable"], &["arn:aws:dynamodb:*:*:*"])]);
    assert_eq!(
        hits.iter().map(|hit| hit.message.as_str()).collect::<Vec<_>>(),
        [
            "`dynamodb:DeleteTable` is allowed on every `table`, by `arn:aws:dynamodb:*:*:*`, and can be narrowed"
        ]
    );
    let log = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f:*";
    quiet("UP301", &may(&["logs:CreateLogStream", "logs:PutLogEvents"], &[log]));
    quiet("UP301", &may(&["s3:DeleteObject"], &["arn:aws:s3:::bucket/*"]));
    quiet("UP301", &may(&["dynamodb:Query"], &[&format!("{table}/orders/index/*")]));
    // Nothing of S3 is in the service that the pattern is about, and listing takes no resource.
    quiet("UP301", &may(&["s3:DeleteObject"], &["arn:aws:sqs:*:*:*"]));
    quiet("UP301", &may(&["dynamodb:ListStreams"], &["arn:aws:dynamodb:*:*:*"]));
}

#[test]
fn whole_services_and_everything_but_are_reported() {
    fires("UP302", &may(&["sqs:*"], &[QUEUE]));
    quiet("UP302", &may(&["sqs:Send*"], &[QUEUE]));
    fires("UP304", &may(&["*"], &[QUEUE]));
    quiet("UP304", &may(&["sqs:*"], &[QUEUE]));
    let but =
        |actions: &[&str]| Permission { what: What::AllBut(set(actions)), ..may(&[], &[QUEUE]) };
    fires("UP305", &but(&["iam:*"]));
    quiet("UP305", &deny(but(&["iam:*"])));
    let others = Permission { on: On::AllBut(values(&[QUEUE])), ..may(&["sqs:SendMessage"], &[]) };
    fires("UP306", &others);
    quiet("UP306", &deny(others));
    let all_but = Permission { who: Who::AllBut(BTreeMap::new()), ..by(Side::Called, "AWS", "*") };
    fires("UP307", &all_but);
    quiet("UP307", &by(Side::Called, "AWS", "*"));
}

#[test]
fn passing_a_role_names_the_role_and_the_service() {
    let role = "arn:aws:iam::111122223333:role/worker";
    let to = ("StringEquals", "iam:PassedToService", "lambda.amazonaws.com");
    fires("UP401", &may(&["iam:PassRole"], &[role]));
    fires("UP401", &when(may(&["iam:PassRole"], &["*"]), &[to]));
    fires("UP401", &when(may(&["iam:Pass*"], &["arn:aws:iam::111122223333:role/*"]), &[to]));
    quiet("UP401", &when(may(&["iam:PassRole"], &[role]), &[to]));
}

#[test]
fn permissions_credentials_and_data_are_reported() {
    fires("UP501", &may(&["s3:PutObjectAcl"], &["arn:aws:s3:::b/*"]));
    fires("UP501", &may(&["s3:Put*"], &["arn:aws:s3:::b/*"]));
    quiet("UP501", &may(&["s3:PutObject"], &["arn:aws:s3:::b/*"]));
    fires("UP502", &may(&["ecr:GetAuthorizationToken"], &["*"]));
    fires("UP502", &may(&["sts:Assume*"], &["*"]));
    let user = "arn:aws:rds-db:eu-west-1:111122223333:dbuser:db-X/app";
    fires("UP503", &may(&["rds-db:connect"], &[user]));
    quiet("UP502", &may(&["rds-db:connect"], &[user]));
    quiet("UP503", &may(&["rds-data:ExecuteStatement"], &[user]));
    fires("UP601", &may(&["s3:GetObject"], &["arn:aws:s3:::*/*"]));
    fires("UP601", &may(&["ssm:Get*"], &["arn:aws:ssm:eu-west-1:111122223333:parameter/*"]));
    fires("UP601", &may(&["secretsmanager:GetSecretValue"], &["*"]));
    quiet("UP601", &may(&["s3:GetObject"], &["arn:aws:s3:::b/*"]));
    quiet(
        "UP601",
        &may(&["ssm:GetParametersByPath"], &["arn:aws:ssm:eu-west-1:1:parameter/app/*"]),
    );
    quiet("UP601", &may(&["s3:PutObject"], &["*"]));
}

#[test]
fn actions_that_together_give_more_are_found_over_statements() {
    let pass = may(&["iam:PassRole"], &["*"]);
    let create = may(&["lambda:Create*"], &["*"]);
    let invoke = may(&["lambda:InvokeFunction"], &["*"]);
    let has = |all: &[Permission]| codes(all).contains(&"UP701");
    assert!(has(&[pass.clone(), create.clone(), invoke.clone()]));
    assert!(has(&[may(&["iam:*", "lambda:*"], &["*"])]));
    assert!(!has(&[pass.clone(), invoke.clone()]), "two of three");
    let named = may(&["iam:PassRole"], &["arn:aws:iam::111122223333:role/worker"]);
    assert!(!has(&[named, create.clone(), invoke.clone()]), "one named role");
    let kept = deny(may(&["iam:PassRole"], &["*"]));
    assert!(!has(&[pass.clone(), create.clone(), invoke.clone(), kept]), "denied");
    let sometimes = when(deny(pass.clone()), &[("Bool", "aws:SecureTransport", "false")]);
    assert!(has(&[pass, create, invoke, sometimes]), "denied at times");
    let lifecycle = [
        "sagemaker:CreateNotebookInstanceLifecycleConfig",
        "sagemaker:StartNotebookInstance",
        "sagemaker:StopNotebookInstance",
        "sagemaker:UpdateNotebookInstance",
    ];
    fires("UP701", &may(&lifecycle, &["*"]));
    quiet("UP701", &may(&lifecycle[1..], &["*"]));
    fires("UP701", &may(&["iam:PutRolePolicy"], &["*"]));
    fires("UP701", &Permission { what: What::AllBut(set(&["s3:*"])), ..may(&[], &["*"]) });
    quiet("UP701", &may(&["lambda:InvokeFunction"], &["arn:aws:lambda:eu-west-1:1:function:f"]));
    quiet("UP701", &may(&["sts:AssumeRole"], &["arn:aws:iam::111122223333:role/one"]));
}

#[test]
fn a_role_that_may_change_itself_may_do_everything() {
    let own = "arn:aws:iam::111122223333:role/f";
    for action in ["iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:Put*"] {
        fires("UP701", &may(&[action], &[own]));
        quiet("UP701", &may(&[action], &["arn:aws:iam::111122223333:role/g"]));
        quiet("UP701", &deny(may(&[action], &[own])));
    }
    let denied = [may(&["iam:PutRolePolicy"], &[own]), deny(may(&["iam:*"], &["*"]))];
    assert!(!codes(&denied).contains(&"UP701"), "denied");
    // Who may take the role on is no permission of the role's.
    quiet("UP701", &may(&["iam:UpdateAssumeRolePolicy"], &[own]));
    let policy = "arn:aws:iam::111122223333:policy/p";
    fires("UP705", &may(&["iam:CreatePolicyVersion"], &[policy]));
    fires("UP701", &may(&["iam:CreatePolicyVersion"], &["arn:aws:iam::111122223333:policy/*"]));
    quiet("UP705", &may(&["iam:CreatePolicyVersion"], &["arn:aws:iam::aws:policy/p"]));
    // A role has no versions.
    quiet("UP705", &may(&["iam:CreatePolicyVersion"], &[own]));
}

#[test]
fn a_role_that_is_passed_gives_what_it_may_do() {
    let role = "arn:aws:iam::111122223333:role/admin";
    let to = |service: &str, role: &str| {
        when(may(&["iam:PassRole"], &[role]), &[("StringEquals", "iam:PassedToService", service)])
    };
    let run = |name: &str| {
        let name = format!("arn:aws:lambda:eu-west-1:111122223333:function:{name}");
        may(&["lambda:CreateFunction", "lambda:InvokeFunction"], &[&name])
    };
    let lambda = "lambda.amazonaws.com";
    let has = |code: &str, all: &[Permission]| codes(all).contains(&code);
    for name in ["*", "one"] {
        assert!(has("UP705", &[to(lambda, role), run(name)]), "{name}");
        assert!(!has("UP701", &[to(lambda, role), run(name)]), "{name}");
        // Which function runs as any role does not matter.
        assert!(has("UP701", &[to(lambda, "*"), run(name)]), "{name}");
    }
    let all = [to(lambda, role), run("*")];
    let hits = judge(&all.iter().collect::<Vec<_>>());
    let hit = hits.iter().find(|hit| hit.code == "UP705").unwrap();
    assert_eq!(
        hit.message,
        "the function can run a function as `arn:aws:iam::111122223333:role/admin`, by `iam:PassRole`, \
         `lambda:CreateFunction` and `lambda:InvokeFunction`"
    );
    assert_eq!(hit.on, [0, 1].into());
    let own = "arn:aws:iam::111122223333:role/f";
    for (why, all) in [
        ("nothing is passed", vec![run("*")]),
        ("nothing is run", vec![to(lambda, role)]),
        ("its own role is passed", vec![to(lambda, own), run("*")]),
        ("it is passed to another service", vec![to("states.amazonaws.com", role), run("*")]),
        ("it is denied", vec![to(lambda, role), run("*"), deny(may(&["iam:PassRole"], &["*"]))]),
    ] {
        assert!(!has("UP705", &all) && !has("UP701", &all), "{why}: {:?}", codes(&all));
    }
}

#[test]
fn one_finding_is_about_every_statement_that_is_part_of_it() {
    let all = [may(&["iam:PassRole"], &["*"]), may(&["ec2:RunInstances"], &["*"])];
    let hits = judge(&all.iter().collect::<Vec<_>>());
    let path = hits.iter().find(|hit| hit.message.contains("machine as another role")).unwrap();
    assert_eq!(path.on, [0, 1].into());
    assert!(path.message.contains("`ec2:RunInstances` and `iam:PassRole`"), "{}", path.message);
}

#[test]
fn a_policy_that_does_not_fit_is_found_before_it_is_written() {
    let many = |count: usize| -> Vec<String> {
        (0..count).map(|n| format!("arn:aws:sqs:eu-west-1:111122223333:queue-{n:04}")).collect()
    };
    let with = |count: usize| {
        let names = many(count);
        may(&["sqs:SendMessage"], &names.iter().map(String::as_str).collect::<Vec<_>>())
    };
    quiet("UP901", &with(150));
    quiet("UP902", &with(150));
    fires("UP902", &with(205));
    fires("UP901", &with(230));
    let trust = when(
        by(Side::Assumed, "Service", "lambda.amazonaws.com"),
        &[("StringEquals", "aws:SourceAccount", &"1".repeat(2100))],
    );
    fires("UP901", &trust);
}

#[test]
fn an_action_that_gives_nothing_is_found() {
    let said = |all: &[Permission], code: &str| -> Vec<String> {
        let hits = judge(&all.iter().collect::<Vec<_>>());
        hits.into_iter().filter(|hit| hit.code == code).map(|hit| hit.message).collect()
    };
    let slip = may(&["s3:GetObjct"], &["arn:aws:s3:::b/*"]);
    fires("UP921", &slip);
    assert_eq!(
        said(&[slip], "UP921"),
        ["`s3:GetObjct` is no action that is known here; did you mean `s3:GetObject`?"]
    );
    assert_eq!(
        said(&[may(&["nothing:Known"], &["*"])], "UP921"),
        ["`nothing:Known` is no action that is known here"]
    );
    quiet("UP921", &may(&["S3:getobject"], &["arn:aws:s3:::b/*"]));
    quiet("UP921", &may(&["s3:Gett*"], &["*"]));
    let bucket = may(&["s3:GetObject"], &["arn:aws:s3:::bucket"]);
    fires("UP922", &bucket);
    assert_eq!(
        said(std::slice::from_ref(&bucket), "UP922")[0].split(", which").next(),
        Some("`s3:GetObject` is allowed on `arn:aws:s3:::bucket`")
    );
    fires("UP922", &may(&["xray:PutTraceSegments"], &["arn:aws:xray:eu-west-1:1:x"]));
    quiet("UP922", &may(&["s3:GetObject"], &["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"]));
    quiet("UP922", &may(&["s3:GetObject"], &["${aws.bucket/photos.arn}"]));
    quiet("UP922", &may(&["s3:GetObject", "xray:PutTraceSegments"], &["*"]));
    quiet("UP922", &may(&["s3:Get*"], &["arn:aws:s3:::bucket"]));
    // One entry names the bucket and what is in it, each in a permission of its own.
    let inside = may(&["s3:GetObject"], &["arn:aws:s3:::bucket/*"]);
    assert!(said(&[bucket.clone(), inside.clone()], "UP922").is_empty());
    // What another entry gives does not help.
    assert_eq!(said(&[because(bucket), inside], "UP922").len(), 1);
}
