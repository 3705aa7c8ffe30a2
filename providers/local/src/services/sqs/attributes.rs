//! A queue's attributes: which there are, what they may be, and how one set is laid over another.
//!
//! Source: API reference, `CreateQueue` and `SetQueueAttributes`.

use super::model::Attributes;
use super::refusals::{attribute_name, attribute_value, unknown_attribute};
use crate::policy::{Kind, parse};
use crate::wire::Refusal;

/// An attribute that is a number, with its default and its range.
struct Number {
    name: &'static str,
    default: u64,
    least: u64,
    most: u64,
}

const fn number(name: &'static str, default: u64, (least, most): (u64, u64)) -> Number {
    Number { name, default, least, most }
}

const NUMBERS: &[Number] = &[
    number("DelaySeconds", 0, (0, 900)),
    number("MaximumMessageSize", 1_048_576, (1024, 1_048_576)),
    number("MessageRetentionPeriod", 345_600, (60, 1_209_600)),
    number("ReceiveMessageWaitTimeSeconds", 0, (0, 20)),
    number("VisibilityTimeout", 30, (0, 43_200)),
];

/// The reuse period of a KMS data key; there is none without a key.
const REUSE: Number = number("KmsDataKeyReusePeriodSeconds", 300, (60, 86_400));

/// Attributes a queue may do without; setting one to nothing removes it.
const REMOVABLE: &[&str] = &["KmsMasterKeyId", "Policy", "RedriveAllowPolicy", "RedrivePolicy"];

/// Attributes of FIFO queues: values and default.
const FIFO: &[(&str, &[&str], &str)] = &[
    ("FifoQueue", &["true"], "true"),
    ("ContentBasedDeduplication", &["true", "false"], "false"),
    ("DeduplicationScope", &["queue", "messageGroup"], "queue"),
    ("FifoThroughputLimit", &["perQueue", "perMessageGroupId"], "perQueue"),
];

/// Attributes that are counted and cannot be set.
pub(super) const COUNTED: &[&str] = &[
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
];

/// What a queue has when nothing is said.
pub(super) fn defaults(fifo: bool) -> Attributes {
    let mut found: Attributes =
        NUMBERS.iter().map(|one| (one.name.to_owned(), one.default.to_string())).collect();
    found.insert("SqsManagedSseEnabled".to_owned(), "true".to_owned());
    if fifo {
        let own = FIFO.iter().map(|(name, _, default)| ((*name).to_owned(), (*default).to_owned()));
        found.extend(own);
    }
    found
}

/// Whether there is such an attribute.
pub(super) fn is_known(name: &str) -> bool {
    name == "All"
        || name == "SqsManagedSseEnabled"
        || name == REUSE.name
        || COUNTED.contains(&name)
        || REMOVABLE.contains(&name)
        || NUMBERS.iter().any(|one| one.name == name)
        || FIFO.iter().any(|(own, ..)| *own == name)
}

/// Lays what is given over what there is. Redrive policies are checked elsewhere: they name other queues.
pub(super) fn lay(over: &mut Attributes, given: &Attributes, fifo: bool) -> Result<(), Refusal> {
    for (name, value) in given {
        check(name, value, fifo)?;
    }
    encryption(over, given)?;
    for (name, value) in given {
        if value.is_empty() && REMOVABLE.contains(&name.as_str()) {
            over.remove(name);
        } else {
            over.insert(name.clone(), value.clone());
        }
    }
    if over.contains_key("KmsMasterKeyId") {
        over.entry(REUSE.name.to_owned()).or_insert_with(|| REUSE.default.to_string());
    } else {
        over.remove(REUSE.name);
    }
    if over.get("FifoThroughputLimit").is_some_and(|limit| limit == "perMessageGroupId")
        && over.get("DeduplicationScope").is_none_or(|scope| scope != "messageGroup")
    {
        return Err(attribute_value("FifoThroughputLimit"));
    }
    Ok(())
}

fn check(name: &str, value: &str, fifo: bool) -> Result<(), Refusal> {
    let numbers = NUMBERS.iter().chain(std::iter::once(&REUSE));
    if let Some(number) = numbers.into_iter().find(|one| one.name == name) {
        let fits = value.parse().is_ok_and(|value| (number.least..=number.most).contains(&value));
        return if fits { Ok(()) } else { Err(attribute_value(name)) };
    }
    if let Some((_, values, _)) = FIFO.iter().find(|(own, ..)| *own == name) {
        return match (fifo, values.contains(&value)) {
            (false, _) => Err(unknown_attribute(name)),
            (true, false) => Err(attribute_value(name)),
            (true, true) => Ok(()),
        };
    }
    match name {
        "SqsManagedSseEnabled" if !["true", "false"].contains(&value) => Err(attribute_value(name)),
        "SqsManagedSseEnabled" | "KmsMasterKeyId" | "RedrivePolicy" | "RedriveAllowPolicy" => {
            Ok(())
        }
        "Policy" if value.is_empty() => Ok(()),
        "Policy" => parse(value, Kind::Resource).map(|_| ()).map_err(|_| attribute_value(name)),
        _ => Err(unknown_attribute(name)),
    }
}

/// A queue has keys of KMS or of SQS, not both.
fn encryption(over: &mut Attributes, given: &Attributes) -> Result<(), Refusal> {
    let key = given.get("KmsMasterKeyId").filter(|key| !key.is_empty());
    let managed = given.get("SqsManagedSseEnabled").is_some_and(|managed| managed == "true");
    let removed = given.get("KmsMasterKeyId").is_some_and(String::is_empty);
    let had = !removed && over.contains_key("KmsMasterKeyId");
    if managed && (key.is_some() || had) {
        return Err(attribute_name(
            "You can use one type of server-side encryption (SSE) at one time. You can either \
             enable KMS SSE or SQS SSE.",
        ));
    }
    if key.is_some() {
        over.insert("SqsManagedSseEnabled".to_owned(), "false".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid(given: &[(&str, &str)]) -> Result<Attributes, String> {
        let given = given.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let mut over = defaults(false);
        lay(&mut over, &given, false).map(|()| over).map_err(|refusal| refusal.code)
    }

    #[test]
    fn ranges_and_names_are_those_of_the_service() {
        for (name, fine, wrong) in [
            ("VisibilityTimeout", "43200", "43201"),
            ("DelaySeconds", "900", "-1"),
            ("MessageRetentionPeriod", "60", "59"),
            ("MaximumMessageSize", "1048576", "1048577"),
            ("ReceiveMessageWaitTimeSeconds", "20", "21"),
            ("SqsManagedSseEnabled", "false", "no"),
        ] {
            assert_eq!(laid(&[(name, fine)]).unwrap()[name], fine);
            assert_eq!(laid(&[(name, wrong)]).unwrap_err(), "InvalidAttributeValue", "{name}");
        }
        for name in ["FifoQueue", "QueueArn", "Colour"] {
            assert_eq!(laid(&[(name, "true")]).unwrap_err(), "InvalidAttributeName", "{name}");
        }
    }

    #[test]
    fn keys_of_kms_take_the_place_of_those_of_sqs() {
        let found = laid(&[("KmsMasterKeyId", "alias/aws/sqs")]).unwrap();
        assert_eq!(found["SqsManagedSseEnabled"], "false");
        assert_eq!(found["KmsDataKeyReusePeriodSeconds"], "300");
        let both = [("KmsMasterKeyId", "k"), ("SqsManagedSseEnabled", "true")];
        assert_eq!(laid(&both).unwrap_err(), "InvalidAttributeName");
    }
}
