//! Redrive policies: which queue takes the messages that fail, and which queues it takes them from.
//!
//! Source: SQS developer guide, "Configuring a dead-letter queue".

use serde_json::{Map, Value, json};

use super::model::{Attributes, Queue};
use super::names::{from_arn, is_fifo};
use super::refusals::because;
use super::shelf::Shelf;
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::Refusal;

const POLICY: &str = "RedrivePolicy";
const ALLOW: &str = "RedriveAllowPolicy";

/// Where a queue's failed messages go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Redrive {
    /// The ARN of the dead-letter queue.
    pub(super) target: String,
    /// How often a message is handed out before it goes there.
    pub(super) most: u64,
}

impl Redrive {
    /// The policy among a queue's attributes, which were checked when they were set.
    pub(super) fn of(attributes: &Attributes) -> Option<Self> {
        Self::read(attributes.get(POLICY)?).ok()
    }

    fn read(text: &str) -> Result<Self, Refusal> {
        let refused = |reason: &str| because(text, POLICY, reason);
        let fields =
            object(text).ok_or_else(|| refused("Redrive policy is not a valid JSON map."))?;
        let known = ["deadLetterTargetArn", "maxReceiveCount"];
        if let Some(other) = fields.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(refused(&format!("Unknown redrive policy attribute: {other}.")));
        }
        let mandatory = |name: &str| {
            refused(&format!("Redrive policy does not contain mandatory attribute: {name}."))
        };
        let target =
            fields.get("deadLetterTargetArn").ok_or_else(|| mandatory("deadLetterTargetArn"))?;
        let most = fields.get("maxReceiveCount").ok_or_else(|| mandatory("maxReceiveCount"))?;
        let target = target.as_str().filter(|arn| from_arn(arn).is_some());
        let target = target.ok_or_else(|| refused("Invalid value for deadLetterTargetArn."))?;
        let count = most.as_u64().or_else(|| most.as_str()?.parse().ok());
        let count = count.filter(|count| (1..=1000).contains(count)).ok_or_else(|| {
            refused(&format!(
                "Invalid value for maxReceiveCount: {most}, valid values are from 1 to 1000 both inclusive."
            ))
        })?;
        Ok(Self { target: target.to_owned(), most: count })
    }

    fn text(&self) -> String {
        json!({"deadLetterTargetArn": self.target, "maxReceiveCount": self.most}).to_string()
    }
}

fn object(text: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(text).ok()
}

/// Checks the redrive policies among what is to be set, and writes them the one way the service writes them.
pub(super) fn check(
    tx: &Tx,
    context: &Context<'_>,
    queue: &Queue,
    given: &mut Attributes,
) -> Result<(), Refusal> {
    if let Some(text) = given.get_mut(POLICY).filter(|text| !text.is_empty()) {
        let redrive = Redrive::read(text)?;
        target(tx, context, queue, (&redrive, text))?;
        *text = redrive.text();
    }
    if let Some(text) = given.get_mut(ALLOW).filter(|text| !text.is_empty()) {
        *text = allow(text)?;
    }
    Ok(())
}

fn target(
    tx: &Tx,
    context: &Context<'_>,
    queue: &Queue,
    (redrive, text): (&Redrive, &str),
) -> Result<(), Refusal> {
    let refused = |reason: &str| because(text, POLICY, reason);
    let absent = || refused("Dead letter target does not exist.");
    let (account, region, name) = from_arn(&redrive.target).ok_or_else(absent)?;
    if (account, region) != queue.owner() {
        return Err(refused(
            "Dead letter target must be owned by the same account and be in the same region as the source.",
        ));
    }
    let dead = Shelf::with(queue).usable(tx, context, name)?.ok_or_else(absent)?;
    if is_fifo(name) != queue.is_fifo() {
        return Err(refused("Dead-letter queue must be same type of queue as the source."));
    }
    if dead.attributes.get(ALLOW).is_some_and(|policy| !lets(policy, &queue.arn())) {
        return Err(refused(
            "Dead letter target does not allow this queue as its source: see its RedriveAllowPolicy.",
        ));
    }
    Ok(())
}

/// Whether a dead-letter queue takes the messages of a queue.
fn lets(policy: &str, source: &str) -> bool {
    let Some(fields) = object(policy) else { return true };
    match fields.get("redrivePermission").and_then(Value::as_str) {
        Some("denyAll") => false,
        Some("byQueue") => {
            let sources = fields.get("sourceQueueArns").and_then(Value::as_array);
            sources.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(source)))
        }
        _ => true,
    }
}

fn allow(text: &str) -> Result<String, Refusal> {
    let refused = |reason: &str| because(text, ALLOW, reason);
    let fields =
        object(text).ok_or_else(|| refused("Redrive allow policy is not a valid JSON map."))?;
    let known = ["redrivePermission", "sourceQueueArns"];
    if let Some(other) = fields.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(refused(&format!("Unknown redrive allow policy attribute: {other}.")));
    }
    let permission = fields.get("redrivePermission").and_then(Value::as_str);
    let sources = fields.get("sourceQueueArns");
    match (permission, sources) {
        (Some("allowAll" | "denyAll"), None) => {}
        (Some("byQueue"), Some(Value::Array(arns)))
            if (1..=10).contains(&arns.len())
                && arns
                    .iter()
                    .all(|arn| arn.as_str().is_some_and(|arn| from_arn(arn).is_some())) => {}
        (Some("allowAll" | "denyAll" | "byQueue"), _) => {
            return Err(refused(
                "sourceQueueArns must list one to ten queues with byQueue and nothing otherwise.",
            ));
        }
        _ => return Err(refused("Invalid value for redrivePermission.")),
    }
    Ok(Value::Object(fields).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_may_be_text_and_is_in_range() {
        let arn = "arn:aws:sqs:eu-west-1:111122223333:dead";
        let text =
            |count: &str| format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":{count}}}"#);
        let read = Redrive::read(&text("\"5\"")).unwrap();
        assert_eq!(read, Redrive { target: arn.to_owned(), most: 5 });
        assert_eq!(read.text(), text("5"));
        for wrong in ["0", "1001", "\"x\"", "true"] {
            assert!(Redrive::read(&text(wrong)).is_err(), "{wrong}");
        }
        assert!(Redrive::read("[]").is_err());
    }

    #[test]
    fn a_dead_letter_queue_may_choose_its_sources() {
        let source = "arn:aws:sqs:eu-west-1:111122223333:jobs";
        assert!(lets(r#"{"redrivePermission":"allowAll"}"#, source));
        assert!(!lets(r#"{"redrivePermission":"denyAll"}"#, source));
        let chosen = format!(r#"{{"redrivePermission":"byQueue","sourceQueueArns":["{source}"]}}"#);
        assert!(lets(&allow(&chosen).unwrap(), source));
        assert!(!lets(&chosen, "arn:aws:sqs:eu-west-1:111122223333:other"));
        assert!(allow(r#"{"redrivePermission":"byQueue"}"#).is_err());
    }
}
