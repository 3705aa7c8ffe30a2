//! IAM: roles, their policies and tags, with IAM's own refusals.

use updraft_local::Effect;

use crate::harness::{ACCOUNT, Answer, Cloud};

const TRUST: &str = r#"{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
    "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }] }"#;
const LOGS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:PutLogEvents","Resource":"arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/a:*"}]}"#;

/// Calls IAM; the version is added.
async fn iam(cloud: &Cloud, action: &str, form: &[(&str, &str)]) -> Answer {
    let mut whole = vec![("Action", action), ("Version", "2010-05-08")];
    whole.extend_from_slice(form);
    cloud.query("iam", &whole).await
}

async fn role(cloud: &Cloud, name: &str) -> Answer {
    iam(cloud, "CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", TRUST)]).await
}

#[tokio::test]
async fn a_role_is_read_back_as_it_was_made() {
    let cloud = Cloud::instant().await;
    let form = [
        ("RoleName", "app"),
        ("Path", "/updraft/p/dev/"),
        ("AssumeRolePolicyDocument", TRUST),
        ("Description", "runs <app>"),
        ("Tags.member.1.Key", "updraft:id"),
        ("Tags.member.1.Value", "aws.role/app"),
    ];
    iam(&cloud, "CreateRole", &form).await.ok();
    let got = iam(&cloud, "GetRole", &[("RoleName", "app")]).await.ok();
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/updraft/p/dev/app");
    assert_eq!(got.element("Arn"), Some(arn));
    assert_eq!(got.element("Description").as_deref(), Some("runs &lt;app&gt;"));
    assert_eq!(got.element("MaxSessionDuration").as_deref(), Some("3600"));
    assert_eq!(
        (got.element("Key").as_deref(), got.element("Value").as_deref()),
        (Some("updraft:id"), Some("aws.role/app"))
    );
    let trust = got.element("AssumeRolePolicyDocument").unwrap();
    assert!(trust.starts_with("%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22"), "{trust}");
    let entry = &cloud.running.ledger()[0];
    assert_eq!((entry.effect, entry.object.as_deref()), (Effect::Create, Some("role/app")));
}

#[tokio::test]
async fn a_name_is_taken_in_any_case() {
    let cloud = Cloud::instant().await;
    role(&cloud, "app").await.ok();
    let answer = role(&cloud, "App").await.refused(409, "EntityAlreadyExists");
    assert!(answer.text().contains("Role with name App already exists."));
}

#[tokio::test]
async fn what_breaks_the_model_is_refused_with_every_mistake() {
    let cloud = Cloud::instant().await;
    let form = [
        ("RoleName", "no spaces"),
        ("AssumeRolePolicyDocument", TRUST),
        ("MaxSessionDuration", "60"),
    ];
    let answer = iam(&cloud, "CreateRole", &form).await.refused(400, "ValidationError");
    let message = answer.element("Message").unwrap();
    assert!(message.starts_with("2 validation errors detected: Value 'no spaces' at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+;"), "{message}");
    let answer = iam(&cloud, "GetRole", &[]).await.refused(400, "ValidationError");
    assert!(answer.text().contains("Value null at 'roleName'"));
    let boundary = [
        ("RoleName", "a"),
        ("AssumeRolePolicyDocument", TRUST),
        ("PermissionsBoundary", "arn:aws:iam::aws:policy/x"),
    ];
    iam(&cloud, "CreateRole", &boundary).await.refused(501, "NotImplementedByEmbeddedCloud");
}

