//! The notification entries an app needs, and who may call because of them. Pure.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{Fields, Origin, Resource, ResourceId, Unsupported, Value};

use super::overlap::Rule;
use crate::kinds::BUCKET_NOTIFICATION;
use crate::kinds::permission::{self, Caller};
use crate::place::Names;
use crate::sources::Push;
use crate::triggers::problem;

/// The events of S3 that a word of the manifest stands for.
const EVENTS: [(&str, &str); 2] =
    [("created", "s3:ObjectCreated:*"), ("removed", "s3:ObjectRemoved:*")];

/// Returns what these triggers need: one resource for each bucket, and a statement for each
/// function and bucket.
pub(crate) fn lower(names: Names<'_>, pushes: &[Push<'_>]) -> Vec<Resource> {
    let mut wanted: BTreeMap<ResourceId, Resource> = BTreeMap::new();
    let mut entries: BTreeMap<ResourceId, BTreeMap<String, Value>> = BTreeMap::new();
    for push in pushes {
        let caller = allowed(names, push);
        let entry = format!("{}.{}", push.function.name, push.index);
        let id = ResourceId { kind: BUCKET_NOTIFICATION, name: push.bucket.address() };
        entries.entry(id.clone()).or_default().insert(entry, self::entry(push, &caller.id));
        wanted.entry(id.clone()).or_insert_with(|| document(names, id, push));
        wanted.entry(caller.id.clone()).or_insert(caller);
    }
    for (id, entries) in entries {
        wanted.entry(id).and_modify(|it| it.fields.set("entries", Value::Map(entries)));
    }
    wanted.into_values().collect()
}

fn document(names: Names<'_>, id: ResourceId, push: &Push<'_>) -> Resource {
    let name = push.bucket.output("name", push.bucket.physical(names));
    let origin: &Origin = push.origin;
    Resource {
        id,
        fields: Fields::new([("bucket", name)]),
        outputs: BTreeMap::new(),
        origin: origin.clone(),
    }
}

/// Returns what lets S3 call the functions of these triggers.
pub(crate) fn callers<'a>(names: Names<'_>, pushes: &[Push<'a>]) -> Vec<Caller<'a>> {
    pushes.iter().map(|push| caller(names, push)).collect()
}

/// Returns what lets S3 call the function for this bucket.
///
/// A bucket's ARN names no account, so that whoever takes its name after it was deleted could
/// call: the account is part of the condition
/// (<https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html>).
fn caller<'a>(names: Names<'_>, push: &Push<'a>) -> Caller<'a> {
    Caller {
        function: &push.function.name,
        suffix: permission::suffix(&format!("s3 {}", push.bucket.address())),
        action: "lambda:InvokeFunction",
        principal: "s3.amazonaws.com",
        source_arn: Some(push.bucket.output("arn", push.bucket.arn(names))),
        source_account: Some(names.place.account.clone()),
        url_auth: None,
        via_url: false,
        why: "the storage trigger is told",
        origin: push.origin,
    }
}

fn allowed(names: Names<'_>, push: &Push<'_>) -> Resource {
    let mut wanted = permission::wanted(names, &caller(names, push));
    // S3 asks whether it may call before it takes an entry, so that the entry refers to this.
    let arn = names.function_arn(&push.function.name);
    wanted.outputs = BTreeMap::from([("function-arn", arn)]);
    wanted
}

fn entry(push: &Push<'_>, permission: &ResourceId) -> Value {
    let rule = rule(push);
    let events = rule.events.into_iter().map(Value::Text).collect();
    fields(Value::output(permission, "function-arn"), events, rule.prefix, rule.suffix)
}

/// Returns one entry as it is compared.
pub(super) fn fields(
    function: Value,
    events: BTreeSet<Value>,
    prefix: String,
    suffix: String,
) -> Value {
    let mut members = vec![("events", Value::Set(events)), ("function", function)];
    let parts = [("prefix", prefix), ("suffix", suffix)];
    let parts = parts.into_iter().filter(|(_, text)| !text.is_empty());
    members.extend(parts.map(|(name, text)| (name, Value::Text(text))));
    Value::map(members)
}

/// Returns which objects a trigger is about, in S3's words.
pub(crate) fn rule(push: &Push<'_>) -> Rule {
    let known = push.events.iter().filter_map(|word| event(word)).map(str::to_owned);
    Rule { events: known.collect(), prefix: push.prefix.to_owned(), suffix: push.suffix.to_owned() }
}

fn event(word: &str) -> Option<&'static str> {
    EVENTS.iter().find(|(known, _)| *known == word).map(|(_, event)| *event)
}

/// Returns what notifications cannot do of these.
pub(crate) fn problems(pushes: &[Push<'_>]) -> Vec<Unsupported> {
    let mut problems = Vec::new();
    for (at, push) in pushes.iter().enumerate() {
        for word in push.events.iter().filter(|word| event(word).is_none()) {
            let known: Vec<String> = EVENTS.iter().map(|(word, _)| format!("`{word}`")).collect();
            let why = format!("S3 tells of {}", known.join(" and "));
            problems.push(problem(format!("the event `{word}`"), &why, push.origin));
        }
        let same = pushes.iter().take(at).filter(|other| other.bucket == push.bucket);
        for other in same.filter(|other| rule(push).overlaps(&rule(other))) {
            problems.push(overlapping(push, other));
        }
    }
    problems
}

fn overlapping(push: &Push<'_>, other: &Push<'_>) -> Unsupported {
    let bucket = push.bucket.address();
    let why = format!(
        "S3 tells only one function of an event, and `{}` is told of {} (line {}); choose prefixes \
         or suffixes that fit no key both",
        other.function.name,
        rule(other).told(),
        other.origin.line
    );
    problem(format!("a second trigger for {} on `{bucket}`", rule(push).told()), &why, push.origin)
}
