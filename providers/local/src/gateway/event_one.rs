//! The event a REST API gives a function, which is also payload format 1.0 of HTTP APIs.
//!
//! Source: Lambda developer guide, "Input format of a Lambda function for proxy integration".

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::call::{Call, is_binary};

/// What the event says about the route it came by.
pub(crate) struct Route<'a> {
    /// The account that owns the API.
    pub(crate) account: &'a str,
    /// The API's id.
    pub(crate) api: &'a str,
    /// The stage's name.
    pub(crate) stage: &'a str,
    /// The resource's id, or the route key of an HTTP API.
    pub(crate) resource_id: &'a str,
    /// The path template.
    pub(crate) resource: &'a str,
    /// The parameters taken from the path.
    pub(crate) parameters: &'a BTreeMap<String, String>,
    /// The stage's variables.
    pub(crate) variables: &'a BTreeMap<String, String>,
    /// Media types whose bodies are passed as base64.
    pub(crate) binary_types: &'a [String],
    /// The access key of a signed request, where the route wants one.
    pub(crate) access_key: Option<&'a str>,
}

/// Builds the event.
pub(crate) fn event(call: &Call, route: &Route<'_>) -> Value {
    let encode = is_binary(route.binary_types, call.header("content-type"));
    let body = match (call.body.is_empty(), encode) {
        (true, _) => Value::Null,
        (false, true) => Value::String(STANDARD.encode(&call.body)),
        (false, false) => Value::String(String::from_utf8_lossy(&call.body).into_owned()),
    };
    let headers: Vec<(String, String)> =
        call.headers.iter().map(|(name, value)| (capitalised(name), value.clone())).collect();
    let query = call.query();
    json!({
        "resource": route.resource,
        "path": call.path,
        "httpMethod": call.method,
        "headers": last_values(&headers),
        "multiValueHeaders": all_values(&headers),
        "queryStringParameters": last_values(&query),
        "multiValueQueryStringParameters": all_values(&query),
        "pathParameters": or_null(route.parameters),
        "stageVariables": or_null(route.variables),
        "requestContext": context(call, route),
        "body": body,
        "isBase64Encoded": encode && !call.body.is_empty(),
    })
}

/// Builds the event as HTTP APIs send it: with its version.
pub(crate) fn versioned(call: &Call, route: &Route<'_>) -> Value {
    let mut event = event(call, route);
    if let Some(map) = event.as_object_mut() {
        map.insert("version".to_owned(), json!("1.0"));
    }
    event
}

fn context(call: &Call, route: &Route<'_>) -> Value {
    json!({
        "accountId": route.account,
        "apiId": route.api,
        "domainName": call.host(),
        "domainPrefix": route.api,
        "extendedRequestId": call.request_id,
        "httpMethod": call.method,
        "identity": {
            "accessKey": route.access_key,
            "accountId": route.access_key.map(|_| route.account),
            "caller": null,
            "cognitoAuthenticationProvider": null,
            "cognitoAuthenticationType": null,
            "cognitoIdentityId": null,
            "cognitoIdentityPoolId": null,
            "principalOrgId": null,
            "sourceIp": "127.0.0.1",
            "user": null,
            "userAgent": call.header("user-agent"),
            "userArn": route.access_key.map(|_| format!("arn:aws:iam::{}:root", route.account)),
        },
        "path": format!("/{}{}", route.stage, call.path),
        "protocol": "HTTP/1.1",
        "requestId": call.request_id,
        "requestTime": super::event_two::common_log_time(call.time_ms),
        "requestTimeEpoch": call.time_ms,
        "resourceId": route.resource_id,
        "resourcePath": route.resource,
        "stage": route.stage,
    })
}

/// Header names reach the server in lower case; HTTP/1.1 clients write them capitalised and AWS passes that on.
fn capitalised(name: &str) -> String {
    let words: Vec<String> = name
        .split('-')
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        })
        .collect();
    words.join("-")
}

fn last_values(pairs: &[(String, String)]) -> Value {
    let map: Map<String, Value> =
        pairs.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    if map.is_empty() { Value::Null } else { Value::Object(map) }
}

fn all_values(pairs: &[(String, String)]) -> Value {
    let mut map: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in pairs {
        map.entry(name).or_default().push(value);
    }
    if map.is_empty() { Value::Null } else { json!(map) }
}

fn or_null(map: &BTreeMap<String, String>) -> Value {
    if map.is_empty() { Value::Null } else { json!(map) }
}
