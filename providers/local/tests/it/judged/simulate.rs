//! What policies would say can be asked.

use serde_json::json;
use updraft_local::{Deployer, Settings};

use super::{ask, policy};
use crate::harness::{ACCOUNT, Cloud};
use crate::lambda::role;

fn form(pairs: &[(&str, &str)]) -> String {
    serde_urlencoded::to_string(pairs).unwrap()
}

#[tokio::test]
async fn a_roles_policies_are_simulated_action_by_action() {
    let cloud = Cloud::instant().await;
    let arn = role(&cloud, "r", r#"["s3:Get*"]"#).await;
    let body = form(&[
        ("PolicySourceArn", &arn),
        ("ActionNames.member.1", "s3:GetObject"),
        ("ActionNames.member.2", "s3:PutObject"),
        ("ResourceArns.member.1", "arn:aws:s3:::b/k"),
    ]);
    let answer = ask(&cloud, ("iam", "SimulatePrincipalPolicy", &body)).await.ok();
    assert_eq!(answer.elements("EvalActionName"), ["s3:GetObject", "s3:PutObject"]);
    assert_eq!(answer.elements("EvalDecision"), ["allowed", "implicitDeny"]);
    assert_eq!(answer.elements("EvalResourceName"), ["arn:aws:s3:::b/k"; 2]);
}

#[tokio::test]
async fn the_caller_is_simulated_by_the_rights_it_was_given() {
    let statements = json!([
        {"Effect": "Allow", "Action": ["iam:SimulatePrincipalPolicy"], "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}},
    ]);
    let deployer = Deployer { aws: vec![policy(&statements)], ..Deployer::default() };
    let cloud = Cloud::with(Settings { deployer: Some(deployer), ..Settings::instant() }).await;
    let me = ask(&cloud, ("sts", "GetCallerIdentity", "")).await.ok().element("Arn").unwrap();
    assert_eq!(me, format!("arn:aws:iam::{ACCOUNT}:user/deployer"));
    let pass = [("PolicySourceArn", &*me), ("ActionNames.member.1", "iam:PassRole")];
    let answer = ask(&cloud, ("iam", "SimulatePrincipalPolicy", &form(&pass))).await.ok();
    assert_eq!(answer.elements("EvalDecision"), ["implicitDeny"]);
    assert!(answer.text().contains("<member>iam:PassedToService</member>"), "{}", answer.text());
    let mut with = pass.to_vec();
    with.extend([
        ("ContextEntries.member.1.ContextKeyName", "iam:PassedToService"),
        ("ContextEntries.member.1.ContextKeyType", "string"),
        ("ContextEntries.member.1.ContextKeyValues.member.1", "lambda.amazonaws.com"),
    ]);
    let answer = ask(&cloud, ("iam", "SimulatePrincipalPolicy", &form(&with))).await.ok();
    assert_eq!(answer.elements("EvalDecision"), ["allowed"]);
}

#[tokio::test]
async fn who_is_not_there_cannot_be_simulated() {
    let cloud = Cloud::instant().await;
    for (arn, status, code) in [
        (format!("arn:aws:iam::{ACCOUNT}:root"), 400, "InvalidInput"),
        (format!("arn:aws:iam::{ACCOUNT}:role/none"), 404, "NoSuchEntity"),
        (format!("arn:aws:iam::{ACCOUNT}:user/deployer"), 404, "NoSuchEntity"),
        ("short".to_owned(), 400, "ValidationError"),
    ] {
        let body = form(&[("PolicySourceArn", &arn), ("ActionNames.member.1", "s3:GetObject")]);
        ask(&cloud, ("iam", "SimulatePrincipalPolicy", &body)).await.refused(status, code);
    }
    let role = role(&cloud, "r", r#"["s3:*"]"#).await;
    let none = form(&[("PolicySourceArn", &role)]);
    ask(&cloud, ("iam", "SimulatePrincipalPolicy", &none)).await.refused(400, "ValidationError");
    let more = form(&[
        ("PolicySourceArn", &role),
        ("ActionNames.member.1", "s3:GetObject"),
        ("ResourcePolicy", "{}"),
    ]);
    ask(&cloud, ("iam", "SimulatePrincipalPolicy", &more))
        .await
        .refused(501, "NotImplementedByEmbeddedCloud");
}
