//! Messages are sent.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::batches::{self, Answers};
use super::bodies::{
    Values, check_body, check_system, check_values, digest, hex, size, values_digest,
};
use super::model::{Message, Queue};
use super::refusals::{because, missing, parameter, prefixed};
use super::shelf::Shelf;
use crate::clock::Moment;
use crate::cloud::{Cloud, Context};
use crate::services::Pending;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// How long a FIFO queue knows a message again, in milliseconds
/// (SQS developer guide, "Exactly-once processing in Amazon SQS").
const ONCE: u64 = 300_000;

/// The most a batch may measure (SQS developer guide, "Amazon SQS message quotas").
const BATCH: u64 = 1_048_576;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    #[serde(rename = "QueueUrl")]
    queue: Option<String>,
    #[serde(rename = "MessageBody")]
    body: Option<String>,
    #[serde(rename = "DelaySeconds")]
    delay: Option<i64>,
    #[serde(rename = "MessageAttributes", default)]
    values: Values,
    #[serde(rename = "MessageSystemAttributes", default)]
    system: Values,
    #[serde(rename = "MessageDeduplicationId")]
    deduplication: Option<String>,
    #[serde(rename = "MessageGroupId")]
    group: Option<String>,
}

/// `SendMessage`.
pub(super) fn one(request: Request, cloud: Cloud) -> Pending {
    Box::pin(async move {
        let sent = cloud.transact(|tx, context| {
            let one: One = request.read()?;
            let (_, queue) = Shelf::at(tx, context, &request, one.queue.as_deref())?;
            let draft = Draft::of(one.into_entry(), &queue, context.now)?;
            draft.send(tx, context, &queue, &request.account)
        })?;
        cloud.bell.send_replace(());
        Ok(Reply::json(sent.into()))
    })
}

