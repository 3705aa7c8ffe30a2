//! One request, read: who asks, of which service, for what, with what.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Form, Refusal};
use crate::store::Place;

/// A request to an operation of a service, or to a front door of deployed code.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The HTTP method.
    pub(crate) method: Method,
    /// The path as sent, still percent-encoded.
    pub(crate) path: String,
    /// The query as sent, without the question mark.
    pub(crate) raw_query: String,
    /// The query, decoded, in the order sent.
    pub(crate) query: Vec<(String, String)>,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
    /// The caller's account. Empty at a front door: the code's owner decides there.
    pub(crate) account: String,
    /// The region in the caller's credential scope. Empty at a front door.
    pub(crate) region: String,
    /// The caller's access key id.
    pub(crate) key: String,
    /// The service, `apigatewayv2`.
    pub(crate) service: String,
    /// The operation, `CreateApi`.
    pub(crate) action: String,
    /// The labels of the path, decoded.
    pub(crate) labels: BTreeMap<String, String>,
    /// Whether it came to the address that only deployed code is told: nobody but functions asks there.
    pub(crate) inside: bool,
    /// The request id that is answered.
    pub(crate) id: String,
}

impl Request {
    /// The label `name` of the path; empty if the template has none of that name.
    pub(crate) fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }

    /// The first value of `name` in the query.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every value of `name` in the query.
    pub(crate) fn queries(&self, name: &str) -> Vec<&str> {
        let of_name = self.query.iter().filter(|(key, _)| key == name);
        of_name.map(|(_, value)| value.as_str()).collect()
    }

    /// The header `name`, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The form of a query-protocol request.
    pub(crate) fn form(&self) -> Form {
        Form::parse(&self.body)
    }

    /// The JSON object sent; an empty body is an empty object.
    pub(crate) fn json(&self) -> Result<Value, Refusal> {
        if self.body.is_empty() {
            return Ok(Value::Object(serde_json::Map::new()));
        }
        let value: Value = serde_json::from_slice(&self.body).map_err(|_| {
            Refusal::new(400, "SerializationException", "Could not parse request body into json")
        })?;
        if value.is_object() {
            return Ok(value);
        }
        Err(Refusal::new(400, "SerializationException", "Unexpected body: not an object"))
    }

    /// The JSON object sent, as `T`. With `deny_unknown_fields` on `T`, members that are not modelled are refused as such.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_value(self.json()?).map_err(|error| {
            let text = error.to_string();
            match text.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`')) {
                Some((member, _)) => Refusal::not_modelled(&format!("{}.{member}", self.action)),
                None => Refusal::new(400, "SerializationException", text),
            }
        })
    }

    /// The place of this request's service, account and region in the store.
    pub(crate) fn place(&self) -> Place {
        Place::new(&self.service, &self.account, &self.region)
    }
}
