//! A reply, and how each protocol writes it and a refusal.

use axum::http::{HeaderValue, Response, header::HeaderName};
use bytes::Bytes;
use serde_json::{Map, Value};

use super::{Refusal, Request, Xml};
use crate::ledger::Effect;

/// One of the four AWS protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Lambda, API Gateway, Scheduler: methods and paths, JSON bodies.
    RestJson,
    /// Logs, Tagging: everything is POST with `X-Amz-Target`, JSON bodies.
    Json,
    /// SQS: the same in version 1.0.
    Json10,
    /// IAM, STS: everything is POST of a form with `Action`, XML answers.
    Query,
    /// S3: methods and paths, XML bodies.
    RestXml,
}

/// How one service speaks its protocol.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialect {
    /// The protocol.
    pub(crate) protocol: Protocol,
    /// The XML namespace of its answers; empty for JSON.
    pub(crate) namespace: &'static str,
    /// The `X-Amz-Target` prefix with its dot, `Logs_20140328.`; empty where there is none.
    pub(crate) target: &'static str,
    /// The name of the message member in JSON errors: `message` or `Message`.
    pub(crate) message: &'static str,
    /// The status and code of its throttling error.
    pub(crate) throttle: (u16, &'static str),
}

/// What a reply carries.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    /// Nothing.
    Empty,
    /// A JSON object.
    Json(Value),
    /// The members of the result of a query operation.
    Result(Vec<Xml>),
    /// An XML document.
    Xml(Xml),
    /// Anything else, with its content type.
    Bytes(Bytes, String),
    /// The messages of a gRPC answer, encoded.
    Grpc(Vec<Bytes>),
}

/// A request that was done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    /// The HTTP status.
    pub(crate) status: u16,
    /// More headers.
    pub(crate) headers: Vec<(String, String)>,
    /// What it carries.
    pub(crate) body: Body,
    /// What it did, for the ledger.
    pub(crate) effect: Effect,
    /// What it did it to, for the ledger.
    pub(crate) object: Option<String>,
}

impl Reply {
    /// A reply with any status and body.
    pub(crate) fn new(status: u16, body: Body) -> Self {
        Self { status, headers: Vec::new(), body, effect: Effect::None, object: None }
    }

    /// 200 with a JSON object.
    pub(crate) fn json(value: Value) -> Self {
        Self::new(200, Body::Json(value))
    }

    /// 200 with the members of a query operation's result.
    pub(crate) fn result(members: impl IntoIterator<Item = Xml>) -> Self {
        Self::new(200, Body::Result(members.into_iter().collect()))
    }

    /// 200 with an XML document.
    pub(crate) fn xml(document: Xml) -> Self {
        Self::new(200, Body::Xml(document))
    }

    /// A status alone.
    pub(crate) fn empty(status: u16) -> Self {
        Self::new(status, Body::Empty)
    }

    /// The same with another status.
    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same with one more header.
    pub(crate) fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The same, saying in the ledger what it did and to what: `(Effect::Create, "role/name")`.
    pub(crate) fn did(mut self, effect: Effect, object: impl Into<String>) -> Self {
        self.effect = effect;
        self.object = Some(object.into());
        self
    }

    /// Puts it on the wire.
    pub(crate) fn write(self, dialect: &Dialect, request: &Request) -> Response<Bytes> {
        let (content, body) = match self.body {
            Body::Empty if dialect.protocol == Protocol::Query => answer(dialect, request, None),
            // No AWS service speaks gRPC.
            Body::Empty | Body::Grpc(_) => (None, Bytes::new()),
            Body::Json(value) => (Some(json_type(dialect).to_owned()), value.to_string().into()),
            Body::Result(members) => answer(dialect, request, Some(members)),
            Body::Xml(document) => (Some("application/xml".to_owned()), document.document().into()),
            Body::Bytes(bytes, kind) => (Some(kind), bytes),
        };
        let mut response = Response::new(body);
        set(&mut response, self.status, content.as_deref());
        put(&mut response, id_header(dialect), &request.id);
        for (name, value) in &self.headers {
            put(&mut response, name, value);
        }
        response
    }
}

