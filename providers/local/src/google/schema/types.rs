//! The vocabulary of message tables.

/// A message: its full proto name and its fields.
#[derive(Debug)]
pub(crate) struct Message {
    /// Its name: `google.cloud.functions.v2.Function`.
    pub(crate) name: &'static str,
    /// Its fields.
    pub(crate) fields: &'static [Prop],
}

/// One field: its JSON name and what it holds.
pub(crate) type Prop = (&'static str, Field);

/// How often a field holds what it holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Field {
    /// Once.
    One(Kind),
    /// In a list.
    Many(Kind),
    /// By name.
    Map(Kind),
    /// Google knows it, this cloud does not model it: sending it is refused as such.
    NotModelled,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Text; timestamps, durations and field masks too.
    Text,
    /// True or false.
    Flag,
    /// A 32-bit integer.
    Int,
    /// A 64-bit integer: a text in answers, either in requests.
    Long,
    /// Bytes in base64.
    Bytes,
    /// A duration: `3.5s`.
    Duration,
    /// One of the names of an enum.
    Choice(&'static Enum),
    /// A message.
    Message(&'static Message),
    /// A message that names its type in `@type`.
    Any,
}

/// An enum: its full proto name, its names and their numbers.
#[derive(Debug)]
pub(crate) struct Enum {
    /// Its name: `google.cloud.functions.v2.Environment`.
    pub(crate) name: &'static str,
    /// Its values.
    pub(crate) values: &'static [(&'static str, i64)],
}

/// A message with nothing in it.
pub(crate) static EMPTY: Message = Message { name: "google.protobuf.Empty", fields: &[] };

impl Field {
    /// Text.
    pub(crate) const TEXT: Self = Self::One(Kind::Text);
    /// True or false.
    pub(crate) const FLAG: Self = Self::One(Kind::Flag);
    /// A 32-bit integer.
    pub(crate) const INT: Self = Self::One(Kind::Int);
    /// A 64-bit integer.
    pub(crate) const LONG: Self = Self::One(Kind::Long);
    /// Bytes.
    pub(crate) const BYTES: Self = Self::One(Kind::Bytes);
    /// A duration.
    pub(crate) const DURATION: Self = Self::One(Kind::Duration);
    /// Texts.
    pub(crate) const TEXTS: Self = Self::Many(Kind::Text);
    /// Texts by name, such as labels.
    pub(crate) const LABELS: Self = Self::Map(Kind::Text);

    /// A message.
    pub(crate) const fn message(message: &'static Message) -> Self {
        Self::One(Kind::Message(message))
    }

    /// A list of messages.
    pub(crate) const fn messages(message: &'static Message) -> Self {
        Self::Many(Kind::Message(message))
    }

    /// An enum.
    pub(crate) const fn choice(choice: &'static Enum) -> Self {
        Self::One(Kind::Choice(choice))
    }
}

impl Message {
    /// A field of this JSON name.
    pub(crate) fn field(&self, name: &str) -> Option<&'static Prop> {
        self.fields.iter().find(|(known, _)| *known == name)
    }
}
