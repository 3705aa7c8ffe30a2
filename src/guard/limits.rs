//! Rules about sizes, times and lengths.

use std::collections::BTreeMap;

use updraft_contract::{Bounds, Function, Limits};

use super::{Finding, Look, called};

/// Memory is within the cloud's limits.
pub(super) fn memory(look: Look) -> Vec<Finding> {
    within(look, "memory", "MiB", |function, limits| {
        (u64::from(function.memory_mib), limits.memory_mib)
    })
}

/// A timeout is within the cloud's limits.
pub(super) fn timeout(look: Look) -> Vec<Finding> {
    within(look, "timeout", "s", |function, limits| (function.timeout.as_secs(), limits.timeout))
}

/// `/tmp` is within the cloud's limits.
pub(super) fn storage(look: Look) -> Vec<Finding> {
    within(look, "ephemeral_storage", "MiB", |function, limits| {
        (u64::from(function.ephemeral_storage_mib), limits.ephemeral_storage_mib)
    })
}

/// Environment variables fit.
pub(super) fn environment(look: Look) -> Vec<Finding> {
    let each = look.limited().filter_map(|(function, limits)| {
        let most = limits.environment_bytes.most;
        let size = environment_bytes(function);
        (size > most).then(|| {
            let message = format!("the environment variables take {size} bytes, more than {most}");
            Finding::named(format!("function.{}.environment", function.name), message)
                .help("put large values into a file of the source, or into the cloud's store")
                .source(limits.environment_bytes.source)
        })
    });
    each.collect()
}

/// Returns the size as the cloud measures it: as one JSON object.
fn environment_bytes(function: &Function) -> u64 {
    let plain: BTreeMap<&str, &str> = function
        .environment
        .iter()
        .map(|(name, value)| (name.as_str(), value.text.as_str()))
        .collect();
    serde_json::to_string(&plain).map_or(0, |json| json.len() as u64)
}

/// A description is short.
pub(super) fn description(look: Look) -> Vec<Finding> {
    let each = look.limited().filter_map(|(function, limits)| {
        let length = function.description.as_ref()?.chars().count() as u64;
        let most = limits.description_chars.most;
        (length > most).then(|| {
            let message = format!("the description has {length} characters, more than {most}");
            Finding::named(format!("function.{}.description", function.name), message)
                .source(limits.description_chars.source)
        })
    });
    each.collect()
}

/// Log lines are kept as long as the cloud can.
pub(super) fn retention(look: Look) -> Vec<Finding> {
    let each = look.limited().filter_map(|(function, limits)| {
        let days = function.log_retention_days?;
        let legal = limits.log_retention_days.numbers;
        (!legal.contains(&days)).then(|| {
            let message = format!("log lines cannot be kept for {days} days");
            let near = nearest(days, legal);
            Finding::at(format!("function.{}.log_retention", function.name), message)
                .help(format!("write {near}, or \"forever\""))
                .source(limits.log_retention_days.source)
        })
    });
    each.collect()
}

/// Names the legal numbers on both sides.
fn nearest(days: u32, legal: &[u32]) -> String {
    let below = legal.iter().rfind(|legal| **legal < days);
    let above = legal.iter().find(|legal| **legal > days);
    let sides: Vec<String> =
        [below, above].into_iter().flatten().map(|days| format!("\"{days}d\"")).collect();
    sides.join(" or ")
}

fn within(
    look: Look,
    key: &str,
    unit: &str,
    measure: impl Fn(&Function, &Limits) -> (u64, Bounds),
) -> Vec<Finding> {
    let each = look.limited().filter_map(|(function, limits)| {
        let (value, bounds) = measure(function, limits);
        let Bounds { least, most, source } = bounds;
        if (least..=most).contains(&value) {
            return None;
        }
        let side = if value < least { "below" } else { "above" };
        let (what, cloud) = (key.replace('_', " "), called(limits.cloud));
        let message = format!("{what} of {value} {unit} is {side} what {cloud} allows");
        Some(
            Finding::at(format!("function.{}.{key}", function.name), message)
                .label(format!("from {least} {unit} to {most} {unit}"))
                .source(source),
        )
    });
    each.collect()
}
