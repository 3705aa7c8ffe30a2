//! What goes into a function's container and what comes out of it.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use crate::runtime::Loader;

/// What a function takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    /// An HTTP request.
    Http,
    /// An event in the format of `CloudEvents`.
    CloudEvent,
}

impl Signature {
    /// As `FUNCTION_SIGNATURE_TYPE` says it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::CloudEvent => "cloudevent",
        }
    }
}

/// A deployed revision of a function.
#[derive(Clone)]
pub(crate) struct Container {
    /// The id of the project.
    pub(crate) project: String,
    /// The region.
    pub(crate) region: String,
    /// The Run service.
    pub(crate) service: String,
    /// The revision of the service; instances belong to one.
    pub(crate) revision: String,
    /// The runtime as Google names it: `python313`.
    pub(crate) runtime: String,
    /// The entry point.
    pub(crate) target: String,
    /// What the entry point takes.
    pub(crate) signature: Signature,
    /// The build's variables: `GOOGLE_FUNCTION_SOURCE` names the entry file.
    pub(crate) build: BTreeMap<String, String>,
    /// The function's variables, secret ones resolved.
    pub(crate) environment: BTreeMap<String, String>,
    /// Memory in MiB.
    pub(crate) memory: u64,
    /// How long one request may take.
    pub(crate) timeout: Duration,
    /// The most requests at one time: instances times their concurrency.
    pub(crate) limit: Option<u64>,
    /// The digest that names the archive's content, safe as a file name.
    pub(crate) digest: String,
    /// Reads the archive.
    pub(crate) code: Loader,
}

impl Container {
    /// What tells this service from every other.
    pub(crate) fn id(&self) -> String {
        let Self { project, region, service, .. } = self;
        format!("projects/{project}/locations/{region}/services/{service}")
    }
}

/// A request to a service.
#[derive(Clone, Debug)]
pub(crate) struct Inbound {
    /// The method.
    pub(crate) method: String,
    /// The path below the service's address, percent-encoded, with its leading slash.
    pub(crate) path: String,
    /// The query, without the question mark.
    pub(crate) query: String,
    /// The headers, those of the caller's authorization included as Cloud Run passes them on.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Bytes,
}

/// A service's answer.
#[derive(Clone, Debug)]
pub(crate) struct Outbound {
    /// The status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Bytes,
}
