//! The way of a request to the Blob service: which operation, who asks, whether they may, what it does.

use crate::azure::rights::Caller;
use crate::azure::service::Plane;
use crate::azure::shelf::Resource;
use crate::azure::storage::{self, Level, Named};
use crate::cloud::{Cloud, Context};
use crate::services::Pending;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

use super::operations::{OPERATIONS, Operation};
use super::record::Address;

/// The Blob service.
pub(crate) static PLANE: Plane = Plane {
    prefix: "_blob",
    name: "blob",
    action: |request| match operation(request) {
        Some(operation) => operation.name.to_owned(),
        None => named_by_comp(request),
    },
    open,
    wire: storage::write,
    throttle: (503, "ServerBusy"),
};

/// A request to an operation.
pub(super) struct Call<'a> {
    /// The request.
    pub(super) request: &'a Request,
    /// What its path names.
    pub(super) named: &'a Named,
    /// The account.
    pub(super) account: Resource,
    /// Who asks.
    pub(super) caller: Caller,
}

impl Call<'_> {
    /// The blob it is about.
    pub(super) fn address(&self) -> Address<'_> {
        Address {
            account: &self.account.name,
            container: &self.named.container,
            blob: &self.named.item,
        }
    }

    /// The container it is about.
    pub(super) fn container(&self, tx: &Tx) -> Result<Resource, Refusal> {
        let found = storage::child(tx, &self.account, CONTAINERS, &self.named.container)?;
        found.ok_or_else(|| storage::missing("ContainerNotFound"))
    }

    /// The metadata in the headers.
    pub(super) fn metadata(&self) -> std::collections::BTreeMap<String, String> {
        let headers = self.request.headers.iter().filter_map(|(name, value)| {
            let name = name.as_str().strip_prefix("x-ms-meta-")?;
            Some((name.to_owned(), value.to_str().ok()?.to_owned()))
        });
        headers.collect()
    }
}

/// The type of containers below an account.
pub(super) const CONTAINERS: &str = "blobServices/containers";

fn operation(request: &Request) -> Option<&'static Operation> {
    let level = Named::of(&request.path).level();
    let (restype, comp) =
        (request.query("restype").unwrap_or_default(), request.query("comp").unwrap_or_default());
    OPERATIONS.iter().find(|operation| {
        operation.method == request.method.as_str()
            && operation.level == level
            // A level has one restype at most, so clients may leave it out only where there is none.
            && operation.restype == restype
            && operation.comp == comp
    })
}

/// What is not in the table is named by what it says itself.
fn named_by_comp(request: &Request) -> String {
    let level = match Named::of(&request.path).level() {
        Level::Service => "service",
        Level::Container => "container",
        Level::Item => "blob",
    };
    format!("{} {level} {}", request.method, request.query("comp").unwrap_or_default())
}

fn open(request: Request, cloud: Cloud) -> Pending {
    Box::pin(async move {
        let done = cloud.transact(|tx, context| answer(&request, tx, context));
        // What was written may be an event.
        cloud.bell.send_replace(());
        done
    })
}

fn answer(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let named = Named::of(&request.path);
    storage::version(request)?;
    let (account, caller) = storage::admit(tx, context, (request, &named))?;
    let operation = operation(request);
    let work = operation.and_then(|operation| Some((operation, operation.work?)));
    let Some((operation, work)) = work else {
        return Err(Refusal::not_modelled(&format!("{} of Blob Storage", request.action)));
    };
    let scope = if named.container.is_empty() {
        account.id.clone()
    } else {
        storage::child_id(&account, CONTAINERS, &named.container)
    };
    storage::refuse(tx, context, &caller, (operation.needs, &scope))?;
    work(&Call { request, named: &named, account, caller }, tx, context)
}
