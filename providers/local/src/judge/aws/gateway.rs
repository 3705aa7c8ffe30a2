//! API Gateway: its actions are HTTP methods, its resources the paths of its own API.

use percent_encoding::percent_decode_str;

use super::table::{Row, Seen};
use crate::policy::Keys;
use crate::store::StoreError;

/// What its operations ask; with tags, also for the tags
/// (API Gateway developer guide, "Using tags to control access to API Gateway REST API resources").
pub(super) const ROWS: &[Row] = &[
    Row::new(&[], "apigateway:{method}", path).with(tags),
    Row::new(&[], "apigateway:PUT", tagged).with(tags),
];

/// What the ARN of an HTTP API says where its request says `/v2/apis`: `/apis`
/// (service authorization reference, Amazon API Gateway Management V2).
fn asked<'s>(seen: &Seen<'s>) -> &'s str {
    let path = seen.request.path.trim_end_matches('/');
    path.strip_prefix("/v2").unwrap_or(path)
}

fn path(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    let path = asked(seen);
    // The ARN of a tagged resource stays encoded: it is one segment.
    let path = if path.contains("/tags/") {
        path.to_owned()
    } else {
        percent_decode_str(path).decode_utf8_lossy().into_owned()
    };
    Ok(vec![format!("arn:aws:apigateway:{}::{path}", seen.request.region)])
}

fn tagged(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    let region = &seen.request.region;
    let creates = seen.request.method == "POST" && !seen.request.path.contains("/tags/");
    if !creates || !seen.has_tags("tags") {
        return Ok(Vec::new());
    }
    let path = asked(seen).replace('/', "%2F");
    Ok(vec![format!(
        "arn:aws:apigateway:{region}::/tags/arn%3Aaws%3Aapigateway%3A{region}%3A%3A{path}"
    )])
}

fn tags(seen: &Seen<'_>) -> Keys {
    seen.tags("tags")
}
