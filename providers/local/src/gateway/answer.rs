//! Turns what a function returned into an HTTP answer, or says that it is malformed.
//!
//! Source: API Gateway developer guide, "Output format of a Lambda function for proxy integration" and
//! "Lambda function response for format 2.0".

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::wire::{Body, Reply};

use super::call::is_binary;

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The headers, in order; a name may come twice.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Bytes,
}

/// Who reads the function's result.
pub(crate) enum Reader<'a> {
    /// A REST API: base64 is decoded only when the caller accepts one of the API's binary types.
    Rest {
        /// The API's binary media types.
        binary_types: &'a [String],
        /// The caller's `Accept` header.
        accept: Option<&'a str>,
    },
    /// An HTTP API with payload format 1.0.
    HttpOne,
    /// An HTTP API with payload format 2.0.
    HttpTwo,
    /// A function URL: the same, but without a content type a body is JSON.
    Url,
}

impl Answer {
    /// An answer the gateway itself gives.
    pub(crate) fn gateway(status: u16, body: &'static str) -> Self {
        let json = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { status, headers: json, body: Bytes::from_static(body.as_bytes()) }
    }

    /// The same, naming the error as REST APIs do.
    pub(crate) fn typed(mut self, kind: &str) -> Self {
        self.headers.push(("x-amzn-errortype".to_owned(), kind.to_owned()));
        self
    }

    /// The reply that carries it.
    pub(crate) fn reply(self) -> Reply {
        let mut kind = String::new();
        let mut others = Vec::new();
        for (name, value) in self.headers {
            if name.eq_ignore_ascii_case("content-type") {
                kind = value;
            } else {
                others.push((name, value));
            }
        }
        let mut reply = Reply::new(self.status, Body::Bytes(self.body, kind));
        reply.headers = others;
        reply
    }
}

/// Reads a function's result; nothing when it is malformed.
pub(crate) fn read(result: &[u8], reader: &Reader<'_>) -> Option<Answer> {
    let value: Value = serde_json::from_slice(result).ok()?;
    match reader {
        Reader::Rest { binary_types, accept } => {
            let map = strict(&value)?;
            let decode = is_binary(binary_types, first_media(*accept));
            let status = status(map.get("statusCode"))
                .or_else(|| map.get("statusCode").is_none().then_some(200))?;
            answer(map, status, "application/json", decode)
        }
        Reader::HttpOne => {
            let map = value.as_object()?;
            answer(map, status(map.get("statusCode"))?, "text/plain;charset=utf-8", true)
        }
        Reader::HttpTwo => two(&value, "text/plain;charset=utf-8"),
        Reader::Url => two(&value, "application/json"),
    }
}

/// A REST API refuses results with members it does not know.
fn strict(value: &Value) -> Option<&Map<String, Value>> {
    const KNOWN: [&str; 5] =
        ["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"];
    value.as_object().filter(|map| map.keys().all(|key| KNOWN.contains(&key.as_str())))
}

fn first_media(accept: Option<&str>) -> Option<&str> {
    accept.and_then(|value| value.split(',').next())
}

/// Format 2.0: an object with `statusCode` is an answer, anything else a body.
fn two(value: &Value, default_media: &str) -> Option<Answer> {
    match value.as_object() {
        Some(map) if map.contains_key("statusCode") => {
            answer(map, status(map.get("statusCode"))?, default_media, true)
        }
        _ => Some(whole(value)),
    }
}

/// Format 2.0 takes any result without `statusCode` as the body of a 200.
fn whole(value: &Value) -> Answer {
    let body = match value {
        Value::String(text) => text.clone(),
        other @ (Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Array(_)
        | Value::Object(_)) => other.to_string(),
    };
    let json = vec![("content-type".to_owned(), "application/json".to_owned())];
    Answer { status: 200, headers: json, body: Bytes::from(body) }
}

