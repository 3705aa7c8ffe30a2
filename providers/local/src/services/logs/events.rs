//! Writes events to a stream and reads them back.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::checks::{self, Named, existing, invalid, no_stream, violated};
use super::record::{Event, Range, Stored, Stream, append, events, fitting, stream_key};
use crate::clock::Moment;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

const DAY: i64 = 86_400_000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Put {
    log_group_name: String,
    log_stream_name: String,
    log_events: Vec<InputEvent>,
    /// Ignored since 2023 (`PutLogEvents` API reference).
    #[serde(rename = "sequenceToken")]
    _sequence_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InputEvent {
    timestamp: i64,
    message: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Get {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: String,
    start_time: Option<i64>,
    end_time: Option<i64>,
    next_token: Option<String>,
    limit: Option<u64>,
    start_from_head: Option<bool>,
    #[serde(rename = "unmask")]
    _unmask: Option<bool>,
}

/// `PutLogEvents`.
pub(super) fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let input: Put = request.read()?;
    checks::group_name(&input.log_group_name)?;
    checks::stream_name(&input.log_stream_name)?;
    check_batch(&input.log_events)?;
    let place = request.place();
    let group = existing(tx, &place, &input.log_group_name)?;
    let names = (input.log_group_name.as_str(), input.log_stream_name.as_str());
    let Some(stream) = tx.get::<Stream>(&stream_key(&place, names.0, names.1))? else {
        return Err(no_stream());
    };
    let now = context.now.millis();
    let kept = i64::from(group.retention.unwrap_or(u32::MAX)).saturating_mul(DAY);
    let too_old = |event: &InputEvent| event.timestamp < now - 14 * DAY;
    let expired = |event: &InputEvent| event.timestamp < now.saturating_sub(kept);
    let too_new = |event: &InputEvent| event.timestamp > now + 2 * 3_600_000;
    let events: Vec<Event> = input
        .log_events
        .iter()
        .filter(|event| !too_old(event) && !expired(event) && !too_new(event))
        .map(|event| Event { time: event.timestamp, message: event.message.clone() })
        .collect();
    append(tx, &place, names, context.now, &events)?;
    let mut rejected = Map::new();
    let ends = [
        ("tooOldLogEventEndIndex", input.log_events.iter().rposition(too_old).map(|at| at + 1)),
        ("expiredLogEventEndIndex", input.log_events.iter().rposition(expired).map(|at| at + 1)),
        ("tooNewLogEventStartIndex", input.log_events.iter().position(too_new)),
    ];
    for (name, index) in ends {
        if let Some(index) = index {
            rejected.insert(name.to_owned(), index.into());
        }
    }
    let count = stream.count + events.len() as u64;
    let mut answer = json!({"nextSequenceToken": format!("{count:056}")});
    if let (Some(answer), false) = (answer.as_object_mut(), rejected.is_empty()) {
        answer.insert("rejectedLogEventsInfo".to_owned(), Value::Object(rejected));
    }
    Ok(Reply::json(answer).did(Effect::Update, format!("{}:{}", names.0, names.1)))
}

fn check_batch(events: &[InputEvent]) -> Result<(), Refusal> {
    if events.is_empty() || events.len() > 10_000 {
        let constraint = "Member must have length between 1 and 10000";
        return Err(violated(&format!("[{} events]", events.len()), "logEvents", constraint));
    }
    if events.iter().any(|event| event.message.is_empty()) {
        let constraint = "Member must have length greater than or equal to 1";
        return Err(violated("", "logEvents.member.message", constraint));
    }
    let size: usize = events.iter().map(|event| event.message.len() + 26).sum();
    if size > 1_048_576 {
        return Err(invalid(format!("Upload too large: {size} bytes exceeds limit of 1048576")));
    }
    if !events.is_sorted_by_key(|event| event.timestamp) {
        return Err(invalid(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    if let (Some(first), Some(last)) = (events.first(), events.last())
        && last.timestamp - first.timestamp > DAY
    {
        return Err(invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ));
    }
    Ok(())
}

/// `GetLogEvents`. Its two tokens always exist; one that is answered again says that there is nothing more that way.
pub(super) fn get(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let input: Get = request.read()?;
    let named = Named { name: input.log_group_name, identifier: input.log_group_identifier };
    let name = named.group()?;
    checks::stream_name(&input.log_stream_name)?;
    let limit = context.page_limit(Some(checks::limit(input.limit, 10_000)?), 10_000);
    let place = request.place();
    let group = existing(tx, &place, &name)?;
    if tx.get::<Stream>(&stream_key(&place, &name, &input.log_stream_name))?.is_none() {
        return Err(no_stream());
    }
    let range = Range { now: context.now, start: input.start_time, end: input.end_time };
    let all = events(tx, &place, &group, Some(&input.log_stream_name), &range)?;
    let head = input.start_from_head == Some(true);
    let window = match input.next_token.as_deref() {
        Some(token) => window(token, &all, limit)
            .ok_or_else(|| invalid("The specified nextToken is invalid."))?,
        None if head => (0, fitting(all.iter(), limit)),
        None => (all.len() - fitting(all.iter().rev(), limit), all.len()),
    };
    let shown: Vec<Value> =
        all.get(window.0..window.1).unwrap_or_default().iter().map(show).collect();
    Ok(Reply::json(json!({
        "events": shown,
        "nextForwardToken": format!("f/{:056}/s", window.1),
        "nextBackwardToken": format!("b/{:056}/s", window.0),
    })))
}

/// The events a token asks for: after it for `f`, before it for `b`.
fn window(token: &str, all: &[Stored], limit: usize) -> Option<(usize, usize)> {
    let (direction, rest) = token.split_once('/')?;
    let at: usize = rest.strip_suffix("/s")?.parse().ok()?;
    let at = at.min(all.len());
    match direction {
        "f" => Some((at, at + fitting(all.iter().skip(at), limit))),
        "b" => Some((at - fitting(all.iter().take(at).rev(), limit), at)),
        _ => None,
    }
}

fn show(stored: &Stored) -> Value {
    json!({
        "timestamp": stored.event.time,
        "message": stored.event.message,
        "ingestionTime": Moment::millis(stored.ingested),
    })
}
