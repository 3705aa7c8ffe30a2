//! What a bucket's configuration may say.
//!
//! Source: `docs.cloud.google.com/storage/docs/json_api/v1/buckets`, `tags-and-labels`, `lifecycle`, `soft-delete`.

use serde_json::{Value, json};

use crate::cloud::Context;
use crate::google::refusals::invalid;
use crate::google::schema::{Field, Kind, Message};
use crate::members::{at, flag, set, text};
use crate::wire::Refusal;

/// Refuses members that a message does not have. Null is allowed everywhere: a patch removes with it.
pub(super) fn members(message: &Message, value: &Value) -> Result<(), Refusal> {
    let Value::Object(members) = value else { return Err(invalid("Invalid value: not an object")) };
    for (name, value) in members {
        let Some((_, field)) = message.field(name) else {
            return Err(invalid(format!(
                "Invalid JSON payload received. Unknown name \"{name}\": Cannot find field."
            )));
        };
        if value.is_null() {
            continue;
        }
        match field {
            Field::NotModelled => {
                // What is empty says nothing: clients send it back as they read it.
                let empty = value.as_array().is_some_and(Vec::is_empty) || value == &json!(false);
                if !empty {
                    return Err(Refusal::not_modelled(&format!("{name} of a {}", message.name)));
                }
            }
            Field::One(Kind::Message(inner)) => self::members(inner, value)?,
            Field::Many(Kind::Message(inner)) => {
                let list = value.as_array().ok_or_else(|| wrong(name))?;
                list.iter().try_for_each(|value| self::members(inner, value))?;
            }
            Field::One(Kind::Text) if !value.is_string() => return Err(wrong(name)),
            Field::One(Kind::Flag) if !value.is_boolean() => return Err(wrong(name)),
            Field::Map(_) if !value.is_object() => return Err(wrong(name)),
            Field::One(_) | Field::Many(_) | Field::Map(_) => {}
        }
    }
    Ok(())
}

fn wrong(name: &str) -> Refusal {
    invalid(format!("Invalid value for field '{name}'"))
}

const CLASSES: &[&str] = &["STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE"];
const OLD_CLASSES: &[&str] = &["MULTI_REGIONAL", "REGIONAL", "DURABLE_REDUCED_AVAILABILITY"];
const ACTIONS: &[&str] = &["Delete", "SetStorageClass", "AbortIncompleteMultipartUpload"];

/// Ninety days: after that, uniform access cannot be turned off.
const UNIFORM_LOCK_MS: u64 = 90 * 24 * 3600 * 1000;

/// Checks a bucket that is about to be kept, and fills in what follows from what was set.
pub(super) fn check(
    context: &Context<'_>,
    before: Option<&Value>,
    bucket: &mut Value,
) -> Result<(), Refusal> {
    defaults(bucket);
    let class = text(bucket, "storageClass");
    if !CLASSES.contains(&class) && !OLD_CLASSES.contains(&class) {
        return Err(invalid(format!("Invalid storage class: {class}")));
    }
    labels(bucket.get("labels"))?;
    access(context, before, bucket)?;
    soft_delete(context, before, bucket)?;
    lifecycle(bucket.get("lifecycle"))
}

/// What is there even if nobody sets it.
fn defaults(bucket: &mut Value) {
    if text(bucket, "storageClass").is_empty() {
        set(bucket, "storageClass", "STANDARD");
    }
    let mut access = at(bucket, "/iamConfiguration");
    if matches!(text(&access, "publicAccessPrevention"), "" | "unspecified") {
        set(&mut access, "publicAccessPrevention", "inherited");
    }
    set(bucket, "iamConfiguration", access);
    let empty = at(bucket, "/labels").as_object().is_some_and(serde_json::Map::is_empty);
    if let (true, Value::Object(members)) = (empty, bucket) {
        members.remove("labels");
    }
}

const UNIFORM: &str = "/iamConfiguration/uniformBucketLevelAccess";

