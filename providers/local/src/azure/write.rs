//! Puts ARM's answers and refusals on the wire, in the shape of each provider.

use axum::body::Body as HttpBody;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::refusals::FRONT;
use super::service::Tongue;
use crate::wire::{Body, NOT_MODELLED, Refusal, Reply, Request};

/// Puts the outcome on the wire.
pub(crate) fn write(
    outcome: Result<Reply, Refusal>,
    tongue: Tongue,
    request: &Request,
) -> Response<HttpBody> {
    let (status, headers, kind, bytes) = match outcome {
        Ok(reply) => {
            let (kind, bytes) = match reply.body {
                Body::Json(value) => (Some(JSON.to_owned()), Bytes::from(value.to_string())),
                Body::Bytes(bytes, kind) => (Some(kind), bytes),
                Body::Empty | Body::Result(_) | Body::Xml(_) | Body::Grpc(_) => {
                    (None, Bytes::new())
                }
            };
            (reply.status, reply.headers, kind, bytes)
        }
        Err(refusal) => {
            let body = error(&refusal, tongue).to_string();
            let headers = refusal.headers.into_iter();
            let headers = headers.map(|(name, value)| (name.to_owned(), value)).collect();
            (refusal.status, headers, Some(JSON.to_owned()), body.into())
        }
    };
    let mut response = Response::new(HttpBody::from(bytes));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = kind.map(|kind| ("content-type".to_owned(), kind));
    for (name, value) in headers.into_iter().chain(kind).chain(ids(request)) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

const JSON: &str = "application/json; charset=utf-8";

fn ids(request: &Request) -> Vec<(String, String)> {
    let id = &request.id;
    let mut ids = vec![
        ("x-ms-request-id".to_owned(), id.clone()),
        ("x-ms-correlation-request-id".to_owned(), id.clone()),
        ("x-ms-routing-request-id".to_owned(), format!("EMBEDDED:20260101T000000Z:{id}")),
    ];
    if let Some(client) = request.header("x-ms-client-request-id") {
        ids.push(("x-ms-client-request-id".to_owned(), client.to_owned()));
    }
    ids
}

/// The body of a refusal.
fn error(refusal: &Refusal, tongue: Tongue) -> Value {
    let Refusal { code, message, members, .. } = refusal;
    let by_front = members.contains_key(FRONT) || code == NOT_MODELLED;
    if tongue == Tongue::Web && !by_front {
        let mut entity = Map::new();
        entity.insert("Code".to_owned(), code.clone().into());
        entity.insert("Message".to_owned(), message.clone().into());
        entity.extend(members.clone());
        return json!({
            "Code": code,
            "Message": message,
            "Target": null,
            "Details": [{"Message": message}, {"Code": code}, {"ErrorEntity": entity}],
            "Innererror": null,
        });
    }
    let mut error = Map::new();
    error.insert("code".to_owned(), code.clone().into());
    error.insert("message".to_owned(), message.clone().into());
    error.extend(members.clone().into_iter().filter(|(name, _)| name != FRONT));
    json!({"error": error})
}
