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
    if let Some(filter) = pull.filter {
        fields.set("filter", normal(filter));
    }
    Resource { id: id(pull), fields, outputs: BTreeMap::new(), origin: pull.origin.clone() }
}

fn id(pull: &Pull<'_>) -> ResourceId {
    let name = format!("{}.{}", pull.function.name, pull.queue.address());
    ResourceId { kind: QUEUE_MAPPING, name }
}

/// Returns a pattern in the one way it is compared: its members in order. What is not JSON stays
/// as it is.
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
        let reasons = in_order(pull).into_iter();
        problems.extend(reasons.map(|(what, why)| problem(what.to_owned(), &why, pull.origin)));
    }
    problems
}

/// Returns why two triggers on one queue cannot be.
fn beside(pull: &Pull<'_>, other: &Pull<'_>) -> Option<(String, String)> {
    let address = pull.queue.address();
    if pull.function.name == other.function.name {
        let why = "Lambda pulls from a queue once for each function; remove one of the two";
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

/// Returns what Lambda refuses for a queue that keeps its order (`CreateEventSourceMapping` in its
/// API reference).
fn in_order(pull: &Pull<'_>) -> Vec<(&'static str, String)> {
    let mut wrong = Vec::new();
    if !pull.queue.keeps_order() {
        return wrong;
    }
    if let Some(size) = pull.batch_size.filter(|size| *size > BATCH) {
        wrong.push(("`batch_size`", format!("a FIFO queue gives {BATCH} at most, not {size}")));
    }
    if pull.batch_window.is_some_and(|window| !window.is_zero()) {
        wrong.push(("`batch_window`", "a FIFO queue has none; leave it out".to_owned()));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn a_filter_means_the_same_however_it_is_written() {
        let spaced = normal(r#"{"body": {"b": [1.5], "a": ["x"]}}"#);
        assert_eq!(spaced, normal(r#"{"body":{"a":["x"],"b":[1.5]}}"#));
        assert_eq!(normal("body = x"), "body = x");
    }
}