fn access(
    context: &Context<'_>,
    before: Option<&Value>,
    bucket: &mut Value,
) -> Result<(), Refusal> {
    let mut access = at(bucket, "/iamConfiguration");
    let prevention = text(&access, "publicAccessPrevention");
    if !matches!(prevention, "inherited" | "enforced") {
        return Err(invalid(format!("Invalid value for publicAccessPrevention: {prevention}")));
    }
    if let Value::Object(members) = &mut access {
        members.remove("bucketPolicyOnly");
    }
    let enabled = |bucket: &Value| flag(bucket, &format!("{UNIFORM}/enabled"));
    let before = before.filter(|before| enabled(before));
    let uniform = match (before, enabled(bucket)) {
        (Some(before), true) => at(before, UNIFORM),
        (None, true) => {
            json!({"enabled": true, "lockedTime": context.now.plus(UNIFORM_LOCK_MS).iso_millis()})
        }
        (_, false) => json!({"enabled": false}),
    };
    set(&mut access, "uniformBucketLevelAccess", uniform);
    set(bucket, "iamConfiguration", access);
    Ok(())
}

fn soft_delete(
    context: &Context<'_>,
    before: Option<&Value>,
    bucket: &mut Value,
) -> Result<(), Refusal> {
    let seconds = |bucket: &Value| -> Option<i64> {
        let value = bucket.pointer("/softDeletePolicy/retentionDurationSeconds")?;
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    };
    let now = seconds(bucket).unwrap_or_default();
    if now != 0 && !(604_800..=7_776_000).contains(&now) {
        return Err(invalid(
            "Soft delete retention duration must be 0 or between 7 days (604800) and 90 days (7776000).",
        ));
    }
    let since = match before {
        Some(before) if seconds(before) == Some(now) => {
            at(before, "/softDeletePolicy/effectiveTime")
        }
        _ => context.now.iso_millis().into(),
    };
    let policy = json!({"retentionDurationSeconds": now.to_string(), "effectiveTime": since});
    set(bucket, "softDeletePolicy", policy);
    Ok(())
}

fn lifecycle(lifecycle: Option<&Value>) -> Result<(), Refusal> {
    let rules = lifecycle.and_then(|lifecycle| lifecycle.get("rule")).and_then(Value::as_array);
    for rule in rules.into_iter().flatten() {
        let action = rule.pointer("/action/type").and_then(Value::as_str).unwrap_or_default();
        if !ACTIONS.contains(&action) {
            return Err(invalid(format!("Invalid lifecycle action type: '{action}'.")));
        }
        let conditions = rule.get("condition").and_then(Value::as_object);
        if conditions.is_none_or(serde_json::Map::is_empty) {
            return Err(invalid("A lifecycle management rule must have at least one condition."));
        }
    }
    Ok(())
}

/// Refuses labels that are none.
pub(crate) fn labels(labels: Option<&Value>) -> Result<(), Refusal> {
    let Some(labels) = labels.and_then(Value::as_object) else { return Ok(()) };
    if labels.len() > 64 {
        return Err(invalid("A resource can have at most 64 labels."));
    }
    let legal = |letter: char| {
        letter.is_lowercase()
            || letter.is_ascii_digit()
            || matches!(letter, '-' | '_')
            || (letter.is_alphabetic() && !letter.is_uppercase())
    };
    for (key, value) in labels {
        let value = value.as_str().unwrap_or_default();
        let first = key.starts_with(|letter: char| letter.is_alphabetic());
        let sized = key.chars().count() <= 63 && value.chars().count() <= 63;
        if !first || !sized || !key.chars().all(legal) || !value.chars().all(legal) {
            return Err(invalid(format!(
                "Invalid label '{key}': '{value}'. Keys and values have at most 63 lower-case letters, digits, \
                 underscores and dashes; keys start with a letter."
            )));
        }
    }
    Ok(())
}
