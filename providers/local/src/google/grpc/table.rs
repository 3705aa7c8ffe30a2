//! The vocabulary of message tables.

/// A message: its full name and its fields.
#[derive(Debug)]
pub(crate) struct Proto {
    /// Its name: `google.storage.v2.Bucket`.
    pub(crate) name: &'static str,
    /// Its fields: number, JSON name, what they hold.
    pub(crate) fields: &'static [(u32, &'static str, Shape)],
}

/// What a field holds, and how JSON has it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Text.
    Text,
    /// True or false.
    Flag,
    /// A 32-bit integer: a number.
    Int,
    /// A 64-bit integer: a text.
    Long,
    /// Bytes: base64.
    Bytes,
    /// A `google.protobuf.Timestamp`: a text.
    Time,
    /// A `google.protobuf.Duration` of whole seconds: those as a text.
    Seconds,
    /// A field of fixed 32 bits: base64 of its big-endian bytes, as Cloud Storage writes CRC32C.
    Checksum,
    /// A message.
    Message(&'static Proto),
    /// Texts.
    Texts,
    /// Messages.
    Messages(&'static Proto),
    /// Texts by name.
    Labels,
    /// Something that changes nothing here: it is read and forgotten.
    Ignored,
}

/// A message with nothing in it.
pub(crate) static EMPTY: Proto = Proto { name: "google.protobuf.Empty", fields: &[] };