impl Refusal {
    /// Puts it on the wire as the service's error.
    pub(crate) fn write(self, dialect: &Dialect, request: &Request) -> Response<Bytes> {
        let (kind, body) = match dialect.protocol {
            Protocol::RestJson => (json_type(dialect), self.json(dialect, false).to_string()),
            Protocol::Json | Protocol::Json10 => {
                (json_type(dialect), self.json(dialect, true).to_string())
            }
            Protocol::Query => ("text/xml", self.error_response(dialect, request).document()),
            Protocol::RestXml => ("application/xml", self.error(request).document()),
        };
        let mut response = Response::new(Bytes::from(body));
        set(&mut response, self.status, Some(kind));
        put(&mut response, id_header(dialect), &request.id);
        if matches!(dialect.protocol, Protocol::RestJson | Protocol::Json | Protocol::Json10) {
            put(&mut response, "x-amzn-errortype", &self.code);
        }
        for (name, value) in &self.headers {
            put(&mut response, name, value);
        }
        response
    }

    fn json(&self, dialect: &Dialect, typed: bool) -> Value {
        let mut body = Map::new();
        if typed {
            body.insert("__type".to_owned(), self.code.clone().into());
        }
        body.insert(dialect.message.to_owned(), self.message.clone().into());
        body.extend(self.members.clone());
        Value::Object(body)
    }

    fn error_response(&self, dialect: &Dialect, request: &Request) -> Xml {
        let side = if self.status < 500 { "Sender" } else { "Receiver" };
        let error = Xml::new("Error")
            .and("Type", side)
            .and("Code", self.code.as_str())
            .and("Message", self.message.as_str());
        Xml::new("ErrorResponse")
            .attribute("xmlns", dialect.namespace)
            .with(error)
            .and("RequestId", request.id.as_str())
    }

    fn error(&self, request: &Request) -> Xml {
        let members = self.members.iter().map(|(name, value)| {
            Xml::text(name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        });
        Xml::new("Error")
            .and("Code", self.code.as_str())
            .and("Message", self.message.as_str())
            .with_all(members)
            .and("RequestId", request.id.as_str())
            .and("HostId", "embedded")
    }
}

fn answer(
    dialect: &Dialect,
    request: &Request,
    members: Option<Vec<Xml>>,
) -> (Option<String>, Bytes) {
    let mut response =
        Xml::new(format!("{}Response", request.action)).attribute("xmlns", dialect.namespace);
    if let Some(members) = members {
        response = response.with(Xml::new(format!("{}Result", request.action)).with_all(members));
    }
    let metadata = Xml::new("ResponseMetadata").and("RequestId", request.id.as_str());
    (Some("text/xml".to_owned()), response.with(metadata).document().into())
}

fn json_type(dialect: &Dialect) -> &'static str {
    match dialect.protocol {
        Protocol::Json => "application/x-amz-json-1.1",
        Protocol::Json10 => "application/x-amz-json-1.0",
        Protocol::RestJson | Protocol::Query | Protocol::RestXml => "application/json",
    }
}

fn id_header(dialect: &Dialect) -> &'static str {
    match dialect.protocol {
        Protocol::RestXml => "x-amz-request-id",
        Protocol::RestJson | Protocol::Json | Protocol::Json10 | Protocol::Query => {
            "x-amzn-requestid"
        }
    }
}

fn set(response: &mut Response<Bytes>, status: u16, content: Option<&str>) {
    *response.status_mut() = axum::http::StatusCode::from_u16(status)
        .unwrap_or(axum::http::StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(content) = content {
        put(response, "content-type", content);
    }
}

/// Sets a header; what HTTP cannot carry is left out.
fn put(response: &mut Response<Bytes>, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        response.headers_mut().append(name, value);
    }
}
