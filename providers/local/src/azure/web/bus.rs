//! Service Bus queues: messages are locked, handed to functions, completed or freed. Everything is done as the app's
//! identity.
//!
//! Source: <https://learn.microsoft.com/azure/azure-functions/functions-bindings-service-bus-trigger>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::definition::Function;
use super::listen::{Listener, Running, Slot, Swept, takes_many};
use super::run::{self, Job};
use super::{logs, seams};
use crate::azure::rights::Caller;
use crate::azure::servicebus::inside::{self, Place, Received};
use crate::azure::shelf::Resource;
use crate::cloud::{Cloud, Context};
use crate::store::Tx;
use crate::wire::Refusal;

/// How often an empty queue is looked at at least; the bell rings for messages that come.
const PAUSE_MS: u64 = 1000;

/// Messages on their way to one call of a function.
pub(super) struct Batch {
    site: Resource,
    function: Function,
    caller: Caller,
    namespace: String,
    queue: String,
    messages: Vec<Received>,
    completes: bool,
    slot: Slot,
}

/// Takes messages for one function; says why it cannot.
pub(super) fn look(
    tx: &mut Tx,
    context: &Context<'_>,
    (cloud, running, listener): (&Cloud, &Running, &Listener<'_>),
    swept: &mut Swept,
) -> Result<Result<(), String>, Refusal> {
    let Some(host) = listener.app.indexed().map(|indexed| indexed.host.bus.clone()) else {
        return Ok(Ok(()));
    };
    let connection = listener.function.says("connection");
    let Some(namespace) = listener.app.setting(&format!("{connection}__fullyQualifiedNamespace"))
    else {
        return Ok(Err(format!(
            "Microsoft Azure WebJobs SDK ServiceBus connection string '{connection}' is missing or empty."
        )));
    };
    let namespace = seams::namespace_of(namespace);
    let identity = match seams::connects_as(tx, listener.site, (listener.app, connection))? {
        Ok(identity) => identity,
        Err(reason) => return Ok(Err(reason)),
    };
    let queue = listener.app.resolved(listener.function.says("queueName"));
    let many = takes_many(listener.function);
    let calls = if many { 1 } else { host.calls };
    let caller = seams::caller(&identity);
    let place = Place { caller: &caller, namespace: &namespace, queue: &queue };
    swept.again(Some(context.now.plus(PAUSE_MS)));
    let free = calls.saturating_sub(running.count(&listener.name));
    if free == 0 {
        return Ok(Ok(()));
    }
    let most = if many { host.batch } else { free };
    let received = match inside::receive(tx, context, place, most) {
        Ok(received) => received,
        Err(refusal) => return Ok(Err(format!("{}: {}", refusal.code, refusal.message))),
    };
    let batches =
        if many { vec![received] } else { received.into_iter().map(|one| vec![one]).collect() };
    for messages in batches.into_iter().filter(|messages| !messages.is_empty()) {
        swept.bus.push(Batch {
            site: listener.site.clone(),
            function: listener.function.clone(),
            caller: caller.clone(),
            namespace: namespace.clone(),
            queue: queue.clone(),
            messages,
            completes: host.completes,
            slot: running.take(cloud, &listener.name, 1),
        });
    }
    Ok(Ok(()))
}

/// Begins the run of messages.
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
    let messages: Vec<Value> = batch.messages.iter().map(input).collect();
    let input = if takes_many(&batch.function) {
        messages.into()
    } else {
        messages.into_iter().next().unwrap_or_default()
    };
    let done = match run::ready(cloud, &batch.site.name) {
        Ok(runnable) => {
            let job = Job { function: &batch.function, input, retry: None };
            run::call(cloud, &runnable, job).await.is_ok()
        }
        Err(_) => false,
    };
    let place = Place { caller: &batch.caller, namespace: &batch.namespace, queue: &batch.queue };
    for message in &batch.messages {
        let settled = cloud.transact(|tx, context| match (done, batch.completes) {
            (true, true) => inside::complete(tx, context, place, message),
            // What is not completed comes again when its lock ends.
            (true, false) => Ok(()),
            (false, _) => inside::abandon(tx, context, place, message),
        });
        if let Err(refusal) = settled {
            logs::fail(
                cloud,
                &batch.site,
                &format!("ServiceBusException: {} ({})", refusal.message, refusal.code),
            );
        }
    }
}

fn input(message: &Received) -> Value {
    let broker = |name: &str| message.broker.get(name).cloned().unwrap_or_default();
    json!({
        "MessageId": message.id,
        "ContentType": message.content_type,
        "CorrelationId": broker("CorrelationId"),
        "Subject": broker("Label"),
        "DeliveryCount": message.deliveries,
        "SequenceNumber": message.sequence,
        "EnqueuedTimeUtc": message.enqueued.iso_millis(),
        "LockToken": message.lock,
        "ApplicationProperties": message.custom,
        "body": STANDARD.encode(&message.body),
    })
}
