//! A cloud in memory and a caller that speaks to its Azure side.

use std::time::Duration;

use serde_json::{Value, json};
use updraft_local::{Config, Running, Settings, serve};

use crate::harness::{Answer, send};

/// The subscription there is by default.
pub(crate) const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";
/// The group the harness makes.
pub(crate) const GROUP: &str =
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shop-dev";
/// The location the harness makes things in.
pub(crate) const LOCATION: &str = "westeurope";

/// How often an operation is polled before a test gives up: a minute and more.
const POLLS: usize = 6_000;

/// A running cloud.
pub(crate) struct Azure {
    pub(crate) running: Running,
}

impl Azure {
    /// A cloud without delays.
    pub(crate) async fn instant() -> Self {
        Self::with(Settings::instant()).await
    }

    /// A cloud with these settings.
    pub(crate) async fn with(settings: Settings) -> Self {
        let config = Config { settings, ..Config::in_memory() };
        Self { running: serve(config).await.unwrap() }
    }

    /// The same with the resource group `shop-dev` in it.
    pub(crate) async fn with_group(settings: Settings) -> Self {
        let azure = Self::with(settings).await;
        azure.put(GROUP, "2025-04-01", &json!({"location": LOCATION})).await;
        azure
    }

    /// Sends a request to ARM; `None` when the connection is dropped. `line` is `"GET /subscriptions?api-version=…"`;
    /// null sends no body.
    pub(crate) async fn try_call(&self, line: &str, body: &Value) -> Option<Answer> {
        self.as_caller("local", line, body).await
    }

    /// The same with another bearer token.
    pub(crate) async fn as_caller(&self, token: &str, line: &str, body: &Value) -> Option<Answer> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let token = format!("Bearer {token}");
        let headers = [("Content-Type", "application/json"), ("Authorization", token.as_str())];
        self.raw(line, &headers, body.as_bytes()).await
    }

    /// Sends a request with these headers and bytes. The path may be an address of this cloud.
    pub(crate) async fn raw(
        &self,
        line: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Option<Answer> {
        let url = self.running.azure_url();
        let line = line.replacen(&format!(" {url}"), " ", 1);
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

    /// GET of `id`, which may have a query.
    pub(crate) async fn get(&self, id: &str, version: &str) -> Answer {
        self.call(&format!("GET {}", at(id, version)), &Value::Null).await
    }

    /// PUT of `id`, followed to its end; returns what a GET answers then.
    pub(crate) async fn put(&self, id: &str, version: &str, body: &Value) -> Value {
        let answer = self.call(&format!("PUT {}", at(id, version)), body).await.ok();
        self.follow(answer).await.ok();
        self.get(id, version).await.ok().json()
    }

    /// POST of an action, `{id}/listKeys`.
    pub(crate) async fn post(&self, id: &str, version: &str, body: &Value) -> Answer {
        self.call(&format!("POST {}", at(id, version)), body).await
    }

    /// DELETE of `id`, followed to its end.
    pub(crate) async fn delete(&self, id: &str, version: &str) -> Answer {
        let answer = self.call(&format!("DELETE {}", at(id, version)), &Value::Null).await;
        self.follow(answer).await
    }

    /// Follows a long-running operation to its end: the status document, or what a `Location` answers at last.
    pub(crate) async fn follow(&self, begun: Answer) -> Answer {
        let monitor = begun.headers.get("azure-asyncoperation");
        let Some(url) = monitor.or_else(|| begun.headers.get("location")).cloned() else {
            return begun;
        };
        for _ in 0..POLLS {
            let answer = self.call(&format!("GET {url}"), &Value::Null).await;
            let running = answer.status == 202
                || (answer.status == 200
                    && !answer.body.is_empty()
                    && answer.json()["status"] == "InProgress");
            if !running {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{url} does not end");
    }

    /// Every item of a list, its pages followed.
    pub(crate) async fn list(&self, id: &str, version: &str) -> Vec<Value> {
        let mut line = format!("GET {}", at(id, version));
        let mut items = Vec::new();
        loop {
            let page = self.ok(&line, &Value::Null).await;
            items.extend(page["value"].as_array().unwrap().clone());
            let Some(next) = page["nextLink"].as_str() else { return items };
            line = format!("GET {next}");
        }
    }
}

/// A path with its api-version.
pub(crate) fn at(id: &str, version: &str) -> String {
    let joint = if id.contains('?') { '&' } else { '?' };
    format!("{id}{joint}api-version={version}")
}

impl Answer {
    /// Asserts a refusal of ARM with this status and code, and returns its message.
    #[track_caller]
    pub(crate) fn failed(self, status: u16, code: &str) -> String {
        let body = self.json();
        let error = body.get("error").unwrap_or(&body);
        let found = error["code"].as_str().or_else(|| error["Code"].as_str()).unwrap_or_default();
        assert_eq!((self.status, found), (status, code), "{body}");
        let message = error["message"].as_str().or_else(|| error["Message"].as_str());
        message.unwrap_or_default().to_owned()
    }
}
