//! The few requests that no client of Google's has a method for.

use google_cloud_auth::credentials::CacheableResource;
use reqwest::Method;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use serde_json::Value;
use updraft_contract::CloudError;
use updraft_transport::{Repeat, told};

use crate::client::Cloud;
use crate::errors::{Failure, lost, refused};

/// A request to one of Google's services.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// The operation, spelled like the permission.
    pub(crate) operation: &'static str,
    /// The method.
    pub(crate) method: Method,
    /// The service's own host, such as `iamcredentials.googleapis.com`.
    pub(crate) host: &'static str,
    /// The path and query.
    pub(crate) path: String,
    /// The body, if there is one.
    pub(crate) body: Option<Value>,
}

impl Cloud {
    /// Sends a request and reads its answer, repeating it as `repeat` says.
    pub(crate) async fn ask(&self, repeat: Repeat, ask: &Ask) -> Result<Value, Failure> {
        self.raw(repeat, ask.operation, || self.ask_once(ask)).await
    }

    async fn ask_once(&self, ask: &Ask) -> Result<Value, Failure> {
        let base = match &self.place.endpoint {
            Some(endpoint) => endpoint.clone(),
            None => format!("https://{}", ask.host),
        };
        let http = &self.clients(ask.operation)?.http;
        let request = http.request(ask.method.clone(), format!("{base}{}", ask.path));
        let mut request = request.headers(self.authorization(ask.operation).await?);
        if let Some(body) = &ask.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        } else if ask.method != Method::GET {
            // Google's front end answers 411 where a length is missing
            // (<https://cloud.google.com/storage/docs/json_api/v1/status-codes#411_Length_Required>).
            request = request.header(CONTENT_LENGTH, 0);
        }
        let broken = |error: reqwest::Error| lost(ask.operation, told(&error.without_url()));
        let answer = request.send().await.map_err(broken)?;
        let status = answer.status();
        let bytes = answer.bytes().await.map_err(broken)?;
        if !status.is_success() {
            return Err(refused(ask.operation, status.as_u16(), &bytes));
        }
        serde_json::from_slice(&bytes).map_err(|error| lost(ask.operation, told(&error)))
    }

    /// Returns the headers that say who is asking.
    async fn authorization(&self, operation: &str) -> Result<HeaderMap, Failure> {
        let clients = self.clients(operation)?;
        #[expect(
            clippy::default_trait_access,
            reason = "the type is of a crate that we do not use"
        )]
        let headers = clients.credentials.headers(Default::default()).await;
        let headers = headers.map_err(|error| CloudError::Credentials(told(&error)))?;
        Ok(match headers {
            CacheableResource::New { data, .. } => data,
            // Never: nothing was said to be known.
            CacheableResource::NotModified => HeaderMap::new(),
        })
    }
}
