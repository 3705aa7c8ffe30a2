//! The mappings an app needs, and what mappings cannot do. Pure.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use updraft_contract::{Fields, Resource, ResourceId, Unsupported, Value};

use crate::kinds::{QUEUE_MAPPING, function, role};
use crate::place::Names;
use crate::sources::Pull;
use crate::triggers::problem;

/// The most messages of a batch where none is asked for: Lambda's own default.
pub(super) const BATCH: u32 = 10;

/// Returns the mapping that `pull` becomes.
pub(crate) fn wanted(names: Names<'_>, pull: &Pull<'_>) -> Resource {
    let window = pull.batch_window.unwrap_or_default().as_secs();
    let function = &pull.function.name;
    let mut fields = Fields::new([
        ("batch-size", Value::from(pull.batch_size.unwrap_or(BATCH))),
        ("batch-window", Value::Int(i64::try_from(window).unwrap_or(i64::MAX))),
        ("enabled", Value::from(true)),
        ("function", Value::output(&function::id(function), "arn")),
        ("partial-failures", Value::from(pull.partial_failures)),
        ("queue", pull.queue.output("arn", pull.queue.arn(names))),
        // Not compared: the role must be able to receive before Lambda makes the mapping.
        ("role", Value::output(&role::execution_role_id(function), "arn")),
        ("tags", role::tags(pull.function)),
    ]);
    if let Some(most) = pull.max_concurrency {
        fields.set("max-concurrency", most);
    }
    if let Some(filter) = pull.filter.and_then(|text| patterns(text).ok()) {
        fields.set("filter", Value::List(filter.into_iter().map(Value::Text).collect()));
    }
    Resource { id: id(pull), fields, outputs: BTreeMap::new(), origin: pull.origin.clone() }
}

fn id(pull: &Pull<'_>) -> ResourceId {
    let name = format!("{}.{}", pull.function.name, pull.queue.address());
    ResourceId { kind: QUEUE_MAPPING, name }
}

/// Reads a filter, one pattern or a list of them, each written in the one way that is compared.
///
/// A message that fits any of them is delivered
/// (<https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html>).
fn patterns(text: &str) -> Result<Vec<String>, String> {
    let json: Json = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
    let all = match json {
        Json::Array(all) => all,
        one => vec![one],
    };
    let mut patterns = all.iter().map(canonical).collect::<Result<Vec<String>, String>>()?;
    patterns.sort();
    Ok(patterns)
}

fn canonical(pattern: &Json) -> Result<String, String> {
    match pattern {
        // Written with its members in order.
        Json::Object(_) => Ok(pattern.to_string()),
        other => Err(format!("a pattern is a JSON object, and this is {other}")),
    }
}

/// Returns a pattern as it is compared; one that is not JSON stays as it is.
pub(super) fn normal(pattern: &str) -> String {
    serde_json::from_str::<Json>(pattern).map_or_else(|_| pattern.to_owned(), |it| it.to_string())
}

/// Returns what mappings cannot do of these.
pub(crate) fn problems(pulls: &[Pull<'_>]) -> Vec<Unsupported> {
    let mut problems = Vec::new();
    for (at, pull) in pulls.iter().enumerate() {
        let earlier = pulls.iter().take(at).filter(|other| other.queue == pull.queue);
        for other in earlier {
            problems
                .extend(beside(pull, other).map(|(what, why)| problem(what, &why, pull.origin)));
        }
        let reasons = numbers(pull).into_iter().chain(filter(pull));
        problems.extend(reasons.map(|(what, why)| problem(what.to_owned(), &why, pull.origin)));
    }
    problems
}

/// Returns why two triggers on one queue cannot be.
fn beside(pull: &Pull<'_>, other: &Pull<'_>) -> Option<(String, String)> {
    let address = pull.queue.address();
    if pull.function.name == other.function.name {
        let why = "one function has one trigger for a queue; write one with a list of patterns as \
            its `filter` where there are several";
        return Some((format!("a second `queue` trigger on `{address}`"), why.to_owned()));
    }
    (pull.filter.is_some() || other.filter.is_some()).then(|| {
        let why = format!(
            "Lambda deletes the messages a filter leaves out, so that `{}` or `{}` would never see \
             them; give each function a queue of its own",
            other.function.name, pull.function.name
        );
        (format!("`filter` on `{address}`, which two functions share"), why)
    })
}

/// Returns the numbers that Lambda refuses (`CreateEventSourceMapping` in its API reference).
fn numbers(pull: &Pull<'_>) -> Vec<(&'static str, String)> {
    let mut wrong = Vec::new();
    let window = pull.batch_window.map_or(0, |window| window.as_secs());
    let fifo = pull.queue.address().ends_with(".fifo");
    match pull.batch_size {
        Some(size) if !(1..=10_000).contains(&size) => {
            wrong.push(("`batch_size`", format!("{size} is not between 1 and 10,000")));
        }
        Some(size) if size > BATCH && fifo => {
            wrong.push(("`batch_size`", format!("a FIFO queue gives 10 at most, not {size}")));
        }
        Some(size) if size > BATCH && window == 0 => {
            let why = format!(
                "more than 10 need time to gather, and {size} are asked for; write \
                `batch_window = \"1s\"` or more"
            );
            wrong.push(("`batch_size`", why));
        }
        Some(_) | None => {}
    }
    if window > 300 {
        wrong.push(("`batch_window`", format!("{window} s is more than 300 s")));
    }
    if window > 0 && fifo {
        wrong.push(("`batch_window`", "a FIFO queue has none; leave it out".to_owned()));
    }
    if let Some(most) = pull.max_concurrency.filter(|most| !(2..=1000).contains(most)) {
        wrong.push(("`max_concurrency`", format!("{most} is not between 2 and 1,000")));
    }
    wrong
}

fn filter(pull: &Pull<'_>) -> Option<(&'static str, String)> {
    match pull.filter.map(patterns)? {
        Ok(all) if (1..=5).contains(&all.len()) => None,
        Ok(all) => Some(("`filter`", format!("1 to 5 patterns, not {}", all.len()))),
        Err(why) => Some(("`filter`", why)),
    }
}

#[cfg(test)]
mod tests {
    use super::{normal, patterns};

    #[test]
    fn a_filter_means_the_same_however_it_is_written() {
        let one = patterns(r#"{"body": {"b": [1.5], "a": ["x"]}}"#).unwrap();
        let listed = patterns(r#"[{"body":{"a":["x"],"b":[1.5]}}]"#).unwrap();
        assert_eq!(one, listed);
        assert_eq!(normal(r#"{"body": {"b": [1.5], "a": ["x"]}}"#), one[0]);
        assert!(patterns("body = x").is_err() && patterns(r#"["x"]"#).is_err());
    }
}
