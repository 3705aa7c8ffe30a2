//! Payload format 2.0, the event an HTTP API or a function URL gives a function.
//!
//! Source: API Gateway developer guide, "Working with AWS Lambda proxy integrations for HTTP APIs".

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::call::{Call, decoded};

/// What the event says about the route it came by.
pub(crate) struct Route<'a> {
    /// The account that owns the API.
    pub(crate) account: &'a str,
    /// The API's id.
    pub(crate) api: &'a str,
    /// The stage's name.
    pub(crate) stage: &'a str,
    /// The route key, such as `GET /photos/{id}`.
    pub(crate) key: &'a str,
    /// The parameters taken from the path, still encoded.
    pub(crate) parameters: &'a BTreeMap<String, String>,
    /// The stage's variables.
    pub(crate) variables: &'a BTreeMap<String, String>,
    /// The access key of a signed request, where the route wants one.
    pub(crate) access_key: Option<&'a str>,
}

/// Builds the event.
pub(crate) fn event(call: &Call, route: &Route<'_>) -> Value {
    let text = is_text(call.header("content-type")) && std::str::from_utf8(&call.body).is_ok();
    let mut event = json!({
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": raw_path(call, route.stage),
        "rawQueryString": call.raw_query,
        "headers": joined(call.headers.iter().filter(|(name, _)| name != "cookie").cloned()),
        "requestContext": context(call, route),
        "isBase64Encoded": !call.body.is_empty() && !text,
    });
    let cookies: Vec<&str> = call
        .headers
        .iter()
        .filter(|(name, _)| name == "cookie")
        .flat_map(|(_, value)| value.split("; "))
        .collect();
    if let Value::Object(map) = &mut event {
        // Absent, not null, where there is nothing to say.
        let parameters: BTreeMap<&String, String> =
            route.parameters.iter().map(|(name, value)| (name, decoded(value))).collect();
        insert(map, "cookies", !cookies.is_empty(), json!(cookies));
        insert(
            map,
            "queryStringParameters",
            !call.raw_query.is_empty(),
            joined(call.query().into_iter()),
        );
        insert(map, "pathParameters", !parameters.is_empty(), json!(parameters));
        insert(map, "stageVariables", !route.variables.is_empty(), json!(route.variables));
        let body = if text {
            String::from_utf8_lossy(&call.body).into_owned()
        } else {
            STANDARD.encode(&call.body)
        };
        insert(map, "body", !call.body.is_empty(), Value::String(body));
    }
    event
}

fn context(call: &Call, route: &Route<'_>) -> Value {
    let mut context = json!({
        "accountId": route.account,
        "apiId": route.api,
        "domainName": call.host(),
        "domainPrefix": route.api,
        "http": {
            "method": call.method,
            "path": raw_path(call, route.stage),
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": call.header("user-agent").unwrap_or(""),
        },
        "requestId": call.request_id,
        "routeKey": route.key,
        "stage": route.stage,
        "time": common_log_time(call.time_ms),
        "timeEpoch": call.time_ms,
    });
    if let (Some(key), Value::Object(map)) = (route.access_key, &mut context) {
        let iam = json!({ "iam": {
            "accessKey": key,
            "accountId": route.account,
            "callerId": route.account,
            "cognitoIdentity": null,
            "principalOrgId": null,
            "userArn": format!("arn:aws:iam::{}:root", route.account),
            "userId": route.account,
        }});
        map.insert("authorizer".to_owned(), iam);
    }
    context
}

/// HTTP APIs decode the path and put a named stage before it; `$default` has none.
fn raw_path(call: &Call, stage: &str) -> String {
    let path = decoded(&call.path);
    if stage == "$default" { path } else { format!("/{stage}{path}") }
}

/// Joins the values of equal names with a comma.
fn joined(pairs: impl Iterator<Item = (String, String)>) -> Value {
    let mut map: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in pairs {
        map.entry(name)
            .and_modify(|all| {
                all.push(',');
                all.push_str(&value);
            })
            .or_insert(value);
    }
    json!(map)
}

fn insert(map: &mut Map<String, Value>, name: &str, wanted: bool, value: Value) {
    if wanted {
        map.insert(name.to_owned(), value);
    }
}

fn is_text(media: Option<&str>) -> bool {
    let Some(media) = media.and_then(|value| value.split(';').next()).map(str::trim) else {
        return true;
    };
    let media = media.to_ascii_lowercase();
    media.starts_with("text/")
        || ["application/json", "application/javascript", "application/xml"]
            .contains(&media.as_str())
        || media.ends_with("+json")
        || media.ends_with("+xml")
}

/// Formats a time as the request context does: `21/Nov/2026:03:20:48 +0000`.
pub(crate) fn common_log_time(time_ms: i64) -> String {
    Timestamp::from_millisecond(time_ms)
        .map(|time| time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string())
        .unwrap_or_default()
}
