//! Reads the queues of mappings while the cloud runs, and forms batches for their functions.
//!
//! It looks when the bell rings and when something is due, and sleeps otherwise.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::super::record::{find, place};
use super::check::ACTIONS;
use super::delivery::{Batch, deliver};
use super::event::record;
use super::filter::{self, Pattern};
use super::model::{Mapping, every};
use crate::clock::Moment;
use crate::cloud::{Cloud, Context};
use crate::ledger::Entry;
use crate::services::sqs::{self, Message, Queue, Take};
use crate::store::{StoreError, Tx};

/// How many batches run at a time when the mapping does not say
/// (developer guide, "Configuring scaling behavior for SQS event source mappings": five to begin with).
const AT_ONCE: i64 = 5;

/// The most a batch may measure (developer guide, "Lambda quotas"): an event with its other members.
const BYTES: u64 = 6_000_000;

/// How often a queue is looked for that is not there, or that the role may not read: nobody rings for those.
const AGAIN: u64 = 1000;

/// The batches that run, by mapping.
#[derive(Clone, Debug, Default)]
pub(super) struct Running(Arc<Mutex<BTreeMap<String, i64>>>);

/// A batch that runs for as long as this lives.
#[derive(Debug)]
pub(super) struct Slot {
    running: Running,
    mapping: String,
}

impl Running {
    fn change(&self, mapping: &str, by: i64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(mapping.to_owned()).or_default() += by;
        counts.retain(|_, count| *count > 0);
    }

    fn count(&self, mapping: &str) -> i64 {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.get(mapping).copied().unwrap_or_default()
    }

    fn slot(&self, mapping: &Mapping) -> Option<Slot> {
        let most = mapping.plan.concurrency.unwrap_or(AT_ONCE);
        if self.count(&mapping.uuid) >= most {
            return None;
        }
        self.change(&mapping.uuid, 1);
        Some(Slot { running: self.clone(), mapping: mapping.uuid.clone() })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.running.change(&self.mapping, -1);
    }
}

