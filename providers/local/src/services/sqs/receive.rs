//! Messages are handed out: to who asks for them, and to Lambda's pollers.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::bodies::{Values, digest, size, values_digest};
use super::model::{Message, Queue};
use super::names::from_arn;
use super::redrive::Redrive;
use super::refusals::{because, unknown_attribute};
use super::send::sequence_number;
use super::shelf::Shelf;
use super::source::waiting;
use crate::clock::Moment;
use crate::cloud::{Cloud, Context};
use crate::services::Pending;
use crate::store::{StoreError, Tx};
use crate::wire::{Refusal, Reply, Request};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Input {
    queue_url: Option<String>,
    attribute_names: Option<Vec<String>>,
    message_system_attribute_names: Option<Vec<String>>,
    message_attribute_names: Option<Vec<String>>,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    receive_request_attempt_id: Option<String>,
}

/// `ReceiveMessage`: waits for a message as long as the request or the queue says.
pub(super) fn receive(request: Request, cloud: Cloud) -> Pending {
    Box::pin(async move {
        let input: Input = request.read()?;
        input.check()?;
        let started = Moment::now();
        let mut bell = cloud.bell.subscribe();
        let mut stopping = cloud.stopping();
        loop {
            bell.mark_unchanged();
            let looked = cloud.transact(|tx, context| input.look(&request, tx, context))?;
            if looked.moved {
                cloud.bell.send_replace(());
            }
            let left = started.plus(looked.wait).millis() - Moment::now().millis();
            let left = u64::try_from(left).unwrap_or_default();
            if !looked.shown.is_empty() || left == 0 {
                return Ok(answer(&looked.shown));
            }
            let pause = left.min(looked.next.unwrap_or(left)).max(1);
            tokio::select! {
                _ = stopping.wait_for(|stopping| *stopping) => return Ok(answer(&[])),
                _ = bell.changed() => {}
                () = tokio::time::sleep(Duration::from_millis(pause)) => {}
            }
        }
    })
}

fn answer(messages: &[Value]) -> Reply {
    if messages.is_empty() {
        return Reply::json(json!({}));
    }
    Reply::json(json!({"Messages": messages}))
}

/// What a look into the queue found.
struct Looked {
    shown: Vec<Value>,
    /// How long the request waits in all, in milliseconds.
    wait: u64,
    /// When to look again even if nothing happens, in milliseconds.
    next: Option<u64>,
    /// Whether messages went to the dead-letter queue, where somebody may wait for them.
    moved: bool,
}

/// The system attributes a message can have.
const SYSTEM: &[&str] = &[
    "AWSTraceHeader",
    "All",
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "DeadLetterQueueSourceArn",
    "MessageDeduplicationId",
    "MessageGroupId",
    "SenderId",
    "SentTimestamp",
    "SequenceNumber",
];

impl Input {
    fn check(&self) -> Result<(), Refusal> {
        let range = |value: Option<i64>, name: &str, (least, most): (i64, i64)| match value {
            Some(value) if !(least..=most).contains(&value) => {
                let reason = format!("Must be between {least} and {most}, if provided.");
                Err(because(&value.to_string(), name, &reason))
            }
            _ => Ok(()),
        };
        range(self.max_number_of_messages, "MaxNumberOfMessages", (1, 10))?;
        range(self.wait_time_seconds, "WaitTimeSeconds", (0, 20))?;
        range(self.visibility_timeout, "VisibilityTimeout", (0, 43_200))?;
        if self.receive_request_attempt_id.is_some() {
            return Err(Refusal::not_modelled("ReceiveMessage.ReceiveRequestAttemptId"));
        }
        match self.system_names().find(|name| !SYSTEM.contains(name)) {
            Some(unknown) => Err(unknown_attribute(unknown)),
            None => Ok(()),
        }
    }

    fn system_names(&self) -> impl Iterator<Item = &str> {
        let old = self.attribute_names.iter().flatten();
        old.chain(self.message_system_attribute_names.iter().flatten()).map(String::as_str)
    }

