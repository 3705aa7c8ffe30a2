//! What is refused before a method runs: calls of an API that is not enabled, and calls that come too often.

use serde_json::json;

use super::refusals::{denied, detailed, refusal};
use super::service::Service;
use super::{project, usage};
use crate::cloud::Cloud;
use crate::wire::{Refusal, Request};

/// Refuses a call of a disabled API, in the words of Service Control.
pub(crate) fn admit(cloud: &Cloud, service: &Service, request: &Request) -> Result<(), Refusal> {
    if !cloud.settings.disabled_apis.contains(service.api) {
        return Ok(());
    }
    let asked = (request.account.as_str(), service.api);
    if cloud.transact(|tx, context| usage::is_enabled(tx, context, asked))? {
        return Ok(());
    }
    let number = project::number(&request.account);
    let Service { api, title, .. } = service;
    let url =
        format!("https://console.developers.google.com/apis/api/{api}/overview?project={number}");
    let message = format!(
        "{title} has not been used in project {number} before or it is disabled. Enable it by visiting {url} \
         then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our \
         systems and retry."
    );
    let detail = json!({
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "SERVICE_DISABLED",
        "domain": "googleapis.com",
        "metadata": {
            "service": api,
            "serviceTitle": title,
            "consumer": format!("projects/{number}"),
            "containerInfo": number,
            "activationUrl": url,
        },
    });
    Err(detailed(denied(message), detail))
}

/// The refusal of a caller that used up a rate quota. `after` is seconds, `3` or `3s`.
pub(crate) fn throttled(service: &Service, request: &Request, after: Option<String>) -> Refusal {
    let number = project::number(&request.account);
    let kind = if request.method == "GET" { "Read" } else { "Write" };
    let api = service.api;
    let message = format!(
        "Quota exceeded for quota metric '{kind} requests' and limit '{kind} requests per minute' of service \
         '{api}' for consumer 'project_number:{number}'."
    );
    let metric = kind.to_ascii_lowercase();
    let info = json!({
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {
            "service": api,
            "quota_metric": format!("{api}/{metric}_requests"),
            "quota_limit": format!("{kind}RequestsPerMinutePerProject"),
            "consumer": format!("projects/{number}"),
        },
    });
    let refused = detailed(refusal("RESOURCE_EXHAUSTED", message), info);
    let Some(after) = after else { return refused };
    let seconds = after.trim_end_matches('s');
    let retry = json!({
        "@type": "type.googleapis.com/google.rpc.RetryInfo",
        "retryDelay": format!("{seconds}s"),
    });
    detailed(refused, retry).header("retry-after", seconds)
}
