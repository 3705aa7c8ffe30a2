//! Functions are judged by their roles and by the policies of what they ask for.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::{Asked, ask, is_denied, policy};
use crate::harness::{ACCOUNT, Cloud};
use crate::lambda::function;
use crate::s3::bucket;
use crate::sqs::queue;

/// Tells what it was given to call other services with.
const TELLS: &str = "import os\ndef handler(event, context):\n    return [os.environ['AWS_ACCESS_KEY_ID'], os.environ['AWS_SESSION_TOKEN']]\n";

/// Every service, what it is asked, and the one action and resource that this takes.
const CASES: &[(Asked<'_>, &str, &str)] = &[
    (("s3", "GET /photos/in/a", ""), "s3:GetObject", "arn:aws:s3:::photos/in/*"),
    (("s3", "HEAD /photos/in/a", ""), "s3:GetObject", "arn:aws:s3:::photos/in/a"),
    (("s3", "PUT /photos/in/b", "b"), "s3:PutObject", "arn:aws:s3:::photos/*"),
    (("s3", "DELETE /photos/in/b", ""), "s3:DeleteObject", "arn:aws:s3:::photos/in/?"),
    (("s3", "GET /photos?list-type=2", ""), "s3:ListBucket", "arn:aws:s3:::photos"),
    (("s3", "GET /", ""), "s3:ListAllMyBuckets", "*"),
    (
        ("sqs", "SendMessage", r#"{"QueueUrl":"http://x/111122223333/jobs","MessageBody":"a"}"#),
        "sqs:SendMessage",
        "arn:aws:sqs:eu-west-1:111122223333:jobs",
    ),
    (
        (
            "sqs",
            "SendMessageBatch",
            r#"{"QueueUrl":"http://x/111122223333/jobs","Entries":[{"Id":"a","MessageBody":"a"}]}"#,
        ),
        "sqs:SendMessage",
        "arn:aws:sqs:eu-west-1:111122223333:jobs",
    ),
    (
        ("sqs", "ReceiveMessage", r#"{"QueueUrl":"http://x/111122223333/jobs"}"#),
        "sqs:ReceiveMessage",
        "arn:aws:sqs:*:111122223333:j*",
    ),
    (
        ("logs", "FilterLogEvents", r#"{"logGroupName":"/aws/lambda/f"}"#),
        "logs:FilterLogEvents",
        "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f:*",
    ),
    (
        ("lambda", "GET /2015-03-31/functions/f", ""),
        "lambda:GetFunction",
        "arn:aws:lambda:eu-west-1:111122223333:function:f",
    ),
    (("lambda", "GET /2015-03-31/functions", ""), "lambda:ListFunctions", "*"),
    (("iam", "GetRole", "RoleName=f-role"), "iam:GetRole", "arn:aws:iam::111122223333:role/f-role"),
    (
        ("scheduler", "GET /schedules/nightly", ""),
        "scheduler:GetSchedule",
        "arn:aws:scheduler:eu-west-1:111122223333:schedule/default/nightly",
    ),
    (
        ("apigateway", "GET /restapis/abc", ""),
        "apigateway:GET",
        "arn:aws:apigateway:eu-west-1::/restapis/abc",
    ),
    (("apigateway", "GET /v2/apis", ""), "apigateway:GET", "arn:aws:apigateway:eu-west-1::/apis"),
    (("tagging", "GetResources", "{}"), "tag:GetResources", "*"),
];

/// A cloud with a queue, a bucket and a function whose credentials are used from now on; roles are written by `grant`.
struct Scene {
    cloud: Cloud,
    session: (String, String),
}

impl Scene {
    async fn new() -> Self {
        let settings = Settings { enforce_iam: true, ..Settings::instant() };
        let cloud = Cloud::with(settings).await;
        function(&cloud, "f", TELLS).await;
        queue(&cloud, "jobs", json!({})).await;
        bucket(&cloud, "photos").await;
        ask(&cloud, ("s3", "PUT /photos/in/a", "a")).await.ok();
        let invoked =
            cloud.rest("lambda", "POST /2015-03-31/functions/f/invocations", &json!({})).await;
        let told: (String, String) = serde_json::from_slice(&invoked.ok().body).unwrap();
        Self { cloud, session: told }
    }

    /// Writes the role's only policy.
    async fn grant(&mut self, statements: Value) {
        self.cloud.act(ACCOUNT, "");
        let document = policy(&statements);
        let body = serde_urlencoded::to_string([
            ("RoleName", "f-role"),
            ("PolicyName", "p"),
            ("PolicyDocument", &document),
        ]);
        ask(&self.cloud, ("iam", "PutRolePolicy", &body.unwrap())).await.ok();
        self.cloud.act(&self.session.0, &self.session.1);
    }
}

fn allow(action: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

#[tokio::test]
async fn one_action_on_one_resource_lets_one_request_through_in_every_service() {
    let mut scene = Scene::new().await;
    for (asked, action, resource) in CASES {
        scene.grant(allow(action, resource)).await;
        let answer = ask(&scene.cloud, *asked).await;
        assert!(!is_denied(&answer), "{asked:?}: {}", answer.text());
        scene.grant(json!([allow("*", "*"), {"Effect": "Deny", "Action": action, "Resource": resource}])).await;
        let denied = ask(&scene.cloud, *asked).await;
        if asked.1.starts_with("HEAD") {
            assert_eq!(denied.status, 403);
            continue;
        }
        assert!(is_denied(&denied), "{asked:?}: {}", denied.text());
        let said = denied.text();
        assert!(said.contains("with an explicit deny in an identity-based policy"), "{said}");
        scene.grant(allow("ec2:*", "*")).await;
        let said = ask(&scene.cloud, *asked).await.text();
        let who = format!(
            "User: arn:aws:sts::{ACCOUNT}:assumed-role/f-role/f is not authorized to perform: "
        );
        assert!(
            said.contains(&who) && said.contains("because no identity-based policy allows the "),
            "{said}"
        );
        assert!(said.to_lowercase().contains(&action.to_lowercase()), "{said}");
    }
}

#[tokio::test]
async fn refusals_have_the_words_of_their_service() {
    let mut scene = Scene::new().await;
    scene.grant(allow("ec2:*", "*")).await;
    let put = ask(&scene.cloud, ("s3", "PUT /photos/x", "x")).await.refused(403, "AccessDenied");
    assert_eq!(
        put.element("Message").unwrap(),
        "User: arn:aws:sts::111122223333:assumed-role/f-role/f is not authorized to perform: s3:PutObject on resource: \
         \"arn:aws:s3:::photos/x\" because no identity-based policy allows the s3:PutObject action"
    );
    let message = r#"{"QueueUrl":"http://x/111122223333/jobs","MessageBody":"a"}"#;
    let sent = ask(&scene.cloud, ("sqs", "SendMessage", message)).await;
    let sent = sent.refused(403, "AccessDeniedException");
    assert_eq!(crate::sqs::query_code(&sent), "AccessDenied");
    assert!(
        sent.text().contains(
            "sqs:sendmessage on resource: arn:aws:sqs:eu-west-1:111122223333:jobs because"
        )
    );
    let read = ask(&scene.cloud, ("logs", "DescribeLogGroups", "{}")).await;
    read.refused(400, "AccessDeniedException");
    ask(&scene.cloud, ("iam", "ListRoles", "")).await.refused(403, "AccessDenied");
    // Who one is may always be asked.
    let me = ask(&scene.cloud, ("sts", "GetCallerIdentity", "")).await.ok();
    let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/f-role/f");
    assert_eq!(me.element("Arn"), Some(arn));
}

#[tokio::test]
async fn a_missing_object_is_told_only_to_who_may_list() {
    let mut scene = Scene::new().await;
    scene.grant(allow("s3:GetObject", "arn:aws:s3:::photos/*")).await;
    let hidden = ask(&scene.cloud, ("s3", "GET /photos/none", "")).await;
    assert!(hidden.refused(403, "AccessDenied").text().contains("s3:ListBucket"));
    assert_eq!(ask(&scene.cloud, ("s3", "HEAD /photos/none", "")).await.status, 403);
    scene
        .grant(json!([
            allow("s3:GetObject", "arn:aws:s3:::photos/*"),
            allow("s3:ListBucket", "arn:aws:s3:::photos")
        ]))
        .await;
    ask(&scene.cloud, ("s3", "GET /photos/none", "")).await.refused(404, "NoSuchKey");
}

#[tokio::test]
async fn conditions_are_about_the_request() {
    let mut scene = Scene::new().await;
    let under = |prefix: &str| json!({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::photos", "Condition": {"StringLike": {"s3:prefix": prefix}}});
    scene.grant(under("in/*")).await;
    ask(&scene.cloud, ("s3", "GET /photos?list-type=2&prefix=in/", "")).await.ok();
    for line in ["GET /photos?list-type=2&prefix=out/", "GET /photos?list-type=2"] {
        ask(&scene.cloud, ("s3", line, "")).await.refused(403, "AccessDenied");
    }
    let handler = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"ArnLike": {"lambda:SourceFunctionArn": "arn:aws:lambda:*:*:function:f"}}});
    scene.grant(handler).await;
    ask(&scene.cloud, ("s3", "GET /photos/in/a", "")).await.ok();
    let poller = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"Null": {"lambda:SourceFunctionArn": "true"}}});
    scene.grant(poller).await;
    ask(&scene.cloud, ("s3", "GET /photos/in/a", "")).await.refused(403, "AccessDenied");
    // What is not known of requests here is not guessed.
    let tagged = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/a": "b"}}});
    scene.grant(tagged).await;
    ask(&scene.cloud, ("s3", "GET /photos/in/a", ""))
        .await
        .refused(501, "NotImplementedByEmbeddedCloud");
}

#[tokio::test]
async fn the_policy_of_a_bucket_or_a_queue_lets_in_and_keeps_out() {
    let mut scene = Scene::new().await;
    let role = format!("arn:aws:iam::{ACCOUNT}:role/f-role");
    let of = |effect: &str, who: &str, action: &str, on: &str| {
        policy(
            &json!([{"Effect": effect, "Principal": {"AWS": who}, "Action": action, "Resource": on}]),
        )
    };
    scene.grant(allow("ec2:*", "*")).await;
    let photos = "arn:aws:s3:::photos/*";
    let write = async |scene: &mut Scene, document: String| {
        scene.cloud.act(ACCOUNT, "");
        ask(&scene.cloud, ("s3", "PUT /photos?policy", &document)).await.ok();
        let (key, token) = scene.session.clone();
        scene.cloud.act(&key, &token);
    };
    write(&mut scene, of("Allow", &role, "s3:GetObject", photos)).await;
    ask(&scene.cloud, ("s3", "GET /photos/in/a", "")).await.ok();
    // Who names the account leaves it to the account's own policies.
    write(&mut scene, of("Allow", ACCOUNT, "s3:GetObject", photos)).await;
    ask(&scene.cloud, ("s3", "GET /photos/in/a", "")).await.refused(403, "AccessDenied");
    scene.grant(allow("s3:*", "*")).await;
    write(&mut scene, of("Deny", ACCOUNT, "s3:GetObject", photos)).await;
    let denied = ask(&scene.cloud, ("s3", "GET /photos/in/a", "")).await;
    let said = denied.refused(403, "AccessDenied").text();
    assert!(said.contains("with an explicit deny in a resource-based policy"), "{said}");
}

#[tokio::test]
async fn a_key_without_its_token_is_nobodys() {
    let mut scene = Scene::new().await;
    let key = scene.session.0.clone();
    scene.cloud.act(&key, "");
    ask(&scene.cloud, ("s3", "GET /photos/in/a", "")).await.refused(403, "InvalidAccessKeyId");
    ask(&scene.cloud, ("iam", "ListRoles", "")).await.refused(403, "InvalidClientTokenId");
    scene.cloud.act(&key, "wrong");
    let list = ask(&scene.cloud, ("lambda", "GET /2015-03-31/functions", "")).await;
    list.refused(403, "UnrecognizedClientException");
}

#[tokio::test]
async fn nothing_is_asked_unless_the_settings_say_so() {
    let mut cloud = Cloud::instant().await;
    function(&cloud, "f", TELLS).await;
    let invoked =
        cloud.rest("lambda", "POST /2015-03-31/functions/f/invocations", &json!({})).await;
    let (key, token): (String, String) = serde_json::from_slice(&invoked.ok().body).unwrap();
    cloud.act(&key, &token);
    ask(&cloud, ("iam", "GetRole", "RoleName=f-role")).await.ok();
}

#[tokio::test]
async fn a_managed_policy_counts_as_well() {
    let mut scene = Scene::new().await;
    ask(&scene.cloud, ("iam", "ListRoles", "")).await.ok();
    scene.cloud.act(&scene.session.0.clone(), &scene.session.1.clone());
    ask(&scene.cloud, ("iam", "ListRoles", "")).await.refused(403, "AccessDenied");
    scene.cloud.act(ACCOUNT, "");
    let attach = "RoleName=f-role&PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess";
    ask(&scene.cloud, ("iam", "AttachRolePolicy", attach)).await.ok();
    scene.cloud.act(&scene.session.0.clone(), &scene.session.1.clone());
    ask(&scene.cloud, ("iam", "ListRoles", "")).await.ok();
}
