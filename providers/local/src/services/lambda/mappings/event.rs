//! Messages as functions see them.
//!
//! Source: developer guide, "Using Lambda with Amazon SQS", example event.

use serde_json::{Map, Value, json};

use super::model::Mapping;
use crate::services::sqs::{Message, Queue, event_attributes};

/// One record of an event.
pub(super) fn record(mapping: &Mapping, queue: &Queue, message: &Message) -> Value {
    let mut record = json!({
        "messageId": message.id,
        "receiptHandle": message.handle(queue),
        "body": message.body,
        "attributes": event_attributes(message),
        "messageAttributes": attributes(message),
        "md5OfBody": message.digest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": mapping.queue,
        "awsRegion": mapping.region,
    });
    if let (Some(fields), Some(digest)) = (record.as_object_mut(), message.attributes_digest()) {
        fields.insert("md5OfMessageAttributes".to_owned(), digest.into());
    }
    record
}

fn attributes(message: &Message) -> Map<String, Value> {
    let shown = message.attributes.iter().map(|(name, value)| {
        let mut shown = json!({
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": value.kind,
        });
        if let Some(fields) = shown.as_object_mut() {
            if let Some(text) = &value.text {
                fields.insert("stringValue".to_owned(), text.clone().into());
            }
            if let Some(bytes) = &value.bytes {
                fields.insert("binaryValue".to_owned(), bytes.clone().into());
            }
        }
        (name.clone(), shown)
    });
    shown.collect()
}

/// The event of a batch.
pub(super) fn event(records: &[Value]) -> Value {
    json!({"Records": records})
}