fn status(value: Option<&Value>) -> Option<u16> {
    let number = match value? {
        Value::Number(number) => number.as_u64().and_then(|number| u16::try_from(number).ok()),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    number.filter(|number| (100..=599).contains(number))
}

fn answer(
    map: &Map<String, Value>,
    status: u16,
    default_media: &str,
    decode: bool,
) -> Option<Answer> {
    let body = match map.get("body") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            return None;
        }
    };
    let encoded = match map.get("isBase64Encoded") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(encoded)) => *encoded,
        Some(Value::String(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            return None;
        }
    };
    let body = if encoded && decode {
        Bytes::from(STANDARD.decode(body).ok()?)
    } else {
        Bytes::from(body)
    };
    let mut headers = headers(map)?;
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        headers.push(("content-type".to_owned(), default_media.to_owned()));
    }
    if let Some(cookies) = map.get("cookies").and_then(Value::as_array) {
        headers.extend(
            cookies.iter().filter_map(scalar).map(|cookie| ("set-cookie".to_owned(), cookie)),
        );
    }
    Some(Answer { status, headers, body })
}

/// `headers` and `multiValueHeaders` together; a name in the second replaces the first.
fn headers(map: &Map<String, Value>) -> Option<Vec<(String, String)>> {
    let one = members(map.get("headers"))?;
    let many = members(map.get("multiValueHeaders"))?;
    let mut headers = Vec::new();
    for (name, value) in &one {
        if !many.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            headers.push(((*name).clone(), scalar(value)?));
        }
    }
    for (name, values) in many {
        for value in values.as_array()? {
            headers.push((name.clone(), scalar(value)?));
        }
    }
    Some(headers)
}

fn members(value: Option<&Value>) -> Option<Vec<(&String, &Value)>> {
    match value {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(value) => value.as_object().map(|map| map.iter().collect()),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Reader<'static> = Reader::Rest { binary_types: &[], accept: None };

    fn body(answer: &Answer) -> &str {
        std::str::from_utf8(&answer.body).unwrap()
    }

    #[test]
    fn a_rest_api_takes_the_proxy_shape_only() {
        let answer =
            read(br#"{"statusCode":201,"headers":{"X-A":"1"},"body":"made"}"#, &REST).unwrap();
        assert_eq!(answer.status, 201);
        assert_eq!(body(&answer), "made");
        assert!(
            answer.headers.contains(&("content-type".to_owned(), "application/json".to_owned()))
        );
        for malformed in [
            r#""text""#,
            "null",
            r#"{"statusCode":"abc"}"#,
            r#"{"statusCode":200,"body":{"a":1}}"#,
            r#"{"statusCode":200,"extra":1}"#,
            r#"{"statusCode":200,"headers":[]}"#,
        ] {
            assert_eq!(read(malformed.as_bytes(), &REST), None, "{malformed}");
        }
    }

    #[test]
    fn a_rest_api_decodes_base64_only_for_its_binary_types() {
        let result = br#"{"statusCode":200,"body":"aGk=","isBase64Encoded":true}"#;
        assert_eq!(body(&read(result, &REST).unwrap()), "aGk=");
        let all = ["*/*".to_owned()];
        let reader = Reader::Rest { binary_types: &all, accept: None };
        assert_eq!(body(&read(result, &reader).unwrap()), "hi");
    }

    #[test]
    fn format_two_takes_a_bare_result_as_the_body() {
        let bare = read(br#"{"hello":"world"}"#, &Reader::HttpTwo).unwrap();
        assert_eq!((bare.status, body(&bare)), (200, r#"{"hello":"world"}"#));
        let text = read(br#""hello""#, &Reader::HttpTwo).unwrap();
        assert_eq!(body(&text), "hello");
        let shaped =
            read(br#"{"statusCode":200,"body":"aGk=","isBase64Encoded":true}"#, &Reader::HttpTwo)
                .unwrap();
        assert_eq!(body(&shaped), "hi");
        assert_eq!(read(br#"{"hello":"world"}"#, &Reader::HttpOne), None);
    }

    #[test]
    fn cookies_and_many_valued_headers_are_repeated() {
        let cookies =
            read(br#"{"statusCode":200,"cookies":["a=1","b=2"]}"#, &Reader::HttpTwo).unwrap();
        assert_eq!(cookies.headers.iter().filter(|(name, _)| name == "set-cookie").count(), 2);
        let many = read(
            br#"{"statusCode":200,"headers":{"x":"0"},"multiValueHeaders":{"X":["1","2"]}}"#,
            &REST,
        );
        let values: Vec<String> = many
            .unwrap()
            .headers
            .into_iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("x"))
            .map(|(_, value)| value)
            .collect();
        assert_eq!(values, ["1", "2"]);
    }
}
