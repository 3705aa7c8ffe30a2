//! Starts and stops the embedded cloud over a folder or in memory, on three loopback ports: AWS's, Google's and Azure's.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::call::Side;
use crate::clock::Moment;
use crate::cloud::{Cloud, Inner};
use crate::endpoint::{self, Addresses, Endpoint};
use crate::faults::{FaultPlan, Faults};
use crate::held::Held;
use crate::judge::{Asked, Book, Deployer};
use crate::ledger::{Entry, Ledger};
use crate::limits::Limits;
use crate::pipeline::{Desk, answer};
use crate::runtime::Runtimes;
use crate::settings::Settings;
use crate::socket::{Scissors, Sockets};
use crate::store::Store;

/// Where the cloud keeps what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In memory, gone when it stops.
    Memory,
    /// In this folder, made if it is not there; one server at a time.
    Folder(PathBuf),
}

/// How a cloud is started.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it keeps what it holds.
    pub store: Place,
    /// The port of the AWS services on 127.0.0.1; 0 for any.
    pub port: u16,
    /// The port of the Google services on 127.0.0.1; 0 for any.
    pub google_port: u16,
    /// The port of Azure on 127.0.0.1; 0 for any.
    pub azure_port: u16,
    /// Its delays, caps and limits.
    pub settings: Settings,
    /// What goes wrong.
    pub faults: FaultPlan,
}

impl Config {
    /// A cloud in memory, on any port, with the default temper.
    pub fn in_memory() -> Self {
        Self {
            store: Place::Memory,
            port: 0,
            google_port: 0,
            azure_port: 0,
            settings: Settings::default(),
            faults: FaultPlan::none(),
        }
    }
}

/// Why a cloud could not be started or emptied.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another server serves the folder.
    #[error("{} is in use by another embedded cloud", .0.display())]
    InUse(PathBuf),
    /// The folder cannot be read or written.
    #[error("{} cannot be used: {source}", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The store is damaged or of another version.
    #[error("the store cannot be opened: {0}")]
    Store(String),
    /// The port is taken or not allowed.
    #[error("port {port} of 127.0.0.1 cannot be listened on: {source}")]
    Port {
        /// The port asked for.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
}

/// How often commits are made durable.
const FLUSH_EVERY: Duration = Duration::from_millis(100);

/// How long requests in flight may take once the server is told to stop.
const LAST_ORDERS: Duration = Duration::from_secs(2);

/// A cloud that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct Running {
    cloud: Cloud,
    folder: Option<PathBuf>,
    servers: Vec<JoinHandle<()>>,
}

/// Starts a cloud. It answers once this returns.
pub async fn serve(config: Config) -> Result<Running, Error> {
    let (store, folder) = open(config.store)?;
    let (aws, address) = bind(config.port).await?;
    let (google, google_address) = bind(config.google_port).await?;
    let (azure, azure_address) = bind(config.azure_port).await?;
    let inside = match config.settings.deployer {
        Some(_) => Some(bind(0).await?),
        None => None,
    };
    let inside_address = inside.as_ref().map_or(google_address, |(_, address)| *address);
    let faults = Faults::default();
    faults.set(config.faults);
    let cloud = Cloud::new(Inner {
        store,
        asked: Book::new(config.settings.deployer.clone()),
        settings: config.settings,
        ledger: Ledger::default(),
        faults,
        limits: Limits::default(),
        held: Held::default(),
        runtimes: Runtimes::new(|| Moment::now().stamp()),
        base_url: format!("http://{address}"),
        google_url: format!("http://{google_address}"),
        google_inside_url: format!("http://{inside_address}"),
        azure_url: format!("http://{azure_address}"),
        bell: watch::Sender::new(()),
        stopping: watch::Sender::new(false),
    });
    let token = uuid::Uuid::new_v4().to_string();
    if let Some(folder) = &folder {
        let found = Endpoint {
            url: cloud.base_url.clone(),
            google: cloud.google_url.clone(),
            azure: cloud.azure_url.clone(),
            pid: std::process::id(),
            token: token.clone(),
        };
        endpoint::write(folder, &found).map_err(at(folder))?;
    }
    tokio::spawn(flushing(cloud.clone()));
    crate::services::start(&cloud);
    crate::google::start(&cloud);
    crate::azure::start(&cloud);
    let desk = |side, inside| Desk { cloud: cloud.clone(), token: token.clone(), side, inside };
    let outside = [(aws, Side::Aws), (google, Side::Google), (azure, Side::Azure)];
    let mut servers: Vec<JoinHandle<()>> = outside
        .into_iter()
        .map(|(listener, side)| tokio::spawn(listen(listener, desk(side, false))))
        .collect();
    if let Some((listener, _)) = inside {
        servers.push(tokio::spawn(listen(listener, desk(Side::Google, true))));
    }
    Ok(Running { cloud, folder, servers })
}

async fn bind(port: u16) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |source| Error::Port { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Empties the store in `folder`. Refused while a server serves it.
pub fn reset(folder: &Path) -> Result<(), Error> {
    if !folder.exists() {
        return Ok(());
    }
    let file = folder.join(FILE);
    match open_file(folder, &file) {
        Ok(store) => drop(store),
        Err(Error::Store(_)) => {} // A damaged store is one more reason to start over.
        Err(error) => return Err(error),
    }
    std::fs::remove_file(&file).map_err(at(folder))?;
    endpoint::remove(folder).map_err(at(folder))
}

/// The name of the store in its folder.
const FILE: &str = "store.redb";

fn at(folder: &Path) -> impl FnOnce(io::Error) -> Error + '_ {
    |source| Error::Folder { folder: folder.to_path_buf(), source }
}

