//! The `endpoint` file of a served folder: where a later command finds the running server.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    /// The address of the AWS services.
    pub(crate) url: String,
    /// The address of the Google services.
    pub(crate) google: String,
    /// The address of Azure.
    pub(crate) azure: String,
    /// Its process.
    pub(crate) pid: u32,
    /// What the server answers at its health path; a stranger on the same port does not.
    pub(crate) token: String,
}

/// Where a running server is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The address of the AWS services, `http://127.0.0.1:4580`.
    pub aws: String,
    /// The address of the Google services, `http://127.0.0.1:4581`.
    pub google: String,
    /// The address of Azure, `http://127.0.0.1:4582`.
    pub azure: String,
}

/// The path at which a server says its token.
pub(crate) const HEALTH: &str = "/_updraft/health";

/// How long a server may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

fn file(folder: &Path) -> PathBuf {
    folder.join("endpoint")
}

/// Writes the file; a reader sees all of it or the one before.
pub(crate) fn write(folder: &Path, endpoint: &Endpoint) -> io::Result<()> {
    let text = serde_json::to_string(endpoint).map_err(io::Error::other)?;
    let draft = folder.join("endpoint.new");
    std::fs::write(&draft, text)?;
    std::fs::rename(draft, file(folder))
}

/// Removes the file.
pub(crate) fn remove(folder: &Path) -> io::Result<()> {
    match std::fs::remove_file(file(folder)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Returns the addresses of the server that serves `folder`, if one does and it answers.
///
/// A file left by a server that was killed is not believed: the address must answer with the file's token.
pub async fn running(folder: &Path) -> Option<Addresses> {
    let endpoint: Endpoint = serde_json::from_slice(&std::fs::read(file(folder)).ok()?).ok()?;
    let said = tokio::time::timeout(PATIENCE, health(&endpoint.url)).await.ok()?.ok()?;
    let Endpoint { url: aws, google, azure, pid: _, token } = endpoint;
    said.ends_with(&token).then_some(Addresses { aws, google, azure })
}

async fn health(url: &str) -> io::Result<String> {
    let address = url.strip_prefix("http://").unwrap_or(url);
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {HEALTH} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
