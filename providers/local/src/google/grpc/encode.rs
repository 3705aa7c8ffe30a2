//! From JSON to the wire.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::encoding::{WireType, encode_key, encode_varint};
use serde_json::Value;

use super::table::{Proto, Shape};

/// Writes a message. Members that its table does not have are left out.
pub(super) fn encode(proto: &Proto, value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (tag, name, shape) in proto.fields {
        if let Some(value) = value.get(name) {
            field(*tag, *shape, (value, &mut bytes));
        }
    }
    bytes
}

fn field(tag: u32, shape: Shape, (value, to): (&Value, &mut Vec<u8>)) {
    match shape {
        Shape::Ignored => {}
        Shape::Flag => number(tag, u64::from(value.as_bool().unwrap_or_default()), to),
        Shape::Int | Shape::Long => number(tag, integer(value).cast_unsigned(), to),
        Shape::Checksum => {
            let bytes = STANDARD.decode(value.as_str().unwrap_or_default()).unwrap_or_default();
            if let Ok(bytes) = <[u8; 4]>::try_from(bytes) {
                encode_key(tag, WireType::ThirtyTwoBit, to);
                to.extend(u32::from_be_bytes(bytes).to_le_bytes());
            }
        }
        Shape::Text => bytes(tag, value.as_str().unwrap_or_default().as_bytes(), to),
        Shape::Bytes => {
            let decoded = STANDARD.decode(value.as_str().unwrap_or_default());
            bytes(tag, &decoded.unwrap_or_default(), to);
        }
        Shape::Message(inner) => bytes(tag, &encode(inner, value), to),
        Shape::Time => {
            let stamp: Option<jiff::Timestamp> = value.as_str().and_then(|text| text.parse().ok());
            let stamp = stamp.unwrap_or_default();
            let nanos = u64::try_from(stamp.subsec_nanosecond()).unwrap_or_default();
            bytes(tag, &parts(stamp.as_second().cast_unsigned(), nanos), to);
        }
        Shape::Seconds => bytes(tag, &parts(integer(value).cast_unsigned(), 0), to),
        Shape::Texts => {
            for text in value.as_array().into_iter().flatten().filter_map(Value::as_str) {
                bytes(tag, text.as_bytes(), to);
            }
        }
        Shape::Messages(inner) => {
            for one in value.as_array().into_iter().flatten() {
                bytes(tag, &encode(inner, one), to);
            }
        }
        Shape::Labels => {
            for (key, value) in value.as_object().into_iter().flatten() {
                let mut entry = Vec::new();
                bytes(1, key.as_bytes(), &mut entry);
                bytes(2, value.as_str().unwrap_or_default().as_bytes(), &mut entry);
                bytes(tag, &entry, to);
            }
        }
    }
}

fn integer(value: &Value) -> i64 {
    value.as_i64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default()
}

fn number(tag: u32, value: u64, to: &mut Vec<u8>) {
    encode_key(tag, WireType::Varint, to);
    encode_varint(value, to);
}

fn bytes(tag: u32, value: &[u8], to: &mut Vec<u8>) {
    encode_key(tag, WireType::LengthDelimited, to);
    encode_varint(u64::try_from(value.len()).unwrap_or_default(), to);
    to.extend(value);
}

fn parts(seconds: u64, nanos: u64) -> Vec<u8> {
    let mut inner = Vec::new();
    number(1, seconds, &mut inner);
    number(2, nanos, &mut inner);
    inner
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::decode::decode;
    use super::super::table::{EMPTY, Proto, Shape};
    use super::*;

    static INNER: Proto = Proto { name: "x.Inner", fields: &[(1, "rule", Shape::Texts)] };
    static OUTER: Proto = Proto {
        name: "x.Outer",
        fields: &[
            (1, "name", Shape::Text),
            (2, "count", Shape::Int),
            (3, "size", Shape::Long),
            (4, "labels", Shape::Labels),
            (5, "inner", Shape::Message(&INNER)),
            (6, "list", Shape::Messages(&INNER)),
            (7, "at", Shape::Time),
            (8, "keep", Shape::Seconds),
            (9, "sum", Shape::Checksum),
            (10, "on", Shape::Flag),
            (100, "etag", Shape::Bytes),
        ],
    };

    #[test]
    fn a_message_survives_the_wire() {
        let value = json!({
            "name": "é", "count": -7, "size": "9007199254740993", "labels": {"a": "b", "c": ""},
            "inner": {"rule": ["x", "y"]}, "list": [{"rule": ["z"]}, {}], "at": "2026-11-21T03:20:46.500Z",
            "keep": "604800", "sum": "AAAAAQ==", "on": true, "etag": "CAE=",
        });
        let bytes = encode(&OUTER, &value);
        assert_eq!(decode(&OUTER, &bytes).unwrap(), value);
        // `name` as the encoding guide has it: field 1, two bytes.
        assert_eq!(encode(&OUTER, &json!({"name": "é"})), [0x0a, 2, 0xc3, 0xa9]);
        assert_eq!(decode(&EMPTY, &bytes).unwrap_err().status, 501);
        assert_eq!(decode(&OUTER, bytes.get(..3).unwrap()).unwrap_err().status, 400);
    }
}