fn open(place: Place) -> Result<(Store, Option<PathBuf>), Error> {
    match place {
        Place::Memory => {
            let store = Store::in_memory().map_err(|error| Error::Store(error.to_string()))?;
            Ok((store, None))
        }
        Place::Folder(folder) => {
            make(&folder).map_err(at(&folder))?;
            let store = open_file(&folder, &folder.join(FILE))?;
            Ok((store, Some(folder)))
        }
    }
}

/// Makes the folder of a store: for its owner's eyes, since environments hold secrets, and not for version control.
fn make(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)?;
    let ignore = folder.join(".gitignore");
    if ignore.exists() { Ok(()) } else { std::fs::write(ignore, "*\n") }
}

fn open_file(folder: &Path, file: &Path) -> Result<Store, Error> {
    match Store::in_file(file) {
        Ok(store) => Ok(store),
        Err(redb::DatabaseError::DatabaseAlreadyOpen) => Err(Error::InUse(folder.to_path_buf())),
        Err(error) => Err(Error::Store(error.to_string())),
    }
}

async fn listen(listener: TcpListener, desk: Desk) {
    let mut stopping = desk.cloud.stopping();
    let service = Router::new()
        .fallback(answer)
        .with_state(desk)
        .into_make_service_with_connect_info::<Scissors>();
    let server = axum::serve(Sockets(listener), service).with_graceful_shutdown(async move {
        // An error means that the cloud itself is gone; then there is nothing to serve either.
        stopping.wait_for(|stopping| *stopping).await.ok();
    });
    server.await.ok();
}

/// Makes commits durable a few times a second; only then does redb reuse the space of what was replaced.
async fn flushing(cloud: Cloud) {
    let mut stopping = cloud.stopping();
    loop {
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => return,
            () = tokio::time::sleep(FLUSH_EVERY) => {}
        }
        let store = cloud.clone();
        if !matches!(
            tokio::task::spawn_blocking(move || store.store.flush_if_dirty()).await,
            Ok(Ok(()))
        ) {
            return;
        }
    }
}

impl Running {
    /// The address of the AWS services, `http://127.0.0.1:4580`.
    pub fn url(&self) -> String {
        self.cloud.base_url.clone()
    }

    /// The address of the Google services, `http://127.0.0.1:4581`, for HTTP/1.1 and for HTTP/2 without TLS.
    pub fn google_url(&self) -> String {
        self.cloud.google_url.clone()
    }

    /// The address of Azure, `http://127.0.0.1:4582`: Resource Manager, and every data plane under a path of its own.
    pub fn azure_url(&self) -> String {
        self.cloud.azure_url.clone()
    }

    /// Every address.
    pub fn addresses(&self) -> Addresses {
        Addresses { aws: self.url(), google: self.google_url(), azure: self.azure_url() }
    }

    /// Every request so far, in the order of arrival.
    pub fn ledger(&self) -> Vec<Entry> {
        self.cloud.ledger.entries()
    }

    /// The key of everything it holds, in order: what a test compares before and after.
    pub fn keys(&self) -> Result<Vec<String>, Error> {
        let keys = self.cloud.store.begin().and_then(|tx| tx.keys(""));
        keys.map_err(|error| Error::Store(error.to_string()))
    }

    /// What was asked of the caller's rights so far, where the settings limit them.
    pub fn asked(&self) -> std::collections::BTreeSet<Asked> {
        self.cloud.asked.all()
    }

    /// Lets the caller do this from now on, and nothing else. Only where the settings limit the caller already.
    pub fn set_deployer(&self, deployer: Deployer) {
        self.cloud.asked.limit(deployer);
    }

    /// Forgets the requests so far, and what they asked of the caller's rights.
    pub fn clear_ledger(&self) {
        self.cloud.ledger.clear();
        self.cloud.asked.clear();
    }

    /// Puts another fault plan in force and starts counting for it.
    pub fn set_faults(&self, plan: FaultPlan) {
        self.cloud.faults.set(plan);
    }

    /// Stops listening, lets requests in flight end, and closes the store.
    pub async fn stop(mut self) -> Result<(), Error> {
        self.cloud.stopping.send_replace(true);
        let servers = &mut self.servers;
        let all = async {
            for server in servers {
                // A server that fails is over, too.
                server.await.ok();
            }
        };
        if tokio::time::timeout(LAST_ORDERS, all).await.is_err() {
            self.servers.iter().for_each(JoinHandle::abort);
        }
        self.cloud.runtimes.stop();
        // Before the store is let go: the next server writes its own.
        let removed = match self.folder.take() {
            Some(folder) => endpoint::remove(&folder).map_err(at(&folder)),
            None => Ok(()),
        };
        let cloud = self.cloud.clone();
        let closed = tokio::task::spawn_blocking(move || cloud.store.close()).await;
        match closed {
            Ok(Ok(())) => removed,
            Ok(Err(error)) => Err(Error::Store(error.to_string())),
            Err(error) => Err(Error::Store(error.to_string())),
        }
    }
}

impl Drop for Running {
    /// Stops at once. What was committed is kept; requests in flight fail.
    fn drop(&mut self) {
        self.cloud.stopping.send_replace(true);
        self.cloud.runtimes.stop();
        self.servers.iter().for_each(JoinHandle::abort);
        // After `stop` nothing is left to do; otherwise nobody is left to hear of a failure.
        if let Some(folder) = &self.folder {
            endpoint::remove(folder).ok();
        }
        self.cloud.store.close().ok();
    }
}