#[tokio::test]
async fn documents_iam_cannot_read_are_malformed() {
    let cloud = Cloud::instant().await;
    for (find, replace) in [
        ("sts:AssumeRole", "s3:GetObject"),
        ("lambda.amazonaws.com", "lamda.amazonaws.com"),
        (
            "\"Service\": \"lambda.amazonaws.com\"",
            "\"AWS\": \"arn:aws:iam::111122223333:role/nobody\"",
        ),
        ("2012-10-17", "2012-10-18"),
        ("\"Effect\": \"Allow\",", ""),
    ] {
        let trust = TRUST.replace(find, replace);
        let form = [("RoleName", "app"), ("AssumeRolePolicyDocument", trust.as_str())];
        iam(&cloud, "CreateRole", &form).await.refused(400, "MalformedPolicyDocument");
    }
    role(&cloud, "app").await.ok();
    let trust = TRUST.replace(
        "\"Service\": \"lambda.amazonaws.com\"",
        "\"AWS\": \"arn:aws:iam::111122223333:role/app\"",
    );
    let form = [("RoleName", "app"), ("PolicyDocument", trust.as_str())];
    iam(&cloud, "UpdateAssumeRolePolicy", &form).await.ok();
    let form = [("RoleName", "app"), ("PolicyName", "p"), ("PolicyDocument", TRUST)];
    iam(&cloud, "PutRolePolicy", &form).await.refused(400, "MalformedPolicyDocument");
}

#[tokio::test]
async fn sizes_are_limited_without_whitespace() {
    let cloud = Cloud::instant().await;
    let padded = TRUST.replace("Statement\":", &format!("Statement\":{}", " ".repeat(3000)));
    let form = [("RoleName", "padded"), ("AssumeRolePolicyDocument", padded.as_str())];
    iam(&cloud, "CreateRole", &form).await.ok();
    let long = TRUST.replace("\"Effect\"", &format!("\"Sid\":\"{}\",\"Effect\"", "a".repeat(2000)));
    let form = [("RoleName", "long"), ("AssumeRolePolicyDocument", long.as_str())];
    iam(&cloud, "CreateRole", &form).await.refused(409, "LimitExceeded");

    let half = LOGS.replace("/aws/lambda/a", &"a".repeat(6000));
    for (name, fits) in [("one", true), ("two", false)] {
        let form =
            [("RoleName", "padded"), ("PolicyName", name), ("PolicyDocument", half.as_str())];
        let answer = iam(&cloud, "PutRolePolicy", &form).await;
        if fits {
            answer.ok()
        } else {
            answer.refused(409, "LimitExceeded")
        };
    }
}

#[tokio::test]
async fn a_role_with_policies_cannot_be_deleted() {
    let cloud = Cloud::instant().await;
    role(&cloud, "app").await.ok();
    let inline = [("RoleName", "app"), ("PolicyName", "run"), ("PolicyDocument", LOGS)];
    iam(&cloud, "PutRolePolicy", &inline).await.ok();
    let basic = ("PolicyArn", "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole");
    iam(&cloud, "AttachRolePolicy", &[("RoleName", "app"), basic]).await.ok();
    let delete = || iam(&cloud, "DeleteRole", &[("RoleName", "app")]);
    delete().await.refused(409, "DeleteConflict");
    iam(&cloud, "DetachRolePolicy", &[("RoleName", "app"), basic]).await.ok();
    iam(&cloud, "DetachRolePolicy", &[("RoleName", "app"), basic])
        .await
        .refused(404, "NoSuchEntity");
    delete().await.refused(409, "DeleteConflict");
    iam(&cloud, "DeleteRolePolicy", &inline[..2]).await.ok();
    iam(&cloud, "DeleteRolePolicy", &inline[..2]).await.refused(404, "NoSuchEntity");
    delete().await.ok();
    delete().await.refused(404, "NoSuchEntity");
    let none = ("PolicyArn", "arn:aws:iam::111122223333:policy/none");
    role(&cloud, "app").await.ok();
    iam(&cloud, "AttachRolePolicy", &[("RoleName", "app"), none])
        .await
        .refused(404, "NoSuchEntity");
}

