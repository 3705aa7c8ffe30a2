//! One request and its answer, through the pipeline of Microsoft's own client: signed where it has
//! to be, never repeated by it, and never over plain HTTP to anything but this machine.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::TokenCredential;
use azure_core::error::ErrorKind;
use azure_core::http::policies::auth::BearerTokenAuthorizationPolicy;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{
    ClientOptions, Context, Method, Pipeline, PipelineSendOptions, Request, RetryOptions,
    Transport, Url,
};
use bytes::Bytes;
use serde_json::Value as Json;
use tokio::time::timeout;
use updraft_contract::CloudError;
use updraft_transport::{loopback, told, untrusted};

use crate::errors::{Failure, lost, refused};

/// How long connecting to a server may take.
const CONNECT: Duration = Duration::from_secs(5);

/// How long one request may take.
pub(crate) const ATTEMPT: Duration = Duration::from_mins(1);

/// Whose tokens Azure Resource Manager and the deployment sites of function apps take.
const AUDIENCE: &str = "https://management.azure.com/.default";

/// A request, wherever it goes.
#[derive(Clone)]
pub(crate) struct Ask {
    /// The operation, spelled like the permission: `Microsoft.Web/sites/write`.
    pub(crate) operation: String,
    /// The method.
    pub(crate) method: Method,
    /// Where to.
    pub(crate) url: Url,
    /// Whether it carries the token of Azure Resource Manager.
    pub(crate) signed: bool,
    /// Headers beside those that every request has. Never shown.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The body and its type.
    pub(crate) body: Option<(&'static str, Bytes)>,
    /// How long it may take.
    pub(crate) limit: Duration,
}

impl Ask {
    /// A request with a token and without a body.
    pub(crate) fn new(operation: impl Into<String>, method: Method, url: Url) -> Self {
        Self {
            operation: operation.into(),
            method,
            url,
            signed: true,
            headers: Vec::new(),
            body: None,
            limit: ATTEMPT,
        }
    }

    /// The same with a JSON body.
    #[must_use]
    pub(crate) fn json(mut self, body: &Json) -> Self {
        self.body = Some(("application/json", Bytes::from(body.to_string())));
        self
    }

    /// The same without a token: for the functions themselves.
    #[must_use]
    pub(crate) fn unsigned(mut self) -> Self {
        self.signed = false;
        self
    }
}

impl fmt::Debug for Ask {
    /// Leaves out what may hold keys: headers, body, and the query, which may be signed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operation, self.url.path())
    }
}

/// An answer.
#[derive(Clone)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The headers, their names in small letters.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body.
    pub(crate) body: Bytes,
}

impl fmt::Debug for Answer {
    /// Leaves out the body, which may hold keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} bytes", self.status, self.body.len())
    }
}

impl Answer {
    /// Returns the body as JSON; null where it is empty.
    pub(crate) fn json(&self, operation: &str) -> Result<Json, Failure> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Json::Null);
        }
        serde_json::from_slice(&self.body).map_err(|error| lost(operation, told(&error)))
    }
}

/// What sends requests.
pub(crate) struct Http {
    signed: Pipeline,
    plain: Pipeline,
    credential: Arc<dyn TokenCredential>,
    options: ClientOptions,
    local: bool,
    silent: bool,
}

