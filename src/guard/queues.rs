//! Rules about queues and the triggers of queues.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use updraft_contract::{BatchLimits, FilterForm, Managed, QueueLimits, ResourceType, Trigger};

use super::limits::outside;
use super::{Finding, Look};

/// One queue trigger.
struct Pull<'a> {
    path: String,
    batch_size: Option<u32>,
    batch_window: Option<Duration>,
    max_concurrency: Option<u32>,
    filter: Option<&'a str>,
    backoff: Option<(Duration, Duration)>,
}

/// Returns every queue trigger, with what the cloud accepts of it.
fn pulls(look: Look<'_>) -> impl Iterator<Item = (Pull<'_>, QueueLimits)> {
    let entries = look.limited().flat_map(|(function, limits)| {
        function.triggers.iter().map(move |entry| (entry, limits.queues))
    });
    entries.filter_map(|(entry, limits)| {
        let Trigger::Queue { batch_size, batch_window, max_concurrency, filter, backoff, .. } =
            &entry.trigger
        else {
            return None;
        };
        let pull = Pull {
            path: format!("{}.queue", entry.origin.path),
            batch_size: *batch_size,
            batch_window: *batch_window,
            max_concurrency: *max_concurrency,
            filter: filter.as_deref(),
            backoff: *backoff,
        };
        Some((pull, limits))
    })
}

/// Messages are handed over in batches the cloud can make.
pub(super) fn batches(look: Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (pull, limits) in pulls(look) {
        let at = |key: &str| format!("{}.{key}", pull.path);
        if let Some(batch) = limits.batch {
            findings.extend(batch_size(look, &pull, batch));
        } else if pull.batch_size == Some(0) {
            findings.push(Finding::at(at("batch_size"), "a batch has at least one message"));
        }
        if let (Some(at_once), Some(bounds)) = (pull.max_concurrency, limits.max_concurrency) {
            let value = (u64::from(at_once), "");
            findings.extend(outside(look, &at("max_concurrency"), value, bounds));
        }
    }
    findings
}

fn batch_size(look: Look, pull: &Pull, batch: BatchLimits) -> Vec<Finding> {
    let (size, window) = (pull.batch_size, pull.batch_window);
    let at = |key: &str| format!("{}.{key}", pull.path);
    let mut findings = Vec::new();
    if let Some(size) = size {
        let value = (u64::from(size), "");
        findings.extend(outside(look, &at("batch_size"), value, batch.size));
    }
    if let (Some(window), Some(bounds)) = (window, batch.window) {
        let value = (window.as_secs(), "s");
        findings.extend(outside(look, &at("batch_window"), value, bounds));
    }
    let large = size.filter(|size| *size > batch.ungathered);
    if let Some(size) = large.filter(|_| window.is_none_or(|window| window.is_zero())) {
        let message = format!("a batch of {size} has to be gathered");
        findings.push(
            Finding::at(at("batch_size"), message)
                .label(format!("more than {}", batch.ungathered))
                .help("write `batch_window = \"1s\"`, or longer")
                .source(batch.size.source),
        );
    }
    findings
}

/// A message that failed rests as long as the cloud can let it.
pub(super) fn backoff(look: Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (pull, limits) in pulls(look) {
        let (Some((least, most)), Some(bounds)) = (pull.backoff, limits.backoff) else { continue };
        for (key, value) in [("min", least), ("max", most)] {
            let path = format!("{}.backoff.{key}", pull.path);
            findings.extend(outside(look, &path, (value.as_secs(), "s"), bounds));
        }
        if least > most {
            let (least, most) = (least.as_secs(), most.as_secs());
            let message = format!("a message would rest {least} s at least and {most} s at most");
            let finding = Finding::at(format!("{}.backoff", pull.path), message);
            findings.push(finding.help("`min` is the first rest, `max` the longest"));
        }
    }
    findings
}

