//! A refused request: the service's own status, code and message.

use serde_json::{Map, Value};

use super::{Dialect, Protocol};
use crate::store::StoreError;

/// Why a request was not done. The transaction it ran in is rolled back.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The error code: `ResourceNotFoundException`.
    pub(crate) code: String,
    /// The message.
    pub(crate) message: String,
    /// More members of the error, such as Lambda's `Type`; written as elements in XML.
    pub(crate) members: Map<String, Value>,
    /// More headers.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// For the ledger: what the sender may not, and to what: `s3:PutObject arn:aws:s3:::b/k`.
    pub(crate) about: Option<Box<str>>,
}

/// The code of what this cloud does not model.
pub(crate) const NOT_MODELLED: &str = "NotImplementedByEmbeddedCloud";

impl Refusal {
    /// A refusal with nothing beyond code and message.
    pub(crate) fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            members: Map::new(),
            headers: Vec::new(),
            about: None,
        }
    }

    /// The same with one more member.
    pub(crate) fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.insert(member.to_owned(), value.into());
        self
    }

    /// The same with one more header.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same, saying what the sender may not.
    pub(crate) fn about(mut self, action: &str, resource: &str) -> Self {
        self.about = Some(format!("{action} {resource}").into());
        self
    }

    /// What the real cloud can do and this one cannot. Never used for what the real one refuses.
    pub(crate) fn not_modelled(what: &str) -> Self {
        Self::new(501, NOT_MODELLED, format!("the embedded cloud does not model {what}"))
    }
}

impl Dialect {
    /// The answer to a caller that did not sign.
    pub(crate) fn unsigned(&self) -> Refusal {
        match self.protocol {
            Protocol::RestXml => Refusal::new(403, "AccessDenied", "Access Denied"),
            Protocol::Query => {
                let message = "Request is missing Authentication Token";
                Refusal::new(403, "MissingAuthenticationToken", message)
            }
            Protocol::Json | Protocol::Json10 | Protocol::RestJson => {
                let message = "Missing Authentication Token";
                Refusal::new(403, "MissingAuthenticationTokenException", message)
            }
        }
    }

    /// The answer to a caller whose `Authorization` header cannot be read.
    pub(crate) fn badly_signed(&self) -> Refusal {
        let code = match self.protocol {
            Protocol::RestXml => "AuthorizationHeaderMalformed",
            Protocol::Query => "IncompleteSignature",
            Protocol::Json | Protocol::Json10 | Protocol::RestJson => {
                "IncompleteSignatureException"
            }
        };
        Refusal::new(400, code, "Authorization header requires 'Credential' parameter.")
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::new(500, "InternalFailure", error.to_string())
    }
}
