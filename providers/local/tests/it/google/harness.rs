//! A cloud in memory and a caller that speaks to its Google side.

use serde_json::Value;
use updraft_local::{Config, Running, Settings, serve};

use crate::harness::{Answer, send};

/// The project the harness calls.
pub(crate) const PROJECT: &str = "shop-dev";
/// The region the harness calls.
pub(crate) const REGION: &str = "europe-west1";

/// A running cloud.
pub(crate) struct Google {
    pub(crate) running: Running,
}

impl Google {
    /// A cloud without delays.
    pub(crate) async fn instant() -> Self {
        Self::with(Settings::instant()).await
    }

    /// A cloud with these settings.
    pub(crate) async fn with(settings: Settings) -> Self {
        let config = Config { settings, ..Config::in_memory() };
        Self { running: serve(config).await.unwrap() }
    }

    /// Sends a request; `None` when the connection is dropped. `line` is `"GET /v3/projects/p"`; null sends no body.
    pub(crate) async fn try_call(&self, line: &str, body: &Value) -> Option<Answer> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let headers = [("Content-Type", "application/json"), ("Authorization", "Bearer local")];
        self.raw(line, &headers, body.as_bytes()).await
    }

    /// Sends a request with these headers and bytes.
    pub(crate) async fn raw(
        &self,
        line: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Option<Answer> {
        let url = self.running.google_url();
        let address = url.strip_prefix("http://").unwrap();
        let mut head = format!("{line} HTTP/1.1\r\nHost: {address}\r\n");
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        send(address, head, body).await
    }

    /// Sends a request that is answered.
    pub(crate) async fn call(&self, line: &str, body: &Value) -> Answer {
        self.try_call(line, body).await.expect("an answer")
    }

    /// Sends a request that is done, and returns what it answers.
    pub(crate) async fn ok(&self, line: &str, body: &Value) -> Value {
        self.call(line, body).await.ok().json()
    }
}

impl Answer {
    /// Asserts a refusal with this status and canonical code, and returns its message.
    #[track_caller]
    pub(crate) fn denied(self, status: u16, code: &str) -> String {
        let body = self.json();
        let error = &body["error"];
        assert_eq!(
            (self.status, error["status"].as_str().unwrap_or_default()),
            (status, code),
            "{body}"
        );
        assert_eq!(error["code"], status);
        error["message"].as_str().unwrap().to_owned()
    }
}
