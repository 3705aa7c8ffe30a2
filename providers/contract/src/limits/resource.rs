//! What a cloud accepts of tags, queues and the triggers of queues, as data.

use super::Bounds;

/// What tags may look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagLimits {
    /// What the cloud calls one.
    pub word: &'static str,
    /// The most a manifest may set: the cloud's own limit less our marks.
    pub count: usize,
    /// The most characters of a key.
    pub key_chars: usize,
    /// The most characters of a value.
    pub value_chars: usize,
    /// What keys must not start with, in lower case.
    pub reserved: &'static [&'static str],
    /// The letters allowed.
    pub letters: TagLetters,
    /// The characters allowed beside letters, digits and, with [`TagLetters::Any`], spaces.
    pub punctuation: &'static str,
    /// Where the vendor says so.
    pub source: &'static str,
}

/// The letters that tags are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagLetters {
    /// Letters of every script, digits and spaces, in any order.
    Any,
    /// `a` to `z` and digits; a key starts with a letter.
    Small,
}

/// What queues and their triggers accept. Times are in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueLimits {
    /// How long a message stays out of sight once it was received.
    pub visibility: Bounds,
    /// How long a message is kept.
    pub retention: Bounds,
    /// After how many deliveries a message is a dead letter.
    pub attempts: Bounds,
    /// Messages handed over together, where the cloud hands over more than one.
    pub batch: Option<BatchLimits>,
    /// The most invocations a queue may cause at once, where that can be chosen.
    pub max_concurrency: Option<Bounds>,
    /// How long a message that failed rests, where that can be chosen.
    pub backoff: Option<Bounds>,
    /// The language of filters, where there are any.
    pub filter: Option<FilterForm>,
    /// Where the vendor describes filters.
    pub filter_source: &'static str,
}

/// How messages are handed over together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimits {
    /// The number of messages.
    pub size: Bounds,
    /// How long messages are gathered, in seconds, where that can be chosen.
    pub window: Option<Bounds>,
    /// The largest batch that need not be gathered for at least a second.
    pub ungathered: u32,
}

/// The language of the filters of queue triggers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterForm {
    /// A JSON object.
    Json,
    /// An expression of at most so many bytes.
    Expression(usize),
}
