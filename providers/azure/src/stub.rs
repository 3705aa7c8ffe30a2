//! A server for tests that gives the answers it was told to give, in order.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use azure_core::http::Url;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use updraft_transport::{Backoff, Ledger, Retry};

use crate::arm::Arm;
use crate::client::Cloud;
use crate::credentials::Fixed;
use crate::http::Http;
use crate::place::Place;
use crate::rates::Brake;

/// One answer: status, headers and body. `{here}` stands for the server's own URL in both, and
/// `{host}` for its address in the body.
pub(crate) struct Reply(pub(crate) u16, pub(crate) &'static [&'static str], pub(crate) String);

/// Returns an answer with a JSON body.
pub(crate) fn reply(status: u16, headers: &'static [&'static str], body: &str) -> Reply {
    Reply(status, headers, body.to_owned())
}

/// A running server.
pub(crate) struct Stub {
    /// Where it listens.
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Stub {
    /// Starts a server that gives these answers, and drops the connection after them.
    pub(crate) async fn new(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (log, here) = (Arc::clone(&asked), url.clone());
        tokio::spawn(async move {
            for Reply(status, headers, body) in replies {
                let (mut stream, _) = listener.accept().await.unwrap();
                let host = here.trim_start_matches("http://");
                let body = body.replace("{here}", &here).replace("{host}", host);
                let line = head(&mut stream).await;
                log.lock().unwrap().push(line);
                let mut lines = vec![format!("HTTP/1.1 {status} X")];
                lines.push(format!("content-length: {}", body.len()));
                lines.extend(headers.iter().map(|header| header.replace("{here}", &here)));
                let head = lines.join("\r\n");
                let answer = format!("{head}\r\nconnection: close\r\n\r\n{body}");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { url, asked }
    }

    /// Returns what was asked, such as `GET /x?api-version=1`, and the key that came along.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Returns a cloud that asks it, and is patient for moments only.
    pub(crate) fn cloud(&self) -> Cloud {
        Cloud::new(arm(&self.url), Place { subscription: "s".into(), ..Place::default() })
    }
}

/// Returns what asks the server at `url`.
pub(crate) fn arm(url: &str) -> Arm {
    let (first, limit) = (Duration::from_millis(1), Duration::from_millis(5));
    Arm {
        http: Http::new(Arc::new(Fixed), true).unwrap(),
        endpoint: Url::parse(url).unwrap(),
        poll: Backoff { first, limit },
        retry: Retry::new(Arc::new(|| 0.0), Duration::from_mins(1)),
        ledger: Ledger::default(),
        budgets: None,
        brake: Brake::default(),
    }
}

/// Reads a request to its end and returns its first line, with the key it carries.
async fn head(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let header = |wanted: &str| {
                let lines = head.lines().filter_map(|line| line.split_once(':'));
                let mut lines = lines.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
                lines.next().map(|(_, value)| value.trim().to_owned())
            };
            let length = header("content-length").and_then(|it| it.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                let line = head.lines().next().unwrap_or_default();
                let line = line.trim_end_matches(" HTTP/1.1");
                let key = header("x-functions-key").map(|key| format!(" key={key}"));
                return format!("{line}{}", key.unwrap_or_default());
            }
        }
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(count > 0, "a request ended early");
        read.extend_from_slice(&buffer[..count]);
    }
}