#[tokio::test]
async fn lists_come_in_pages_and_by_path() {
    let cloud = Cloud::instant().await;
    for name in ["c", "a", "b"] {
        let form = [("RoleName", name), ("Path", "/updraft/"), ("AssumeRolePolicyDocument", TRUST)];
        iam(&cloud, "CreateRole", &form).await.ok();
    }
    role(&cloud, "other").await.ok();
    let under = ("PathPrefix", "/updraft/");
    let first = iam(&cloud, "ListRoles", &[under, ("MaxItems", "2")]).await.ok();
    assert_eq!(first.elements("RoleName"), ["a", "b"]);
    assert_eq!(first.element("IsTruncated").as_deref(), Some("true"));
    let marker = first.element("Marker").unwrap();
    let second = iam(&cloud, "ListRoles", &[under, ("Marker", &marker)]).await.ok();
    assert_eq!(second.elements("RoleName"), ["c"]);
    assert_eq!(second.element("IsTruncated").as_deref(), Some("false"));
    iam(&cloud, "ListRoles", &[("Marker", "%")]).await.refused(400, "ValidationError");
    iam(&cloud, "ListRoles", &[("MaxItems", "1001")]).await.refused(400, "ValidationError");
}

#[tokio::test]
async fn the_account_is_read_in_bulk() {
    let cloud = Cloud::instant().await;
    for name in ["a", "b"] {
        role(&cloud, name).await.ok();
        let inline = [("RoleName", name), ("PolicyName", "run"), ("PolicyDocument", LOGS)];
        iam(&cloud, "PutRolePolicy", &inline).await.ok();
    }
    let filter = ("Filter.member.1", "Role");
    let all = iam(&cloud, "GetAccountAuthorizationDetails", &[filter]).await.ok();
    assert_eq!(all.elements("RoleName"), ["a", "b"]);
    let document = all.element("PolicyDocument").unwrap();
    assert!(
        document.starts_with("%7B%22Version%22") && document.contains("%2Faws%2Flambda%2Fa%3A%2A"),
        "{document}"
    );
    let page =
        iam(&cloud, "GetAccountAuthorizationDetails", &[filter, ("MaxItems", "1")]).await.ok();
    assert_eq!(page.elements("RoleName"), ["a"]);
    let marker = page.element("Marker").unwrap();
    let page =
        iam(&cloud, "GetAccountAuthorizationDetails", &[filter, ("Marker", &marker)]).await.ok();
    assert_eq!(page.elements("RoleName"), ["b"]);
    let wrong = [("Filter.member.1", "Roles")];
    iam(&cloud, "GetAccountAuthorizationDetails", &wrong).await.refused(400, "ValidationError");
}

#[tokio::test]
async fn tags_are_added_replaced_and_removed() {
    let cloud = Cloud::instant().await;
    role(&cloud, "app").await.ok();
    let tags = [
        ("RoleName", "app"),
        ("Tags.member.1.Key", "stage"),
        ("Tags.member.1.Value", "dev"),
        ("Tags.member.2.Key", "team"),
        ("Tags.member.2.Value", "a"),
    ];
    iam(&cloud, "TagRole", &tags).await.ok();
    let tags =
        [("RoleName", "app"), ("Tags.member.1.Key", "Stage"), ("Tags.member.1.Value", "prod")];
    iam(&cloud, "TagRole", &tags).await.ok();
    iam(&cloud, "UntagRole", &[("RoleName", "app"), ("TagKeys.member.1", "team")]).await.ok();
    let listed = iam(&cloud, "ListRoleTags", &[("RoleName", "app")]).await.ok();
    assert_eq!(
        (listed.elements("Key"), listed.elements("Value")),
        (vec!["Stage".to_owned()], vec!["prod".to_owned()])
    );
    let system = [("RoleName", "app"), ("Tags.member.1.Key", "aws:x"), ("Tags.member.1.Value", "")];
    iam(&cloud, "TagRole", &system).await.refused(400, "InvalidInput");
}

#[tokio::test]
async fn accounts_do_not_see_each_other() {
    let cloud = Cloud::instant().await;
    role(&cloud, "app").await.ok();
    let body = b"Action=GetRole&Version=2010-05-08&RoleName=app";
    let header = "AWS4-HMAC-SHA256 Credential=444455556666/20261121/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=00";
    let headers =
        [("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", header)];
    let call =
        crate::harness::Call { service: "", method: "POST", path: "/", headers: &headers, body };
    cloud.call(call).await.refused(404, "NoSuchEntity");
}