/// Reads queues until the cloud stops.
pub(crate) fn start(cloud: &Cloud) {
    let cloud = cloud.clone();
    tokio::spawn(async move {
        let mut stopping = cloud.stopping();
        let mut bell = cloud.bell.subscribe();
        let running = Running::default();
        loop {
            bell.mark_unchanged();
            // A store that fails says so to whoever asks it next; a poller has nobody to tell.
            let swept = cloud.transact(|tx, context| Ok(sweep(tx, context, &running)?));
            let (batches, pause) = match swept {
                Ok(swept) => {
                    record_denied(&cloud, &swept.denied);
                    (swept.batches, swept.next.map(|next| until(next, Moment::now())))
                }
                Err(_) => (Vec::new(), Some(AGAIN)),
            };
            for batch in batches {
                deliver(&cloud, batch);
            }
            let pause = Duration::from_millis(pause.unwrap_or(3_600_000).max(1));
            tokio::select! {
                _ = stopping.wait_for(|stopping| *stopping) => return,
                _ = bell.changed() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    });
}

/// Enters in the ledger what roles lack, where that is asked for.
fn record_denied(cloud: &Cloud, denied: &[(Mapping, &'static str)]) {
    for (mapping, action) in denied.iter().filter(|_| cloud.settings.enforce_iam) {
        let seq = cloud.ledger.arrive();
        let lacks = (&*format!("sqs:{action}"), mapping.queue.as_str());
        let entry = Entry::denied(seq, ("lambda", "ReceiveMessages"), mapping.owner(), lacks);
        cloud.ledger.record(entry);
    }
}

fn until(next: Moment, now: Moment) -> u64 {
    u64::try_from(next.millis() - now.millis()).unwrap_or_default()
}

/// What a look at all mappings found.
#[derive(Debug, Default)]
struct Swept {
    batches: Vec<Batch>,
    /// Mappings whose role lacks an action.
    denied: Vec<(Mapping, &'static str)>,
    /// When to look again.
    next: Option<Moment>,
}

impl Swept {
    fn again(&mut self, at: Option<Moment>) {
        if let Some(at) = at {
            self.next = Some(self.next.map_or(at, |next| next.min(at)));
        }
    }
}

fn sweep(tx: &mut Tx, context: &Context<'_>, running: &Running) -> Result<Swept, StoreError> {
    let mut swept = Swept::default();
    for mapping in every(tx, context.now)? {
        if mapping.is_busy(context.now) {
            swept.again(Some(mapping.settled));
        } else if mapping.plan.enabled {
            match reader(tx, context, &mapping)? {
                Ok(queue) => gather(tx, context, (&mapping, &queue, running), &mut swept)?,
                Err(Unread::Until(later)) => swept.again(Some(later)),
                Err(Unread::Denied(action)) => {
                    swept.again(Some(context.now.plus(AGAIN)));
                    swept.denied.push((mapping, action));
                }
            }
        }
    }
    Ok(swept)
}

/// Why a queue is not read.
enum Unread {
    /// Something is not there yet; look again then.
    Until(Moment),
    /// The role lacks this action.
    Denied(&'static str),
}

/// The queue of a mapping whose function is there and may read it, or why not.
fn reader(
    tx: &Tx,
    context: &Context<'_>,
    mapping: &Mapping,
) -> Result<Result<Queue, Unread>, StoreError> {
    let later = Err(Unread::Until(context.now.plus(AGAIN)));
    let place = place(&mapping.account, &mapping.region);
    let Some(function) = find(tx, &place, &mapping.plan.function)? else { return Ok(later) };
    if function.is_pending(context.now) {
        return Ok(Err(Unread::Until(function.ready)));
    }
    let Some(queue) = sqs::find(tx, context, &mapping.queue)? else { return Ok(later) };
    let role = &function.config.role;
    for action in ACTIONS {
        if !sqs::permits(tx, context, (role, &format!("sqs:{action}")), &queue)? {
            return Ok(Err(Unread::Denied(action)));
        }
    }
    Ok(Ok(queue))
}

/// Takes as many batches as there may be.
fn gather(
    tx: &mut Tx,
    context: &Context<'_>,
    (mapping, queue, running): (&Mapping, &Queue, &Running),
    swept: &mut Swept,
) -> Result<(), StoreError> {
    let patterns: Vec<Pattern> =
        mapping.plan.filters.iter().filter_map(|text| filter::read(text).ok()).collect();
    let window = u64::try_from(mapping.plan.window).unwrap_or_default() * 1000;
    let most = usize::try_from(mapping.plan.batch_size).unwrap_or_default();
    loop {
        let waiting = sqs::waiting(tx, context, queue, if window > 0 { most } else { 1 })?;
        swept.again(waiting.next);
        let Some(since) = waiting.since else { return Ok(()) };
        if waiting.count < most && context.now < since.plus(window) {
            swept.again(Some(since.plus(window)));
            return Ok(());
        }
        // When as many run as may, the one that ends rings.
        let Some(slot) = running.slot(mapping) else { return Ok(()) };
        let hidden = queue.visibility_timeout(context.now) * 1000;
        let taken = sqs::take(tx, context, queue, Take { most, hidden, bytes: BYTES })?;
        if taken.moved {
            // The dead-letter queue may have a mapping, too.
            swept.again(Some(context.now));
        }
        if taken.messages.is_empty() {
            return Ok(());
        }
        let (messages, records) = wanted(tx, (mapping, queue), &patterns, taken.messages)?;
        if !messages.is_empty() {
            let (mapping, queue) = (mapping.clone(), queue.clone());
            swept.batches.push(Batch { mapping, queue, messages, records, slot });
        }
    }
}

/// Drops the messages no pattern wants: Lambda deletes them from the queue.
fn wanted(
    tx: &mut Tx,
    (mapping, queue): (&Mapping, &Queue),
    patterns: &[Pattern],
    messages: Vec<Message>,
) -> Result<(Vec<Message>, Vec<Value>), StoreError> {
    let (mut kept, mut records) = (Vec::new(), Vec::new());
    for message in messages {
        let record = record(mapping, queue, &message);
        if patterns.is_empty() || patterns.iter().any(|pattern| pattern.wants(&record)) {
            kept.push(message);
            records.push(record);
        } else {
            sqs::remove(tx, queue, &message)?;
        }
    }
    Ok((kept, records))
}