impl Http {
    /// Takes who is asking, and whether this machine is all that is spoken to.
    pub(crate) fn new(
        credential: Arc<dyn TokenCredential>,
        local: bool,
    ) -> Result<Self, CloudError> {
        // A redirect would carry the token elsewhere.
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| unusable(&error))?;
        let loop_back: Vec<Arc<dyn Policy>> =
            if local { vec![Arc::new(LoopbackHttp)] } else { Vec::new() };
        let options = ClientOptions {
            retry: RetryOptions::none(),
            transport: Some(Transport::new(Arc::new(client))),
            per_try_policies: loop_back,
            ..ClientOptions::default()
        };
        let bearer: Arc<dyn Policy> =
            Arc::new(BearerTokenAuthorizationPolicy::new(Arc::clone(&credential), [AUDIENCE]));
        let pipeline = |policies| {
            let (name, version) = (Some("updraft"), option_env!("CARGO_PKG_VERSION"));
            Pipeline::new(name, version, options.clone(), Vec::new(), policies, None)
        };
        let (signed, plain) = (pipeline(vec![bearer]), pipeline(Vec::new()));
        Ok(Self { signed, plain, credential, options, local, silent: false })
    }

    /// Refuses an operation where nothing is to be sent.
    pub(crate) fn allow(&self, operation: &str) -> Result<(), Failure> {
        if self.silent {
            let message = "nothing is asked of Azure offline";
            return Err(Failure::refused(operation, "Offline", message));
        }
        Ok(())
    }

    /// The same, but refuses to send anything.
    #[must_use]
    pub(crate) fn silent(self) -> Self {
        Self { silent: true, ..self }
    }

    /// Returns who is asking, for Microsoft's own clients of the data planes.
    pub(crate) fn credential(&self) -> Arc<dyn TokenCredential> {
        Arc::clone(&self.credential)
    }

    /// Returns how Microsoft's own clients reach their services: with the same connections, and
    /// without repeating anything.
    pub(crate) fn options(&self) -> ClientOptions {
        self.options.clone()
    }

    /// Sends a request once.
    pub(crate) async fn send(&self, ask: &Ask) -> Result<Answer, Failure> {
        let first = self.attempt(ask).await;
        // The pipeline has forgotten the token that was refused: it may have run out meanwhile.
        let stale = |failure: &Failure| matches!(failure.error, CloudError::Credentials(_));
        match first {
            Err(failure) if ask.signed && stale(&failure) => self.attempt(ask).await,
            answer => answer,
        }
    }

    async fn attempt(&self, ask: &Ask) -> Result<Answer, Failure> {
        let answer = self.exchange(ask).await?;
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        Err(refused(&ask.operation, answer.status, &answer.headers, &answer.body))
    }

    /// Sends a request once and returns the answer, whatever its status.
    pub(crate) async fn exchange(&self, ask: &Ask) -> Result<Answer, Failure> {
        let mut request = self.request(ask)?;
        let pipeline = if ask.signed { &self.signed } else { &self.plain };
        let unchecked = PipelineSendOptions { skip_checks: true, ..PipelineSendOptions::default() };
        let context = Context::new();
        let sent = pipeline.send(&context, &mut request, Some(unchecked));
        let Ok(answer) = timeout(ask.limit, sent).await else {
            let message = format!("no answer within {} s", ask.limit.as_secs());
            return Err(lost(&ask.operation, message));
        };
        let answer = answer.map_err(|error| broken(&ask.operation, &error))?;
        let (status, headers, body) = answer.deconstruct();
        let headers = headers
            .iter()
            .map(|(name, value)| (name.as_str().to_lowercase(), value.as_str().to_owned()))
            .collect();
        Ok(Answer { status: status.into(), headers, body: Bytes::from(body) })
    }

    fn request(&self, ask: &Ask) -> Result<Request, Failure> {
        let mut url = ask.url.clone();
        let here = loopback(url.as_str());
        if url.scheme() == "http" && !(self.local && here) {
            return Err(untrusted(url.as_str()).into());
        }
        if self.local && !here {
            // Whoever stands in for Azure does not lead elsewhere.
            let host = url.host_str().unwrap_or_default();
            let message = format!("the cloud on this machine leads elsewhere, to {host}");
            return Err(Failure::refused(&ask.operation, "ForeignLink", message));
        }
        // The policy that signs wants it so; the last one sets it back for this machine.
        let _ = url.set_scheme("https");
        let mut request = Request::new(url, ask.method);
        request.insert_header("accept", "application/json");
        for (name, value) in &ask.headers {
            request.insert_header(*name, value.clone());
        }
        match &ask.body {
            Some((kind, body)) => {
                request.insert_header("content-type", *kind);
                request.set_body(body.clone());
            }
            None if ask.method != Method::Get => request.insert_header("content-length", "0"),
            None => {}
        }
        Ok(request)
    }
}

/// Speaks plain HTTP to this machine. The last policy, so that the one that signs sees HTTPS.
#[derive(Debug)]
struct LoopbackHttp;

#[async_trait]
impl Policy for LoopbackHttp {
    async fn send(
        &self,
        context: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        let here = loopback(request.url().as_str());
        if here {
            let _ = request.url_mut().set_scheme("http");
        }
        let Some((first, rest)) = next.split_first() else {
            return Err(azure_core::Error::with_message(ErrorKind::Other, "no transport"));
        };
        let answer = first.send(context, request, rest).await;
        if here {
            let _ = request.url_mut().set_scheme("https");
        }
        answer
    }
}

/// Turns an error that is no answer into ours.
fn broken(operation: &str, error: &azure_core::Error) -> Failure {
    let message = without_urls(&told(error));
    if matches!(error.kind(), ErrorKind::Credential) {
        return CloudError::Credentials(message).into();
    }
    lost(operation, message)
}

/// Takes the address out of a client's words: `… for url (https://…)`. Its query may be signed.
fn without_urls(text: &str) -> String {
    let mut parts = text.split(" for url (");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.split_once(')').map_or("", |(_, rest)| rest));
    }
    kept
}

fn unusable(error: &dyn std::error::Error) -> CloudError {
    let operation = "connect".to_owned();
    CloudError::Refused { operation, code: "NoClient".into(), message: told(error) }
}

#[cfg(test)]
mod tests {
    use azure_core::http::{Method, Url};

    use super::{Ask, without_urls};
    use crate::stub::{Stub, arm, reply};

    const PATH: &str = "/subscriptions/s/resourceGroups/g";

    #[test]
    fn neither_keys_nor_signed_addresses_are_shown() {
        let mut ask = Ask::new("read", Method::Get, Url::parse("https://x/y?sig=S1").unwrap());
        ask.headers.push(("x-functions-key", "S2".to_owned()));
        assert_eq!(format!("{ask:?}"), "read /y");
        let text = "failed: error sending request for url (https://x/y?sig=S1): refused";
        assert_eq!(without_urls(text), "failed: error sending request: refused");
    }

    #[tokio::test]
    async fn a_token_that_ran_out_is_asked_for_again_once() {
        let stub = Stub::new(vec![reply(401, &[], ""), reply(200, &[], "{}")]).await;
        assert!(stub.cloud().arm.get(PATH, "1").await.unwrap().is_some());
        let stub = Stub::new(vec![reply(401, &[], ""), reply(401, &[], "")]).await;
        let error = stub.cloud().arm.get(PATH, "1").await.unwrap_err().error;
        assert!(error.to_string().starts_with("no usable credentials"), "{error}");
        assert_eq!(stub.asked().len(), 2);
    }

    #[tokio::test]
    async fn a_cloud_on_this_machine_does_not_lead_elsewhere() {
        let http = arm("http://127.0.0.1:1").http;
        for url in ["https://example.com/x", "http://example.com/x"] {
            let ask = Ask::new("read", Method::Get, Url::parse(url).unwrap());
            let error = http.send(&ask).await.unwrap_err().error.to_string();
            assert!(error.contains("Untrusted") || error.contains("leads elsewhere"), "{error}");
        }
    }
}
