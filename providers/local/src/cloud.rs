//! What every operation works with: the store, the time, the settings and the server's own address.

use std::sync::Arc;

use tokio::sync::watch;

use crate::clock::Moment;
use crate::faults::Faults;
use crate::held::Held;
use crate::judge::{Book, Deployer};
use crate::ledger::Ledger;
use crate::limits::Limits;
use crate::runtime::Runtimes;
use crate::settings::Settings;
use crate::store::{Store, Tx};
use crate::wire::Refusal;

/// The running cloud. Cheap to clone; handed to operations that run outside a transaction, such as `Invoke`.
#[derive(Clone, Debug)]
pub(crate) struct Cloud(Arc<Inner>);

/// The parts of a running cloud.
#[derive(Debug)]
pub(crate) struct Inner {
    /// Everything the services hold.
    pub(crate) store: Store,
    /// Delays and caps.
    pub(crate) settings: Settings,
    /// Every request.
    pub(crate) ledger: Ledger,
    /// What goes wrong.
    pub(crate) faults: Faults,
    /// What the caller may do, and what was asked of that.
    pub(crate) asked: Book,
    /// Request rates.
    pub(crate) limits: Limits,
    /// What is being written to.
    pub(crate) held: Held,
    /// Deployed functions that run.
    pub(crate) runtimes: Runtimes,
    /// The server's own address, `http://127.0.0.1:4580`, without a trailing slash.
    pub(crate) base_url: String,
    /// The address of the Google services, `http://127.0.0.1:4581`, without a trailing slash.
    pub(crate) google_url: String,
    /// Where functions find the Google services; one of their own when what the caller may do is limited, since
    /// clients of Google's send no credentials to an emulator.
    pub(crate) google_inside_url: String,
    /// The address of Azure, `http://127.0.0.1:4582`, without a trailing slash.
    pub(crate) azure_url: String,
    /// Rung when a queue or what reads from one changed, so that whoever waits looks again.
    pub(crate) bell: watch::Sender<()>,
    /// True once the server is stopping; background work ends then.
    pub(crate) stopping: watch::Sender<bool>,
}

/// What an operation may know beside its request and the store.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    /// The time of the request.
    pub(crate) now: Moment,
    /// Delays and caps.
    pub(crate) settings: &'a Settings,
    /// What the caller may do; `None` for everything.
    pub(crate) deployer: Option<&'a Deployer>,
    /// What was asked of that.
    pub(crate) asked: &'a Book,
    /// The server's own address, without a trailing slash.
    pub(crate) base_url: &'a str,
    /// The address of the Google services, without a trailing slash.
    pub(crate) google_url: &'a str,
    /// The address of Azure, without a trailing slash.
    pub(crate) azure_url: &'a str,
}

impl Context<'_> {
    /// The size of a page: what was asked for, the service's cap, and the settings' cap, whichever is least.
    pub(crate) fn page_limit(&self, asked: Option<usize>, cap: usize) -> usize {
        let cap = self.settings.page_cap.map_or(cap, |most| most.min(cap)).max(1);
        asked.map_or(cap, |asked| asked.min(cap))
    }
}

impl Cloud {
    /// A cloud of these parts.
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// Runs `work` in one transaction: commits what it did, or nothing if it refuses.
    ///
    /// Transactions follow one another, so one within another would wait for itself: `work` must not start one.
    pub(crate) fn transact<T>(
        &self,
        work: impl FnOnce(&mut Tx, &Context<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut tx = self.0.store.begin()?;
        let deployer = self.0.asked.deployer();
        let context = Context {
            deployer: deployer.as_deref(),
            now: Moment::now(),
            settings: &self.0.settings,
            asked: &self.0.asked,
            base_url: &self.0.base_url,
            google_url: &self.0.google_url,
            azure_url: &self.0.azure_url,
        };
        let done = work(&mut tx, &context)?;
        tx.commit()?;
        Ok(done)
    }

    /// Tells when the server is stopping.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.0.stopping.subscribe()
    }
}

impl std::ops::Deref for Cloud {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
