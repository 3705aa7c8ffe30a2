//! How sites and their deployment addresses answer: what functions say, and plain texts.

use axum::body::Body as HttpBody;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use bytes::Bytes;

use crate::wire::{Body, NOT_MODELLED, Refusal, Reply, Request};

/// Puts an outcome on the wire.
pub(super) fn write(outcome: Result<Reply, Refusal>, request: &Request) -> Response<HttpBody> {
    let (status, headers, body) = match outcome {
        Ok(reply) => {
            let (kind, body) = content(reply.body);
            let kind = kind.map(|kind| ("content-type".to_owned(), kind));
            (reply.status, reply.headers.into_iter().chain(kind).collect::<Vec<_>>(), body)
        }
        Err(refusal) => refused(refusal),
    };
    let body = if request.method == "HEAD" { Bytes::new() } else { body };
    let mut response = Response::new(HttpBody::from(body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn content(body: Body) -> (Option<String>, Bytes) {
    match body {
        Body::Bytes(bytes, kind) => (Some(kind).filter(|kind| !kind.is_empty()), bytes),
        Body::Json(value) => {
            (Some("application/json; charset=utf-8".to_owned()), value.to_string().into())
        }
        Body::Empty | Body::Result(_) | Body::Xml(_) | Body::Grpc(_) => (None, Bytes::new()),
    }
}

fn refused(refusal: Refusal) -> (u16, Vec<(String, String)>, Bytes) {
    let headers = refusal.headers.into_iter().map(|(name, value)| (name.to_owned(), value));
    let mut headers: Vec<_> = headers.collect();
    headers.push(("content-type".to_owned(), "text/plain; charset=utf-8".to_owned()));
    let text = if refusal.code == NOT_MODELLED {
        format!("{NOT_MODELLED}: {}", refusal.message)
    } else {
        refusal.message
    };
    (refusal.status, headers, text.into())
}

/// A refusal with a text.
pub(super) fn plain(status: u16, text: impl Into<String>) -> Refusal {
    Refusal::new(status, "Refused", text)
}

/// The site and the rest of a path below a plane's prefix, percent-encoded: `/_site/name/rest`.
pub(super) fn parts(path: &str) -> (&str, &str) {
    let rest = path.trim_start_matches('/').split_once('/').map_or("", |(_, rest)| rest);
    rest.split_once('/').unwrap_or((rest, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_site_and_the_rest() {
        assert_eq!(parts("/_site/shop-1/items/a%2Fb"), ("shop-1", "items/a%2Fb"));
        assert_eq!(parts("/_site/shop-1"), ("shop-1", ""));
    }
}