    fn look(
        &self,
        request: &Request,
        tx: &mut Tx,
        context: &Context<'_>,
    ) -> Result<Looked, Refusal> {
        let (_, queue) = Shelf::at(tx, context, request, self.queue_url.as_deref())?;
        let seconds = |asked: Option<i64>, name: &str| {
            let asked = asked.and_then(|asked| u64::try_from(asked).ok());
            asked.unwrap_or_else(|| queue.number(context.now, name)) * 1000
        };
        let take_this = Take {
            most: self.max_number_of_messages.and_then(|it| usize::try_from(it).ok()).unwrap_or(1),
            hidden: seconds(self.visibility_timeout, "VisibilityTimeout"),
            bytes: u64::MAX,
        };
        let Taken { messages, moved } = take(tx, context, &queue, take_this)?;
        let shown: Vec<Value> =
            messages.iter().map(|message| self.shown(&queue, message)).collect();
        let hidden = match shown.first() {
            None => waiting(tx, context, &queue, usize::MAX)?.next,
            Some(_) => None,
        };
        let left = |at: Moment| u64::try_from(at.millis() - context.now.millis()).ok();
        let next = hidden.and_then(left);
        let wait = seconds(self.wait_time_seconds, "ReceiveMessageWaitTimeSeconds");
        Ok(Looked { shown, wait, next, moved })
    }

    fn shown(&self, queue: &Queue, message: &Message) -> Value {
        let mut shown = Map::new();
        let mut add = |name: &str, value: Value| shown.insert(name.to_owned(), value);
        add("MessageId", message.id.clone().into());
        add("ReceiptHandle", message.handle(queue).into());
        add("MD5OfBody", digest(&message.body).into());
        add("Body", message.body.clone().into());
        let all = self.system_names().any(|name| name == "All");
        let mut system = event_attributes(message);
        system.retain(|name, _| all || self.system_names().any(|asked| asked == name));
        if !system.is_empty() {
            add("Attributes", system.into());
        }
        let chosen: Values = message
            .attributes
            .iter()
            .filter(|(name, _)| self.wants(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if let Some(digest) = values_digest(&chosen) {
            add("MD5OfMessageAttributes", digest.into());
            add("MessageAttributes", json!(chosen));
        }
        shown.into()
    }

    /// Whether a message attribute was asked for: by name, with all, or by its beginning.
    fn wants(&self, name: &str) -> bool {
        self.message_attribute_names.iter().flatten().any(|asked| {
            let prefix = asked.strip_suffix(".*");
            asked == "All" || asked == name || prefix.is_some_and(|prefix| name.starts_with(prefix))
        })
    }
}

/// A message's system attributes, as answers and events show them.
pub(crate) fn event_attributes(message: &Message) -> Map<String, Value> {
    let mut shown = Map::new();
    let mut add = |name: &str, value: String| shown.insert(name.to_owned(), value.into());
    add("SenderId", message.sender.clone());
    add("SentTimestamp", message.sent.millis().to_string());
    add("ApproximateReceiveCount", message.received.to_string());
    if let Some(first) = message.first_received {
        add("ApproximateFirstReceiveTimestamp", first.millis().to_string());
    }
    if let (Some(group), Some(id)) = (&message.group, &message.deduplication) {
        add("MessageGroupId", group.clone());
        add("MessageDeduplicationId", id.clone());
        add("SequenceNumber", sequence_number(message));
    }
    if let Some(source) = &message.source {
        add("DeadLetterQueueSourceArn", source.clone());
    }
    if let Some(trace) = message.system.get("AWSTraceHeader") {
        add("AWSTraceHeader", trace.text.clone().unwrap_or_default());
    }
    shown
}

impl Message {
    /// The handle of the last time it was handed out.
    pub(crate) fn handle(&self, queue: &Queue) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}/{}/{}", queue.name, self.sequence, self.receipt))
    }

    /// The digest of its body.
    pub(crate) fn digest(&self) -> String {
        digest(&self.body)
    }

    /// The digest of its attributes, if it has any.
    pub(crate) fn attributes_digest(&self) -> Option<String> {
        values_digest(&self.attributes)
    }
}

