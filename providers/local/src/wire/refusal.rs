//! A refused request: the service's own status, code and message.

use serde_json::{Map, Value};

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

    /// What AWS can do and this cloud cannot. Never used for what AWS itself refuses.
    pub(crate) fn not_modelled(what: &str) -> Self {
        Self::new(501, NOT_MODELLED, format!("the embedded cloud does not model {what}"))
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::new(500, "InternalFailure", error.to_string())
    }
}