impl One {
    fn into_entry(self) -> Entry {
        let Self { queue: _, body, delay, values, system, deduplication, group } = self;
        Entry { id: String::new(), body, delay, values, system, deduplication, group }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Batch {
    queue_url: Option<String>,
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(rename = "Id", default)]
    id: String,
    #[serde(rename = "MessageBody")]
    body: Option<String>,
    #[serde(rename = "DelaySeconds")]
    delay: Option<i64>,
    #[serde(rename = "MessageAttributes", default)]
    values: Values,
    #[serde(rename = "MessageSystemAttributes", default)]
    system: Values,
    #[serde(rename = "MessageDeduplicationId")]
    deduplication: Option<String>,
    #[serde(rename = "MessageGroupId")]
    group: Option<String>,
}

/// `SendMessageBatch`.
pub(super) fn batch(request: Request, cloud: Cloud) -> Pending {
    Box::pin(async move {
        let answers = cloud.transact(|tx, context| send_batch(&request, tx, context))?;
        cloud.bell.send_replace(());
        Ok(answers.reply())
    })
}

fn send_batch(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Answers, Refusal> {
    let batch: Batch = request.read()?;
    let ids = batch.entries.iter().map(|entry| entry.id.as_str());
    batches::check("SendMessageBatchRequestEntry", ids)?;
    let (_, queue) = Shelf::at(tx, context, request, batch.queue_url.as_deref())?;
    let measure = |entry: &Entry| size(entry.body.as_deref().unwrap_or_default(), &entry.values);
    let length: u64 = batch.entries.iter().map(measure).sum();
    if length > BATCH {
        let message = format!(
            "Batch requests cannot be longer than {BATCH} bytes. You have sent {length} bytes."
        );
        return Err(prefixed("BatchRequestTooLong", message));
    }
    let mut answers = Answers::default();
    for entry in batch.entries {
        let id = entry.id.clone();
        let done = match Draft::of(entry, &queue, context.now) {
            Ok(message) => Ok(message.send(tx, context, &queue, &request.account)?),
            Err(refusal) => Err(refusal),
        };
        answers.note(&id, done);
    }
    Ok(answers)
}

/// A message that may be sent.
struct Draft {
    body: String,
    /// Milliseconds.
    delay: u64,
    values: Values,
    system: Values,
    /// Its group and what tells it from its duplicates, in a FIFO queue.
    place: Option<(String, String)>,
}

impl Draft {
    fn of(entry: Entry, queue: &Queue, now: Moment) -> Result<Self, Refusal> {
        let body = entry.body.clone().unwrap_or_default();
        check_body(&body)?;
        check_values(&entry.values)?;
        check_system(&entry.system)?;
        let most = queue.number(now, "MaximumMessageSize");
        if size(&body, &entry.values) > most {
            return Err(parameter(format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {most} bytes."
            )));
        }
        let delay = delay(entry.delay, queue, now)?;
        let place = place(&entry, queue, (&body, now))?;
        Ok(Self { body, delay, values: entry.values, system: entry.system, place })
    }

    /// Puts it into the queue; returns the members of the answer.
    fn send(
        self,
        tx: &mut Tx,
        context: &Context<'_>,
        queue: &Queue,
        account: &str,
    ) -> Result<Map<String, Value>, Refusal> {
        let home = Shelf::with(queue);
        let (group, deduplication) = self.place.unzip();
        let key = match (&group, &deduplication) {
            (Some(group), Some(id)) => Some(once_key(&home, queue, (group, id), context.now)),
            _ => None,
        };
        if let Some(key) = &key
            && let Some((until, known)) = tx.get::<(Moment, Map<String, Value>)>(key)?
            && context.now < until
        {
            return Ok(known);
        }
        let message = Message {
            sequence: home.next(tx, &queue.name)?,
            id: uuid::Uuid::new_v4().to_string(),
            body: self.body,
            attributes: self.values,
            system: self.system,
            sender: account.to_owned(),
            sent: context.now,
            visible: context.now.plus(self.delay),
            received: 0,
            first_received: None,
            receipt: String::new(),
            group,
            deduplication,
            source: None,
        };
        home.put(tx, &queue.name, &message)?;
        let answer = answer(&message);
        if let Some(key) = key {
            tx.put(&key, &(context.now.plus(ONCE), &answer))?;
        }
        Ok(answer)
    }
}

fn answer(message: &Message) -> Map<String, Value> {
    let mut shown = Map::new();
    let mut add = |name: &str, value: String| shown.insert(name.to_owned(), value.into());
    add("MessageId", message.id.clone());
    add("MD5OfMessageBody", digest(&message.body));
    if let Some(digest) = values_digest(&message.attributes) {
        add("MD5OfMessageAttributes", digest);
    }
    if let Some(digest) = values_digest(&message.system) {
        add("MD5OfMessageSystemAttributes", digest);
    }
    if message.group.is_some() {
        add("SequenceNumber", sequence_number(message));
    }
    shown
}

/// A FIFO queue's number of a message: twenty digits that grow.
pub(super) fn sequence_number(message: &Message) -> String {
    format!("{:020}", message.sequence)
}

fn delay(asked: Option<i64>, queue: &Queue, now: Moment) -> Result<u64, Refusal> {
    let Some(asked) = asked else { return Ok(queue.number(now, "DelaySeconds") * 1000) };
    let refused = |reason: &str| because(&asked.to_string(), "DelaySeconds", reason);
    if queue.is_fifo() && asked != 0 {
        return Err(refused(
            "The request include parameter that is not valid for this queue type.",
        ));
    }
    let fits = u64::try_from(asked).ok().filter(|asked| *asked <= 900);
    let fits = fits.ok_or_else(|| refused("DelaySeconds must be >= 0 and <= 900."))?;
    Ok(fits * 1000)
}

/// The group and the deduplication id of a message.
fn place(
    entry: &Entry,
    queue: &Queue,
    (body, now): (&str, Moment),
) -> Result<Option<(String, String)>, Refusal> {
    if !queue.is_fifo() {
        let reason = "The request include parameter that is not valid for this queue type";
        if let Some(id) = &entry.deduplication {
            return Err(because(id, "MessageDeduplicationId", reason));
        }
        if entry.group.is_some() {
            return Err(Refusal::not_modelled("fair queues: message groups of a standard queue"));
        }
        return Ok(None);
    }
    let Some(group) = &entry.group else {
        return Err(parameter("The request must contain the parameter MessageGroupId."));
    };
    check_id("MessageGroupId", group)?;
    if let Some(id) = &entry.deduplication {
        check_id("MessageDeduplicationId", id)?;
        return Ok(Some((group.clone(), id.clone())));
    }
    let by_content = queue.seen(now).get("ContentBasedDeduplication");
    if by_content.is_some_and(|value| value == "true") {
        return Ok(Some((group.clone(), hex(&Sha256::digest(body.as_bytes())))));
    }
    Err(parameter(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId \
         provided explicitly",
    ))
}

fn check_id(name: &str, id: &str) -> Result<(), Refusal> {
    if id.is_empty() {
        return Err(missing(name));
    }
    if id.len() <= 128 && id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    let reason = format!(
        "{name} can only include alphanumeric and punctuation characters. 1 to 128 in length."
    );
    Err(because(id, name, &reason))
}

fn once_key(shelf: &Shelf, queue: &Queue, (group, id): (&str, &str), now: Moment) -> String {
    let by_group = queue.seen(now).get("DeduplicationScope").is_some_and(|at| at == "messageGroup");
    let id = if by_group { json!([group, id]).to_string() } else { id.to_owned() };
    shelf.once_key(&queue.name, &id)
}
