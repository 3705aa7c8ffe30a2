//! The caller is held to the rights it was given.

use serde_json::{Value, json};
use updraft_local::{Deployer, Settings};

use super::{ask, policy};
use crate::harness::{ACCOUNT, Cloud};
use crate::lambda::{input, role};

/// A cloud whose caller may do this on AWS.
async fn cloud(statements: Value) -> Cloud {
    let deployer = Deployer { aws: vec![policy(&statements)], ..Deployer::default() };
    Cloud::with(Settings { deployer: Some(deployer), ..Settings::instant() }).await
}

#[tokio::test]
async fn a_role_is_passed_only_by_who_may_pass_it_to_that_service() {
    for (service, passes) in [("lambda.amazonaws.com", true), ("scheduler.amazonaws.com", false)] {
        let statements = json!([
            {"Effect": "Allow", "Action": ["iam:CreateRole", "iam:PutRolePolicy", "lambda:CreateFunction"], "Resource": "*"},
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": {"StringEquals": {"iam:PassedToService": service}}},
        ]);
        let cloud = cloud(statements).await;
        let role = role(&cloud, "r", r#"["logs:*"]"#).await;
        let made = crate::lambda::create(&cloud, &input("f", &role, crate::lambda::ECHO)).await;
        if passes {
            made.ok();
        } else {
            let said = made.refused(403, "AccessDeniedException").text();
            assert!(said.contains(&format!("User: arn:aws:iam::{ACCOUNT}:user/deployer is not authorized to perform: iam:PassRole on resource: {role} ")), "{said}");
        }
    }
}

#[tokio::test]
async fn a_role_that_is_not_there_is_asked_about_by_its_name_alone() {
    let under = format!("arn:aws:iam::{ACCOUNT}:role/updraft/*");
    let cloud = cloud(json!([{"Effect": "Allow", "Action": "iam:*", "Resource": under}])).await;
    ask(&cloud, ("iam", "GetRole", "RoleName=a")).await.refused(403, "AccessDenied");
    let trust = policy(
        &json!([{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]),
    );
    let form = [("RoleName", "a"), ("Path", "/updraft/x/"), ("AssumeRolePolicyDocument", &*trust)];
    let form = serde_urlencoded::to_string(form).unwrap();
    ask(&cloud, ("iam", "CreateRole", &form)).await.ok();
    ask(&cloud, ("iam", "GetRole", "RoleName=a")).await.ok();
}

#[tokio::test]
async fn tags_take_a_permission_of_their_own() {
    let tagged = r#"{"QueueName":"jobs","tags":{"a":"b"}}"#;
    let create = json!([{"Effect": "Allow", "Action": "sqs:CreateQueue", "Resource": "*"}]);
    let refused = ask(&cloud(create).await, ("sqs", "CreateQueue", tagged)).await;
    assert!(refused.refused(403, "AccessDeniedException").text().contains("sqs:tagqueue"));
    let both = json!([{"Effect": "Allow", "Action": ["sqs:CreateQueue", "sqs:TagQueue"], "Resource": "*", "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}}]);
    let cloud = cloud(both).await;
    ask(&cloud, ("sqs", "CreateQueue", tagged)).await.ok();
    let other = r#"{"QueueName":"more","tags":{"a":"b","c":"d"}}"#;
    ask(&cloud, ("sqs", "CreateQueue", other)).await.refused(403, "AccessDeniedException");
}

#[tokio::test]
async fn tags_of_a_function_are_told_only_to_who_may_list_them() {
    for (lists, told) in [(false, Value::Null), (true, json!({"a": "b"}))] {
        let action = if lists { "lambda:*" } else { "lambda:*Function" };
        let allow = |action: &str| json!({"Effect": "Allow", "Action": action, "Resource": "*"});
        let statements = json!([allow("iam:*"), allow(action), allow("lambda:TagResource")]);
        let cloud = cloud(statements).await;
        let role = role(&cloud, "r", r#"["logs:*"]"#).await;
        let mut wanted = input("f", &role, crate::lambda::ECHO);
        wanted["Tags"] = json!({"a": "b"});
        crate::lambda::create(&cloud, &wanted).await.ok();
        let found = ask(&cloud, ("lambda", "GET /2015-03-31/functions/f", "")).await.ok().json();
        assert_eq!(found["Tags"], told);
        let error = found["TagsError"]["ErrorCode"].as_str();
        assert_eq!(error, (!lists).then_some("AccessDeniedException"), "{found}");
    }
}
