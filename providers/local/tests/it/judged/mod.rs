//! Who may do what, once it is asked: functions by their roles, the caller by the rights it was given.

mod caller;
mod clouds;
mod functions;
mod simulate;

use serde_json::{Value, json};

use crate::harness::{Answer, Call, Cloud};

/// A request of any service: `("s3", "PUT /b/k", "body")`, `("sqs", "SendMessage", "{…}")`, `("iam", "GetRole", "RoleName=a")`.
pub(crate) type Asked<'a> = (&'a str, &'a str, &'a str);

/// Sends a request in its service's protocol.
pub(crate) async fn ask(cloud: &Cloud, (service, line, body): Asked<'_>) -> Answer {
    let json = |body: &str| if body.is_empty() { Value::Null } else { body.parse().unwrap() };
    match service {
        "s3" => {
            let (method, path) = line.split_once(' ').unwrap();
            let body = body.as_bytes();
            cloud.call(Call { service, method, path, headers: &[], body }).await
        }
        "iam" | "sts" => {
            let mut form = vec![("Action".to_owned(), line.to_owned())];
            form.extend(serde_urlencoded::from_str::<Vec<(String, String)>>(body).unwrap());
            let form: Vec<(&str, &str)> =
                form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            cloud.query(service, &form).await
        }
        "sqs" => cloud.target(service, &format!("AmazonSQS.{line}"), &json(body)).await,
        "logs" => cloud.target(service, &format!("Logs_20140328.{line}"), &json(body)).await,
        "tagging" => {
            let target = format!("ResourceGroupsTaggingAPI_20170126.{line}");
            cloud.target(service, &target, &json(body)).await
        }
        _ => cloud.rest(service, line, &json(body)).await,
    }
}

/// A policy of one statement, or of more.
pub(crate) fn policy(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// Whether an answer says that somebody may not.
pub(crate) fn is_denied(answer: &Answer) -> bool {
    [400, 403].contains(&answer.status) && answer.code().starts_with("AccessDenied")
}