/// How many messages are taken, how long they are hidden and how much they may measure together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Take {
    /// The most messages.
    pub(crate) most: usize,
    /// Milliseconds until others see them again.
    pub(crate) hidden: u64,
    /// The most bytes together; one message is always taken.
    pub(crate) bytes: u64,
}

/// What was taken from a queue.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// The messages.
    pub(crate) messages: Vec<Message>,
    /// Whether others went to the dead-letter queue.
    pub(crate) moved: bool,
}

/// Takes messages that can be handed out, hides them, and moves those that failed too often.
pub(crate) fn take(
    tx: &mut Tx,
    context: &Context<'_>,
    queue: &Queue,
    take: Take,
) -> Result<Taken, StoreError> {
    let shelf = Shelf::with(queue);
    let now = context.now;
    let redrive = Redrive::of(queue.seen(now));
    let (mut taken, mut bytes) = (Taken::default(), 0_u64);
    for (mut message, fate) in sorted(tx, queue, now, (take.most, redrive.as_ref()))? {
        let failed =
            fate == Fate::Failed && bury(tx, context, queue, (redrive.as_ref(), &message))?;
        taken.moved |= failed;
        if fate == Fate::Over {
            shelf.drop(tx, &queue.name, message.sequence)?;
        }
        if failed || fate == Fate::Over {
            continue;
        }
        if taken.messages.len() >= take.most {
            break;
        }
        bytes = bytes.saturating_add(size(&message.body, &message.attributes));
        if bytes > take.bytes && !taken.messages.is_empty() {
            break;
        }
        message.received += 1;
        message.first_received.get_or_insert(now);
        message.visible = now.plus(take.hidden);
        message.receipt = uuid::Uuid::new_v4().to_string();
        shelf.put(tx, &queue.name, &message)?;
        taken.messages.push(message);
    }
    Ok(taken)
}

/// What is to become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is handed out.
    Taken,
    /// It failed too often: it goes to the dead-letter queue, or is handed out if there is none any more.
    Failed,
    /// It was kept for as long as the queue keeps messages.
    Over,
}

/// The messages that are to be taken or to go, in order.
fn sorted(
    tx: &Tx,
    queue: &Queue,
    now: Moment,
    (most, redrive): (usize, Option<&Redrive>),
) -> Result<Vec<(Message, Fate)>, StoreError> {
    let retention = queue.number(now, "MessageRetentionPeriod").saturating_mul(1000);
    let (mut found, mut count, mut blocked) = (Vec::new(), 0, BTreeSet::new());
    Shelf::with(queue).visit(tx, &queue.name, |message| {
        let in_order = message.group.as_ref().is_none_or(|group| !blocked.contains(group));
        if message.sent.plus(retention) <= now {
            found.push((message, Fate::Over));
        } else if now < message.visible || !in_order {
            blocked.extend(message.group);
        } else if redrive.is_some_and(|redrive| message.received >= redrive.most) {
            found.push((message, Fate::Failed));
        } else {
            count += 1;
            found.push((message, Fate::Taken));
        }
        if count < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(found)
}

/// Moves a message to the dead-letter queue, if that is still there; tells whether it did.
fn bury(
    tx: &mut Tx,
    context: &Context<'_>,
    queue: &Queue,
    (redrive, message): (Option<&Redrive>, &Message),
) -> Result<bool, StoreError> {
    let target = redrive.and_then(|redrive| from_arn(&redrive.target));
    let Some((account, region, name)) = target else { return Ok(false) };
    let shelf = Shelf::new(account, region);
    if shelf.find(tx, name)?.is_none() {
        return Ok(false);
    }
    let moved = Message {
        sequence: shelf.next(tx, name)?,
        visible: context.now,
        received: 0,
        first_received: None,
        receipt: String::new(),
        source: Some(queue.arn()),
        ..message.clone()
    };
    shelf.put(tx, name, &moved)?;
    Shelf::with(queue).drop(tx, &queue.name, message.sequence)?;
    Ok(true)
}
