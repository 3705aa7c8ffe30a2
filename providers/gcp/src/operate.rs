//! Calling a deployed function and reading its log.

use std::time::Duration;

use async_trait::async_trait;
use google_cloud_logging_v2::model::LogEntry;
use google_cloud_logging_v2::model::log_entry::Payload;
use google_cloud_wkt::Timestamp;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::json;
use updraft_contract::{CloudError, Invocation, Known, LogLine, LogPage, Operate, Scope};
use updraft_transport::{Repeat, loopback, pages, told};

use crate::client::Cloud;
use crate::errors::{Failure, lost};
use crate::holder::Holder;
use crate::kinds::{callers, function};
use crate::provider::Gcp;
use crate::raw::Ask;

/// The longest a function may take, with room for the answer (Cloud Functions: 60 minutes).
const LONGEST: Duration = Duration::from_secs(60 * 60 + 30);

/// What stands in for a token on this machine.
const LOCAL_TOKEN: &str = "local";

/// The operation of calling a function.
const CALL: &str = "run.routes.invoke";

#[async_trait]
impl Operate for Gcp {
    async fn invoke(
        &self,
        scope: &Scope,
        function: &str,
        payload: &[u8],
    ) -> Result<Invocation, CloudError> {
        let found = function::reading_uri(&self.cloud, scope, function).await?;
        let Some((uri, fields)) = found else {
            let message = format!("there is no function {function} to call");
            return Err(Failure::refused(CALL, "NOT_FOUND", message).into());
        };
        let token = token(&self.cloud, scope, function, &uri).await?;
        let request = self.cloud.clients(CALL)?.http.post(&uri).timeout(LONGEST);
        let mut request = request.header(CONTENT_TYPE, "application/json").body(payload.to_vec());
        for (name, value) in event_headers(scope, &fields) {
            request = request.header(name, value);
        }
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let broken = |error: reqwest::Error| lost(CALL, told(&error.without_url()));
        let answer = request.send().await.map_err(broken)?;
        let status = answer.status();
        let payload = answer.bytes().await.map_err(broken)?.to_vec();
        let error = (!status.is_success()).then(|| format!("HTTP {status}"));
        Ok(Invocation { payload, error, log_tail: None })
    }

    async fn logs(&self, scope: &Scope, function: &str, since: i64) -> Result<LogPage, CloudError> {
        let names = self.cloud.place.names_in(scope);
        let filter = filter(&names.function(function), &self.cloud.place.region, since);
        let project = self.cloud.place.project_name();
        let entries = pages("logging.logEntries.list", async |token: Option<String>| {
            let call = self.cloud.safe("logging.logEntries.list", |api| {
                let call = api.logging.list_log_entries().set_resource_names([&project]);
                let call = call.set_filter(&filter).set_order_by("timestamp asc");
                let call = call.set_page_size(1000);
                call.set_page_token(token.clone().unwrap_or_default()).send()
            });
            let answer = call.await?;
            Ok::<_, Failure>((answer.entries, Some(answer.next_page_token)))
        });
        let mut lines: Vec<LogLine> = entries.await?.into_iter().filter_map(line).collect();
        lines.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        Ok(LogPage { lines })
    }
}

/// Returns the token to call a function with. `None`: everyone may call.
///
/// Cloud Run takes identity tokens only, which the application default credentials of a person
/// cannot make. Those of the function's own caller can be asked for.
async fn token(
    cloud: &Cloud,
    scope: &Scope,
    function: &str,
    uri: &str,
) -> Result<Option<String>, Failure> {
    if cloud.place.endpoint.as_deref().is_some_and(loopback) {
        return Ok(loopback(uri).then(|| LOCAL_TOKEN.to_owned()));
    }
    let names = cloud.place.names_in(scope);
    let rights = Holder::Service(names.service_name(function)).rights(cloud).await?;
    if rights.iter().any(callers::is_everyone) {
        return Ok(None);
    }
    let caller = names.account_email(&format!("{function}.caller"));
    let member = format!("serviceAccount:{caller}");
    if !rights.iter().any(|right| right.member.eq_ignore_ascii_case(&member)) {
        let message = format!(
            "only those whom its policy names may call it; call it as one of them: curl -H \
             \"Authorization: Bearer $(gcloud auth print-identity-token)\" {uri}"
        );
        return Err(Failure::refused(CALL, "NoIdentity", message));
    }
    let ask = Ask {
        operation: "iam.serviceAccounts.getOpenIdToken",
        method: Method::POST,
        host: "iamcredentials.googleapis.com",
        path: format!("/v1/projects/-/serviceAccounts/{caller}:generateIdToken"),
        body: Some(json!({ "audience": uri, "includeEmail": true })),
    };
    let answer = cloud.ask(Repeat::Safe, &ask).await?;
    let token = answer.get("token").and_then(|token| token.as_str()).map(str::to_owned);
    token.map(Some).ok_or_else(|| lost(ask.operation, "the answer holds no token".to_owned()))
}

/// Returns the headers that make a request an event of the type that the function takes
/// (`CloudEvents`, HTTP protocol binding, binary mode).
fn event_headers(scope: &Scope, fields: &Known) -> Vec<(&'static str, String)> {
    let Some(kind) = fields.text("event-type") else { return Vec::new() };
    let bucket = fields.text("event-bucket").unwrap_or_default();
    let source = format!("//storage.googleapis.com/projects/_/buckets/{bucket}");
    vec![
        ("ce-id", format!("updraft-{}", scope.run)),
        ("ce-source", source),
        ("ce-specversion", "1.0".to_owned()),
        ("ce-type", kind.to_owned()),
    ]
}

/// Returns the filter for what a function has written since a moment in milliseconds
/// (<https://cloud.google.com/logging/docs/view/logging-query-language>).
fn filter(service: &str, region: &str, since: i64) -> String {
    let nanos = i32::try_from(since.rem_euclid(1000) * 1_000_000).unwrap_or_default();
    let since = String::from(Timestamp::clamp(since.div_euclid(1000), nanos));
    format!(
        "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"{service}\" AND \
         resource.labels.location=\"{region}\" AND timestamp>=\"{since}\""
    )
}

/// Returns what an entry says; nothing for the log of requests.
fn line(entry: LogEntry) -> Option<LogLine> {
    let at = entry.timestamp.map(|at| at.seconds() * 1000 + i64::from(at.nanos() / 1_000_000));
    let text = match entry.payload? {
        Payload::TextPayload(text) => text,
        Payload::JsonPayload(fields) => match fields.get("message").and_then(|it| it.as_str()) {
            Some(message) => message.to_owned(),
            None => serde_json::Value::Object(*fields).to_string(),
        },
        Payload::ProtoPayload(_) | _ => return None,
    };
    let text = text.trim_end_matches('\n').to_owned();
    Some(LogLine { id: entry.insert_id, at: at.unwrap_or_default(), text })
}

#[cfg(test)]
mod tests {
    use super::filter;

    #[test]
    fn the_filter_names_the_service_and_the_moment() {
        let text = filter("shop-dev-api", "europe-west1", 1_500);
        assert!(text.contains("service_name=\"shop-dev-api\""), "{text}");
        assert!(text.ends_with("timestamp>=\"1970-01-01T00:00:01.5Z\""), "{text}");
    }
}
