//! A cloud in memory and a client that signs as the AWS clients do, over a socket, without an HTTP library.

use std::collections::BTreeMap;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use updraft_local::{Config, Running, Settings, serve};

/// The account the harness calls from.
pub(crate) const ACCOUNT: &str = "111122223333";
/// The region the harness calls in.
pub(crate) const REGION: &str = "eu-west-1";

/// A running cloud and its one caller.
pub(crate) struct Cloud {
    pub(crate) running: Running,
    account: String,
    token: String,
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// A request to send. `service` signs it; an empty one leaves it unsigned.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) service: &'a str,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a [u8],
}

impl Cloud {
    /// A cloud without delays.
    pub(crate) async fn instant() -> Self {
        Self::with(Settings::instant()).await
    }

    /// A cloud with these settings.
    pub(crate) async fn with(settings: Settings) -> Self {
        let config = Config { settings, ..Config::in_memory() };
        Self {
            running: serve(config).await.unwrap(),
            account: ACCOUNT.to_owned(),
            token: String::new(),
        }
    }

    /// Calls from now on with this key id and session token.
    pub(crate) fn act(&mut self, key: &str, token: &str) {
        (self.account, self.token) = (key.to_owned(), token.to_owned());
    }

    /// The same caller at a cloud that already runs.
    pub(crate) fn at(running: Running) -> Self {
        Self { running, account: ACCOUNT.to_owned(), token: String::new() }
    }

    /// Sends a request; `None` when the connection is dropped without an answer.
    pub(crate) async fn try_call(&self, call: Call<'_>) -> Option<Answer> {
        let url = self.running.url();
        let address = url.strip_prefix("http://").unwrap();
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {address}\r\n", call.method, call.path);
        if !call.service.is_empty() {
            head += &format!(
                "Authorization: AWS4-HMAC-SHA256 Credential={}/20261121/{REGION}/{}/aws4_request, SignedHeaders=host, Signature=00\r\n",
                self.account, call.service
            );
        }
        if !self.token.is_empty() {
            head += &format!("X-Amz-Security-Token: {}\r\n", self.token);
        }
        for (name, value) in call.headers {
            head += &format!("{name}: {value}\r\n");
        }
        send(address, head, call.body).await
    }

    /// Sends a request that is answered.
    pub(crate) async fn call(&self, call: Call<'_>) -> Answer {
        self.try_call(call).await.expect("an answer")
    }

    /// A query-protocol call: IAM, STS.
    pub(crate) async fn query(&self, service: &str, form: &[(&str, &str)]) -> Answer {
        let body = serde_urlencoded::to_string(form).unwrap();
        self.call(Call {
            service,
            method: "POST",
            path: "/",
            headers: &[("Content-Type", "application/x-www-form-urlencoded")],
            body: body.as_bytes(),
        })
        .await
    }

    /// A JSON 1.1 call: Logs, Tagging. `target` is the whole `X-Amz-Target`.
    pub(crate) async fn target(&self, service: &str, target: &str, body: &Value) -> Answer {
        let headers = [("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", target)];
        let body = body.to_string();
        self.call(Call {
            service,
            method: "POST",
            path: "/",
            headers: &headers,
            body: body.as_bytes(),
        })
        .await
    }

    /// A REST-JSON call: Lambda, API Gateway, Scheduler. `line` is `"POST /restapis"`; a null body sends none.
    pub(crate) async fn rest(&self, service: &str, line: &str, body: &Value) -> Answer {
        let (method, path) = line.split_once(' ').unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let headers = [("Content-Type", "application/json")];
        self.call(Call { service, method, path, headers: &headers, body: body.as_bytes() }).await
    }
}

/// Sends a request on a connection of its own; `head` is its first line and headers.
pub(crate) async fn send(address: &str, mut head: String, body: &[u8]) -> Option<Answer> {
    head += &format!("Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    stream.write_all(&bytes).await.ok();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok();
    Answer::parse(&answer)
}

impl Answer {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: BTreeMap<String, String> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut body = bytes[end + 4..].to_vec();
        if headers.get("transfer-encoding").is_some_and(|value| value == "chunked") {
            body = dechunk(&body);
        }
        Some(Self { status, headers, body })
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    /// The text of the first `<name>` element.
    pub(crate) fn element(&self, name: &str) -> Option<String> {
        self.elements(name).into_iter().next()
    }

    /// The text of every `<name>` element, in order.
    pub(crate) fn elements(&self, name: &str) -> Vec<String> {
        let text = self.text();
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let parts = text.split(&open).skip(1);
        parts
            .filter_map(|part| part.split_once(&close))
            .map(|(inner, _)| inner.to_owned())
            .collect()
    }

    /// The error code, in whichever protocol it came.
    pub(crate) fn code(&self) -> String {
        let typed = || {
            serde_json::from_slice::<Value>(&self.body).ok()?["__type"].as_str().map(str::to_owned)
        };
        self.headers
            .get("x-amzn-errortype")
            .cloned()
            .or_else(typed)
            .or_else(|| self.element("Code"))
            .unwrap_or_default()
    }

    /// Asserts success and returns itself.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert!(self.status < 300, "{} {}", self.status, self.text());
        self
    }

    /// Asserts a refusal with this status and code.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.code().as_str()), (status, code), "{}", self.text());
        self
    }
}

fn dechunk(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|window| window == b"\r\n") {
        let size = String::from_utf8_lossy(&bytes[..end]).trim().to_owned();
        let size = usize::from_str_radix(&size, 16).unwrap_or(0);
        if size == 0 {
            break;
        }
        body.extend_from_slice(&bytes[end + 2..end + 2 + size]);
        bytes = &bytes[end + 2 + size + 2..];
    }
    body
}