/// A filter is in the cloud's language.
pub(super) fn filters(look: Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (pull, limits) in pulls(look) {
        let (Some(filter), Some(form)) = (pull.filter, limits.filter) else { continue };
        let is_object = serde_json::from_str::<BTreeMap<String, serde_json::Value>>(filter).is_ok();
        let cloud = look.cloud.title();
        let (message, help) = match form {
            FilterForm::Json if is_object => continue,
            FilterForm::Json => (
                format!("a filter on {cloud} is a JSON object"),
                "write a table: { body = { kind = [\"photo\"] } }",
            ),
            FilterForm::Expression(_) if is_object => (
                format!("a filter on {cloud} is an expression, not a JSON object"),
                "write text: \"attributes.kind = \\\"photo\\\"\"",
            ),
            FilterForm::Expression(most) if filter.len() > most => (
                format!("the filter has {} bytes, more than {most}", filter.len()),
                "filter what is left in the function",
            ),
            FilterForm::Expression(_) => continue,
        };
        let finding = Finding::at(format!("{}.filter", pull.path), message);
        findings.push(finding.help(help).source(limits.filter_source));
    }
    findings
}

/// A function listens to a queue once: there is one mapping or subscription for the two of them.
pub(super) fn once(look: Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    for function in &look.app.functions {
        let mut heard = BTreeSet::new();
        for entry in &function.triggers {
            let Trigger::Queue { queue, .. } = &entry.trigger else { continue };
            if !heard.insert(queue) {
                let message = format!("`{}` listens to `{queue}` already", function.name);
                let finding = Finding::at(format!("{}.queue.queue", entry.origin.path), message);
                findings.push(finding.help("remove one of the triggers, or make them one"));
            }
        }
    }
    findings
}

/// Returns every queue that is made.
fn made(look: Look<'_>) -> impl Iterator<Item = (&Managed, QueueLimits)> {
    let queues = look.app.managed.iter().filter(|it| it.resource_type == ResourceType::Queue);
    queues.filter(|it| !it.existing).filter_map(move |it| Some((it, look.limits?.queues)))
}

/// A queue hides and keeps messages as long as the cloud can.
pub(super) fn times(look: Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (queue, limits) in made(look) {
        let times = [
            ("visibility_timeout", queue.visibility_timeout, limits.visibility),
            ("retention", queue.retention, limits.retention),
        ];
        for (key, time, bounds) in times {
            let Some(time) = time else { continue };
            let path = format!("{}.{key}", queue.origin.path);
            findings.extend(outside(look, &path, (time.as_secs(), "s"), bounds));
        }
    }
    findings
}

/// A message is tried as often as the cloud can.
pub(super) fn attempts(look: Look) -> Vec<Finding> {
    let each = made(look).filter_map(|(queue, limits)| {
        let attempts = queue.dead_letter.as_ref()?.attempts;
        let path = format!("{}.dead_letter.attempts", queue.origin.path);
        outside(look, &path, (u64::from(attempts), ""), limits.attempts)
    });
    each.collect()
}

/// Dead letters come to rest.
pub(super) fn circles(look: Look) -> Vec<Finding> {
    let next: BTreeMap<String, &str> = made(look)
        .filter_map(|(queue, _)| {
            let to = queue.dead_letter.as_ref()?.queue.as_str();
            Some((format!("queue.{}", queue.name), to))
        })
        .collect();
    let mut findings = Vec::new();
    for start in next.keys() {
        let mut way = vec![start.as_str()];
        while let Some(to) = way.last().and_then(|last| next.get(*last)) {
            if way.contains(to) {
                break;
            }
            way.push(to);
        }
        let back = way.last().and_then(|last| next.get(*last)).is_some_and(|to| to == start);
        if back {
            way.push(start);
            let message = format!("dead letters go in a circle: {}", way.join(" → "));
            let path = format!("{start}.dead_letter.queue");
            findings.push(
                Finding::at(path, message).help("send them to a queue without `dead_letter`"),
            );
        }
    }
    findings
}
