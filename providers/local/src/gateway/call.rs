//! One request to a deployed API, in the shape the event builders need.

use bytes::Bytes;
use percent_encoding::percent_decode_str;

use crate::clock::Moment;
use crate::wire::{Request, Scope, scope};

/// A request to a deployed API.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The HTTP method.
    pub(crate) method: String,
    /// The path below the stage, still percent-encoded, with its leading slash.
    pub(crate) path: String,
    /// The query as it was sent, without `?`.
    pub(crate) raw_query: String,
    /// The headers in the order they came, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Bytes,
    /// When it came, in milliseconds since 1970.
    pub(crate) time_ms: i64,
    /// The request's id.
    pub(crate) request_id: String,
    /// Who signed it.
    pub(crate) signer: Option<Scope>,
}

impl Call {
    /// Reads a request to a door; `path` is what of its path is below the stage.
    pub(crate) fn new(request: &Request, path: String) -> Self {
        let mut headers: Vec<(String, String)> = request
            .headers
            .iter()
            .map(|(name, value)| {
                (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        // What API Gateway adds on the way.
        let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
        add("x-forwarded-for", "127.0.0.1".to_owned());
        add("x-forwarded-port", "443".to_owned());
        add("x-forwarded-proto", "https".to_owned());
        add("x-amzn-trace-id", format!("Root=1-{}", request.id));
        Self {
            method: request.method.to_string(),
            path,
            raw_query: request.raw_query.clone(),
            headers,
            body: request.body.clone(),
            time_ms: Moment::now().millis(),
            request_id: request.id.clone(),
            signer: scope(&request.headers, &request.query)
                .filter(|scope| scope.service == "execute-api"),
        }
    }

    /// Returns the last value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns the query's names and values, decoded, in order.
    pub(crate) fn query(&self) -> Vec<(String, String)> {
        serde_urlencoded::from_str(&self.raw_query).unwrap_or_default()
    }

    /// Returns the host the caller named.
    pub(crate) fn host(&self) -> &str {
        self.header("host").unwrap_or("localhost")
    }
}

/// Decodes percent-encoding; bytes that are not UTF-8 are replaced.
pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Whether a media type matches one of the API's binary types; `*/*` matches everything.
pub(crate) fn is_binary(types: &[String], media: Option<&str>) -> bool {
    let media = media.and_then(|value| value.split(';').next()).map(str::trim);
    types.iter().any(|wanted| {
        wanted == "*/*"
            || media.is_some_and(|media| {
                media.eq_ignore_ascii_case(wanted)
                    || wanted.strip_suffix("/*").is_some_and(|family| {
                        media.split('/').next().is_some_and(|own| own == family)
                    })
            })
    })
}
