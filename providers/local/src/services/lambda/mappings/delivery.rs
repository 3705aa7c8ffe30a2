//! Hands a batch to its function, and deletes from the queue what the function is done with.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde_json::Value;

use super::super::invoke::{Invoked, invoke};
use super::answer::Failed;
use super::event::event;
use super::model::Mapping;
use super::poller::Slot;
use crate::cloud::Cloud;
use crate::ledger::{Effect, Entry};
use crate::services::sqs::{self, Message, Queue};
use crate::wire::Refusal;

/// Messages that were taken for a function.
#[derive(Debug)]
pub(super) struct Batch {
    /// The mapping they were taken for.
    pub(super) mapping: Mapping,
    /// The queue they are in.
    pub(super) queue: Queue,
    /// The messages.
    pub(super) messages: Vec<Message>,
    /// The same as the function sees them.
    pub(super) records: Vec<Value>,
    /// Counts the batch while it runs.
    pub(super) slot: Slot,
}

/// Runs a batch in the background.
pub(super) fn deliver(cloud: &Cloud, batch: Batch) {
    let cloud = cloud.clone();
    tokio::spawn(async move {
        let mut stopping = cloud.stopping();
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => {}
            () = run(&cloud, &batch) => {}
        }
        drop(batch.slot);
        cloud.bell.send_replace(());
    });
}

/// Messages that fail stay hidden until their time is over, and are seen again then.
async fn run(cloud: &Cloud, batch: &Batch) {
    let seq = cloud.ledger.arrive();
    let payload = Bytes::from(event(&batch.records).to_string());
    let answer = invoke(cloud, &batch.mapping.function_arn(), payload).await;
    let ids: BTreeSet<&str> = batch.messages.iter().map(|message| message.id.as_str()).collect();
    let failed = match &answer {
        Ok(Invoked { failed: false, payload }) if batch.mapping.plan.partial => {
            Failed::read(payload, &ids)
        }
        Ok(Invoked { failed: false, .. }) => Failed::These(BTreeSet::new()),
        Ok(Invoked { failed: true, .. }) | Err(_) => Failed::All,
    };
    // Whoever asks a store that fails next is told; a message that is not deleted comes again.
    cloud
        .transact(|tx, _| {
            for message in batch.messages.iter().filter(|message| !failed.has(&message.id)) {
                sqs::remove(tx, &batch.queue, message)?;
            }
            Ok(())
        })
        .ok();
    cloud.ledger.record(entry(seq, &batch.mapping, (&answer, &failed)));
}

fn entry(
    seq: u64,
    mapping: &Mapping,
    (answer, failed): (&Result<Invoked, Refusal>, &Failed),
) -> Entry {
    let (status, error) = match (answer, failed) {
        (Err(refusal), _) => (refusal.status, Some(refusal.code.clone())),
        (Ok(Invoked { failed: true, .. }), _) => (200, Some("FunctionError".to_owned())),
        (Ok(_), Failed::All) => (200, Some("BatchItemFailures".to_owned())),
        (Ok(_), Failed::These(ids)) => {
            (200, (!ids.is_empty()).then(|| "BatchItemFailures".to_owned()))
        }
    };
    Entry {
        seq,
        service: "lambda".to_owned(),
        operation: "DeliverMessages".to_owned(),
        method: String::new(),
        path: String::new(),
        account: mapping.account.clone(),
        region: mapping.region.clone(),
        status,
        error,
        effect: Effect::None,
        object: Some(mapping.object()),
        fault: None,
    }
}
