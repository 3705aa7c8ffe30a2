//! Groups, streams and events as they are stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::clock::Moment;
use crate::store::{Place, StoreError, Tx};

/// A log group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Group {
    /// Its name.
    pub(super) name: String,
    /// When it was created.
    pub(super) created: Moment,
    /// How many days events are kept; for ever if `None`.
    pub(super) retention: Option<u32>,
    /// Its tags.
    pub(super) tags: BTreeMap<String, String>,
}

/// A log stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Stream {
    /// Its name.
    pub(super) name: String,
    /// When it was created.
    pub(super) created: Moment,
    /// The earliest event's time.
    pub(super) first: Option<i64>,
    /// The latest event's time.
    pub(super) last: Option<i64>,
    /// When events last came in.
    pub(super) ingested: Option<Moment>,
    /// How many events there ever were.
    pub(super) count: u64,
}

/// A log event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    /// When it happened, in milliseconds since 1970.
    pub(crate) time: i64,
    /// What happened.
    pub(crate) message: String,
}

/// An event in its stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Stored {
    /// The stream.
    pub(super) stream: String,
    /// Its place in the stream.
    pub(super) number: u64,
    /// When it came in.
    pub(super) ingested: Moment,
    /// The event.
    pub(super) event: Event,
}

impl Stored {
    /// The id `FilterLogEvents` shows: 56 digits, unique in the group, in order of time and then of the stream.
    pub(super) fn id(&self) -> String {
        let digest = Sha256::digest(&self.stream);
        let stream = digest.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        format!("{:013}{:020}{stream:023}", self.event.time, self.number)
    }
}

/// The group's key.
pub(super) fn group_key(place: &Place, group: &str) -> String {
    place.key("group", &[group])
}

/// The stream's key.
pub(super) fn stream_key(place: &Place, group: &str, stream: &str) -> String {
    place.key("stream", &[group, stream])
}

/// Whether the group exists.
pub(crate) fn exists(tx: &Tx, place: &Place, group: &str) -> Result<bool, StoreError> {
    Ok(tx.get::<Group>(&group_key(place, group))?.is_some())
}

/// Makes a group without retention, as Lambda does for a function that may and has none.
pub(crate) fn create_group(
    tx: &mut Tx,
    place: &Place,
    name: &str,
    now: Moment,
) -> Result<(), StoreError> {
    let tags = BTreeMap::new();
    put_group(tx, place, &Group { name: name.to_owned(), created: now, retention: None, tags })
}

/// Writes a group.
pub(super) fn put_group(tx: &mut Tx, place: &Place, group: &Group) -> Result<(), StoreError> {
    tx.put(&group_key(place, &group.name), group)
}

/// Adds events to a stream, made if it is not there. The group must exist.
pub(crate) fn append(
    tx: &mut Tx,
    place: &Place,
    (group, stream): (&str, &str),
    now: Moment,
    events: &[Event],
) -> Result<(), StoreError> {
    let key = stream_key(place, group, stream);
    let mut record = tx.get::<Stream>(&key)?.unwrap_or_else(|| Stream::new(stream, now));
    for event in events {
        let number = record.count;
        let stored =
            Stored { stream: stream.to_owned(), number, ingested: now, event: event.clone() };
        tx.put(&place.key("event", &[group, stream, &format!("{number:020}")]), &stored)?;
        record.count += 1;
        record.first = Some(record.first.map_or(event.time, |first| first.min(event.time)));
        record.last = Some(record.last.map_or(event.time, |last| last.max(event.time)));
    }
    record.ingested = Some(now);
    tx.put(&key, &record)
}

impl Stream {
    /// An empty stream.
    pub(super) fn new(name: &str, now: Moment) -> Self {
        Self {
            name: name.to_owned(),
            created: now,
            first: None,
            last: None,
            ingested: None,
            count: 0,
        }
    }
}

/// The events below `ids` that retention has kept and that lie in the range, by time.
pub(super) fn events(
    tx: &Tx,
    place: &Place,
    group: &Group,
    stream: Option<&str>,
    range: &Range,
) -> Result<Vec<Stored>, StoreError> {
    let mut ids = vec![group.name.as_str()];
    ids.extend(stream);
    let oldest =
        group.retention.map_or(0, |days| range.now.millis() - i64::from(days) * 86_400_000);
    let mut found: Vec<Stored> = tx
        .list::<Stored>(&place.prefix("event", &ids))?
        .into_iter()
        .filter(|stored| stored.event.time >= oldest && range.holds(stored.event.time))
        .collect();
    found.sort_by(|left, right| left.order().cmp(&right.order()));
    Ok(found)
}

impl Stored {
    fn order(&self) -> (i64, &str, u64) {
        (self.event.time, &self.stream, self.number)
    }
}

/// The times asked for: from `start` on, before `end`.
pub(super) struct Range {
    /// The time of the request.
    pub(super) now: Moment,
    /// The first time.
    pub(super) start: Option<i64>,
    /// The first time that is too late.
    pub(super) end: Option<i64>,
}

impl Range {
    fn holds(&self, time: i64) -> bool {
        self.start.is_none_or(|start| time >= start) && self.end.is_none_or(|end| time < end)
    }
}

/// The most bytes of events in one answer, each counted with 26 bytes more
/// (`GetLogEvents` API reference: 1 MB or 10,000 events).
pub(super) const ANSWER_BYTES: usize = 1_048_576;

/// How many of these events one answer takes.
pub(super) fn fitting<'a>(events: impl Iterator<Item = &'a Stored>, limit: usize) -> usize {
    let mut bytes = 0;
    events
        .take(limit)
        .take_while(|stored| {
            bytes += stored.event.message.len() + 26;
            bytes <= ANSWER_BYTES
        })
        .count()
}
