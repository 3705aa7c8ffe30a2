//! From the wire to JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::DecodeError;
use prost::bytes::Buf as _;
use prost::encoding::{WireType, decode_key, decode_varint};
use serde_json::{Map, Value};

use super::table::{Proto, Shape};
use crate::google::refusals::invalid;
use crate::wire::Refusal;

/// Reads a message. A field is there if it was sent.
pub(super) fn decode(proto: &Proto, mut bytes: &[u8]) -> Result<Value, Refusal> {
    let mut message = Map::new();
    while !bytes.is_empty() {
        let (tag, wire) = decode_key(&mut bytes).map_err(broken)?;
        let known = proto.fields.iter().find(|(number, _, _)| *number == tag);
        let Some((_, name, shape)) = known else {
            return Err(Refusal::not_modelled(&format!("field {tag} of {}", proto.name)));
        };
        let value = value(wire, &mut bytes)?;
        put(&mut message, name, (*shape, value))?;
    }
    Ok(Value::Object(message))
}

/// A field's value on the wire.
enum Raw<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

fn value<'a>(wire: WireType, bytes: &mut &'a [u8]) -> Result<Raw<'a>, Refusal> {
    match wire {
        WireType::Varint => decode_varint(bytes).map(Raw::Number).map_err(broken),
        WireType::LengthDelimited => {
            let length = decode_varint(bytes).map_err(broken)?;
            let length = usize::try_from(length).map_err(|_| short())?;
            let (value, rest) = bytes.split_at_checked(length).ok_or_else(short)?;
            *bytes = rest;
            Ok(Raw::Bytes(value))
        }
        WireType::ThirtyTwoBit => {
            bytes.try_get_u32_le().map(|value| Raw::Number(value.into())).map_err(|_| short())
        }
        WireType::SixtyFourBit => bytes.try_get_u64_le().map(Raw::Number).map_err(|_| short()),
        WireType::StartGroup | WireType::EndGroup => Err(short()),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the signature map_err wants")]
fn broken(error: DecodeError) -> Refusal {
    invalid(format!("The message cannot be read: {error}"))
}

fn short() -> Refusal {
    invalid("The message cannot be read: it ends in the middle of a field.")
}

fn put(
    message: &mut Map<String, Value>,
    name: &str,
    (shape, raw): (Shape, Raw<'_>),
) -> Result<(), Refusal> {
    let single = match (shape, raw) {
        (Shape::Ignored, _) => return Ok(()),
        (Shape::Flag, Raw::Number(value)) => Value::Bool(value != 0),
        (Shape::Int, Raw::Number(value)) => i32_of(value).into(),
        (Shape::Long, Raw::Number(value)) => value.cast_signed().to_string().into(),
        (Shape::Checksum, Raw::Number(value)) => {
            let value = u32::try_from(value).unwrap_or_default();
            STANDARD.encode(value.to_be_bytes()).into()
        }
        (Shape::Text, Raw::Bytes(bytes)) => text(bytes)?.into(),
        (Shape::Bytes, Raw::Bytes(bytes)) => STANDARD.encode(bytes).into(),
        (Shape::Message(inner), Raw::Bytes(bytes)) => {
            let mut value = decode(inner, bytes)?;
            // A message that is sent in parts is the parts together.
            if let (Some(Value::Object(before)), Value::Object(parts)) =
                (message.get(name), &mut value)
            {
                let mut whole = before.clone();
                whole.append(parts);
                *parts = whole;
            }
            value
        }
        (Shape::Time, Raw::Bytes(bytes)) => time(bytes)?,
        (Shape::Seconds, Raw::Bytes(bytes)) => parts(bytes)?.0.to_string().into(),
        (Shape::Texts, Raw::Bytes(bytes)) => return push(message, name, text(bytes)?.into()),
        (Shape::Messages(inner), Raw::Bytes(bytes)) => {
            return push(message, name, decode(inner, bytes)?);
        }
        (Shape::Labels, Raw::Bytes(bytes)) => return label(message, name, bytes),
        (_, Raw::Number(_) | Raw::Bytes(_)) => {
            return Err(invalid(format!("The field {name} has the wrong wire type.")));
        }
    };
    message.insert(name.to_owned(), single);
    Ok(())
}

fn push(message: &mut Map<String, Value>, name: &str, value: Value) -> Result<(), Refusal> {
    let list = message.entry(name).or_insert_with(|| Value::Array(Vec::new()));
    list.as_array_mut().ok_or_else(short)?.push(value);
    Ok(())
}

fn label(message: &mut Map<String, Value>, name: &str, bytes: &[u8]) -> Result<(), Refusal> {
    let entry = decode(&ENTRY, bytes)?;
    let member = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
    let map = message.entry(name).or_insert_with(|| Value::Object(Map::new()));
    let map = map.as_object_mut().ok_or_else(short)?;
    map.insert(member("key").to_owned(), member("value").into());
    Ok(())
}

static ENTRY: Proto =
    Proto { name: "map entry", fields: &[(1, "key", Shape::Text), (2, "value", Shape::Text)] };

/// Seconds and nanoseconds, of which a timestamp and a duration consist.
static PARTS: Proto =
    Proto { name: "time", fields: &[(1, "seconds", Shape::Long), (2, "nanos", Shape::Int)] };

fn parts(bytes: &[u8]) -> Result<(i64, i32), Refusal> {
    let found = decode(&PARTS, bytes)?;
    let seconds = found.get("seconds").and_then(Value::as_str).unwrap_or("0");
    let nanos = found.get("nanos").and_then(Value::as_i64).unwrap_or_default();
    Ok((seconds.parse().unwrap_or_default(), i32::try_from(nanos).unwrap_or_default()))
}

fn time(bytes: &[u8]) -> Result<Value, Refusal> {
    let (seconds, nanos) = parts(bytes)?;
    let stamp = jiff::Timestamp::new(seconds, nanos).map_err(|error| invalid(error.to_string()))?;
    Ok(format!("{stamp:.3}").into())
}

fn text(bytes: &[u8]) -> Result<String, Refusal> {
    String::from_utf8(bytes.to_vec()).map_err(|_| invalid("A text is not UTF-8."))
}

/// Negative 32-bit integers travel as 64-bit ones.
fn i32_of(value: u64) -> i32 {
    i32::try_from(value.cast_signed()).unwrap_or_default()
}
