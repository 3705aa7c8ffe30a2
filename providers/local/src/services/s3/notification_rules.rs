//! What a notification document must hold to: known events, distinct ids, no overlap, destinations that may be used.
//!
//! Source: S3 user guide, "Event notification types and destinations" and "Configuring event notifications using
//! object key name filtering"; texts as S3 sends them.

use std::collections::BTreeSet;

use super::notification::{Entry, Kind, Notifications, argument};
use super::store::Bucket;
use super::tags::arn;
use crate::services::lambda::{Source, permits};
use crate::store::Tx;
use crate::wire::Refusal;

/// The events there are.
const EVENTS: &[&str] = &[
    "s3:ReducedRedundancyLostObject",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:LifecycleTransition",
    "s3:IntelligentTiering",
    "s3:ObjectAcl:Put",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
];

/// The most entries a document may have (S3 user guide, "Amazon S3 Event Notifications").
const MOST: usize = 100;

/// Refuses a document S3 does not take.
pub(super) fn check(
    wanted: &Notifications,
    (tx, bucket): (&Tx, &Bucket),
    validate: bool,
) -> Result<(), Refusal> {
    if wanted.entries.len() > MOST {
        let message = format!("The number of notification configurations exceeds {MOST}");
        return Err(Refusal::new(400, "InvalidArgument", message));
    }
    let mut ids = BTreeSet::new();
    for entry in &wanted.entries {
        if let Some(event) = entry.events.iter().find(|event| !EVENTS.contains(&event.as_str())) {
            let message = "The event is not supported for notifications";
            return Err(argument(message, ("Event", event)));
        }
        if entry.id.len() > 255 || !ids.insert(&entry.id) {
            let message = "Same ID used for multiple configurations. IDs must be unique";
            return Err(argument(message, ("Id", &entry.id)));
        }
        destination(entry, bucket)?;
    }
    overlaps(&wanted.entries)?;
    if !validate {
        return Ok(());
    }
    let functions = wanted.entries.iter().filter(|entry| entry.kind == Kind::Function);
    for entry in functions {
        if !may_invoke(tx, bucket, &entry.arn)? {
            let message = "Unable to validate the following destination configurations";
            let reason = format!("Not authorized to invoke function [{}]", entry.arn);
            return Err(Refusal::new(400, "InvalidArgument", message)
                .with("ArgumentName1", format!("{}, null", entry.arn))
                .with("ArgumentValue1", reason));
        }
    }
    Ok(())
}

/// Whether the function's policy lets S3 invoke it for this bucket. Without versions and aliases here, an ARN with a
/// qualifier names nothing.
pub(super) fn may_invoke(tx: &Tx, bucket: &Bucket, function: &str) -> Result<bool, Refusal> {
    let source =
        Source { service: "s3.amazonaws.com", arn: &arn(&bucket.name), account: &bucket.account };
    Ok(function.split(':').count() == 7 && permits(tx, function, &source)?)
}

/// Refuses an ARN that names nothing of its kind, or something of another region.
fn destination(entry: &Entry, bucket: &Bucket) -> Result<(), Refusal> {
    let (service, name) = match entry.kind {
        Kind::Topic => ("sns", "Topic"),
        Kind::Queue => ("sqs", "Queue"),
        Kind::Function => ("lambda", "CloudFunction"),
    };
    let parts: Vec<&str> = entry.arn.splitn(6, ':').collect();
    let ["arn", "aws", found, region, account, rest] = parts.as_slice() else {
        return Err(argument("The ARN is not well formed", (name, &entry.arn)));
    };
    let digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    if *found != service || !digits || rest.is_empty() {
        return Err(argument("The ARN is not well formed", (name, &entry.arn)));
    }
    if *region != bucket.region {
        let message = "The notification destination service region is not valid for the bucket \
                       location constraint";
        return Err(argument(message, (name, &entry.arn)));
    }
    Ok(())
}

/// Refuses two entries an object could match both of.
fn overlaps(entries: &[Entry]) -> Result<(), Refusal> {
    for (index, left) in entries.iter().enumerate() {
        for right in entries.iter().skip(index + 1) {
            let Some((one, other)) = common(left, right) else { continue };
            if !(nested(left, right)) {
                continue;
            }
            let filtered = |entry: &Entry| entry.prefix.is_some() || entry.suffix.is_some();
            if filtered(left) || filtered(right) {
                let message = "Configuration is ambiguously defined. Cannot have overlapping \
                               suffixes in two rules if the prefixes are overlapping for the \
                               same event type.";
                return Err(Refusal::new(400, "InvalidArgument", message));
            }
            let message = "Configurations overlap. Configurations on the same bucket cannot share \
                           a common event type.";
            return Err(argument(message, ("Event", &format!("{one}, {other}"))));
        }
    }
    Ok(())
}

/// An event of each entry that are the same, or one of which is the family of the other.
fn common<'a>(left: &'a Entry, right: &'a Entry) -> Option<(&'a str, &'a str)> {
    let pairs =
        left.events.iter().flat_map(|one| right.events.iter().map(move |other| (one, other)));
    let same = |(one, other): &(&String, &String)| covers(one, other) || covers(other, one);
    pairs.into_iter().find(same).map(|(one, other)| (one.as_str(), other.as_str()))
}

/// Whether an event an entry names is this one: itself, or its family with a star.
pub(super) fn covers(named: &str, event: &str) -> bool {
    let family = named.strip_suffix('*').filter(|family| family.ends_with(':'));
    named == event || family.is_some_and(|family| event.starts_with(family))
}

/// Whether some key could pass the filters of both.
fn nested(left: &Entry, right: &Entry) -> bool {
    let (one, other) = (left.prefix.as_deref(), right.prefix.as_deref());
    let (one, other) = (one.unwrap_or_default(), other.unwrap_or_default());
    let prefixes = one.starts_with(other) || other.starts_with(one);
    let (one, other) = (left.suffix.as_deref(), right.suffix.as_deref());
    let (one, other) = (one.unwrap_or_default(), other.unwrap_or_default());
    prefixes && (one.ends_with(other) || other.ends_with(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(event: &str, prefix: &str, suffix: &str) -> Entry {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Entry {
            kind: Kind::Function,
            id: String::new(),
            arn: String::new(),
            events: vec![event.to_owned()],
            prefix: some(prefix),
            suffix: some(suffix),
        }
    }

    #[test]
    fn entries_overlap_if_a_key_could_match_both() {
        let put = "s3:ObjectCreated:Put";
        let all = "s3:ObjectCreated:*";
        for (left, right, overlap) in [
            (entry(put, "", ""), entry(put, "", ""), true),
            (entry(all, "", ""), entry(put, "", ""), true),
            (entry("s3:ObjectRemoved:*", "", ""), entry(put, "", ""), false),
            (entry(put, "a/", ""), entry(put, "b/", ""), false),
            (entry(put, "a/", ""), entry(put, "a/b/", ""), true),
            (entry(put, "a/", ".png"), entry(put, "a/", ".jpg"), false),
            (entry(put, "", ".png"), entry(put, "a/", ""), true),
        ] {
            let found = overlaps(&[left.clone(), right.clone()]).is_err();
            assert_eq!(found, overlap, "{left:?} {right:?}");
        }
    }
}
