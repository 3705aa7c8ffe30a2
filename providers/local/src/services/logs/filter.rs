//! `FilterLogEvents`: events of a whole group, interleaved by time.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::checks::{self, Named, existing, invalid};
use super::pattern::Pattern;
use super::record::{Range, Stored, events, fitting};
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Input {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    filter_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<u64>,
    start_from_head: Option<bool>,
    /// Ignored since 2019: answers are always interleaved.
    #[serde(rename = "interleaved")]
    _interleaved: Option<bool>,
    #[serde(rename = "unmask")]
    _unmask: Option<bool>,
}

/// `FilterLogEvents`.
pub(super) fn filter(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let input: Input = request.read()?;
    let limit = context.page_limit(Some(checks::limit(input.limit, 10_000)?), 10_000);
    if input.log_stream_names.is_some() && input.log_stream_name_prefix.is_some() {
        return Err(invalid(
            "Either logStreamNamePrefix or logStreamNames can be specified, not both.",
        ));
    }
    if input.start_from_head == Some(false) {
        return Err(Refusal::not_modelled("FilterLogEvents.startFromHead = false"));
    }
    let pattern = Pattern::read(input.filter_pattern.as_deref().unwrap_or_default())?;
    let named = Named { name: input.log_group_name, identifier: input.log_group_identifier };
    let group = existing(tx, &request.place(), &named.group()?)?;
    let range = Range { now: context.now, start: input.start_time, end: input.end_time };
    let prefix = input.log_stream_name_prefix.unwrap_or_default();
    let wanted = |stored: &Stored| {
        stored.stream.starts_with(&prefix)
            && input.log_stream_names.as_ref().is_none_or(|names| names.contains(&stored.stream))
            && pattern.matches(&stored.event.message)
    };
    let found: Vec<Stored> =
        events(tx, &request.place(), &group, None, &range)?.into_iter().filter(wanted).collect();
    let start = match &input.next_token {
        Some(token) => {
            after(&found, token).ok_or_else(|| invalid("The specified nextToken is invalid."))?
        }
        None => 0,
    };
    let end = start + fitting(found.iter().skip(start), limit);
    let page = found.get(start..end).unwrap_or_default();
    let mut answer = Map::new();
    answer.insert("events".to_owned(), page.iter().map(show).collect());
    answer.insert("searchedLogStreams".to_owned(), json!([]));
    if let (true, Some(last)) = (end < found.len(), page.last()) {
        answer.insert("nextToken".to_owned(), last.id().into());
    }
    Ok(Reply::json(Value::Object(answer)))
}

/// Where the page after the event with this id starts.
fn after(found: &[Stored], token: &str) -> Option<usize> {
    if let Some(at) = found.iter().position(|stored| stored.id() == token) {
        return Some(at + 1);
    }
    // The event has expired meanwhile; its id starts with its time.
    let time: i64 = token.get(..13)?.parse().ok()?;
    Some(found.iter().position(|stored| stored.event.time > time).unwrap_or(found.len()))
}

fn show(stored: &Stored) -> Value {
    json!({
        "logStreamName": stored.stream,
        "timestamp": stored.event.time,
        "message": stored.event.message,
        "ingestionTime": stored.ingested.millis(),
        "eventId": stored.id(),
    })
}
