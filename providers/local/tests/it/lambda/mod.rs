//! Lambda: strict about everything, and it really runs functions.

mod functions;
mod invoke;
pub(crate) mod mappings;
mod policy;
mod url;

use std::io::{Cursor, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::harness::{ACCOUNT, Answer, Call, Cloud, REGION};

/// The path of functions.
pub(crate) const FUNCTIONS: &str = "/2015-03-31/functions";

/// A Python handler that answers its event.
pub(crate) const ECHO: &str =
    "def handler(event, context):\n    print('got it')\n    return {'echo': event}\n";

/// A zip archive of one file, as `ZipFile` carries it.
pub(crate) fn zip(name: &str, content: &str) -> String {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default()).unwrap();
    zip.write_all(content.as_bytes()).unwrap();
    STANDARD.encode(zip.finish().unwrap().into_inner())
}

/// Creates a role that Lambda may assume, with a policy for logs; returns its ARN.
pub(crate) async fn role(cloud: &Cloud, name: &str, actions: &str) -> String {
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let create =
        [("Action", "CreateRole"), ("RoleName", name), ("AssumeRolePolicyDocument", trust)];
    cloud.query("iam", &create).await.ok();
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{actions},"Resource":"*"}}]}}"#
    );
    let put = [
        ("Action", "PutRolePolicy"),
        ("RoleName", name),
        ("PolicyName", "p"),
        ("PolicyDocument", &policy),
    ];
    cloud.query("iam", &put).await.ok();
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

/// What `CreateFunction` takes for a Python function.
pub(crate) fn input(name: &str, role: &str, code: &str) -> Value {
    json!({
        "FunctionName": name,
        "Runtime": "python3.13",
        "Role": role,
        "Handler": "app.handler",
        "Timeout": 20,
        "Code": {"ZipFile": zip("app.py", code)},
    })
}

/// Creates a function that runs at once in a cloud without delays.
pub(crate) async fn function(cloud: &Cloud, name: &str, code: &str) -> Value {
    let role =
        role(cloud, &format!("{name}-role"), r#"["logs:CreateLogStream","logs:PutLogEvents"]"#)
            .await;
    create(cloud, &input(name, &role, code)).await.ok().json()
}

/// `CreateFunction`.
pub(crate) async fn create(cloud: &Cloud, input: &Value) -> Answer {
    cloud.rest("lambda", &format!("POST {FUNCTIONS}"), input).await
}

/// A call below a function's path; `line` is `"GET /configuration"`.
pub(crate) async fn at(cloud: &Cloud, name: &str, line: &str, body: Value) -> Answer {
    let (method, rest) = line.split_once(' ').unwrap();
    cloud.rest("lambda", &format!("{method} {FUNCTIONS}/{name}{rest}"), &body).await
}

/// `Invoke` with headers.
pub(crate) async fn invoke(
    cloud: &Cloud,
    name: &str,
    event: &Value,
    headers: &[(&str, &str)],
) -> Answer {
    let body = event.to_string();
    let path = format!("{FUNCTIONS}/{name}/invocations");
    cloud
        .call(Call {
            service: "lambda",
            method: "POST",
            path: &path,
            headers,
            body: body.as_bytes(),
        })
        .await
}

/// A function's ARN.
pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}

/// The error's message.
pub(crate) fn message(answer: &Answer) -> String {
    let json = answer.json();
    json["Message"].as_str().or(json["message"].as_str()).unwrap_or_default().to_owned()
}
