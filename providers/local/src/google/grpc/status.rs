//! A refusal's details as gRPC carries them: a `google.rpc.Status` beside the plain code.
//!
//! Source: `google/rpc/status.proto`, `google/rpc/error_details.proto`; the header is `grpc-status-details-bin`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::encode::encode;
use super::table::{Proto, Shape};

static ANY: Proto = Proto {
    name: "google.protobuf.Any",
    fields: &[(1, "type", Shape::Text), (2, "value", Shape::Bytes)],
};

static STATUS: Proto = Proto {
    name: "google.rpc.Status",
    fields: &[
        (1, "code", Shape::Int),
        (2, "message", Shape::Text),
        (3, "details", Shape::Messages(&ANY)),
    ],
};

static ERROR_INFO: Proto = Proto {
    name: "google.rpc.ErrorInfo",
    fields: &[
        (1, "reason", Shape::Text),
        (2, "domain", Shape::Text),
        (3, "metadata", Shape::Labels),
    ],
};

static RETRY_INFO: Proto =
    Proto { name: "google.rpc.RetryInfo", fields: &[(1, "retryDelay", Shape::Seconds)] };

static VIOLATION: Proto = Proto {
    name: "google.rpc.BadRequest.FieldViolation",
    fields: &[(1, "field", Shape::Text), (2, "description", Shape::Text)],
};

static BAD_REQUEST: Proto = Proto {
    name: "google.rpc.BadRequest",
    fields: &[(1, "fieldViolations", Shape::Messages(&VIOLATION))],
};

/// The details that are known here; others are left out.
const KNOWN: &[&Proto] = &[&ERROR_INFO, &RETRY_INFO, &BAD_REQUEST];

/// The value of the header; `None` if there is nothing to add to code and message.
pub(crate) fn status(code: i32, message: &str, details: Option<&Value>) -> Option<String> {
    let details: Vec<Value> =
        details?.as_array()?.iter().filter_map(|detail| any(detail.clone())).collect();
    let status = json!({"code": code, "message": message, "details": details});
    Some(STANDARD.encode(encode(&STATUS, &status)))
}

fn any(mut detail: Value) -> Option<Value> {
    let kind = detail.get("@type")?.as_str()?.to_owned();
    let proto = KNOWN.iter().find(|proto| kind.rsplit('/').next() == Some(proto.name))?;
    // The duration is `4s` in JSON; whole seconds are what is ever asked for.
    if let Some(delay) = detail.get_mut("retryDelay") {
        let seconds = delay.as_str().unwrap_or_default().trim_end_matches('s').to_owned();
        *delay = seconds.into();
    }
    Some(json!({"type": kind, "value": STANDARD.encode(encode(proto, &detail))}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::google::grpc::decode::decode;

    #[test]
    fn details_travel_with_their_types() {
        let details = json!([
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "R", "metadata": {"a": "b"}},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "4s"},
            {"@type": "type.googleapis.com/google.rpc.Help"},
        ]);
        let header = status(8, "slow", Some(&details)).unwrap();
        let read = decode(&STATUS, &STANDARD.decode(header).unwrap()).unwrap();
        assert_eq!((&read["code"], &read["message"]), (&json!(8), &json!("slow")));
        let detail = |index: usize, proto: &'static Proto| {
            let value = read["details"][index]["value"].as_str().unwrap();
            decode(proto, &STANDARD.decode(value).unwrap()).unwrap()
        };
        assert_eq!(detail(0, &ERROR_INFO), json!({"reason": "R", "metadata": {"a": "b"}}));
        assert_eq!(detail(1, &RETRY_INFO), json!({"retryDelay": "4"}));
        assert_eq!(read["details"].as_array().unwrap().len(), 2);
        assert_eq!(status(5, "x", None), None);
    }
}
