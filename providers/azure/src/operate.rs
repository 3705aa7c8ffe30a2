//! Calling a deployed function and reading its log.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::{Method, Url};
use azure_core::time::{OffsetDateTime, parse_rfc3339, to_rfc3339};
use bytes::Bytes;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use updraft_contract::{CloudError, Invocation, LogLine, LogPage, Operate, Scope, hex};
use updraft_transport::told;

use crate::api::{LOG_QUERY, SITE, WEB};
use crate::client::Cloud;
use crate::errors::{Failure, absent};
use crate::http::Ask;
use crate::provider::Azure;
use crate::survey::text;

/// The operation of calling a function.
const CALL: &str = "Microsoft.Web/sites/functions/invoke";

/// The longest an answer may take: Azure's load balancer ends what is idle for 230 seconds
/// (<https://learn.microsoft.com/azure/azure-functions/functions-scale#timeout>).
const LONGEST: Duration = Duration::from_mins(4);

/// The most lines that one look returns.
const LINES: u32 = 10_000;

/// One way to call a function app.
struct Entry {
    /// The function of the app, such as `http`.
    name: String,
    /// The binding that triggers it.
    binding: Json,
}

#[async_trait]
impl Operate for Azure {
    async fn invoke(
        &self,
        scope: &Scope,
        function: &str,
        payload: &[u8],
    ) -> Result<Invocation, CloudError> {
        let cloud = &self.cloud;
        let site = cloud.place.names_in(scope).site_id(function);
        let Some(app) = cloud.arm.get(&site, SITE.api).await? else {
            let message = format!("there is no function {function} to call");
            return Err(Failure::refused(CALL, "NotFound", message).into());
        };
        let host = app.get("properties").map(|it| text(it, "defaultHostName")).unwrap_or_default();
        let entry = entry(cloud, &site).await?.ok_or_else(|| {
            let message = format!("{function} has no functions yet; its package is still unpacked");
            Failure::refused(CALL, "NotIndexed", message)
        })?;
        let body = Some(("application/json", Bytes::copy_from_slice(payload)));
        let invocation = if text(&entry.binding, "type").eq_ignore_ascii_case("httpTrigger") {
            over_http(cloud, &site, host, (&entry, body)).await?
        } else {
            by_hand(cloud, &site, host, (&entry, payload)).await?
        };
        Ok(invocation)
    }

    async fn logs(&self, scope: &Scope, function: &str, since: i64) -> Result<LogPage, CloudError> {
        let names = self.cloud.place.names_in(scope);
        let query = query(&names.site(function), since);
        // <https://learn.microsoft.com/azure/azure-monitor/logs/api/request-format>
        let path = format!("{}/query", names.workspace_id());
        let asked = self.cloud.arm.post(&path, LOG_QUERY, &json!({"query": query})).await;
        let answer = absent(asked)?.unwrap_or_default();
        Ok(LogPage { lines: lines(&answer) })
    }
}

/// Returns what calls an app: its first function over HTTP, else its first.
async fn entry(cloud: &Cloud, site: &str) -> Result<Option<Entry>, Failure> {
    let mut entries = Vec::new();
    for one in cloud.arm.list(&format!("{site}/functions"), WEB).await? {
        let name = text(&one, "name").rsplit('/').next().unwrap_or_default().to_owned();
        let bindings = one.pointer("/properties/config/bindings").and_then(Json::as_array);
        let bindings = bindings.map(Vec::as_slice).unwrap_or_default();
        let trigger = bindings.iter().find(|it| text(it, "type").ends_with("Trigger"));
        entries.extend(trigger.map(|binding| Entry { name, binding: binding.clone() }));
    }
    let http = |entry: &Entry| text(&entry.binding, "type").eq_ignore_ascii_case("httpTrigger");
    let at = entries.iter().position(http).unwrap_or_default();
    Ok((at < entries.len()).then(|| entries.swap_remove(at)))
}

