//! Log streams.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::checks::{self, Named, existing, invalid, no_stream, violated};
use super::groups::arn;
use super::record::{Stream, stream_key};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::page::{Cut, page};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Name {
    log_group_name: String,
    log_stream_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Describe {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<String>,
    descending: Option<bool>,
    next_token: Option<String>,
    limit: Option<u64>,
}

/// `CreateLogStream`.
pub(super) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (input, key) = named(request, tx)?;
    if tx.get::<Stream>(&key)?.is_some() {
        let message = "The specified log stream already exists";
        return Err(Refusal::new(400, "ResourceAlreadyExistsException", message));
    }
    tx.put(&key, &Stream::new(&input.log_stream_name, context.now))?;
    Ok(Reply::empty(200).did(Effect::Create, object(&input)))
}

/// `DeleteLogStream`, with its events.
pub(super) fn delete(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let (input, key) = named(request, tx)?;
    if !tx.remove(&key)? {
        return Err(no_stream());
    }
    let ids = [input.log_group_name.as_str(), input.log_stream_name.as_str()];
    tx.remove_all(&request.place().prefix("event", &ids))?;
    Ok(Reply::empty(200).did(Effect::Delete, object(&input)))
}

fn named(request: &Request, tx: &Tx) -> Result<(Name, String), Refusal> {
    let input: Name = request.read()?;
    checks::group_name(&input.log_group_name)?;
    checks::stream_name(&input.log_stream_name)?;
    let place = request.place();
    existing(tx, &place, &input.log_group_name)?;
    let key = stream_key(&place, &input.log_group_name, &input.log_stream_name);
    Ok((input, key))
}

fn object(input: &Name) -> String {
    format!("{}:{}", input.log_group_name, input.log_stream_name)
}

/// `DescribeLogStreams`.
pub(super) fn describe(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let input: Describe = request.read()?;
    let named = Named { name: input.log_group_name, identifier: input.log_group_identifier };
    let group = named.group()?;
    let limit = context.page_limit(Some(checks::limit(input.limit, 50)?), 50);
    let by_time = match input.order_by.as_deref() {
        None | Some("LogStreamName") => false,
        Some("LastEventTime") => true,
        Some(order) => {
            let constraint = "Member must satisfy enum value set: [LogStreamName, LastEventTime]";
            return Err(violated(order, "orderBy", constraint));
        }
    };
    if by_time && input.log_stream_name_prefix.is_some() {
        return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let place = request.place();
    existing(tx, &place, &group)?;
    let prefix = input.log_stream_name_prefix.unwrap_or_default();
    let streams = tx.list::<Stream>(&place.prefix("stream", &[&group]))?;
    let descending = input.descending == Some(true);
    let order = |stream: &Stream| sort_key(stream, by_time, descending);
    let mut streams: Vec<Stream> =
        streams.into_iter().filter(|stream| stream.name.starts_with(&prefix)).collect();
    streams.sort_by_key(order);
    let cut = Cut { limit, token: input.next_token.as_deref() };
    let page =
        page(streams, cut, order).ok_or_else(|| invalid("The specified nextToken is invalid."))?;
    let arn = arn(request, &group);
    let mut answer = Map::new();
    let shown: Vec<Value> = page.items.iter().map(|stream| show(&arn, stream)).collect();
    answer.insert("logStreams".to_owned(), shown.into());
    if let Some(next) = page.next {
        answer.insert("nextToken".to_owned(), next.into());
    }
    Ok(Reply::json(Value::Object(answer)))
}

/// A text that orders as asked. Descending names are turned round character by character.
fn sort_key(stream: &Stream, by_time: bool, descending: bool) -> String {
    let time = stream.last.unwrap_or(0).max(0);
    match (by_time, descending) {
        (false, false) => stream.name.clone(),
        (false, true) => stream
            .name
            .chars()
            .map(|c| char::from_u32(0x10_FFFF - u32::from(c)).unwrap_or(char::MAX))
            .chain([char::MAX])
            .collect(),
        (true, false) => format!("{time:020}{}", stream.name),
        (true, true) => format!("{:020}{}", i64::MAX - time, stream.name),
    }
}

fn show(group_arn: &str, stream: &Stream) -> Value {
    let mut shown = json!({
        "logStreamName": stream.name,
        "creationTime": stream.created.millis(),
        "arn": format!("{group_arn}:log-stream:{}", stream.name),
        "storedBytes": 0,
        "uploadSequenceToken": format!("{:056}", stream.count),
    });
    if let Some(shown) = shown.as_object_mut() {
        let times = [
            ("firstEventTimestamp", stream.first),
            ("lastEventTimestamp", stream.last),
            ("lastIngestionTime", stream.ingested.map(crate::clock::Moment::millis)),
        ];
        for (name, time) in times {
            if let Some(time) = time {
                shown.insert(name.to_owned(), time.into());
            }
        }
    }
    shown
}
