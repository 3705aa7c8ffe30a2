//! How Azure Storage answers: XML, its own headers, errors with `x-ms-error-code`.
//!
//! Source: `learn.microsoft.com/rest/api/storageservices/status-and-error-codes2` and
//! `.../common-rest-api-response-elements`.

use axum::body::Body as HttpBody;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use bytes::Bytes;

use super::shelf::place;
use crate::clock::Moment;
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Body, Refusal, Reply, Request, Xml};

/// Milliseconds between the first day of .NET's calendar and the epoch.
const TICKS_BEFORE_MS: i64 = 62_135_596_800_000;

/// Makes an `ETag` without quotes, `0x8DE1F0A1B2C3D4E`: a time in .NET's ticks that never comes twice.
pub(crate) fn etag(tx: &mut Tx, context: &Context<'_>) -> Result<String, Refusal> {
    let key = place().key("tick", &[]);
    let last: i64 = tx.get(&key)?.unwrap_or_default();
    let tick = ((context.now.millis() + TICKS_BEFORE_MS) * 10_000).max(last + 1);
    tx.put(&key, &tick)?;
    Ok(format!("0x{tick:X}"))
}

/// The `ETag` as headers have it.
pub(crate) fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

/// Puts what a storage service answers on the wire.
pub(crate) fn write(outcome: Result<Reply, Refusal>, request: &Request) -> Response<HttpBody> {
    let (status, mut headers, kind, body) = match outcome {
        Ok(reply) => {
            let (kind, body) = content(reply.body);
            (reply.status, reply.headers, kind, body)
        }
        Err(refusal) => {
            let headers = refusal.headers.iter();
            let mut headers: Vec<(String, String)> =
                headers.map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
            headers.push(("x-ms-error-code".to_owned(), refusal.code.clone()));
            // 304 has no body by HTTP's rules.
            let body = if refusal.status == 304 { String::new() } else { error(&refusal, request) };
            (refusal.status, headers, Some(XML.to_owned()), Bytes::from(body))
        }
    };
    // HEAD: the length that GET would have is among the headers.
    let body = if request.method == "HEAD" { Bytes::new() } else { body };
    headers.extend(kind.filter(|_| !body.is_empty()).map(|kind| ("content-type".to_owned(), kind)));
    headers.push(("x-ms-request-id".to_owned(), request.id.clone()));
    headers.push(("date".to_owned(), Moment::now().http()));
    for name in ["x-ms-version", "x-ms-client-request-id"] {
        let sent = request.header(name).map(|value| (name.to_owned(), value.to_owned()));
        headers.extend(sent);
    }
    let mut response = Response::new(HttpBody::from(body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

const XML: &str = "application/xml";

fn content(body: Body) -> (Option<String>, Bytes) {
    match body {
        Body::Xml(document) => (Some(XML.to_owned()), document.document().into()),
        Body::Bytes(bytes, kind) => (Some(kind).filter(|kind| !kind.is_empty()), bytes),
        Body::Json(value) => (Some("application/json".to_owned()), value.to_string().into()),
        Body::Empty | Body::Result(_) | Body::Grpc(_) => (None, Bytes::new()),
    }
}

fn error(refusal: &Refusal, request: &Request) -> String {
    let message = format!(
        "{}\nRequestId:{}\nTime:{}",
        refusal.message,
        request.id,
        Moment::now().iso_millis()
    );
    let members = refusal
        .members
        .iter()
        .filter_map(|(name, value)| Some(Xml::text(name.clone(), value.as_str()?)));
    Xml::new("Error")
        .and("Code", refusal.code.as_str())
        .and("Message", message)
        .with_all(members)
        .document()
}