/// Calls a function on its route.
async fn over_http(
    cloud: &Cloud,
    site: &str,
    host: &str,
    (entry, body): (&Entry, Option<(&'static str, Bytes)>),
) -> Result<Invocation, Failure> {
    let route = entry.binding.get("route").and_then(Json::as_str).unwrap_or(&entry.name);
    let mut ask = Ask::new(CALL, method(&entry.binding), url(host, &path(route)?)?).unsigned();
    ask.limit = LONGEST;
    if ask.method != Method::Get {
        ask.body = body;
    }
    let open = text(&entry.binding, "authLevel").eq_ignore_ascii_case("anonymous");
    if open {
        ask.headers.extend(authorization(cloud, site).await?);
    } else {
        let path = format!("{site}/functions/{}/listkeys", entry.name);
        let keys = cloud.arm.post(&path, WEB, &Json::Null).await?;
        let key = keys.get("default").or_else(|| keys.as_object()?.values().next());
        let key = key.and_then(Json::as_str).unwrap_or_default();
        ask.headers.push(("x-functions-key", key.to_owned()));
    }
    cloud.ledger().count(CALL);
    let answer = cloud.arm.http.exchange(&ask).await?;
    let error = (!(200..300).contains(&answer.status)).then(|| format!("HTTP {}", answer.status));
    Ok(Invocation { payload: answer.body.to_vec(), error, log_tail: None })
}

/// Runs a function that is not called over HTTP. Azure says that it has begun, and nothing more
/// (<https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http>).
async fn by_hand(
    cloud: &Cloud,
    site: &str,
    host: &str,
    (entry, payload): (&Entry, &[u8]),
) -> Result<Invocation, Failure> {
    let keys = cloud.arm.post(&format!("{site}/host/default/listkeys"), WEB, &Json::Null).await?;
    let path = format!("/admin/functions/{}", entry.name);
    let input = json!({"input": String::from_utf8_lossy(payload)});
    let mut ask = Ask::new(CALL, Method::Post, url(host, &path)?).json(&input).unsigned();
    ask.headers.push(("x-functions-key", text(&keys, "masterKey").to_owned()));
    cloud.ledger().count(CALL);
    let answer = cloud.arm.http.exchange(&ask).await?;
    if answer.status >= 300 {
        let error = Some(format!("HTTP {}", answer.status));
        return Ok(Invocation { payload: answer.body.to_vec(), error, log_tail: None });
    }
    let said = format!(
        "{} was started; Azure tells no result of functions that are not called over HTTP, but its \
         log does",
        entry.name
    );
    Ok(Invocation { payload: Vec::new(), error: None, log_tail: Some(said) })
}

/// Returns the token that an app wants whose callers must show one; nothing where anyone may call.
async fn authorization(
    cloud: &Cloud,
    site: &str,
) -> Result<Option<(&'static str, String)>, Failure> {
    let path = format!("{site}/config/authsettingsV2");
    let settings = cloud.arm.get(&path, WEB).await?.unwrap_or_default();
    let on = settings.pointer("/properties/platform/enabled").and_then(Json::as_bool);
    let client = "/properties/identityProviders/azureActiveDirectory/registration/clientId";
    let client = settings.pointer(client).and_then(Json::as_str).unwrap_or_default();
    if on != Some(true) || client.is_empty() {
        return Ok(None);
    }
    // The client id names the application whatever its URI is.
    let audience = format!("{client}/.default");
    let token = cloud.credential().get_token(&[&audience], None).await;
    let token = token.map_err(|error| CloudError::Credentials(told(&error)))?;
    Ok(Some(("authorization", format!("Bearer {}", token.token.secret()))))
}

/// Returns how a function is called: with POST, if that is allowed.
fn method(binding: &Json) -> Method {
    let methods = binding.get("methods").and_then(Json::as_array).cloned().unwrap_or_default();
    let methods: Vec<String> =
        methods.iter().filter_map(Json::as_str).map(str::to_uppercase).collect();
    let known = BTreeMap::from([
        ("DELETE", Method::Delete),
        ("GET", Method::Get),
        ("HEAD", Method::Head),
        ("PATCH", Method::Patch),
        ("PUT", Method::Put),
    ]);
    if methods.is_empty() || methods.iter().any(|method| method == "POST") {
        return Method::Post;
    }
    methods.iter().find_map(|method| known.get(method.as_str()).copied()).unwrap_or(Method::Post)
}

/// Returns the path of a route. One that catches everything is called at its start.
fn path(route: &str) -> Result<String, Failure> {
    let kept = route.split("{*").next().unwrap_or_default();
    if kept.contains('{') {
        let message =
            format!("its route {route} has parameters; call its URL with values for them instead");
        return Err(Failure::refused(CALL, "RouteHasParameters", message));
    }
    Ok(format!("/{}", kept.trim_matches('/')))
}

fn url(host: &str, path: &str) -> Result<Url, Failure> {
    Url::parse(&format!("https://{host}{path}"))
        .map_err(|error| Failure::refused(CALL, "InvalidHost", format!("{host}{path}: {error}")))
}

/// Returns the query for what a function app has written since a moment in milliseconds
/// (<https://learn.microsoft.com/azure/azure-monitor/reference/tables/apptraces>).
fn query(site: &str, since: i64) -> String {
    let since = i128::from(since) * 1_000_000;
    let since =
        OffsetDateTime::from_unix_timestamp_nanos(since).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!(
        "AppTraces | where AppRoleName =~ '{site}' | where TimeGenerated >= datetime({}) | order by \
         TimeGenerated asc | take {LINES} | project TimeGenerated, OperationId, Message",
        to_rfc3339(&since)
    )
}

/// Reads the lines of an answer: `{"tables": [{"columns": [{"name"}], "rows": [[..]]}]}`.
fn lines(answer: &Json) -> Vec<LogLine> {
    let Some(table) = answer.pointer("/tables/0") else { return Vec::new() };
    let list = |name: &str| table.get(name).and_then(Json::as_array).cloned().unwrap_or_default();
    let columns = list("columns");
    let place = |name: &str| columns.iter().position(|column| text(column, "name") == name);
    let places = (place("TimeGenerated"), place("OperationId"), place("Message"));
    let (Some(time), Some(operation), Some(message)) = places else { return Vec::new() };
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut lines = Vec::new();
    for row in list("rows") {
        let cell = |at: usize| row.get(at).and_then(Json::as_str).unwrap_or_default();
        let Ok(at) = parse_rfc3339(cell(time)) else { continue };
        let whole = format!("{}\n{}\n{}", cell(time), cell(operation), cell(message));
        // The table has no identity for a line: equal ones are told apart by counting.
        let times = seen.entry(whole.clone()).or_default();
        *times += 1;
        let mut id = hex(&Sha256::digest(format!("{whole}\n{times}").as_bytes()));
        id.truncate(32);
        let at = i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
        lines.push(LogLine { id, at, text: cell(message).trim_end_matches('\n').to_owned() });
    }
    lines.sort_by_key(|line| line.at);
    lines
}

#[cfg(test)]
#[path = "operate_tests.rs"]
mod called;

#[cfg(test)]
mod tests {
    use azure_core::http::Method;
    use serde_json::json;

    use super::{lines, method, path, query};

    #[test]
    fn the_query_names_the_app_and_the_moment() {
        let text = query("shop-dev-api-abc123", 1_500);
        assert!(
            text.starts_with("AppTraces | where AppRoleName =~ 'shop-dev-api-abc123'"),
            "{text}"
        );
        assert!(text.contains("datetime(1970-01-01T00:00:01.5Z)"), "{text}");
    }

    #[test]
    fn lines_are_read_in_order_and_equal_ones_stay_apart() {
        let answer = json!({"tables": [{"name": "PrimaryResult",
            "columns": [{"name": "TimeGenerated"}, {"name": "OperationId"}, {"name": "Message"}],
            "rows": [["2026-01-01T00:00:01.25Z", "b", "two"], ["2026-01-01T00:00:00Z", "a", "one\n"],
                ["2026-01-01T00:00:01.25Z", "b", "two"]]}]});
        let found = lines(&answer);
        let texts: Vec<&str> = found.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["one", "two", "two"]);
        assert_eq!(found[1].at - found[0].at, 1250);
        assert_ne!(found[1].id, found[2].id);
        assert_eq!(lines(&answer), found);
        assert!(lines(&json!({})).is_empty());
    }

    #[test]
    fn routes_are_called_where_they_can_be() {
        assert_eq!(path("items").unwrap(), "/items");
        assert_eq!(path("{*path}").unwrap(), "/");
        assert_eq!(path("a/{*rest}").unwrap(), "/a");
        assert!(path("items/{id}").is_err());
        assert_eq!(method(&json!({"methods": ["get", "post"]})), Method::Post);
        assert_eq!(method(&json!({"methods": ["get"]})), Method::Get);
        assert_eq!(method(&json!({})), Method::Post);
    }
}
