//! Puts answers and refusals on the wire: JSON with enums as they were asked for, Cloud Storage's errors, gRPC.

use axum::body::Body as HttpBody;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use bytes::{BufMut as _, Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::grpc;
use super::refusals::{DETAILS, code_of, is_canonical, number_of};
use super::service::{Method, Tongue};
use super::{partial, schema};
use crate::wire::{Body, Refusal, Reply, Request};

/// Puts the outcome on the wire.
pub(crate) fn write(
    outcome: Result<Reply, Refusal>,
    tongue: Tongue,
    method: Option<&'static Method>,
    request: &Request,
) -> Response<HttpBody> {
    match (outcome, tongue) {
        (Ok(reply), Tongue::Grpc) => grpc_reply(reply),
        (Err(refusal), Tongue::Grpc) => grpc_refusal(&refusal),
        (Ok(reply), Tongue::Json | Tongue::Storage) => answer(reply, method, request),
        (Err(refusal), tongue) => {
            let body = match tongue {
                Tongue::Storage => storage_error(&refusal),
                Tongue::Json | Tongue::Grpc => error(&refusal),
            };
            let mut headers = refusal.headers.clone();
            headers.push(("content-type", JSON.to_owned()));
            let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value));
            response(refusal.status, headers, body.to_string().into())
        }
    }
}

const JSON: &str = "application/json; charset=UTF-8";

fn answer(reply: Reply, method: Option<&'static Method>, request: &Request) -> Response<HttpBody> {
    let (kind, body) = match reply.body {
        Body::Json(mut value) => {
            let numbers = request
                .query
                .iter()
                .any(|(name, value)| name.ends_with("alt") && value.contains("enum-encoding=int"));
            if let (true, Some(message)) = (numbers, method.and_then(|method| method.answer)) {
                schema::number(message, &mut value);
            }
            if let Some(fields) = request.query("fields").filter(|fields| !fields.is_empty()) {
                partial::select(fields, &mut value);
            }
            (Some(JSON.to_owned()), Bytes::from(value.to_string()))
        }
        Body::Bytes(bytes, kind) => (Some(kind).filter(|kind| !kind.is_empty()), bytes),
        Body::Empty | Body::Result(_) | Body::Xml(_) | Body::Grpc(_) => (None, Bytes::new()),
    };
    let kind = kind.map(|kind| ("content-type".to_owned(), kind));
    response(reply.status, reply.headers.into_iter().chain(kind), body)
}

/// The error as `google.rpc.Status` in JSON.
pub(crate) fn error(refusal: &Refusal) -> Value {
    let mut error = Map::new();
    error.insert("code".to_owned(), refusal.status.into());
    error.insert("message".to_owned(), refusal.message.clone().into());
    error.insert("status".to_owned(), canonical(refusal).into());
    if let Some(details) = refusal.members.get(DETAILS) {
        error.insert(DETAILS.to_owned(), details.clone());
    }
    json!({"error": error})
}

/// A refusal's code as Google spells it; a fault plan may have named another.
fn canonical(refusal: &Refusal) -> &str {
    if is_canonical(&refusal.code) { &refusal.code } else { code_of(refusal.status) }
}

/// The error as Cloud Storage's JSON API has it; a member `reason` of the refusal says why.
fn storage_error(refusal: &Refusal) -> Value {
    let reason =
        refusal.members.get("reason").and_then(Value::as_str).unwrap_or(match refusal.status {
            401 => "required",
            403 => "forbidden",
            404 => "notFound",
            409 => "conflict",
            412 => "conditionNotMet",
            429 => "rateLimitExceeded",
            500.. => "backendError",
            _ => "invalid",
        });
    let message = &refusal.message;
    let mut error = json!({
        "code": refusal.status,
        "message": message,
        "errors": [{"message": message, "domain": "global", "reason": reason}],
    });
    if let (Some(error), Some(details)) = (error.as_object_mut(), refusal.members.get(DETAILS)) {
        error.insert(DETAILS.to_owned(), details.clone());
    }
    json!({"error": error})
}

/// Length-prefixed messages and a status after them (gRPC over HTTP/2, "Responses").
fn grpc_reply(reply: Reply) -> Response<HttpBody> {
    let messages = match reply.body {
        Body::Grpc(messages) => messages,
        Body::Empty | Body::Json(_) | Body::Result(_) | Body::Xml(_) | Body::Bytes(..) => vec![],
    };
    let mut frames = BytesMut::new();
    for message in messages {
        frames.put_u8(0);
        frames.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
        frames.put(message);
    }
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let body = Full::new(frames.freeze())
        .with_trailers(std::future::ready(Some(Ok::<_, std::convert::Infallible>(trailers))));
    let mut response = Response::new(HttpBody::new(body));
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
    response
}

fn grpc_refusal(refusal: &Refusal) -> Response<HttpBody> {
    let headers = [
        ("content-type", "application/grpc".to_owned()),
        ("grpc-status", number_of(canonical(refusal)).to_string()),
        ("grpc-message", utf8_percent_encode(&refusal.message, NON_ALPHANUMERIC).to_string()),
    ];
    let code = number_of(canonical(refusal));
    let details = grpc::status(code, &refusal.message, refusal.members.get(DETAILS));
    let details = details.map(|details| ("grpc-status-details-bin", details));
    let headers = headers.into_iter().chain(details);
    let headers = headers.map(|(name, value)| (name.to_owned(), value));
    response(200, headers, Bytes::new())
}

fn response(
    status: u16,
    headers: impl IntoIterator<Item = (String, String)>,
    body: Bytes,
) -> Response<HttpBody> {
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
