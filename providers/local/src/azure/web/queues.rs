//! Storage queues: messages are taken, handed to functions, deleted, and put aside in the poison queue after the last
//! try. Everything is done as the app's identity.
//!
//! Source: <https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::definition::Function;
use super::hostjson::Queues;
use super::listen::{Listener, Running, Slot, Swept, optional};
use super::run::{self, Job};
use super::{logs, seams};
use crate::azure::queue::inside::{self, Place, Received};
use crate::azure::rights::Caller;
use crate::azure::shelf::Resource;
use crate::cloud::{Cloud, Context};
use crate::store::Tx;
use crate::wire::Refusal;

/// How long a message is hidden while its function runs.
const HIDDEN_MS: u64 = 10 * 60 * 1000;

/// How often an empty queue is looked at at least; the bell rings for messages that come.
const PAUSE_MS: u64 = 1000;

/// One message on its way to a function.
pub(super) struct Batch {
    site: Resource,
    function: Function,
    queues: Queues,
    caller: Caller,
    account: String,
    queue: String,
    message: Received,
    slot: Slot,
}

/// The account of a connection.
fn account(listener: &Listener<'_>, connection: &str) -> Option<String> {
    let setting = |suffix: &str| listener.app.setting(&format!("{connection}__{suffix}"));
    if let Some(url) = setting("queueServiceUri").or_else(|| setting("serviceUri")) {
        return seams::names_of_url(url, "_queue", ".queue.").map(|(account, _)| account);
    }
    setting("accountName").map(str::to_owned)
}

/// Takes messages for one function; says why it cannot.
pub(super) fn look(
    tx: &mut Tx,
    context: &Context<'_>,
    (cloud, running, listener): (&Cloud, &Running, &Listener<'_>),
    swept: &mut Swept,
) -> Result<Result<(), String>, Refusal> {
    let Some(host) = listener.app.indexed().map(|indexed| indexed.host.queues.clone()) else {
        return Ok(Ok(()));
    };
    let connection = listener.function.says("connection");
    let connection = if connection.is_empty() { "AzureWebJobsStorage" } else { connection };
    let Some(account) = account(listener, connection) else {
        return Ok(Err(format!(
            "Storage account connection string for '{connection}' does not exist."
        )));
    };
    let identity = match seams::connects_as(tx, listener.site, (listener.app, connection))? {
        Ok(identity) => identity,
        Err(reason) => return Ok(Err(reason)),
    };
    let queue = listener.app.resolved(listener.function.says("queueName"));
    if let Err(reason) = seams::consumes(tx, context, &identity, (&account, &queue))? {
        return Ok(Err(reason));
    }
    swept.again(Some(context.now.plus(PAUSE_MS)));
    if running.count(&listener.name) > host.threshold {
        return Ok(Ok(()));
    }
    let caller = seams::caller(&identity);
    let place = Place { caller: &caller, account: &account, queue: &queue };
    let received = match inside::receive(tx, context, place, (host.batch, HIDDEN_MS)) {
        Ok(received) => received,
        Err(refusal) => return Ok(Err(format!("{}: {}", refusal.code, refusal.message))),
    };
    for message in received {
        let slot = running.take(cloud, &listener.name, 1);
        swept.messages.push(Batch {
            site: listener.site.clone(),
            function: listener.function.clone(),
            queues: host.clone(),
            caller: caller.clone(),
            account: account.clone(),
            queue: queue.clone(),
            message,
            slot,
        });
    }
    Ok(Ok(()))
}

/// Begins the run of a message.
pub(super) fn begin(cloud: &Cloud, batch: Batch) {
    let cloud = cloud.clone();
    tokio::spawn(async move {
        let mut stopping = cloud.stopping();
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => {}
            () = work(&cloud, &batch) => {}
        }
        drop(batch.slot);
    });
}

async fn work(cloud: &Cloud, batch: &Batch) {
    let text = &batch.message.text;
    let body = if batch.queues.base64 {
        STANDARD.decode(text).ok()
    } else {
        Some(text.clone().into_bytes())
    };
    let Some(body) = body else {
        logs::fail(
            cloud,
            &batch.site,
            &format!(
                "The message '{}' of the queue '{}' is not base64 and goes to the poison queue.",
                batch.message.id, batch.queue
            ),
        );
        return aside(cloud, batch);
    };
    let Ok(runnable) = run::ready(cloud, &batch.site.name) else { return free(cloud, batch) };
    let job = Job { function: &batch.function, input: input(&batch.message, &body), retry: None };
    let done = run::call(cloud, &runnable, job).await.is_ok();
    if done {
        let place = batch.place();
        finish(cloud, batch, |tx, context| inside::delete(tx, context, place, &batch.message));
    } else if u64::from(batch.message.dequeues) >= batch.queues.attempts {
        logs::fail(
            cloud,
            &batch.site,
            &format!(
                "Message has reached MaxDequeueCount of {}. Moving message to queue '{}-poison'.",
                batch.queues.attempts, batch.queue
            ),
        );
        aside(cloud, batch);
    } else {
        free(cloud, batch);
    }
}

impl Batch {
    fn place(&self) -> Place<'_> {
        Place { caller: &self.caller, account: &self.account, queue: &self.queue }
    }
}

fn aside(cloud: &Cloud, batch: &Batch) {
    finish(cloud, batch, |tx, context| inside::poison(tx, context, batch.place(), &batch.message));
}

fn free(cloud: &Cloud, batch: &Batch) {
    let hidden = u64::try_from(batch.queues.hidden.as_millis()).unwrap_or(u64::MAX);
    finish(cloud, batch, |tx, context| {
        inside::release(tx, context, batch.place(), (&batch.message, hidden))
    });
}

/// Does something with a message; what is refused is logged, and the message comes again when its time is over.
fn finish(
    cloud: &Cloud,
    batch: &Batch,
    work: impl FnOnce(&mut Tx, &Context<'_>) -> Result<(), Refusal>,
) {
    if let Err(refusal) = cloud.transact(work) {
        let text = format!(
            "Azure.RequestFailedException: {} Status: {} ErrorCode: {}",
            refusal.message, refusal.status, refusal.code
        );
        logs::fail(cloud, &batch.site, &text);
    }
}

fn input(message: &Received, body: &[u8]) -> Value {
    json!({
        "Id": message.id,
        "PopReceipt": message.receipt,
        "DequeueCount": message.dequeues,
        "InsertionTime": message.inserted.iso_millis(),
        "ExpirationTime": optional(message.expires),
        "NextVisibleTime": message.next.iso_millis(),
        "body": STANDARD.encode(body),
    })
}
